"""How does somebody sign in, stay signed in, and get a token for their programs?"""

from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions import attempts, factors, inbox, sessions
from keysteward.actions.context import Context
from keysteward.actions.factors import Factors
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.rules.access import PERMISSIONS, Actor
from keysteward.rules.accounts import Organization, Standing, User
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import (
    ALREADY_SHOWN,
    INVALID_FIELD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    NOT_SIGNED_IN,
    PASSKEY_NOT_GOOD,
    SIGN_IN_OVER,
    WRONG_CODE,
    WRONG_CREDENTIALS,
    Refusal,
)
from keysteward.rules.signin import NOWHERE, Proof, Source, demand_fresh, needs_second_factor
from keysteward.rules.words import new_guid
from keysteward.store import accounts, approvals, audit, signin
from keysteward.store.database import Connection, lock
from keysteward.store.signin import SecondStep


class Visitor(NamedTuple):
    """Somebody signed in to the console: who, the account they look at, where they have one, and their session's id.

    `lacks_factor` says that they must add a second factor before they do anything else, `is_operator` that they settle
    reviews here; `unread` counts the notices of their inbox.
    """

    actor: Actor
    user: User
    standing: Standing | None
    standings: tuple[Standing, ...]
    session: str
    lacks_factor: bool
    administers: tuple[Organization, ...] = ()
    is_operator: bool = False
    unread: int = 0


def sign_in(ctx: Context, email: str, unverified_password: str, source: Source = NOWHERE) -> str:
    """Check address and password and begin a session; return its token.

    Where the user has a second factor, the token is good for nothing but `pass_second_step`. Failures are limited,
    however many come at once (`rules/signin.py`, ATTEMPT).
    """
    with ctx.database.reading() as tx:
        user, hashed = accounts.find_user_by_email(tx, email) or (None, None)
        guid = user.id if user else None
        attempts.demand_heard(ctx, tx, email, guid, source)
    matches = ctx.passwords.matches(hashed, unverified_password)
    with ctx.database.writing() as tx:
        lock(tx, "user", email.casefold(), *([guid] if guid else []))
        place = attempts.demand_patience(ctx, tx, email, guid, source)
        user, hashed_now = accounts.find_user_by_email(tx, email) or (None, None)  # it may have changed meanwhile
        if user is not None and matches and hashed_now == hashed and user.state == "active":
            return first_step(ctx, tx, user, source)
        attempts.fail(ctx, tx, place)
    raise attempts.refusal_of(place, WRONG_CREDENTIALS)


def is_half(token: str | None) -> bool:
    """Whether a token is of a sign-in that waits for its second step."""
    return token is not None and token.startswith("ksp_")


def second_step(ctx: Context, half_token: str | None) -> tuple[User, Factors]:
    """Who waits for a second step, and with what they may take it; refuses where that is over."""
    with ctx.database.reading() as tx:
        return _waiting(ctx, tx, half_token)


def pass_second_step(ctx: Context, half_token: str | None, proof: Proof, source: Source = NOWHERE) -> str:
    """Check a second factor and begin the session; return its token."""
    user, _ = second_step(ctx, half_token)
    digest = ctx.digester.digest(half_token or "")
    with ctx.database.writing() as tx:
        lock(tx, "user", user.email.casefold(), user.id)
        place = attempts.demand_patience(ctx, tx, user.email, user.id, source)
        _waiting(ctx, tx, half_token)
        if not signin.count_try(tx, digest, ctx.policy.second_step_tries):
            raise Refusal(SIGN_IN_OVER)
        factor = factors.proved_second(ctx, tx, user.id, proof)
        if factor and signin.burn_second_step(tx, digest):
            return sessions.begin(ctx, tx, user, source, factor)
        attempts.fail(ctx, tx, place)
    raise attempts.refusal_of(place, PASSKEY_NOT_GOOD if proof.unverified_passkey else WRONG_CODE)


def kept_device(unverified_device: str) -> str:
    """What a browser keeps, so that it is known again when somebody guesses from elsewhere: its own, or a new one."""
    return unverified_device if has_shape("ksd_", unverified_device) else new_secret("ksd_")


def visit(ctx: Context, session_token: str | None) -> Visitor:
    """Who a session belongs to; refuses where it is unknown or over, or its user is closed."""
    if session_token is None or not has_shape("ksw_", session_token):
        raise Refusal(NOT_SIGNED_IN)
    with ctx.database.reading() as tx:
        session = signin.find_session(tx, ctx.digester.digest(session_token))
        user = accounts.find_user(tx, session.user) if session else None
        standings = tuple(accounts.list_standings_of_user(tx, user.id)) if user else ()
        administers = tuple(accounts.list_organizations_of_admin(tx, user.id)) if user else ()
        settles = user is not None and approvals.is_operator(tx, user.id)
        unread = inbox.count_unread(tx, user.id, standings, administers) if user else 0
        lacks = needs_second_factor(standings, ctx.policy) and user is not None and not factors.of(tx, user.id).has_any
    if session is None or user is None or user.state != "active" or ctx.now >= session.expires_at:
        raise Refusal(NOT_SIGNED_IN)
    if not timedelta(0) <= ctx.now - session.seen_at < ctx.policy.seen_every:
        _see(ctx, session.id)
    active = tuple(standing for standing in standings if standing.is_active)
    chosen = next((each for each in active if each.account.id == session.account), active[0] if active else None)
    actor = Actor(user.id, user.email, session.signed_in_at)
    return Visitor(actor, user, chosen, active, session.id, lacks, administers, settles, unread)


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
    demand_fresh(actor, ctx.now, ctx.policy)
    most = ctx.policy.personal_token_life.days
    if not 1 <= days <= most:
        raise Refusal(INVALID_FIELD, field="days", reason=f"choose 1 to {most}.")
    if not permissions:
        raise Refusal(INVALID_FIELD, field="permissions", reason="choose at least one.")
    if not permissions <= PERMISSIONS.keys():
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


def first_step(ctx: Context, tx: Connection, user: User, source: Source, proved_at: datetime | None = None) -> str:
    """Begin the session of a user who proved who they are, or the second step that they have yet to take."""
    if not factors.of(tx, user.id).has_any:
        return sessions.begin(ctx, tx, user, source, proved_at=proved_at)
    token = new_secret("ksp_")
    step = SecondStep(user.id, 0, ctx.now + ctx.policy.second_step_life)
    signin.save_second_step(tx, ctx.digester.digest(token), step)
    return token


def _waiting(ctx: Context, tx: Connection, half_token: str | None) -> tuple[User, Factors]:
    step = signin.find_second_step(tx, ctx.digester.digest(half_token)) if half_token else None
    user = accounts.find_user(tx, step.user) if step else None
    is_over = step is None or ctx.now >= step.expires_at or step.tries >= ctx.policy.second_step_tries
    if is_over or user is None or user.state != "active":
        raise Refusal(SIGN_IN_OVER)
    return user, factors.of(tx, user.id)


def _see(ctx: Context, session: str) -> None:
    with ctx.database.writing() as tx:
        signin.change_session(tx, session, seen_at=ctx.now)
