"""Where may an app be answered: its redirect URIs and its web origins?"""

from keysteward.actions.context import Context
from keysteward.actions.keys import changeable, recorded
from keysteward.actions.notices import announce
from keysteward.rules import notices
from keysteward.rules.access import Actor
from keysteward.rules.keys import checked_origin, checked_redirect_uri, could_be_origin
from keysteward.rules.refusals import ALREADY_THERE, INVALID_FIELD, NO_SUCH_OBJECT, Refusal
from keysteward.store import keys
from keysteward.store.database import bump_epoch


def add_redirect_uri(ctx: Context, actor: Actor, key: str, uri: str) -> str:
    """Register a redirect URI and return it as it is compared from now on."""
    checked = checked_redirect_uri(uri.strip(), ctx.environment)
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if len(keys.list_redirect_uris(tx, app.key)) >= ctx.policy.redirect_uris_per_key:
            raise Refusal(INVALID_FIELD, field="uri", reason="the app has as many redirect URIs as it may have.")
        if not keys.add_redirect_uri(tx, app.key, checked, ctx.now):
            raise Refusal(ALREADY_THERE, thing="redirect URI")
        announce(ctx, tx, notices.new_redirect_uri(app, checked, actor.email, ctx.now), but=actor.user)
        recorded(ctx, tx, "RedirectUriAdded", actor, app, uri=checked)
        bump_epoch(tx)
    return checked


def remove_redirect_uri(ctx: Context, actor: Actor, key: str, uri: str) -> None:
    """Forget a redirect URI."""
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if not keys.remove_redirect_uri(tx, app.key, uri):
            raise Refusal(NO_SUCH_OBJECT, thing="redirect URI")
        recorded(ctx, tx, "RedirectUriRemoved", actor, app, uri=uri)
        bump_epoch(tx)


def add_origin(ctx: Context, actor: Actor, key: str, origin: str) -> str:
    """Register a web origin for CORS and return it as it is compared from now on."""
    checked = checked_origin(origin.strip().rstrip("/"))
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if len(keys.list_origins(tx, app.key)) >= ctx.policy.origins_per_key:
            raise Refusal(INVALID_FIELD, field="origin", reason="the app has as many origins as it may have.")
        if not keys.add_origin(tx, app.key, checked, ctx.now):
            raise Refusal(ALREADY_THERE, thing="origin")
        recorded(ctx, tx, "OriginAdded", actor, app, origin=checked)
        bump_epoch(tx)
    return checked


def is_origin_known(ctx: Context, origin: str) -> bool:
    """Whether pages of this origin may call at all: an app that works lists it."""
    return could_be_origin(origin) and ctx.directory.find(keys.is_origin_known, origin)


def origins_of(ctx: Context, key: str) -> tuple[str, ...]:
    """The origins whose pages may read what we answer to this app."""
    return ctx.directory.find(keys.list_origins, key)


def remove_origin(ctx: Context, actor: Actor, key: str, origin: str) -> None:
    """Forget a web origin."""
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if not keys.remove_origin(tx, app.key, origin):
            raise Refusal(NO_SUCH_OBJECT, thing="origin")
        recorded(ctx, tx, "OriginRemoved", actor, app, origin=origin)
        bump_epoch(tx)
