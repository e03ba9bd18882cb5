"""How do declared organizations let their providers speak, and whom do they and accounts have told of notices?"""

from collections.abc import Sequence

from keysteward.actions import accounts, scim_tokens, webhook_deliveries, webhooks
from keysteward.rules.webhooks import Owner
from keysteward.twin.declared.organizations import organized_at
from keysteward.twin.declared.people import MOMENT
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.references import scim_token_of, webhook_of
from keysteward.twin.declared.shapes import Organization
from keysteward.twin.declared.shapes_programs import Directory, Webhook
from keysteward.twin.declared.stage import Stage, at


def open_directories(stage: Stage) -> None:
    """Let the declared organizations say where new users belong, and make their tokens."""
    for number, organization in enumerate(stage.known.declared.organizations):
        if organization.directory is not None:
            path = f"{stage.environment}.organizations[{number}].directory"
            _open(stage, path, organization, organization.directory)


def add_webhooks(stage: Stage) -> None:
    """Add the webhooks last of all, once nobody is to be told any more of what happened before."""
    known, groups = stage.known, stage.known.declared.organizations
    if any(each.webhooks for each in known.declared.accounts) or any(each.webhooks for each in groups):
        while webhook_deliveries.hand_over(stage.ctx):
            pass
    for number, account in enumerate(known.declared.accounts):
        guid, path = known.account_guid(account), f"{stage.environment}.accounts[{number}].webhooks"
        admins = [each for each in known.admins[guid] if accounts.find_member(stage.ctx, guid, each).is_admin]
        _add(stage, path, Owner(account=guid), account.webhooks, admins)
    for number, organization in enumerate(groups):
        guid, path = known.organization_guid(organization), f"{stage.environment}.organizations[{number}].webhooks"
        council = [known.users.load(each) for each in known.admins_in(organization)]
        active = [each for each in council if accounts.load_user(stage.ctx, each).state == "active"]
        _add(stage, path, Owner(organization=guid), organization.webhooks, active)


def _open(stage: Stage, path: str, organization: Organization, declared: Directory) -> None:
    known, guid = stage.known, stage.known.organization_guid(organization)
    first, when = known.users.load(known.admins_in(organization)[0]), organized_at(stage, organization)
    if declared.account is not None:
        account = known.accounts.load(declared.account)
        profile = stage.profile(account, declared.profile).id
        with at(path):
            scim_tokens.choose_home(stage.on(stage.now), stage.actor(first, stage.now), guid, account, profile)
    values = stage.made.scim_tokens.setdefault(guid, [])
    for number, token in enumerate(map(scim_token_of, declared.tokens)):
        when = stage.when(token.created, when + MOMENT)
        actor = stage.actor(known.users.load(token.by) if token.by else first, when)
        with at(f"{path}.tokens[{number}]"):
            values.append(scim_tokens.make(stage.on(when), actor, guid, token.name).value)


def _add(stage: Stage, path: str, owner: Owner, declared: Sequence[str | Webhook], admins: Sequence[str]) -> None:
    secrets = stage.made.webhooks.setdefault(owner.account or owner.organization, [])
    for number, each in enumerate(map(webhook_of, declared)):
        when = stage.when(each.created, stage.now)
        if not admins:
            raise Mistakes([Problem(f"{path}[{number}]", "nobody administers it any more; leave this out.")])
        actor = stage.actor(stage.known.users.load(each.by) if each.by else admins[0], when)
        with at(f"{path}[{number}]"):
            draft = webhooks.Draft(each.url, tuple(each.kinds))
            secrets.append(webhooks.keep(stage.on(when), actor, owner, draft).secret)
