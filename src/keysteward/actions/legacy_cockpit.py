"""Who still authenticates the old way with the keys of an account, and what replaces it?"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.rules.access import READ_KEYS, Actor, demand_admin, demand_permission
from keysteward.rules.accounts import Standing, User
from keysteward.rules.keys import App, Settings
from keysteward.rules.legacy import Replacement, Use, Waiver, replacement, steps
from keysteward.rules.refusals import NO_SUCH_ACCOUNT, Refusal
from keysteward.store import accounts, keys, legacy
from keysteward.store.database import Connection
from keysteward.store.legacy import UNCHECKED, Day

SHOWN_DAYS = 30


class Tally(NamedTuple):
    """The legacy calls of one day (UTC)."""

    day: str
    passed: int
    refused: int


class Person(NamedTuple):
    """Who called: a user, by address where they are a member of the account; `id` is empty where nobody was asked."""

    id: str
    email: str


class Calling(NamedTuple):
    """One user's legacy calls with a key, the newest of them, and the grant that replaces the password.

    Where the user is no member of the account, their address is not the account's to know.
    """

    person: Person
    passed: int
    refused: int
    last_at: datetime
    address: str
    sdk: str
    replacement: Replacement


class KeyUse(NamedTuple):
    """One key: its last 30 days, who called, what to move to and how, and its waiver where one holds."""

    app: App
    days: tuple[Tally, ...]
    calling: tuple[Calling, ...]
    replacement: Replacement
    steps: tuple[str, ...]
    waiver: Waiver | None

    @property
    def passed(self) -> int:
        """How many calls passed."""
        return sum(day.passed for day in self.days)

    @property
    def refused(self) -> int:
        """How many calls were refused."""
        return sum(day.refused for day in self.days)


class _Known(NamedTuple):
    """What the use of each key is made of."""

    now: datetime
    users: dict[str, User]
    members: frozenset[str]
    days: dict[str, list[Day]]
    waivers: dict[str, Waiver]


def cockpit(ctx: Context, actor: Actor, account: str) -> list[KeyUse]:
    """The legacy calls of each key that an account manages, the most used first."""
    demand_permission(actor, READ_KEYS)
    with ctx.database.reading() as tx:
        standing = _admin(tx, actor, account)
        apps = [app for app in keys.list_of_account(tx, standing.account.id) if app.deleted_at is None]
        known = _known(tx, ctx.now, standing, apps)
        found = [_use(known, app, keys.load_settings(tx, app.key)) for app in apps]
    return sorted(found, key=lambda use: use.passed + use.refused, reverse=True)


def _admin(tx: Connection, actor: Actor, account: str) -> Standing:
    standing = accounts.find_standing(tx, actor.user, account)
    if standing is None or not standing.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    demand_admin(standing)
    return standing


def _known(tx: Connection, now: datetime, standing: Standing, apps: list[App]) -> _Known:
    days: dict[str, list[Day]] = defaultdict(list)
    for day in legacy.list_days(tx, [app.key for app in apps], _days(now)[0]):
        days[day.key].append(day)
    callers = {day.user for counted in days.values() for day in counted} - {UNCHECKED}
    found = (accounts.find_user(tx, user) for user in callers)
    members = frozenset(user for user in callers if accounts.find_standing(tx, user, standing.account.id))
    return _Known(now, {user.id: user for user in found if user}, members, days, legacy.newest_waivers(tx))


def _use(known: _Known, app: App, settings: Settings) -> KeyUse:
    counted = known.days.get(app.key, [])
    by_user: dict[str, list[Day]] = defaultdict(list)
    for day in counted:
        by_user[day.user].append(day)
    calling = [_calling(known, app, settings, user, days) for user, days in by_user.items()]
    calling.sort(key=lambda each: each.passed, reverse=True)
    most = calling[0].replacement if calling else replacement(Use(app, settings, None, ""))
    waiver = known.waivers.get(app.key)
    held = waiver if waiver and waiver.holds(known.now) else None
    return KeyUse(app, _tallies(known.now, counted), tuple(calling), most, steps(most.grant, app, settings), held)


def _calling(known: _Known, app: App, settings: Settings, user: str, days: list[Day]) -> Calling:
    last, found, is_member = days[-1], known.users.get(user), user in known.members
    return Calling(
        Person(user, found.email if found and is_member else ""),
        sum(day.passed for day in days),
        sum(day.refused for day in days),
        last.last_at,
        last.address if is_member or user == UNCHECKED else "",
        last.sdk,
        replacement(Use(app, settings, found, last.sdk)),
    )


def _tallies(now: datetime, counted: list[Day]) -> tuple[Tally, ...]:
    return tuple(
        Tally(
            name,
            sum(day.passed for day in counted if day.day == name),
            sum(day.refused for day in counted if day.day == name),
        )
        for name in _days(now)
    )


def _days(now: datetime) -> list[str]:
    """The days that are shown, oldest first."""
    return [(now.date() - timedelta(days=back)).isoformat() for back in reversed(range(SHOWN_DAYS))]
