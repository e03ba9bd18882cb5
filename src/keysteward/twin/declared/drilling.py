"""How are the declared drills planned and held?"""

from datetime import datetime, timedelta

from keysteward.actions import drills
from keysteward.actions.drills import Plan
from keysteward.rules.drills import ABOUT
from keysteward.rules.drills import Drill as Planned
from keysteward.twin.declared.moments import read_until
from keysteward.twin.declared.recovering import admin_of
from keysteward.twin.declared.references import result_of
from keysteward.twin.declared.shapes_ways_back import Drill
from keysteward.twin.declared.stage import Stage, at

_BEFORE_NOW = timedelta(days=30)
_BOTH = 2


def hold_about(stage: Stage, key: str) -> None:
    """Hold the drills about a key that the account which has it now planned."""
    for number, account in enumerate(stage.known.declared.accounts):
        if stage.known.account_guid(account) == stage.accounts[key]:
            about = [each for each in account.drills if ABOUT[each.kind].subject == "key"]
            _hold(stage, number, [each for each in about if stage.known.apps.load(each.subject) == key])


def hold_others(stage: Stage) -> None:
    """Hold all that were not held yet."""
    for number, account in enumerate(stage.known.declared.accounts):
        _hold(stage, number, account.drills)


def _hold(stage: Stage, number: int, wanted: list[Drill]) -> None:
    """In the order in which they were planned: one that is over may make the next."""
    account = stage.known.declared.accounts[number]
    guid = stage.known.account_guid(account)
    entries = [(position, each) for position, each in enumerate(account.drills) if each in wanted]
    for position, each in sorted(entries, key=lambda entry: _planned_at(stage, entry[1])):
        path = f"{stage.environment}.accounts[{number}].drills[{position}]"
        if path not in stage.drills:
            with at(path):
                stage.drills[path] = _plan(stage, guid, each)
                _record(stage, path, each)
                _cancel(stage, path, guid, each)


def _planned_at(stage: Stage, declared: Drill) -> datetime:
    is_over = len(declared.results) == _BOTH or declared.cancelled is not False
    return stage.when(declared.created, stage.now - _BEFORE_NOW if is_over else stage.now)


def _plan(stage: Stage, guid: str, declared: Drill) -> str:
    """Plan a drill, unless one that was over was repeated by it already; its id."""
    known, when = stage.known, _planned_at(stage, declared)
    names = known.apps if ABOUT[declared.kind].subject == "key" else known.users
    subject = names.load(declared.subject) if declared.subject else ""
    people = (known.users.load(declared.first), known.users.load(declared.second))
    wanted = Plan(declared.kind, subject, *people, read_until(declared.due_at, when), declared.every_months)
    actor = admin_of(stage, guid, declared.by, when)
    there = (each.drill for each in drills.list_drills(stage.ctx, actor, guid) if each.drill.ended_at is None)
    again = (each.id for each in there if each.id not in stage.drills.values() and _plan_of(each) == wanted)
    return next(again, None) or drills.plan(stage.on(when), actor, guid, wanted).id


def _plan_of(drill: Planned) -> Plan:
    return Plan(drill.kind, drill.subject, *drill.people, drill.due_at, drill.every_months)


def _record(stage: Stage, path: str, declared: Drill) -> None:
    people = [stage.known.users.load(each) for each in (declared.first, declared.second)]
    on_its_day = min(read_until(declared.due_at, _planned_at(stage, declared)), stage.now)
    for number, each in enumerate(map(result_of, declared.results)):
        user = people[0] if each.by is None else stage.known.users.load(each.by)
        people.remove(user)
        when = stage.when(each.at, on_its_day)
        with at(f"{path}.results[{number}]"):
            drills.record(stage.on(when), stage.actor(user, when), stage.drills[path], each.result, each.note)


def _cancel(stage: Stage, path: str, guid: str, declared: Drill) -> None:
    if declared.cancelled is False:
        return
    when = stage.when(declared.cancelled, stage.now)
    actor = admin_of(stage, guid, declared.cancelled_by or declared.by, when)
    with at(f"{path}.cancelled", is_field=True):
        drills.cancel(stage.on(when), actor, stage.drills[path])
