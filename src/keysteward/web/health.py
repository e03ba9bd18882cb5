"""Is this environment alive, and can it serve?"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from keysteward.actions import audit, metrics
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
    ready = "ok\nlimits: each worker counts by itself\n" if ctx.meter.is_apart else "ok\n"
    return PlainTextResponse(ready if is_ready else "the database does not answer\n", 200 if is_ready else 503)


async def measured(request: Request) -> Response:
    """`GET /metrics`: what this process counts, for who asks from this host or a private network."""
    if not is_near(client_address(request)):
        raise Refusal(NO_ROUTE)
    return PlainTextResponse(metrics.page(context(request)), headers={"Content-Type": metrics.CONTENT_TYPE})
