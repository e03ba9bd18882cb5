"""How does a program ask for advice, and keep it with an app?"""

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import advice
from keysteward.actions.advice import Kept
from keysteward.rules import interview
from keysteward.rules.refusals import NO_SUCH_OBJECT, Refusal
from keysteward.rules.shapes import known
from keysteward.web.api import advice_shapes as shapes
from keysteward.web.api.asking import actor_of, answered, key_of, said
from keysteward.web.reading import context, read_json


async def ask_for_advice(request: Request) -> Response:
    """`GET /api/v1/advice`: the interview so far, as the query answers it; whoever asks."""
    answers = interview.read(request.query_params)
    question = interview.next_question(answers)
    found = None if question else _said(interview.advise(answers))
    asked = None if question is None else _asked(question)
    return answered(said(shapes.Interview(msgspec.convert(answers, known(shapes.Answers)), asked, found)))


async def show_advice(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/advice`: what was kept with an app."""
    ctx, actor = context(request), await actor_of(request)
    kept = await run_in_threadpool(advice.find, ctx, actor, key_of(request))
    if kept is None:
        raise Refusal(NO_SUCH_OBJECT, thing="advice")
    return answered(said(_kept(kept)))


async def keep_advice(request: Request) -> Response:
    """`PUT /api/v1/keys/{key}/advice`: keep complete answers with an app."""
    ctx, actor = context(request), await actor_of(request)
    key, body = key_of(request), await read_json(request, shapes.NewAdvice)
    answers = {name: answer for name, answer in msgspec.structs.asdict(body.answers).items() if answer}
    return answered(said(_kept(await run_in_threadpool(advice.keep, ctx, actor, key, answers))))


def _asked(question: interview.Question) -> shapes.InterviewQuestion:
    options = [shapes.InterviewOption(*option) for option in question.options]
    return shapes.InterviewQuestion(question.code, question.asks, options)


def _kept(kept: Kept) -> shapes.KeptAdvice:
    return shapes.KeptAdvice(msgspec.convert(kept.answers, known(shapes.Answers)), _said(kept.advice), kept.by, kept.at)


def _said(found: interview.Advice) -> shapes.Advice:
    counsels = [shapes.Counsel(each.topic, each.says, each.source) for each in found.counsels]
    return shapes.Advice(found.needs_key, found.integration_type, list(found.grants), counsels)
