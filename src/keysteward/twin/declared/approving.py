"""Who is an operator in a declared twin, and what did they decide of reviews that need a person?"""

from datetime import datetime, timedelta

from keysteward.actions import approvals, operators
from keysteward.rules.golive import Review
from keysteward.twin.declared.people import opened_at
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.shapes_apps import DemoApp, Ruling
from keysteward.twin.declared.shapes_apps import Review as Declared
from keysteward.twin.declared.stage import Stage, at

_UNTIL_RULING = timedelta(minutes=1)
_HAND = "system"


def name_operators(stage: Stage) -> None:
    """Name them once every account is there."""
    known = stage.known
    there = max((opened_at(stage, known.account_guid(each)) for each in known.declared.accounts), default=None)
    for number, user in enumerate(known.declared.users):
        if user.operator and there is not None:
            with at(f"{stage.environment}.users[{number}].operator", is_field=True):
                operators.add(stage.on(there), user.email, _HAND)


def ruling_of(app: DemoApp, declared: Declared, judged: Review, *, is_last: bool) -> Ruling | None:
    """What was decided: as the file says, or an approval where it says that the app passed."""
    if declared.ruling is not None or not judged.is_pending:
        return declared.ruling
    return Ruling() if is_last and app.review in {"passed", "live"} else None


def rule(stage: Stage, path: str, review: Review, ruling: Ruling, settled: datetime) -> datetime:
    """Let an operator decide; answer with when."""
    when = stage.when(ruling.at, settled + _UNTIL_RULING)
    operator = _operator(stage, path, ruling)
    with at(path, is_field=True):
        approvals.decide(stage.on(when), stage.actor(operator, when), review.id, ruling.choice, ruling.reason)
    return when


def _operator(stage: Stage, path: str, ruling: Ruling) -> str:
    if ruling.by is not None:
        return stage.known.users.load(ruling.by)
    for user in stage.known.declared.users:
        if user.operator:
            return stage.known.users.load(user.email)
    sentence = "its integration type needs a person: let a user of another account be an operator."
    raise Mistakes([Problem(path, sentence)])
