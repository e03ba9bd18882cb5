"""How do programs take along what is held on somebody, and have who left erased?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keysteward.actions import personal_data as deeds
from keysteward.actions.context import Context
from keysteward.rules.events import Erasure
from keysteward.web.answers import NO_STORE
from keysteward.web.api.asking import actor_of, answered, person_of, said
from keysteward.web.api.audit_shapes import ErasedPerson
from keysteward.web.api.members import user_of
from keysteward.web.api.shapes import Nothing
from keysteward.web.reading import context, read_json


async def download_own_data(request: Request) -> Response:
    """`GET /api/v1/me/personal-data`: all that is held on whoever asks."""
    ctx, actor = context(request), await person_of(request)
    known = await run_in_threadpool(deeds.start_own_export, ctx, actor)
    return await _sent(ctx, actor.user, known, is_own=True)


async def download_personal_data(request: Request) -> Response:
    """`GET /api/v1/people/{user}/personal-data`: for operators, without the request log."""
    ctx, actor, user = context(request), await actor_of(request), user_of(request)
    known = await run_in_threadpool(deeds.start_export, ctx, actor, user)
    return await _sent(ctx, user, known, is_own=False)


async def erase_person(request: Request) -> Response:
    """`POST /api/v1/people/{user}/erasures`: somebody who left is forgotten."""
    ctx, actor = context(request), await person_of(request)
    await read_json(request, Nothing)
    fields = await run_in_threadpool(deeds.erase, ctx, actor, user_of(request))
    return answered(said(ErasedPerson(user_of(request), fields)))


async def _sent(ctx: Context, user: str, known: Erasure, *, is_own: bool) -> Response:
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="personal-data.json"'}
    pieces = await run_in_threadpool(deeds.gather, ctx, user, known, is_own=is_own)
    return StreamingResponse(pieces, headers=headers, media_type="application/json")
