"""Who needs a key, whose should it be, and as what is it registered? An interview, one question after the other.

The answers stand in the address, so that they can be sent to somebody; nothing is kept until an admin keeps it.
"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import advice, keys
from keysteward.actions.advice import Kept
from keysteward.actions.signin import Visitor
from keysteward.rules import interview
from keysteward.rules.interview import QUESTIONS, TOPICS, Advice, Answers, Question
from keysteward.rules.keys import GRANT_NAMES
from keysteward.web.pages.forms import arrived, done, read_fields
from keysteward.web.pages.visits import for_visitors, form_of, looking_at
from keysteward.web.reading import context
from keysteward.web.sessions import visitor_or_none
from keysteward.web.showing import show


async def shown(request: Request) -> Response:
    """`GET /help/advice`: whoever asks."""
    values = {"app": None, "kept": None, **_interview(interview.read(request.query_params))}
    return show(request, "advice.html", values, visitor=await visitor_or_none(request))


@for_visitors
async def of_app(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/advice`: the same for an app, beginning with what was kept with it."""
    ctx, key = context(request), str(request.path_params["key"])
    view = await run_in_threadpool(keys.view, ctx, visitor.actor, key)
    kept = await run_in_threadpool(advice.find, ctx, visitor.actor, key)
    is_asking = any(question.code in request.query_params for question in QUESTIONS)
    answers = kept.answers if kept is not None and not is_asking else interview.read(request.query_params)
    values = {"app": {"key": view.app.key, "name": view.app.name}, "kept": _kept(kept), **_interview(answers)}
    visitor = await looking_at(request, visitor, view.app.account)
    return show(request, "advice.html", values, visitor=visitor, notice=arrived(request).notice)


@form_of("/apps/{key}/advice")
async def keep(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/advice`: keep the answers with the app."""
    key, typed = str(request.path_params["key"]), await read_fields(request, *(each.code for each in QUESTIONS))
    await run_in_threadpool(advice.keep, context(request), visitor.actor, key, typed)
    return done(f"/apps/{key}/advice", "advice-kept")


def _interview(answers: Answers) -> dict[str, Any]:
    question = interview.next_question(answers)
    asked = [_question(each, answers) for each in QUESTIONS if each.code in answers]
    return {
        "asked": asked,
        "question": _question(question, answers) if question else None,
        "advice": None if question else _advice(interview.advise(answers)),
    }


def _question(question: Question, answers: Answers) -> dict[str, Any]:
    answer = answers.get(question.code, "")
    return {
        "code": question.code,
        "asks": question.asks,
        "options": [{"code": option.code, "label": option.label} for option in question.options],
        "answer": answer,
        "label": question.label_of(answer) if answer else "",
    }


def _advice(found: Advice) -> dict[str, Any]:
    topics = [
        {"title": title, "counsels": [each for each in found.counsels if each.topic == topic]}
        for topic, title in TOPICS.items()
    ]
    return {
        "needs_key": found.needs_key,
        "topics": [each for each in topics if each["counsels"]],
        "integration_type": found.integration_type,
        "grants": [GRANT_NAMES[grant] for grant in found.grants],
    }


def _kept(kept: Kept | None) -> dict[str, Any] | None:
    return None if kept is None else {"by": kept.by, "at": kept.at, "answers": dict(kept.answers)}
