"""Who is an operator in a declared twin, and what did they ask and decide of reviews that need a person?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from keysteward.actions import approvals, operators
from keysteward.rules.golive import Review
from keysteward.twin.declared.people import opened_at
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.references import answer_of, question_of
from keysteward.twin.declared.shapes_apps import Answer, DemoApp, Question, Ruling
from keysteward.twin.declared.shapes_apps import Review as Declared
from keysteward.twin.declared.stage import Stage, at

_UNTIL_NEXT = timedelta(minutes=1)
_HAND = "system"


def name_operators(stage: Stage) -> None:
    """Name them once every account is there."""
    known = stage.known
    there = max((opened_at(stage, known.account_guid(each)) for each in known.declared.accounts), default=None)
    for number, user in enumerate(known.declared.users):
        if user.operator and there is not None:
            with at(f"{stage.environment}.users[{number}].operator", is_field=True):
                operators.add(stage.on(there), user.email, _HAND)


def release_operators(stage: Stage) -> None:
    """Name those no more who were operators formerly."""
    for number, user in enumerate(stage.known.declared.users):
        if user.operator == "formerly":
            with at(f"{stage.environment}.users[{number}].operator", is_field=True):
                operators.remove(stage.ctx, user.email, _HAND)


def demand_a_person(path: str, declared: Declared, judged: Review) -> None:
    """Nobody asks or decides anything about a review that waits for nobody."""
    if not judged.is_pending and (declared.questions or declared.ruling):
        sentence = "its integration type needs no person; leave out questions and ruling."
        raise Mistakes([Problem(path, sentence)])


def hear(stage: Stage, path: str, review: Review, questions: Sequence[str | Question], settled: datetime) -> datetime:
    """Let operators ask and the developer answer; return when the last of it was said."""
    last = settled
    for number, question in enumerate(map(question_of, questions)):
        last = _ask(stage, f"{path}[{number}]", review, question, last)
    return last


def ruling_of(app: DemoApp, declared: Declared, judged: Review, *, is_last: bool) -> Ruling | None:
    """What was decided: as the file says, or an approval where it says that the app passed."""
    if declared.ruling is not None or not judged.is_pending:
        return declared.ruling
    return Ruling() if is_last and app.review in {"passed", "live"} else None


def rule(stage: Stage, path: str, review: Review, ruling: Ruling, heard: datetime) -> datetime:
    """Let an operator decide; return when."""
    when = stage.when(ruling.at, heard + _UNTIL_NEXT)
    operator = _operator(stage, path, ruling.by)
    with at(path, is_field=True):
        approvals.decide(stage.on(when), stage.actor(operator, when), review.id, ruling.choice, ruling.reason)
    return when


def _ask(stage: Stage, path: str, review: Review, question: Question, last: datetime) -> datetime:
    when = stage.when(question.at, last + _UNTIL_NEXT)
    operator = _operator(stage, path, question.by)
    with at(path):
        approvals.ask(stage.on(when), stage.actor(operator, when), review.id, question.text)
    if question.answer is None:
        return when
    return _answer(stage, f"{path}.answer", review, answer_of(question.answer), when)


def _answer(stage: Stage, path: str, review: Review, answer: Answer, asked: datetime) -> datetime:
    when = stage.when(answer.at, asked + _UNTIL_NEXT)
    user = stage.creators[review.key] if answer.by is None else stage.known.users.load(answer.by)
    with at(path):
        approvals.answer(stage.on(when), stage.actor(user, when), review.key, review.id, answer.text)
    return when


def _operator(stage: Stage, path: str, name: str | None) -> str:
    if name is not None:
        return stage.known.users.load(name)
    for user in stage.known.declared.users:
        if user.operator:
            return stage.known.users.load(user.email)
    sentence = "its integration type needs a person: let a user of another account be an operator."
    raise Mistakes([Problem(path, sentence)])
