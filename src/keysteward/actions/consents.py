"""How does a user let an app act for them, see which apps may, and disconnect one?"""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.authorize import Request
from keysteward.rules.consent import Consents
from keysteward.rules.refusals import CONSENT_REQUIRED, NO_SUCH_OBJECT, Refusal
from keysteward.store import audit, consents, tokens
from keysteward.store.consents import AuthorizedApp, Consent
from keysteward.store.database import Connection, bump_epoch, current_epoch, lock


class ConnectedApps(NamedTuple):
    """The apps that may act for a user: those that they allowed, and those that an organization allowed for them."""

    own: list[Consent]
    of_organizations: list[AuthorizedApp]


def needs_consent(ctx: Context, request: Request, user: str) -> bool:
    """Whether the user has yet to allow what is asked, and no organization has for them."""
    with ctx.database.reading() as tx:
        found = consents.find(tx, user, request.app.key)
        return not found.cover(frozenset(request.scopes), current_epoch(tx))


def consented(ctx: Context, key: str, user: str) -> frozenset[str]:
    """The scopes that a user allowed an app themselves so far."""
    with ctx.database.reading() as tx:
        return consents.find(tx, user, key).own.scopes


def demand_consent(found: Consents, request: Request, epoch: int) -> None:
    """Refuse a request whose scopes nobody allows for the user, or not any more."""
    if not found.cover(frozenset(request.scopes), epoch):
        raise Refusal(CONSENT_REQUIRED)


def consent(ctx: Context, request: Request, actor: Actor) -> None:
    """Remember that the user allows these scopes, beside those they allowed before."""
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        if give(ctx, tx, request, actor):
            bump_epoch(tx)


def give(ctx: Context, tx: Connection, request: Request, actor: Actor) -> bool:
    """Likewise within the transaction of a deed that locked the user; False where they allow all of it already."""
    key, scopes = request.app.key, frozenset(request.scopes)
    before = consents.find(tx, actor.user, key).own.scopes
    if before >= scopes:
        return False
    consents.save(tx, actor.user, key, before | scopes, ctx.now)
    audit.record(tx, ctx.event("ConsentGiven", actor.email, key=key, scopes=" ".join(request.scopes)))
    return True


def list_connected(ctx: Context, actor: Actor) -> ConnectedApps:
    """The apps that may act for the actor, the newest consent first."""
    with ctx.database.reading() as tx:
        return ConnectedApps(consents.list_of_user(tx, actor.user), consents.list_covering(tx, actor.user))


def withdraw_consent(ctx: Context, actor: Actor, key: str) -> None:
    """Disconnect an app from the actor: its access and refresh tokens for them die at once.

    What an organization allows for them it may do again, with tokens that are issued from now on.
    """
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        if not consents.find(tx, actor.user, key).own.scopes:
            raise Refusal(NO_SUCH_OBJECT, thing="connected app")
        tokens.kill_families(tx, actor.user, key, "consent withdrawn", ctx.now)
        audit.record(tx, ctx.event("ConsentRevoked", actor.email, key=key))
        consents.withdraw(tx, actor.user, key, bump_epoch(tx))
