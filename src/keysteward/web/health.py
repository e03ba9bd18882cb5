"""Is this environment alive, and can it serve?"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from keysteward.actions import audit
from keysteward.actions.quickly import patiently
from keysteward.rules.refusals import Refusal
from keysteward.web.reading import context


async def alive(request: Request) -> Response:
    """`GET /livez`: the process answers."""
    del request
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    """`GET /readyz`: the database answers too."""
    try:
        is_ready = await patiently(context(request), audit.can_read)
    except Refusal:
        is_ready = False
    return PlainTextResponse("ok\n" if is_ready else "the database does not answer\n", 200 if is_ready else 503)
