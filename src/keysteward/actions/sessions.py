"""How does a session begin, where are a user's sessions, and how do they end?"""

from datetime import datetime

from keysteward.actions import attempts, factors, sign_in_notices
from keysteward.actions.context import Context
from keysteward.crypto.hashing import new_secret
from keysteward.rules.access import Actor
from keysteward.rules.accounts import User, checked_password
from keysteward.rules.refusals import (
    NO_SUCH_OBJECT,
    NOT_SIGNED_IN,
    PASSKEY_NOT_GOOD,
    WRONG_CREDENTIALS,
    Refusal,
)
from keysteward.rules.signin import Proof, Source, demand_fresh, kept_agent
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit, recovery, signin
from keysteward.store.database import Connection, lock
from keysteward.store.signin import Session as Session  # noqa: PLC0414 — pages show it


def begin(
    ctx: Context, tx: Connection, user: User, source: Source, factor: str = "", proved_at: datetime | None = None
) -> str:
    """Begin a session within the transaction of a deed that has proved who it is; return its token.

    `proved_at` is when somebody else saw them prove it; else it was now.
    """
    now = ctx.now
    token = new_secret("ksw_")
    ends = now + ctx.policy.session_life
    agent = kept_agent(source.agent)
    session = Session(
        new_guid(), user.id, user.default_account, now, proved_at or now, now, ends, source.address, agent
    )
    signin.save_session(tx, ctx.digester.digest(token), session)
    sign_in_notices.tell(ctx, tx, user, source)
    attempts.remember(ctx, tx, user.id, source)
    said = ({"factor": factor} if factor else {}) | ({"service_admin": "true"} if user.service else {})
    audit.record(tx, ctx.event("SignedIn", user.email, **said))
    return token


def list_own(ctx: Context, actor: Actor) -> list[Session]:
    """The actor's sessions, the one that was seen last first."""
    with ctx.database.reading() as tx:
        return signin.list_sessions(tx, actor.user, ctx.now)


def end_one(ctx: Context, actor: Actor, session: str) -> None:
    """End one of the actor's sessions."""
    with ctx.database.writing() as tx:
        if not signin.end_sessions(tx, actor.user, only=session):
            raise Refusal(NO_SUCH_OBJECT, thing="session")
        audit.record(tx, ctx.event("SessionsEnded", actor.email, session=session))


def end_others(ctx: Context, actor: Actor, session: str) -> int:
    """End all of the actor's sessions but one; return how many there were."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        ended = end_all(tx, actor.user, but=session)
        if ended:
            audit.record(tx, ctx.event("SessionsEnded", actor.email, session=session, others=str(ended)))
    return ended


def end_all(tx: Connection, user: str, *, but: str | None = None) -> int:
    """End a user's sessions within the transaction of a deed, and sign-ins that wait for their second step."""
    signin.forget_second_steps(tx, user)
    return signin.end_sessions(tx, user, but=but)


def prove_again(ctx: Context, actor: Actor, session: str, proof: Proof, source: Source) -> None:
    """Make a session fresh: its user proves once more who they are, with their password or a passkey."""
    with ctx.database.reading() as tx:
        found = accounts.find_user_by_email(tx, actor.email)
        attempts.demand_heard(ctx, tx, actor.email, actor.user, source)
    user, hashed = found or (None, None)
    if user is None or user.id != actor.user:
        raise Refusal(NOT_SIGNED_IN)
    is_right = bool(proof.unverified_password) and ctx.passwords.matches(hashed, proof.unverified_password)
    with ctx.database.writing() as tx:
        lock(tx, "user", user.id, user.email.casefold())
        place = attempts.demand_patience(ctx, tx, user.email, user.id, source)
        if is_right or factors.proves_alone(ctx, tx, user, proof):
            if not signin.change_session(tx, session, signed_in_at=ctx.now):
                raise Refusal(NOT_SIGNED_IN)
            audit.record(tx, ctx.event("SignedInAgain", user.email, session=session))
            return
        attempts.fail(ctx, tx, place)
    raise attempts.refusal_of(place, WRONG_CREDENTIALS if proof.unverified_password else PASSKEY_NOT_GOOD)


def change_password(ctx: Context, actor: Actor, session: str, password: str) -> None:
    """Give the actor another password; their other sessions end."""
    demand_fresh(actor, ctx.now, ctx.policy)
    hashed = ctx.passwords.hash(checked_password(password))
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        set_password(tx, actor.user, hashed, but=session)
        audit.record(tx, ctx.event("PasswordChanged", actor.email, user=actor.user))


def set_password(tx: Connection, user: str, hashed: str, *, but: str | None = None) -> None:
    """Keep another password within the transaction of a deed.

    Links of before are useless, and sessions of before end, but for one that is named.
    """
    accounts.change_user(tx, user, password=hashed)
    recovery.forget_links(tx, user)
    end_all(tx, user, but=but)
