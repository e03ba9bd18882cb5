"""How does somebody log their own requests, and who else decides about it?

A request log is its user's alone: also what apps do for them lands in it, and nobody else reads it. What it says is
sealed, because it holds personal content (docs/guides/request-logs.md).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag

from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.crypto.sealing import Sealer
from keysteward.rules.access import demand_admin
from keysteward.rules.accounts import Profile, Standing, User, could_name_account
from keysteward.rules.refusals import (
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    REQUEST_LOG_FULL,
    REQUEST_LOGGING_FORBIDDEN,
    Refusal,
)
from keysteward.rules.request_logs import Entry, Exchange, as_text, file_name, is_logged, survey, write_down
from keysteward.rules.routes import account_of, route_of
from keysteward.rules.shapes import known
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit, people, request_logs
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.request_logs import EntryRow as EntryRow  # noqa: PLC0414 — doors list them


class Logging(NamedTuple):
    """How a user's logging stands. `is_allowed` says whether any of their permission profiles lets it be on."""

    is_on: bool
    most: int
    remaining: int
    kept: int
    is_allowed: bool


class LogFile(NamedTuple):
    """An entry as a file of the ZIP."""

    name: str
    at: datetime
    text: str


# ── hot ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def is_wanted(ctx: Context, caller: Caller, method: str, path: str) -> bool:
    """Whether a call of this caller is logged. For nearly everybody the answer is one look into the directory."""
    if caller.user is None or caller.user.id not in ctx.directory.find(request_logs.list_logged_users):
        return False
    return is_logged(method, path) and _is_allowed_at(ctx, caller.user, path)


def _is_allowed_at(ctx: Context, user: User, path: str) -> bool:
    """The account that a path names decides; elsewhere it is enough that one of the user's accounts allows it."""
    named = account_of(route_of(ctx.policy, path), path)
    standing = ctx.directory.find(accounts.find_standing, user.id, named) if could_name_account(named) else None
    asked = [standing] if standing else ctx.directory.find(accounts.list_standings_of_user, user.id)
    return any(_may_log(ctx, each) for each in asked)


def _may_log(ctx: Context, standing: Standing) -> bool:
    forbidden = ctx.directory.find(request_logs.list_unlogged_profiles, standing.account.id)
    return standing.membership.profile.id not in forbidden


# ── a user's own log ────────────────────────────────────────────────────────────────────────────────────────────────
def show_logging(ctx: Context, user: str) -> Logging:
    """How a user's logging stands."""
    with ctx.database.reading() as tx:
        return _logging(ctx, tx, user)


def turn_on(ctx: Context, user: User) -> Logging:
    """Log a user's requests from now on, until the log is full."""
    with ctx.database.writing() as tx:
        lock(tx, "user", user.id)
        found = _logging(ctx, tx, user.id)
        if not found.is_allowed:
            raise Refusal(REQUEST_LOGGING_FORBIDDEN)
        if found.kept >= found.most:
            raise Refusal(REQUEST_LOG_FULL, limit=found.kept)
        return _turned(ctx, tx, user, found, is_on=True)


def turn_off(ctx: Context, user: User) -> Logging:
    """Log nothing of a user any more; what is there stays."""
    with ctx.database.writing() as tx:
        lock(tx, "user", user.id)
        return _turned(ctx, tx, user, _logging(ctx, tx, user.id), is_on=False)


def clear(ctx: Context, user: User) -> None:
    """Forget every entry; the log has all its places again."""
    with ctx.database.writing() as tx:
        lock(tx, "user", user.id)
        count = request_logs.clear(tx, user.id)
        if count:
            audit.record(tx, ctx.event("RequestLogCleared", user.email, user=user.id))


def list_entries(ctx: Context, user: str) -> list[EntryRow]:
    """The entries of a user's own log, in their order."""
    with ctx.database.reading() as tx:
        return request_logs.list_entries(tx, user)


def open_entry(ctx: Context, user: str, entry: str) -> Entry:
    """One entry of a user's own log; another's, an unknown and an unreadable one get the same refusal."""
    with ctx.database.reading() as tx:
        sealed = request_logs.find_sealed(tx, user, entry)
    opened = _opened(ctx.sealer, sealed, _label(user, entry)) if sealed is not None else None
    if opened is None:
        detail = "it was sealed with a master key that is not loaded" if sealed is not None else ""
        raise Refusal(NO_SUCH_OBJECT, detail=detail, thing="request log")
    return msgspec.json.decode(opened, type=known(Entry))


def open_files(ctx: Context, user: str) -> Iterator[LogFile]:
    """Every entry of a user's own log that can be read as a text file, in their order, one at a time."""
    for row in list_entries(ctx, user):
        try:
            text = as_text(open_entry(ctx, user, row.id))
        except Refusal:
            continue  # cleared meanwhile, or sealed with a master key that is gone
        yield LogFile(file_name(row.number, row.status, row.operation), row.at, text)


