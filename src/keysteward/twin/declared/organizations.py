"""How are the declared organizations made, with their admins, accounts and domains, and what is asked between them?"""

from collections.abc import Iterator
from datetime import datetime

from keysteward.actions import account_links, accounts, domains, organizations
from keysteward.rules.accounts import DomainState
from keysteward.rules.domains import Seen, ascii_name
from keysteward.twin.declared.people import MOMENT, opened_at
from keysteward.twin.declared.references import Known, domain_of
from keysteward.twin.declared.shapes import Domain, Organization
from keysteward.twin.declared.shapes_custody import AccountRequest, LinkedAccount
from keysteward.twin.declared.stage import Stage, at

_SAID = "Declared in a file."
_ORDER: tuple[DomainState, ...] = ("pending", "lapsed", "active")


def organize(stage: Stage) -> None:
    """Make the organizations, with their admins, accounts and domains. What lapsed in the end is active until then."""
    for path, organization in _each(stage):
        with at(path):
            _create(stage, organization)
    for path, organization in _each(stage):
        _link(stage, path, organization)
    for state in _ORDER:
        for path, organization in _each(stage):
            _claim(stage, path, organization, state)


def organized_at(stage: Stage, organization: Organization) -> datetime:
    """When an organization is created."""
    began = (stage.known.accounts.load(each.account) for each in began_with(stage.known, organization))
    newest = max((opened_at(stage, guid) for guid in began), default=stage.now)
    return stage.when(organization.created, newest)


def began_with(known: Known, organization: Organization) -> list[LinkedAccount]:
    """The accounts that an organization was created with: its default account, and those of no later moment."""
    linked = known.linked_to(organization)
    return [each for each in linked if each is linked[0] or not _joined_later(each)]


def ask(stage: Stage) -> None:
    """Let organizations and accounts ask one another what nobody answers."""
    for path, organization in _each(stage):
        for number, request in enumerate(organization.requests):
            with at(f"{path}.requests[{number}]"):
                _ask(stage, organization, request)


def lapse(stage: Stage) -> None:
    """Let DNS show the proofs of lapsed domains no more."""
    for _, organization in _each(stage):
        for domain in map(domain_of, organization.domains):
            if domain.state == "lapsed":
                _lapse(stage, organization, domain)


def _each(stage: Stage) -> Iterator[tuple[str, Organization]]:
    for number, organization in enumerate(stage.known.declared.organizations):
        yield f"{stage.environment}.organizations[{number}]", organization


def _joined_later(linked: LinkedAccount) -> bool:
    return linked.linked is not None or linked.by is not None


def _create(stage: Stage, organization: Organization) -> None:
    known, guid, when = stage.known, stage.known.organization_guid(organization), organized_at(stage, organization)
    began = [known.accounts.load(each.account) for each in began_with(known, organization)]
    founder, *others = known.council_of(organization)
    user, ctx = known.users.load(founder.user), stage.on(when)
    accounts.create_organization(ctx, organization.name, accounts.load_user(ctx, user), began, None, guid)
    for number, admin in enumerate(others, 1):
        added = stage.on(stage.when(admin.created, when + number * MOMENT))
        organizations.add_admin(added, guid, known.users.load(admin.user), known.emails[user])


def _link(stage: Stage, path: str, organization: Organization) -> None:
    """Let accounts join as they do in the console: the organization asks, an admin of the account agrees."""
    known, guid = stage.known, stage.known.organization_guid(organization)
    began = began_with(known, organization)
    for number, each in enumerate(known.linked_to(organization)):
        if each in began:
            continue
        when, account = stage.when(each.linked, organized_at(stage, organization)), known.accounts.load(each.account)
        admin = known.users.load(each.by) if each.by else known.admins[account][0]
        with at(f"{path}.accounts[{number}]"):
            account_links.ask_to_link(stage.on(when), stage.actor(_first(known, organization), when), guid, account)
            account_links.agree(stage.on(when), stage.actor(admin, when), (guid, account, "link"), "account")


def _claim(stage: Stage, path: str, organization: Organization, state: DomainState) -> None:
    """Claim the domains of one state. A name that another organization holds since then lapses at once."""
    known, guid, when = stage.known, stage.known.organization_guid(organization), organized_at(stage, organization)
    by = known.emails[_first(known, organization)]
    for number, domain in enumerate(map(domain_of, organization.domains)):
        if domain.state != state:
            continue
        claimed = stage.on(stage.when(domain.created, when + number * MOMENT))
        with at(f"{path}.domains[{number}]", is_field=True):
            organizations.claim_domain(claimed, guid, domain.name, "pending" if state == "pending" else "active", by)
        if state == "lapsed" and _is_held_by_another(known, organization, domain):
            _lapse(stage, organization, domain)


def _is_held_by_another(known: Known, organization: Organization, domain: Domain) -> bool:
    others = (each for each in known.declared.organizations if each is not organization)
    held = (domain_of(given) for each in others for given in each.domains)
    return any(each.state != "pending" and ascii_name(each.name) == ascii_name(domain.name) for each in held)


def _lapse(stage: Stage, organization: Organization, domain: Domain) -> None:
    ctx, name = stage.on(stage.now), ascii_name(domain.name)
    claimed = organizations.show(ctx, stage.known.organization_guid(organization)).domains
    found = next(each for each in claimed if each.host_name == name)
    if found.state == "active":
        domains.keep(ctx, found, Seen("none", _SAID, ctx.now))


def _ask(stage: Stage, organization: Organization, declared: AccountRequest) -> None:
    known, guid, when = (
        stage.known,
        stage.known.organization_guid(organization),
        stage.when(declared.created, stage.now),
    )
    account, ctx = known.accounts.load(declared.account), stage.on(when)
    usual = _first(known, organization) if declared.side == "organization" else known.admins[account][0]
    actor = stage.actor(known.users.load(declared.by) if declared.by else usual, when)
    if declared.wish == "link":
        account_links.ask_to_link(ctx, actor, guid, account)
    else:
        account_links.ask_to_unlink(ctx, actor, guid, account, declared.side)


def _first(known: Known, organization: Organization) -> str:
    """The GUID of an organization's first admin."""
    return known.users.load(known.admins_in(organization)[0])
