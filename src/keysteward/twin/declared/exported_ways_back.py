"""What would a file have to declare for the ways back to keys to be as they are?"""

from collections.abc import Sequence

from keysteward.actions.drills import FOR_ADMINS
from keysteward.actions.export import Registered
from keysteward.rules.accounts import Account
from keysteward.rules.drills import Drill as Planned
from keysteward.rules.replacements import Retirement as Asked
from keysteward.twin.declared.exported_transfers import council_for, said_by
from keysteward.twin.declared.moments import say_moment
from keysteward.twin.declared.place import Place
from keysteward.twin.declared.shapes_custody import Step
from keysteward.twin.declared.shapes_ways_back import (
    Drill,
    DrillResult,
    RecoveryContact,
    RecoveryRecipient,
    Replaced,
    Retirement,
)


# ── contacts and recipients ─────────────────────────────────────────────────────────────────────────────────────────
def contacts(place: Place, account: Account) -> list[str | RecoveryContact]:
    """Who is told when an account has no admin any more, and since when they agreed."""
    return [
        RecoveryContact(
            email=each.email,
            confirmed=say_moment(each.confirmed_at) if each.confirmed_at else False,
            by=place.admin(account.id, each.named_by),
            created=say_moment(each.named_at),
        )
        for each in place.snapshot.houses[account.id].contacts
    ]


def recipients(place: Place, account: Account) -> list[str | RecoveryRecipient]:
    """Who can open what an account seals."""
    return [
        RecoveryRecipient(
            public_key=each.public_key,
            label=each.label,
            by=place.admin(account.id, each.added_by),
            created=say_moment(each.added_at),
        )
        for each in place.snapshot.houses[account.id].recipients
    ]


# ── drills ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def drills(place: Place, account: Account) -> list[Drill]:
    """The drills of an account, but those that its people could not hold any more, or not about that."""
    own = place.snapshot.houses[account.id].drills
    return [_drill(place, account, each, own) for each in own if _can_be_held(place, account, each)]


def _can_be_held(place: Place, account: Account, drill: Planned) -> bool:
    return all(_can_hold(place, account, drill, each) for each in drill.people) and _is_there(place, account, drill)


def _can_hold(place: Place, account: Account, drill: Planned, user: str) -> bool:
    """Whether somebody is a person who is or was a member, and an admin where only admins can."""
    standings = (each for person in place.snapshot.people for each in person.standings if each.user.id == user)
    standing = next((each for each in standings if each.account.id == account.id), None)
    if standing is None or standing.user.service:
        return False
    return drill.kind not in FOR_ADMINS or user in place.admins(account.id)


def _is_there(place: Place, account: Account, drill: Planned) -> bool:
    """Whether what a drill is about is the account's, or was at first."""
    about = drill.about.subject
    if about == "key":
        holders = (
            {each.first_account, each.app.account} for each in place.snapshot.apps if each.app.key == drill.subject
        )
        return account.id in next(holders, set())
    people = (each.standings[0].user for each in place.snapshot.people)
    is_service = any(each.service for each in people if each.id == drill.subject)
    return not about or (is_service and drill.subject in place.admins(account.id))


def _drill(place: Place, account: Account, drill: Planned, own: Sequence[Planned]) -> Drill:
    first, second = drill.people
    is_cancelled = drill.ended_at is not None and bool(drill.ended_by)
    return Drill(
        kind=drill.kind,
        subject=place.emails.get(drill.subject, drill.subject),
        first=place.emails[first],
        second=place.emails[second],
        due_at=say_moment(drill.due_at),
        every_months=drill.every_months if _is_repeated(drill, own) else 0,
        by=place.admin(account.id, drill.planned_by),
        created=say_moment(drill.planned_at),
        results=[
            DrillResult(by=place.emails[each.user], result=each.result, note=each.note, at=say_moment(each.at))
            for each in drill.outcomes
        ],
        cancelled=say_moment(drill.ended_at) if is_cancelled and drill.ended_at else False,
        cancelled_by=place.admin(account.id, drill.ended_by) if is_cancelled else None,
    )


def _is_repeated(drill: Planned, own: Sequence[Planned]) -> bool:
    """Whether a drill that is over made the next: the play would make one where nobody could hold it then."""
    if drill.ended_at is None or drill.ended_by:
        return True
    same = (each for each in own if (each.kind, each.subject, each.people) == (drill.kind, drill.subject, drill.people))
    return any(each.planned_at == drill.ended_at for each in same)


# ── replacements ────────────────────────────────────────────────────────────────────────────────────────────────────
def replaced(registered: Registered) -> Replaced | None:
    """What an app says of an old key."""
    said = registered.replaces
    return None if said is None else Replaced(app=said.predecessor, remark=said.remark)


def retirements(place: Place) -> list[Retirement]:
    """Every key that waits for its time, is retired or gone for good, in the order in which it was asked."""
    found = [(each.retirement, each) for each in place.snapshot.apps if each.retirement is not None]
    found.sort(key=lambda each: (each[0].asked.at, each[0].key))
    said = (_retirement(place, registered, asked) for asked, registered in found)
    return [each for each in said if each is not None]


def stopped_at(registered: Registered) -> str | bool:
    """Since when somebody wanted an app stopped: its retirement stops it by itself."""
    app, asked = registered.app, registered.retirement
    stands_anyway = asked is not None and asked.retired_at is not None and not asked.was_stopped
    return say_moment(app.stopped_at) if app.stopped_at and not stands_anyway else False


def deleted_at(registered: Registered) -> str | bool:
    """Since when somebody wanted an app deleted: one that is retired for good is so by itself."""
    app, asked = registered.app, registered.retirement
    return say_moment(app.deleted_at) if app.deleted_at and not (asked and _final_at(registered, asked)) else False


def _final_at(registered: Registered, asked: Asked) -> str | None:
    """Since when a key is gone for good; its account may have deleted it before."""
    if asked.ended is None or asked.ended.act.at != registered.app.deleted_at:
        return None
    return say_moment(asked.ended.act.at)


def _retirement(place: Place, registered: Registered, asked: Asked) -> Retirement | None:
    account, email = registered.app.account, place.emails.get(asked.asked.by, "")
    said = Retirement(
        app=asked.key,
        successor=asked.successor,
        hand=asked.hand,
        by=email,
        asked=say_moment(asked.asked.at),
        reason=asked.reason,
        final=_final_at(registered, asked) or False,
    )
    if asked.hand == "admin":
        said.by = place.admin(account, email)
    if asked.hand == "stand-in":
        council = council_for(place, asked.key, account, asked.organization or "")
        return _stand_in(said, place, asked, council) if council else _by_an_admin(said, place, account, asked)
    return said


def _stand_in(said: Retirement, place: Place, asked: Asked, council: Sequence[str]) -> Retirement:
    said.by = said_by(said.by or "", council)
    said.retired = say_moment(asked.retired_at) if asked.retired_at else False
    if asked.approved is not None:
        others = [each for each in council if each != said.by]
        by = said_by(place.emails.get(asked.approved.by, ""), others)
        said.approved = Step(by=by, at=say_moment(asked.approved.at)) if by else False
    return said


def _by_an_admin(said: Retirement, place: Place, account: str, asked: Asked) -> Retirement | None:
    """What an organization retired that could not stand in any more; what it only asked for comes to nothing."""
    if asked.retired_at is None:
        return None
    said.hand, said.asked, said.by = "admin", say_moment(asked.retired_at), place.admin(account, "")
    return said
