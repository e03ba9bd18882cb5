"""How is the API used by a key, or in an account?

Whoever may read a key sees its calls, in whichever account; an account's admins see the calls in their account, of
whichever key. Everything else looks absent.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions import limits
from keysteward.actions.context import Context
from keysteward.actions.keys import seen
from keysteward.actions.people import reader
from keysteward.rules.access import READ_APPS, Actor
from keysteward.rules.accounts import Account
from keysteward.rules.call_usage import (
    HOUR,
    Asked,
    Failure,
    Group,
    Hour,
    Offender,
    Part,
    Scope,
    Tally,
    Window,
    busiest,
    is_unused,
    total,
)
from keysteward.rules.calls import Call
from keysteward.rules.curl import BODY, curl_of
from keysteward.rules.keys import App
from keysteward.rules.refusals import NO_SUCH_OBJECT, Refusal
from keysteward.store import accounts, call_usage, consents, keys, summing
from keysteward.store.database import Connection
from keysteward.store.meters import wait_for
from keysteward.store.recorder import Outcome

_MOST_GROUPS = 25
_DAY = timedelta(days=1)
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Unused(NamedTuple):
    """A key that nobody has called with for a while, or ever."""

    app: App
    last_at: datetime | None


class Headroom(NamedTuple):
    """What the limits leave to an account now."""

    hourly_limit: int
    hourly_left: int
    burst_limit: int
    burst_left: int


class Names(NamedTuple):
    """What people call the users, accounts and apps of an answer. Strangers keep their GUIDs."""

    users: dict[str, str]
    accounts: dict[str, str]
    apps: dict[str, str]


class Place(NamedTuple):
    """Where calls are looked at: a key with the account that manages it, or an account alone."""

    app: App | None
    account: Account

    @property
    def scope(self) -> Scope:
        """Whose calls these are, by GUID."""
        return Scope(key=self.app.key) if self.app else Scope(account=self.account.id)


class Usage(NamedTuple):
    """What there is to say of the calls that were asked for.

    `known_since` is the hour of the oldest call that is counted, and
    `calls_kept_since` the moment from which on single calls are still known, None where none was forgotten.
    """

    asked: Asked
    place: Place
    headroom: Headroom
    hours: list[Hour]
    operations: list[Group]
    failures: list[Failure]
    users: list[Group]
    apps: list[Group]
    accounts: list[Group]
    sdks: list[Group]
    offenders: list[Offender]
    unused: list[Unused]
    names: Names
    known_since: datetime | None
    calls_kept_since: datetime | None

    @property
    def total(self) -> Tally:
        """All calls together."""
        return total(self.hours)

    @property
    def busiest(self) -> Hour | None:
        """The hour with the most calls."""
        return busiest(self.hours)


class Page(NamedTuple):
    """Single calls, newest first; `before` is where the next page begins, None where there is none."""

    place: Place
    calls: list[Call]
    before: int | None


class Single(NamedTuple):
    """One call, how it ended where that is known, and how to make it again."""

    place: Place
    call: Call
    outcome: Outcome | None
    curl: str
    names: Names


def show(ctx: Context, actor: Actor, asked: Asked) -> Usage:
    """Everything about the calls of a key, or in an account, within a window of time."""
    with ctx.database.reading() as tx:
        place = _demand_reader(ctx, tx, actor, asked.scope)
    headroom = _headroom(ctx, place.account.id)
    with ctx.database.reading() as tx:
        asked = asked._replace(scope=place.scope)
        by_account = [] if place.app is None else call_usage.list_groups(tx, asked, "account", _MOST_GROUPS)
        by_app = [] if place.app else call_usage.list_groups(tx, asked, "key", _MOST_GROUPS)
        return Usage(
            asked=asked,
            place=place,
            headroom=headroom,
            hours=call_usage.list_hours(tx, asked),
            operations=call_usage.list_groups(tx, asked, "operation", _MOST_GROUPS),
            failures=call_usage.list_failures(tx, asked, _MOST_GROUPS),
            users=call_usage.list_groups(tx, asked, "user", _MOST_GROUPS),
            apps=by_app,
            accounts=by_account,
            sdks=call_usage.list_groups(tx, asked, "sdk", _MOST_GROUPS),
            offenders=call_usage.list_offenders(tx, asked, ctx.policy.polling_gap, _MOST_GROUPS),
            unused=[] if place.app else _list_unused(ctx, tx, place.account),
            names=_names(tx, actor, place, [group.name for group in by_app]),
            known_since=call_usage.find_first_hour(tx, asked.scope),
            calls_kept_since=summing.kept_since(tx),
        )


def list_calls(ctx: Context, actor: Actor, asked: Asked, before: int | None, most: int) -> Page:
    """A page of single calls."""
    with ctx.database.reading() as tx:
        place = _demand_reader(ctx, tx, actor, asked.scope)
        return Page(place, *call_usage.list_calls(tx, asked._replace(scope=place.scope), before, most))


def load_call(ctx: Context, actor: Actor, scope: Scope, sequence: int) -> Single:
    """One call, and how to make it again with curl; its credentials and what it sent were never kept."""
    with ctx.database.reading() as tx:
        place = _demand_reader(ctx, tx, actor, scope)
        found = call_usage.find_call(tx, place.scope, sequence)
        if found is None:
            raise Refusal(NO_SUCH_OBJECT, thing="call")
        call, outcome = found
        names = _names(tx, actor, place, [call.key])
    headers = [("Accept", "application/json")]
    body = BODY if call.method in _WITH_BODY else None
    return Single(place, call, outcome, curl_of(call.method, ctx.origin + call.url, headers, body), names)


def demand_reader(ctx: Context, actor: Actor, scope: Scope) -> Scope:
    """Refuse whoever may not see these calls; return the scope with its GUID."""
    with ctx.database.reading() as tx:
        return _demand_reader(ctx, tx, actor, scope).scope


def list_parts(ctx: Context, asked: Asked) -> Iterator[Part]:
    """Everything that is counted, a day at a time, so that no more need be in memory; ask `demand_reader` before."""
    since, until = asked.window.since, asked.window.until
    while since < until:
        day = Window(since, min(since + _DAY, until), HOUR)
        with ctx.database.reading() as tx:
            found = list(call_usage.list_parts(tx, asked._replace(window=day)))
        yield from found
        since = day.until


def _demand_reader(ctx: Context, tx: Connection, actor: Actor, scope: Scope) -> Place:
    if scope.key:
        app, standing = seen(ctx, tx, actor, scope.key)
        return Place(app, standing.account)
    return Place(None, reader(ctx, tx, actor, scope.account, READ_APPS).account)


def _headroom(ctx: Context, account: str) -> Headroom:
    question = limits.question_of(ctx, account, counts=False)
    window, limit = wait_for(ctx.meter.ask(question)).window, question.measure.limits
    return Headroom(limit.hourly, max(0, limit.hourly - window.hourly), limit.burst, max(0, limit.burst - window.burst))


def _names(tx: Connection, actor: Actor, place: Place, apps: list[str]) -> Names:
    members = accounts.list_standings_in_account(tx, place.account.id)
    standings = accounts.list_standings_of_user(tx, actor.user)
    published = consents.list_publishers(tx, apps)
    return Names(
        users={member.user.id: f"{member.user.name} ({member.user.email})" for member in members},
        accounts={standing.account.id: standing.account.name for standing in standings if standing.is_active},
        apps={key: name for key, (name, _) in published.items()},
    )


def _list_unused(ctx: Context, tx: Connection, account: Account) -> list[Unused]:
    living = [app for app in keys.list_of_account(tx, account.id) if app.deleted_at is None]
    found = [Unused(app, call_usage.find_last(tx, app.key)) for app in living]
    return [each for each in found if is_unused(each.last_at, ctx.now)]
