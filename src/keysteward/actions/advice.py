"""What was found out about an app in the interview, kept with it for whoever comes later."""

from datetime import datetime
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.keys import changeable, seen
from keysteward.rules.access import Actor
from keysteward.rules.interview import Advice, Answers, advise, next_question, read
from keysteward.store import audit
from keysteward.store.database import Connection


class Kept(NamedTuple):
    """The answers that were kept with an app, what follows from them, by whom and when."""

    answers: Answers
    advice: Advice
    by: str
    at: datetime


def keep(ctx: Context, actor: Actor, key: str, unverified_answers: Answers) -> Kept:
    """Keep complete answers with an app; a later interview takes the place of an earlier one."""
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        answers = read(unverified_answers)
        advice = advise(answers)
        said = " ".join(f"{question}={answer}" for question, answer in answers.items())
        event = ctx.event("AdviceKept", actor.email, key=app.key, account=app.account, answers=said)
        audit.record(tx, event)
    return Kept(answers, advice, actor.email, event.at)


def find(ctx: Context, actor: Actor, key: str) -> Kept | None:
    """What was kept with an app; None where nothing was, or where questions were added since."""
    with ctx.database.reading() as tx:
        app, _ = seen(ctx, tx, actor, key)
        return _newest(tx, app.key)


def _newest(tx: Connection, key: str) -> Kept | None:
    event = audit.find_newest_event(tx, key, "AdviceKept")
    if event is None:
        return None
    answers = dict(each.split("=", 1) for each in event.data["answers"].split())
    if next_question(answers) is not None:
        return None
    return Kept(answers, advise(answers), event.actor, event.at)
