"""How is a key stopped, started, deleted and restored, and how are its tokens revoked?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import keys
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import Refusal
from keysteward.web.pages.app import OVERVIEW, Form, do, show_app
from keysteward.web.pages.forms import done, refused
from keysteward.web.pages.visits import form_of
from keysteward.web.reading import context


@form_of(OVERVIEW)
async def stop(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/stop`."""
    return await do(request, visitor, keys.stop, Form(OVERVIEW, "stopped"))


@form_of(OVERVIEW)
async def start(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/start`."""
    return await do(request, visitor, keys.start, Form(OVERVIEW, "started"))


@form_of(OVERVIEW)
async def revoke_tokens(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/revoke-tokens`."""
    return await do(request, visitor, keys.revoke_tokens, Form(OVERVIEW, "revoked"))


@form_of(OVERVIEW)
async def restore(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/restore`."""
    return await do(request, visitor, keys.restore, Form(OVERVIEW, "restored"))


@form_of(OVERVIEW)
async def delete(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/delete`: the list has the deleted key, and the way back."""
    try:
        await run_in_threadpool(keys.delete, context(request), visitor.actor, request.path_params["key"])
    except Refusal as refusal:
        return await show_app(request, visitor, refused(refusal, {}))
    return done("/apps", "deleted")
