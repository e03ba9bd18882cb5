"""How are the declared apps created and configured, who allows and who blocks them, and how do they end?"""

from dataclasses import astuple, replace
from datetime import datetime

from keysteward.actions import acting_apps, addresses, consents, golive, keys, legacy, organization_consents
from keysteward.actions.keys import Change, Draft
from keysteward.rules.authorize import Request
from keysteward.twin.declared.moments import read_until
from keysteward.twin.declared.organizations import organized_at
from keysteward.twin.declared.people import MOMENT, opened_at
from keysteward.twin.declared.proofs import equip
from keysteward.twin.declared.references import blocked_app_of, key_of, replaced_of
from keysteward.twin.declared.shapes import AuthorizedApp, BlockedApp, Consent, Organization
from keysteward.twin.declared.shapes_apps import AnyApp, DemoApp, LegacyWaiver, Waiver
from keysteward.twin.declared.stage import MadeApp, Stage, at


def create(stage: Stage, position: int, app: DemoApp) -> None:
    """Create and configure an app of demo: a moment after the one before it in the file, unless it says when."""
    path = f"demo.apps[{position}]"
    key, account = key_of(app), stage.known.account_of(app) or ""
    when = stage.when(app.created, opened_at(stage, account) + position * MOMENT)
    stage.came_to_be(key, account, stage.known.creator_of(app), when)
    actor = stage.creator(key)
    draft = Draft(app.name, app.contact or actor.email, app.integration_type, frozenset(app.grants), key)
    if app.replaces is not None:
        draft = replace(draft, predecessor=stage.known.replaced[key], remark=replaced_of(app.replaces).remark)
    with at(path):
        keys.create(stage.on(when), actor, account, draft)
        _change(stage, key, Change(None, None, None, app.pkce_required, app.privacy_url, app.terms_url))
    configure(stage, path, key, app)


def change_promoted(stage: Stage, path: str, key: str, app: AnyApp) -> None:
    """Set what promotion leaves as it was in demo, or empty."""
    grants = frozenset(app.grants)
    with at(path):
        wanted = Change(app.name, app.contact, grants, app.pkce_required, app.privacy_url, app.terms_url)
        _change(stage, key, wanted)


def configure(stage: Stage, path: str, key: str, app: AnyApp) -> None:
    """Give an app its addresses, secrets and keypairs, as its creator, at the moment it came to be."""
    when, actor = stage.created[key], stage.creator(key)
    stage.made.apps[key] = MadeApp()
    for number, uri in enumerate(app.redirect_uris):
        with at(f"{path}.redirect_uris[{number}]", is_field=True):
            addresses.add_redirect_uri(stage.on(when + number * MOMENT), actor, key, uri)
    for number, origin in enumerate(app.origins):
        with at(f"{path}.origins[{number}]", is_field=True):
            addresses.add_origin(stage.on(when + number * MOMENT), actor, key, origin)
    equip(stage, path, key, app)


def waive(stage: Stage, path: str, key: str, waiver: Waiver) -> None:
    """Let production take the implicit grant for an app."""
    created = stage.when(waiver.created, stage.created[key])
    with at(f"{path}.implicit_waiver"):
        until = read_until(waiver.until, created)
        keys.waive_implicit(stage.on(created), stage.creator(key, created), key, waiver.reason, until)


def waive_legacy(stage: Stage, path: str, key: str, waiver: LegacyWaiver) -> None:
    """Let an app go on authenticating the old way: an operator's deed."""
    created = stage.when(waiver.created, stage.now)
    with at(f"{path}.legacy_waiver"):
        until = read_until(waiver.until, created)
        legacy.waive(stage.on(created), key, waiver.by, waiver.owner, waiver.reason, until)


def consent(stage: Stage) -> None:
    """Let users allow apps what they ask, and organizations authorize them."""
    for number, each in enumerate(stage.known.declared.consents):
        with at(f"{stage.environment}.consents[{number}]"):
            _consent(stage, each)
    for number, organization in enumerate(stage.known.declared.organizations):
        for position, authorized in enumerate(organization.authorized_apps):
            with at(f"{stage.environment}.organizations[{number}].authorized_apps[{position}]"):
                _authorize(stage, organization, authorized)