def seal_entries_anew(tx: Connection, sealer: Sealer) -> None:
    """Another master key comes first: what it can still open of all logs is sealed with it from now on."""
    for user, entry in request_logs.walk_entries(tx):
        label = _label(user, entry)
        sealed = request_logs.find_sealed(tx, user, entry)
        opened = _opened(sealer, sealed, label) if sealed is not None else None
        if opened is not None:
            request_logs.change_sealed(tx, entry, sealer.seal(opened, label))


def _logging(ctx: Context, tx: Connection, user: str) -> Logging:
    row, most = request_logs.find_logging(tx, user), ctx.policy.request_log_entries
    is_on = row.is_on and row.kept < most
    standings = [each for each in accounts.list_standings_of_user(tx, user) if each.is_active]
    forbidden = {each.account.id: request_logs.list_unlogged_profiles(tx, each.account.id) for each in standings}
    allowed = any(each.membership.profile.id not in forbidden[each.account.id] for each in standings)
    return Logging(is_on and allowed, most, most - row.kept if is_on and allowed else 0, row.kept, allowed)


def _turned(ctx: Context, tx: Connection, user: User, before: Logging, *, is_on: bool) -> Logging:
    if before.is_on != is_on:
        request_logs.save_logging(tx, user.id, ctx.now, is_on=is_on)
        state = "on" if is_on else "off"
        audit.record(tx, ctx.event("RequestLoggingChanged", user.email, user=user.id, state=state))
        bump_epoch(tx)
    return before._replace(is_on=is_on, remaining=before.most - before.kept if is_on else 0)


def _opened(sealer: Sealer, sealed: bytes, label: str) -> bytes | None:
    """What was sealed; None where no master key that is loaded opens it."""
    try:
        return sealer.open(sealed, label)
    except InvalidTag:
        return None


def _label(user: str, entry: str) -> str:
    return f"request log {user} {entry}"


# ── writing down ────────────────────────────────────────────────────────────────────────────────────────────────────
def keep(ctx: Context, caller: Caller, exchange: Exchange) -> bool:
    """Write a request and its answer into the log of whom it was made for; False where the log is off by now, or full.

    What is secret is found before anything is written: also integration keys of others that stand in it.
    """
    if caller.user is None:
        return False
    user, now = caller.user.id, ctx.now
    found = survey(exchange)
    with ctx.database.reading() as tx:
        keys = request_logs.known_keys(tx, found.unverified_guids)
    entry = write_down(exchange, found.secrets | keys | {caller.app.key})
    row = EntryRow(new_guid(), user, 0, exchange.began_at, entry.method, entry.path, entry.operation, entry.status)
    sealed = ctx.sealer.seal(msgspec.json.encode(entry), _label(user, row.id))
    most = ctx.policy.request_log_entries
    with ctx.database.writing() as tx:
        place = request_logs.take_place(tx, user, most, now)
        if place is None:
            return False
        request_logs.save_entry(tx, row._replace(number=place), sealed)
        if place + 1 >= most:
            bump_epoch(tx)
    return True


# ── what an account lets be logged ──────────────────────────────────────────────────────────────────────────────────
def list_forbidden(ctx: Context, account: str) -> frozenset[int]:
    """The permission profiles whose members' requests may not be logged in an account."""
    return ctx.directory.find(request_logs.list_unlogged_profiles, account)


def forbid(ctx: Context, by: User, account: str, profile: int) -> None:
    """Let no request in this account be logged for members with a permission profile."""
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        standing = _administered(tx, by, account)
        named = _profile(tx, standing, profile)
        if request_logs.forbid(tx, standing.account.id, named.id, by.email, ctx.now):
            said = {"profile": named.name}
            audit.record(tx, ctx.event("RequestLoggingForbidden", by.email, account=standing.account.id, **said))
            bump_epoch(tx)


def allow(ctx: Context, by: User, account: str, profile: int) -> None:
    """Let requests of members with a permission profile be logged again, by those who turn it on."""
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        standing = _administered(tx, by, account)
        named = _profile(tx, standing, profile)
        if request_logs.allow(tx, standing.account.id, named.id):
            said = {"profile": named.name}
            audit.record(tx, ctx.event("RequestLoggingAllowed", by.email, account=standing.account.id, **said))
            bump_epoch(tx)


def _administered(tx: Connection, by: User, account: str) -> Standing:
    standing = accounts.find_standing(tx, by.id, account)
    if standing is None or not standing.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    demand_admin(standing)
    return standing


def _profile(tx: Connection, standing: Standing, number: int) -> Profile:
    found = people.find_profile(tx, standing.account.id, number)
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="permission profile")
    return found
