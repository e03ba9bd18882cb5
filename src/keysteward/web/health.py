"""Is this environment alive, and can it serve?"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from keysteward.actions import audit, checkpoint_copies, metrics
from keysteward.actions.checkpoint_copies import Standing
from keysteward.actions.context import Context
from keysteward.actions.quickly import patiently
from keysteward.rules.refusals import NO_ROUTE, Refusal
from keysteward.rules.signin import is_near
from keysteward.web.reading import client_address, context


async def alive(request: Request) -> Response:
    """`GET /livez`: the process answers."""
    del request
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    """`GET /readyz`: the database answers too. Workers that count limits apart serve all the same."""
    ctx = context(request)
    try:
        is_ready = await patiently(ctx, audit.can_read)
    except Refusal:
        is_ready = False
    if not is_ready:
        return PlainTextResponse("the database does not answer\n", 503)
    copy = await _copy(ctx)
    warnings = [
        "limits: each worker counts by itself\n" if ctx.meter.is_apart else "",
        f"checkpoints: the copy cannot be written: {copy.failure}\n" if copy and copy.failure else "",
    ]
    return PlainTextResponse("ok\n" + "".join(warnings))


async def measured(request: Request) -> Response:
    """`GET /metrics`: what this process counts, for who asks from this host or a private network."""
    if not is_near(client_address(request)):
        raise Refusal(NO_ROUTE)
    ctx = context(request)
    page = metrics.page(ctx, await _copy(ctx))
    return PlainTextResponse(page, headers={"Content-Type": metrics.CONTENT_TYPE})


async def _copy(ctx: Context) -> Standing | None:
    """How the copy of the checkpoints stands; None where there is none, or where nobody can say."""
    if ctx.checkpoint_copy is None:
        return None
    try:
        return await patiently(ctx, checkpoint_copies.stand)
    except Refusal:
        return None