def block(stage: Stage) -> None:
    """Let accounts block the apps that may not act in them."""
    for number, account in enumerate(stage.known.declared.accounts):
        for position, blocked in enumerate(map(blocked_app_of, account.blocked_apps)):
            with at(f"{stage.environment}.accounts[{number}].blocked_apps[{position}]"):
                _block(stage, stage.known.account_guid(account), blocked)


def stop(stage: Stage, path: str, key: str, app: AnyApp) -> None:
    """Stop an app, where the file says so."""
    if app.stopped is not False:
        with at(f"{path}.stopped", is_field=True):
            when = stage.when(app.stopped, stage.now)
            keys.stop(stage.on(when), stage.creator(key, when), key)


def end(stage: Stage, path: str, key: str, app: AnyApp) -> None:
    """Delete an app, where the file says so, and note where it stands."""
    if app.deleted is not False:
        with at(f"{path}.deleted", is_field=True):
            when = stage.when(app.deleted, stage.now)
            keys.delete(stage.on(when), stage.creator(key, when), key)
    _note_where_it_stands(stage, key)


def _note_where_it_stands(stage: Stage, key: str) -> None:
    """Note an app's name, and in a few words where it stands."""
    app, made = keys.view(stage.ctx, stage.creator(key), key).app, stage.made.apps[key]
    made.name, made.account, made.status = app.name, app.account, "deleted"
    if app.deleted_at is None:
        status, run = ("Live", 0) if stage.environment == "production" else golive.status_of(stage.ctx, app)
        said = f"{run} of {stage.ctx.policy.calls_needed}" if status in {"ready", "not ready"} else status
        made.status = said if app.stopped_at is None else f"{said}, stopped"


def _change(stage: Stage, key: str, wanted: Change) -> None:
    if any(astuple(wanted)):
        keys.change(stage.on(stage.created[key]), stage.creator(key), key, wanted)


def _consent(stage: Stage, declared: Consent) -> None:
    """A consent of some time ago: whatever the app has registered since."""
    user, key = stage.known.users.load(declared.user), stage.known.apps.load(declared.app)
    when = stage.when(declared.created, stage.created[key])
    ctx, scope = stage.on(when), " ".join(declared.scopes)
    request = _asking(stage, key, scope, when)
    consents.consent(ctx, request, stage.actor(user, when))


def _authorize(stage: Stage, organization: Organization, declared: AuthorizedApp) -> None:
    key = stage.known.apps.load(declared.app)
    admin = stage.known.users.load(declared.by or stage.known.admins_in(organization)[0])
    when = stage.when(declared.created, max(organized_at(stage, organization), stage.created[key]))
    request = replace(_asking(stage, key, "openid", when), admin_consent_scope=" ".join(declared.scopes))
    guid = stage.known.organization_guid(organization)
    organization_consents.consent_for_organization(stage.on(when), request, stage.actor(admin, when), guid)


def _block(stage: Stage, account: str, declared: BlockedApp) -> None:
    """Only an app that acts in an account can be blocked there; for one that does not any more, its admin lets it once.

    What lets an app act may be gone since, and the block stays.
    """
    key, when = stage.known.apps.load(declared.app), stage.when(declared.created, stage.now)
    user = stage.known.admins[account][0] if declared.by is None else stage.known.users.load(declared.by)
    ctx, actor = stage.on(when), stage.actor(user, when)
    acts = key in {app.key for app in acting_apps.list_acting(ctx, actor, account)}
    if not acts:
        consents.consent(ctx, _asking(stage, key, "signature", when), actor)
    acting_apps.block_app(ctx, actor, account, key)
    if not acts:
        consents.withdraw_consent(ctx, actor, key)


def _asking(stage: Stage, key: str, scope: str, when: datetime) -> Request:
    ctx = stage.ctx
    return Request(keys.view(ctx, stage.creator(key), key).app, ctx.environment, ctx.policy, "code", "", scope, when)
