"""How does our SCIM service describe itself, and say what it does not offer?"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from keysteward.rules.provisioning import published
from keysteward.rules.provisioning.published import Json
from keysteward.rules.provisioning.tokens import Token
from keysteward.rules.refusals import NO_SUCH_OBJECT, SCIM_NOT_OFFERED, Refusal
from keysteward.web.scim.answers import scim_answer
from keysteward.web.scim.asking import base_of, heard


@heard
async def service(request: Request, token: Token) -> Response:
    """`GET /scim/v2/ServiceProviderConfig`."""
    del token
    return scim_answer(published.service(base_of(request)))


@heard
async def resource_types(request: Request, token: Token) -> Response:
    """`GET /scim/v2/ResourceTypes`."""
    del token
    return scim_answer(published.listed(published.resource_types(base_of(request))))


@heard
async def resource_type(request: Request, token: Token) -> Response:
    """`GET /scim/v2/ResourceTypes/{id}`."""
    del token
    return _named(request, published.resource_types, "resource type")


@heard
async def schemas(request: Request, token: Token) -> Response:
    """`GET /scim/v2/Schemas`."""
    del token
    return scim_answer(published.listed(published.schemas(base_of(request))))


@heard
async def schema(request: Request, token: Token) -> Response:
    """`GET /scim/v2/Schemas/{id}`."""
    del token
    return _named(request, published.schemas, "schema")


@heard
async def not_offered(request: Request, token: Token) -> Response:
    """`/scim/v2/Groups`, `/Bulk` and `/Me`, with any method (RFC 7644 §3.2 and §3.11)."""
    del token
    raise Refusal(SCIM_NOT_OFFERED, what=request.scope["route"].path.split("/")[3])


def _named(request: Request, listing: Callable[[str], list[Json]], thing: str) -> Response:
    named = str(request.path_params["id"]).lower()
    for each in listing(base_of(request)):
        if str(each["id"]).lower() == named:
            return scim_answer(each)
    raise Refusal(NO_SUCH_OBJECT, thing=thing)
