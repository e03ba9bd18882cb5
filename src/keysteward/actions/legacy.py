"""How does a call pass that authenticates the old way, and who may go on for a while?

A legacy call is no API call: it is counted here, by key, user and day, and nowhere in a key's evidence.
"""

from datetime import datetime
from typing import NamedTuple, NoReturn

from keysteward.actions import attempts, factors
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.actions.notices import announce
from keysteward.rules import notices
from keysteward.rules.accounts import User
from keysteward.rules.calls import shown_sdk
from keysteward.rules.keys import checked_text
from keysteward.rules.legacy import Attempt, Waiver, is_closed, warnings, why_refused
from keysteward.rules.legacy_forms import Login, key_of, read_header, read_soap
from keysteward.rules.refusals import (
    INVALID_FIELD,
    LEGACY_RETIRED,
    LEGACY_UNKNOWN_KEY,
    LEGACY_WRONG_PASSWORD,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NO_TOKEN,
    Kind,
    Refusal,
)
from keysteward.rules.signin import Source
from keysteward.rules.tokens import Claims
from keysteward.rules.words import is_email, is_guid, new_guid
from keysteward.store import accounts, audit, keys, legacy
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.legacy import UNCHECKED, Day

_SCOPES = frozenset({"signature"})


class Admitted(NamedTuple):
    """Whom a legacy call speaks for, the headers that warn its caller, and its body where that carried the password."""

    caller: Caller
    headers: dict[str, str]
    message: bytes | None = None


# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def demand_open(ctx: Context) -> None:
    """Refuse everybody, unread, where everybody is blocked, no key has a waiver, and none ever passed to be counted."""
    find = ctx.directory.find
    if is_closed(ctx.policy, ctx.now) and not find(legacy.newest_waivers) and not find(legacy.has_keys):
        raise Refusal(LEGACY_RETIRED)


def admit_header(ctx: Context, unverified_header: str, source: Source, sdk: str) -> Admitted:
    """Whom an `X-DocuSign-Authentication` header speaks for."""
    return _admit(ctx, read_header(unverified_header), source, sdk)


def admit_soap(ctx: Context, unverified_message: bytes, source: Source, sdk: str) -> Admitted:
    """Whom the UsernameToken of a SOAP message speaks for; the message goes on without it."""
    found = read_soap(unverified_message)
    if found is None:
        raise Refusal(NO_TOKEN)
    return _admit(ctx, found.login, source, sdk)._replace(message=found.message)


def _admit(ctx: Context, login: Login, source: Source, sdk: str) -> Admitted:
    """Whom a legacy login speaks for: the key works, its time has not come, the password is right. It is counted.

    Where the call is refused before that, the password is not looked at.
    """
    find, now = ctx.directory.find, ctx.now
    app = find(keys.find, login.unverified_key)
    if app is None or not app.works:
        raise Refusal(LEGACY_UNKNOWN_KEY)
    waiver = find(legacy.newest_waivers).get(app.key)
    attempt = Attempt(now, ctx.policy, find(legacy.first_call, app.key), waiver)
    counted = Day(app.key, UNCHECKED, now.date().isoformat(), 0, 1, now, source.address, shown_sdk(sdk))
    if kind := why_refused(attempt):
        if attempt.first_call is None:  # nobody needs to know, and strangers could fill the table
            raise Refusal(kind)
        _refuse(ctx, kind, counted)
    user = _prove(ctx, login, source, counted)
    claims = Claims(app.key, user.id, _SCOPES, "", "", 0, now, now)
    return Admitted(Caller(claims, app, user), warnings(attempt, ctx.origin))


def _prove(ctx: Context, login: Login, source: Source, counted: Day) -> User:
    """The active user whose password this is, by address or GUID; guesses are limited as they are at sign-in.

    Whoever has a second factor calls with access tokens: a password alone is not enough for them.
    """
    email, user, hashed = _named(ctx, login, source)
    matches = ctx.passwords.matches(hashed, login.unverified_password)
    with ctx.database.writing() as tx:
        place = attempts.demand_patience(ctx, tx, email, user.id if user else None, source)
        if user is not None and matches and not factors.of(tx, user.id).has_any:
            attempts.remember(ctx, tx, user.id, source)
            _count(tx, counted._replace(user=user.id, passed=1, refused=0))
            return user
        attempts.fail(ctx, tx, place)
    raise attempts.refusal_of(place, LEGACY_WRONG_PASSWORD)


def _named(ctx: Context, login: Login, source: Source) -> tuple[str, User | None, str | None]:
    """The address to count guesses by, and its user with the hash of their password, where they may act."""
    guid = login.unverified_user.lower()
    with ctx.database.reading() as tx:
        by_guid = accounts.find_user(tx, guid) if is_guid(guid) else None
        email = by_guid.email if by_guid else login.unverified_user
        user, hashed = accounts.find_user_by_email(tx, email) or (None, None)
        attempts.demand_heard(ctx, tx, email, user.id if user else None, source)
        acts = user is not None and accounts.find_acting_user(tx, user.id) is not None
    return (email, user, hashed) if acts else (email, None, None)


def _refuse(ctx: Context, kind: Kind, counted: Day) -> NoReturn:
    with ctx.database.writing() as tx:
        legacy.count(tx, counted)
    raise Refusal(kind)


def _count(tx: Connection, counted: Day) -> None:
    legacy.count(tx, counted)
    if legacy.save_first_call(tx, counted.key, counted.last_at):
        bump_epoch(tx)


# ── waivers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def waive(ctx: Context, key: str, by: str, owner: str, reason: str, until: datetime) -> Waiver:
    """Let a key go on until a date, in the place of an earlier waiver; its owner answers for that it stops."""
    operator, said = checked_text(by, "by", most=100), checked_text(reason, "reason", most=500)
    address, now = owner.strip(), ctx.now
    if not is_email(address):
        raise Refusal(INVALID_FIELD, field="owner", reason="give a person's address, such as ada@example.com.")
    if not now < until <= now + ctx.policy.longest_waiver:
        days = ctx.policy.longest_waiver.days
        raise Refusal(INVALID_FIELD, field="until", reason=f"choose a date within the next {days} days.")
    with ctx.database.writing() as tx:
        lock(tx, "key", key_of(key))
        app = keys.find(tx, key_of(key))
        if app is None or app.deleted_at is not None:
            raise Refusal(NO_SUCH_KEY)
        waiver = Waiver(new_guid(), app.key, address, said, until, now, operator)
        legacy.end_waivers(tx, app.key, now, operator)
        legacy.save_waiver(tx, waiver)
        announce(ctx, tx, notices.legacy_waived(app, operator, said, until, now))
        told = {"owner": address, "reason": said, "until": until.isoformat()}
        audit.record(tx, ctx.event("LegacyWaived", operator, key=app.key, account=app.account, **told))
        bump_epoch(tx)
    return waiver


def revoke_waiver(ctx: Context, key: str, by: str) -> None:
    """End the waiver of a key at once."""
    operator = checked_text(by, "by", most=100)
    with ctx.database.writing() as tx:
        lock(tx, "key", key_of(key))
        app = keys.find(tx, key_of(key))
        if app is None or not legacy.end_waivers(tx, app.key, ctx.now, operator):
            raise Refusal(NO_SUCH_OBJECT, thing="waiver")
        audit.record(tx, ctx.event("LegacyWaiverRevoked", operator, key=app.key, account=app.account))
        bump_epoch(tx)


def list_waivers(ctx: Context) -> list[Waiver]:
    """Every waiver, newest first."""
    with ctx.database.reading() as tx:
        return legacy.list_waivers(tx)
