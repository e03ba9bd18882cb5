"""How are the declared apps created and configured, who consents to them, and how do they end?"""

from dataclasses import astuple, replace
from datetime import datetime

from keysteward.actions import addresses, consents, credentials, golive, keys, organization_consents
from keysteward.actions.context import Context
from keysteward.actions.keys import Change, Draft
from keysteward.rules.access import Actor
from keysteward.rules.authorize import Request
from keysteward.rules.keys import Wish
from keysteward.twin.declared.moments import BadMoment, read_duration, read_instant
from keysteward.twin.declared.people import MOMENT, opened_at, organized_at
from keysteward.twin.declared.references import key_of, keypair_of, secret_of
from keysteward.twin.declared.shapes import (
    AnyApp,
    AuthorizedApp,
    Consent,
    DemoApp,
    Keypair,
    Organization,
    Secret,
    Waiver,
)
from keysteward.twin.declared.stage import MadeApp, MadeKeypair, Stage, at


def create(stage: Stage, position: int, app: DemoApp) -> None:
    """Create and configure an app of demo: a moment after the one before it in the file, unless it says when."""
    path = f"demo.apps[{position}]"
    key, account = key_of(app), stage.known.account_of(app) or ""
    when = stage.when(app.created, opened_at(stage, account) + position * MOMENT)
    stage.came_to_be(key, account, stage.known.creator_of(app), when)
    actor = stage.creator(key)
    draft = Draft(app.name, app.contact or actor.email, app.integration_type, frozenset(app.grants), key)
    with at(path):
        keys.create(stage.ctx.at(when), actor, account, draft)
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
    made = stage.made.apps[key] = MadeApp()
    for number, uri in enumerate(app.redirect_uris):
        with at(f"{path}.redirect_uris[{number}]", is_field=True):
            addresses.add_redirect_uri(stage.ctx.at(when + number * MOMENT), actor, key, uri)
    for number, origin in enumerate(app.origins):
        with at(f"{path}.origins[{number}]", is_field=True):
            addresses.add_origin(stage.ctx.at(when + number * MOMENT), actor, key, origin)
    for number, secret in enumerate(map(secret_of, app.secrets)):
        ctx = stage.ctx.at(stage.when(secret.created, when + number * MOMENT))
        with at(f"{path}.secrets[{number}]", is_field=True):
            made.secrets.append(_add_secret(ctx, actor, key, secret.value, _wish(ctx, secret)))
    for number, keypair in enumerate(map(keypair_of, app.keypairs)):
        ctx = stage.ctx.at(stage.when(keypair.created, when + number * MOMENT))
        with at(f"{path}.keypairs[{number}]", is_field=True):
            made.keypairs.append(_add_keypair(ctx, actor, key, keypair.public_key, _wish(ctx, keypair)))


def waive(stage: Stage, path: str, key: str, waiver: Waiver) -> None:
    """Let production take the implicit grant for an app."""
    created = stage.when(waiver.created, stage.created[key])
    with at(f"{path}.implicit_waiver"):
        until = _until(waiver.until, created)
        keys.waive_implicit(stage.ctx.at(created), stage.creator(key), key, waiver.reason, until)


def consent(stage: Stage) -> None:
    """Let users allow apps what they ask, and organizations authorize them."""
    for number, each in enumerate(stage.known.declared.consents):
        with at(f"{stage.environment}.consents[{number}]"):
            _consent(stage, each)
    for number, organization in enumerate(stage.known.declared.organizations):
        for position, authorized in enumerate(organization.authorized_apps):
            with at(f"{stage.environment}.organizations[{number}].authorized_apps[{position}]"):
                _authorize(stage, organization, authorized)


def end(stage: Stage, path: str, key: str, app: AnyApp) -> None:
    """Stop and delete an app, where the file says so."""
    for field, said, deed in (("stopped", app.stopped, keys.stop), ("deleted", app.deleted, keys.delete)):
        if said is not False:
            with at(f"{path}.{field}", is_field=True):
                deed(stage.ctx.at(stage.when(said, stage.now)), stage.creator(key), key)


def note_where_it_stands(stage: Stage, key: str) -> None:
    """Note an app's name, and in a few words where it stands."""
    app, made = keys.view(stage.ctx, stage.creator(key), key).app, stage.made.apps[key]
    made.name, made.status = app.name, "deleted"
    if app.deleted_at is None:
        status, run = ("Live", 0) if stage.environment == "production" else golive.status_of(stage.ctx, app)
        said = f"{run} of {stage.ctx.policy.calls_needed}" if status in {"ready", "not ready"} else status
        made.status = said if app.stopped_at is None else f"{said}, stopped"


def _change(stage: Stage, key: str, wanted: Change) -> None:
    if any(astuple(wanted)):
        keys.change(stage.ctx.at(stage.created[key]), stage.creator(key), key, wanted)


def _wish(ctx: Context, credential: Secret | Keypair) -> Wish:
    return Wish(_until(credential.expires, ctx.now) if credential.expires else None, credential.reason)


def _until(said: str, since: datetime) -> datetime:
    """A moment ahead: a time counted from another moment, or an instant."""
    try:
        return since + read_duration(said)
    except (BadMoment, OverflowError):
        return read_instant(said)


def _add_secret(ctx: Context, actor: Actor, key: str, value: str | None, wish: Wish) -> str:
    if value is None:
        return credentials.add_secret(ctx, actor, key, wish).value
    return credentials.declare_secret(ctx, actor, key, value, wish).value


def _add_keypair(ctx: Context, actor: Actor, key: str, public_pem: str | None, wish: Wish) -> MadeKeypair:
    if public_pem is not None:
        return MadeKeypair(credentials.add_public_key(ctx, actor, key, public_pem, wish).thumbprint, None)
    made = credentials.add_generated_keypair(ctx, actor, key, wish)
    return MadeKeypair(made.keypair.thumbprint, made.private_pem)


def _consent(stage: Stage, declared: Consent) -> None:
    """A consent of some time ago: whatever the app has registered since."""
    user, key = stage.known.users.load(declared.user), stage.known.apps.load(declared.app)
    when = stage.when(declared.created, stage.created[key])
    ctx, scope = stage.ctx.at(when), " ".join(declared.scopes)
    request = _asking(stage, key, scope, when)
    consents.consent(ctx, request, stage.actor(user, when))


def _authorize(stage: Stage, organization: Organization, declared: AuthorizedApp) -> None:
    key = stage.known.apps.load(declared.app)
    admin = stage.known.users.load(declared.by or stage.known.admins_in(organization)[0])
    when = stage.when(declared.created, max(organized_at(stage, organization), stage.created[key]))
    request = replace(_asking(stage, key, "openid", when), admin_consent_scope=" ".join(declared.scopes))
    guid = stage.known.organization_guid(organization)
    organization_consents.consent_for_organization(stage.ctx.at(when), request, stage.actor(admin, when), guid)


def _asking(stage: Stage, key: str, scope: str, when: datetime) -> Request:
    ctx = stage.ctx
    return Request(keys.view(ctx, stage.creator(key), key).app, ctx.environment, ctx.policy, "code", "", scope, when)
