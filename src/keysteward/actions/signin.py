"""How does somebody sign in, stay signed in, and get a token for their programs?"""

from datetime import timedelta
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.rules.access import PERMISSIONS, Actor
from keysteward.rules.accounts import Standing, User
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import (
    ALREADY_SHOWN,
    INVALID_FIELD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    NOT_SIGNED_IN,
    TOO_MANY_ATTEMPTS,
    WRONG_CREDENTIALS,
    Refusal,
)
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit, signin
from keysteward.store.database import Connection, lock


class Visitor(NamedTuple):
    """Somebody signed in to the console: who, and the account they look at, where they have one."""

    actor: Actor
    user: User
    standing: Standing | None
    standings: tuple[Standing, ...]


def sign_in(ctx: Context, email: str, unverified_password: str) -> str:
    """Check address and password and begin a session; return its token.

    Failures of an address are limited, however many come at once.
    """
    now = ctx.now
    since = now - ctx.policy.sign_in_window
    with ctx.database.reading() as tx:
        failures = signin.count_failures(tx, email, since)
        found = accounts.find_user_by_email(tx, email)
    if failures >= ctx.policy.sign_in_failures:
        raise Refusal(TOO_MANY_ATTEMPTS)
    user, hashed = found or (None, None)
    matches = ctx.passwords.matches(hashed, unverified_password)
    with ctx.database.writing() as tx:
        lock(tx, "user", email.casefold())
        if signin.count_failures(tx, email, since) >= ctx.policy.sign_in_failures:  # many guesses may run at once
            raise Refusal(TOO_MANY_ATTEMPTS)
        if user is not None and matches and user.state == "active":
            return _begin_session(ctx, tx, user)
        signin.save_failure(tx, email, now, since)
    raise Refusal(WRONG_CREDENTIALS)


def visit(ctx: Context, session_token: str | None) -> Visitor:
    """Who a session belongs to; refuses where it is unknown or over, or its user is closed."""
    if session_token is None or not has_shape("ksw_", session_token):
        raise Refusal(NOT_SIGNED_IN)
    with ctx.database.reading() as tx:
        session = signin.find_session(tx, ctx.digester.digest(session_token))
        user = accounts.find_user(tx, session.user) if session else None
        standings = tuple(accounts.list_standings_of_user(tx, user.id)) if user else ()
    if session is None or user is None or user.state != "active" or ctx.now >= session.expires_at:
        raise Refusal(NOT_SIGNED_IN)
    active = tuple(standing for standing in standings if standing.is_active)
    chosen = next((each for each in active if each.account.id == session.account), active[0] if active else None)
    return Visitor(Actor(user.id, user.email, session.signed_in_at), user, chosen, active)


def choose_account(ctx: Context, session_token: str, account: str) -> None:
    """Look at another account of one's own."""
    visitor = visit(ctx, session_token)
    if account not in {standing.account.id for standing in visitor.standings}:
        raise Refusal(NO_SUCH_ACCOUNT)
    with ctx.database.writing() as tx:
        signin.choose_account(tx, ctx.digester.digest(session_token), account)


def sign_out(ctx: Context, session_token: str) -> None:
    """End a session; one that is over already is no mistake."""
    with ctx.database.writing() as tx:
        digest = ctx.digester.digest(session_token)
        session = signin.find_session(tx, digest)
        if session is not None and signin.end_session(tx, digest):
            user = accounts.find_user(tx, session.user)
            audit.record(tx, ctx.event("SignedOut", user.email if user else session.user))


def issue_personal_token(ctx: Context, actor: Actor, name: str, permissions: frozenset[str], days: int) -> str:
    """Make a personal access token of the actor and return its value, which is shown only now."""
    most = ctx.policy.personal_token_life.days
    if not 1 <= days <= most:
        raise Refusal(INVALID_FIELD, field="days", reason=f"choose 1 to {most}.")
    if not permissions or not permissions <= PERMISSIONS.keys():
        raise Refusal(INVALID_FIELD, field="permissions", reason=f"choose among {', '.join(PERMISSIONS)}.")
    now = ctx.now
    value = new_secret("kst_")
    called = checked_text(name, "name", most=100)
    token = signin.PersonalToken(new_guid(), actor.user, called, permissions, now, now + timedelta(days=days))
    with ctx.database.writing() as tx:
        signin.save_personal_token(tx, ctx.digester.digest(value), token)
        audit.record(tx, ctx.event("PersonalTokenIssued", actor.email, token=token.id, name=called))
    return value


def list_personal_tokens(ctx: Context, actor: Actor) -> list[signin.PersonalToken]:
    """The actor's personal access tokens that were not revoked, newest first; their values are not kept."""
    with ctx.database.reading() as tx:
        return signin.list_personal_tokens(tx, actor.user)


def revoke_personal_token(ctx: Context, actor: Actor, token: str) -> None:
    """Revoke one of the actor's personal access tokens; it stops working at once."""
    with ctx.database.writing() as tx:
        if not signin.revoke_personal_token(tx, actor.user, token, ctx.now):
            raise Refusal(NO_SUCH_OBJECT, thing="personal access token")
        audit.record(tx, ctx.event("PersonalTokenRevoked", actor.email, token=token))


def load_personal_token(ctx: Context, unverified_token: str) -> signin.PersonalToken:
    """The personal access token that has this value; garbage is refused by its shape."""
    if not has_shape("kst_", unverified_token):
        raise Refusal(NOT_SIGNED_IN)
    with ctx.database.reading() as tx:
        token = signin.find_personal_token(tx, ctx.digester.digests(unverified_token))
    if token is None:
        raise Refusal(NOT_SIGNED_IN)
    return token


def recognize(ctx: Context, unverified_token: str) -> Actor:
    """The actor behind a personal access token."""
    token = load_personal_token(ctx, unverified_token)
    with ctx.database.reading() as tx:
        user = accounts.find_user(tx, token.user)
    if user is None or user.state != "active" or ctx.now >= token.expires_at:
        raise Refusal(NOT_SIGNED_IN)
    return Actor(user.id, user.email, token.created_at, token.permissions)


def use_form_once(ctx: Context, nonce: str) -> None:
    """Refuse a form that was sent before, so that a reload makes no second secret."""
    if not 16 <= len(nonce) <= 64:
        raise Refusal(ALREADY_SHOWN)
    with ctx.database.writing() as tx:
        if not signin.burn_nonce(tx, nonce, ctx.now):
            raise Refusal(ALREADY_SHOWN)


def _begin_session(ctx: Context, tx: Connection, user: User) -> str:
    now = ctx.now
    token = new_secret("ksw_")
    session = signin.Session(user.id, user.default_account, now, now + ctx.policy.session_life)
    signin.save_session(tx, ctx.digester.digest(token), session)
    audit.record(tx, ctx.event("SignedIn", user.email))
    return token
