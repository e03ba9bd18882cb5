"""How do two people try a way back before it is needed, and what becomes of what they found?"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.notices import Recipient, admins_of, tell
from keysteward.actions.people import reader
from keysteward.actions.releases import administered
from keysteward.rules import sealed_notices as notices
from keysteward.rules.access import READ_CUSTODY, WRITE_CUSTODY, Actor, demand_permission
from keysteward.rules.accounts import Account, Standing, User
from keysteward.rules.approvals import checked_lines
from keysteward.rules.drills import (
    ABOUT,
    REMINDED_AT,
    RESULTS,
    Drill,
    DrillKind,
    Outcome,
    Result,
    Status,
    checked_plan,
    due_reminders,
    next_due,
    status_of,
)
from keysteward.rules.events import Name
from keysteward.rules.keys import App
from keysteward.rules.refusals import (
    CONFLICT,
    DRILL_OVER,
    DRILL_RECORDED,
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    NOT_YOUR_DRILL,
    Refusal,
)
from keysteward.rules.words import is_guid, new_guid
from keysteward.store import accounts, audit, drills, keys
from keysteward.store.database import Connection, lock

_MOST_SHOWN = 200
FOR_ADMINS = frozenset[DrillKind]({"open-sealed", "reach-second-admin"})
"""Kinds of drills that only two admins can hold."""


class Plan(NamedTuple):
    """What an admin says of a drill: `subject` is the key or service admin that it is about."""

    kind: DrillKind
    subject: str
    first: str
    second: str
    due_at: datetime
    every_months: int = 0


class Seen(NamedTuple):
    """A drill as somebody sees it: with its two people, what it is about, and what they may do."""

    drill: Drill
    status: Status
    account: Account
    people: tuple[User, User]
    about: str
    may_record: bool
    may_cancel: bool


# ── deeds ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def plan(ctx: Context, actor: Actor, account: str, wanted: Plan) -> Drill:
    """Plan a drill for two people of the account, who are told."""
    demand_permission(actor, WRITE_CUSTODY)
    people = (wanted.first, wanted.second)
    checked_plan(wanted.due_at, wanted.every_months, people, ctx.now)
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        own = administered(tx, actor, account).account
        app = _demand_possible(tx, own, wanted)
        drill = _new(ctx, own.id, wanted, actor.email)
        _save(ctx, tx, drill, own, app)
        said = {"drill": drill.id, "drill_kind": drill.kind, "until": drill.due_at.isoformat()}
        audit.record(tx, ctx.event("DrillPlanned", actor.email, account=own.id, **said))
    return drill


def record(ctx: Context, actor: Actor, drill: str, result: Result, unverified_note: str) -> Drill:
    """Say how it went, each of the two once; with the second word it is over, and a repeated one is planned anew.

    It is not where what it was about is gone, or one of the two could not hold it any more.
    """
    note = checked_lines(unverified_note, "note", least=0)
    if result not in RESULTS:
        raise Refusal(INVALID_FIELD, field="result", reason=f"choose {' or '.join(RESULTS)}.")
    with ctx.database.writing() as tx:
        found, account = _locked(tx, actor, drill)
        if actor.user not in found.people:
            raise Refusal(NOT_YOUR_DRILL)
        _demand_open(found)
        outcome = Outcome(actor.user, result, note, ctx.now)
        if not drills.record(tx, found.id, outcome):
            raise Refusal(DRILL_RECORDED)
        recorded = replace(found, outcomes=(*found.outcomes, outcome))
        said = _finished(ctx, tx, recorded, account) if len(recorded.outcomes) == len(recorded.people) else {}
        _recorded(ctx, tx, "DrillRecorded", actor.email, recorded, result=result, note=note, **said)
    return recorded


def cancel(ctx: Context, actor: Actor, drill: str) -> None:
    """End a drill that will not be held, and its repetitions; an admin of the account does."""
    demand_permission(actor, WRITE_CUSTODY)
    with ctx.database.writing() as tx:
        found, account = _locked(tx, actor, drill)
        administered(tx, actor, account.id)
        _demand_open(found)
        if not drills.end(tx, found.id, ctx.now, actor.email):
            raise Refusal(CONFLICT)
        _recorded(ctx, tx, "DrillCancelled", actor.email, found)


def remind_due(ctx: Context) -> int:
    """Write to the people of drills that are due soon, and of overdue ones to all admins; count them."""
    with ctx.database.reading() as tx:
        awaited = drills.list_awaited(tx, ctx.now + max(REMINDED_AT), len(REMINDED_AT))
    return sum(_remind(ctx, each) for each in awaited if due_reminders(each, ctx.now) > each.reminded)


def _remind(ctx: Context, drill: Drill) -> bool:
    times = due_reminders(drill, ctx.now)
    with ctx.database.writing() as tx:
        lock(tx, "account", drill.account)
        account = accounts.find_account(tx, drill.account)
        if account is None or not drills.mark_reminded(tx, drill.id, times):
            return False
        due = replace(drill, reminded=times)
        waiting = [user for user in drill.people if drill.outcome_of(user) is None and _is_member(tx, account, user)]
        for user in _people(tx, waiting):
            tell(ctx, tx, notices.reminded(due, account, ctx.now, user.id), [Recipient(user)])
        if ctx.now >= drill.due_at:
            others = [each for each in admins_of(tx, account.id) if each.user.id not in waiting]
            tell(ctx, tx, notices.reminded(due, account, ctx.now, ""), others)
        _recorded(ctx, tx, "DrillReminded", "system", due, until=drill.due_at.isoformat())
    return True


# ── to see ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_drills(ctx: Context, actor: Actor, account: str) -> list[Seen]:
    """The drills of an account, the latest due first."""
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account, READ_CUSTODY)
        return [_seen(ctx, tx, actor, each) for each in drills.list_of_account(tx, own.account.id, _MOST_SHOWN)]


def load(ctx: Context, actor: Actor, drill: str) -> Seen:
    """One drill, for admins of its account and the two people."""
    demand_permission(actor, READ_CUSTODY)
    with ctx.database.reading() as tx:
        found, _ = _found(tx, actor, drill)
        return _seen(ctx, tx, actor, found)


class Choices(NamedTuple):
    """Whom and what a drill can name: active members who are people, keys, and service admins."""

    members: list[User]
    keys: list[App]
    service_admins: list[User]


def choices(ctx: Context, actor: Actor, account: str) -> Choices:
    """What an admin chooses from."""
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account, READ_CUSTODY).account
        standings = [each for each in accounts.list_standings_in_account(tx, own.id) if each.is_active]
        return Choices(
            [each.user for each in standings if not each.user.service],
            [each for each in keys.list_of_account(tx, own.id) if each.deleted_at is None],
            [each.user for each in standings if each.user.service and each.is_admin],
        )


def _seen(ctx: Context, tx: Connection, actor: Actor, drill: Drill) -> Seen:
    account = accounts.find_account(tx, drill.account)
    people = _people(tx, drill.people)
    if account is None or len(people) != len(drill.people):
        raise _no_such_drill()
    standing = accounts.find_standing(tx, actor.user, account.id)
    is_open = drill.ended_at is None
    may_record = is_open and actor.user in drill.people and drill.outcome_of(actor.user) is None
    may_cancel = is_open and standing is not None and standing.is_admin
    first, second = people
    about = _named(tx, drill)
    return Seen(drill, status_of(drill, ctx.now), account, (first, second), about, may_record, may_cancel)


def _named(tx: Connection, drill: Drill) -> str:
    """What a drill is about, as people call it."""
    if drill.about.subject == "key":
        app = keys.find(tx, drill.subject)
        return app.name if app else ""
    user = accounts.find_user(tx, drill.subject) if drill.subject else None
    return user.name if user else ""


# ── what is checked and written ─────────────────────────────────────────────────────────────────────────────────────
def _demand_possible(tx: Connection, account: Account, wanted: Plan) -> App | None:
    """Two people of the account could hold the drill; its app, where it is about a key."""
    _demand_person(tx, account, wanted.kind, wanted.first, "first")
    _demand_person(tx, account, wanted.kind, wanted.second, "second")
    return _demand_subject(tx, account, wanted)


def _is_member(tx: Connection, account: Account, user: str) -> bool:
    standing = accounts.find_standing(tx, user, account.id)
    return standing is not None and standing.is_active


def _demand_person(tx: Connection, account: Account, kind: DrillKind, user: str, place: str) -> None:
    standing = accounts.find_standing(tx, user, account.id) if is_guid(user) else None
    if standing is None or not standing.is_active or standing.user.service:
        raise Refusal(INVALID_FIELD, field=place, reason="choose somebody who is a member of the account.")
    if kind in FOR_ADMINS and not standing.is_admin:
        raise Refusal(INVALID_FIELD, field=place, reason="this drill needs two admins of the account.")


def _demand_subject(tx: Connection, account: Account, wanted: Plan) -> App | None:
    """What a drill is about is there, and of this account; its app, where it is a key."""
    about, subject = ABOUT[wanted.kind].subject, wanted.subject
    if about == "key":
        app = keys.find(tx, subject)
        if app is None or app.account != account.id or app.deleted_at is not None:
            raise Refusal(INVALID_FIELD, field="subject", reason="choose a key that the account manages.")
        return app
    if about == "service admin" and not _is_service_admin(accounts.find_standing(tx, subject, account.id)):
        raise Refusal(INVALID_FIELD, field="subject", reason="choose a service admin of the account.")
    if not about and subject:
        raise Refusal(INVALID_FIELD, field="subject", reason="leave this out: the drill is about the whole account.")
    return None


def _is_service_admin(standing: Standing | None) -> bool:
    return standing is not None and standing.is_admin and standing.user.service


def _new(ctx: Context, account: str, wanted: Plan, by: str) -> Drill:
    people = (wanted.first, wanted.second)
    new = Drill(
        new_guid(), account, wanted.kind, wanted.subject, people, wanted.due_at, wanted.every_months, ctx.now, by
    )
    return replace(new, reminded=due_reminders(new, ctx.now))


def _save(ctx: Context, tx: Connection, drill: Drill, account: Account, app: App | None) -> None:
    drills.save(tx, drill)
    for user in _people(tx, drill.people):
        tell(ctx, tx, notices.planned(drill, account, user.id, app), [Recipient(user)])


def _finished(ctx: Context, tx: Connection, drill: Drill, account: Account) -> dict[str, str]:
    """End a drill that both have recorded, and plan its repetition; what its event says of that."""
    if not drills.end(tx, drill.id, ctx.now, ""):
        raise Refusal(CONFLICT)
    tell(ctx, tx, notices.recorded(drill, account, drill.outcomes, ctx.now), admins_of(tx, account.id))
    due_at = next_due(drill, ctx.now)
    if due_at is None:
        return {}
    wanted = Plan(drill.kind, drill.subject, *drill.people, due_at, drill.every_months)
    try:
        app = _demand_possible(tx, account, wanted)
    except Refusal:  # whoever plans another one chooses anew
        return {}
    again = _new(ctx, account.id, wanted, drill.planned_by)
    _save(ctx, tx, again, account, app)
    return {"next_drill": again.id}


def _locked(tx: Connection, actor: Actor, drill: str) -> tuple[Drill, Account]:
    found, account = _found(tx, actor, drill)
    lock(tx, "account", account.id)
    return _found(tx, actor, found.id)


def _found(tx: Connection, actor: Actor, drill: str) -> tuple[Drill, Account]:
    """A drill for its account's admins and the two who are named and are members still; for others there is none."""
    found = drills.find(tx, drill) if is_guid(drill) else None
    standing = accounts.find_standing(tx, actor.user, found.account) if found else None
    if found is None or standing is None or not standing.is_active:
        raise _no_such_drill()
    if not standing.is_admin and actor.user not in found.people:
        raise _no_such_drill()
    return found, standing.account


def _demand_open(drill: Drill) -> None:
    if drill.ended_at is not None:
        raise Refusal(DRILL_OVER)


def _people(tx: Connection, users: tuple[str, ...] | list[str]) -> list[User]:
    found = (accounts.find_user(tx, each) for each in users)
    return [each for each in found if each is not None]


def _no_such_drill() -> Refusal:
    return Refusal(NO_SUCH_OBJECT, thing="drill")


def _recorded(ctx: Context, tx: Connection, name: Name, by: str, drill: Drill, /, **data: str) -> None:
    said = {"drill": drill.id, "drill_kind": drill.kind, **data}
    audit.record(tx, ctx.event(name, by, account=drill.account, **said))
