"""How does an identity provider look at users, create, change and remove them?"""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import scim_users
from keysteward.actions.scim_users import Page, Shown
from keysteward.rules.provisioning.documents import CORE, read_document
from keysteward.rules.provisioning.filters import read_filter
from keysteward.rules.provisioning.patches import Change, patching, read_operations, replacing
from keysteward.rules.provisioning.published import listed as list_answer
from keysteward.rules.provisioning.showing import shown
from keysteward.rules.provisioning.tokens import Token
from keysteward.rules.refusals import MALFORMED, NO_SUCH_USER, Refusal
from keysteward.web.reading import context, is_uuid
from keysteward.web.scim.answers import scim_answer
from keysteward.web.scim.asking import (
    Asked,
    asked_in_body,
    asked_in_query,
    base_of,
    heard,
    read_object,
    versions_of,
)


@heard
async def listed(request: Request, token: Token) -> Response:
    """`GET /scim/v2/Users`."""
    return await _searched(request, token, asked_in_query(request))


@heard
async def searched(request: Request, token: Token) -> Response:
    """`POST /scim/v2/Users/.search` and `POST /scim/v2/.search`: the same, asked in a body."""
    return await _searched(request, token, asked_in_body(await read_object(request)))


@heard
async def created(request: Request, token: Token) -> Response:
    """`POST /scim/v2/Users`."""
    asked, said = asked_in_query(request), await read_object(request)
    found = await run_in_threadpool(scim_users.create, context(request), token, said)
    return _one(request, found, asked, 201)


@heard
async def one(request: Request, token: Token) -> Response:
    """`GET /scim/v2/Users/{user}`."""
    asked = asked_in_query(request)
    found = await run_in_threadpool(scim_users.find, context(request), token, _user(request))
    if found.version in versions_of(request, "if-none-match"):
        return Response(None, 304, {"ETag": found.version})
    return _one(request, found, asked)


@heard
async def replaced(request: Request, token: Token) -> Response:
    """`PUT /scim/v2/Users/{user}`."""
    return await _changed(request, token, replacing(read_document(await read_object(request))))


@heard
async def patched(request: Request, token: Token) -> Response:
    """`PATCH /scim/v2/Users/{user}`."""
    said = {name.lower(): value for name, value in (await read_object(request)).items()}
    operations = said.get("operations")
    if not isinstance(operations, list) or not all(isinstance(each, Mapping) for each in operations):
        raise Refusal(MALFORMED, reason="Operations must be a list of objects.")
    return await _changed(request, token, patching(read_operations(operations)))


@heard
async def removed(request: Request, token: Token) -> Response:
    """`DELETE /scim/v2/Users/{user}`: somebody left."""
    versions = versions_of(request)
    await run_in_threadpool(scim_users.remove, context(request), token, _user(request), versions)
    return Response(None, 204)


async def _changed(request: Request, token: Token, wish: Change) -> Response:
    asked, versions = asked_in_query(request), versions_of(request)
    found = await run_in_threadpool(scim_users.change, context(request), token, _user(request), wish, versions)
    return _one(request, found, asked)


async def _searched(request: Request, token: Token, asked: Asked) -> Response:
    wanted = read_filter(asked.filter) if asked.filter else None
    ctx, skipped = context(request), asked.start - 1
    page: Page = await run_in_threadpool(scim_users.search, ctx, token, wanted, skipped, asked.most)
    found = [shown(_resource(request, each), asked.only, asked.without) for each in page.users]
    return scim_answer(list_answer(found, total=page.total, start=asked.start))


def _one(request: Request, found: Shown, asked: Asked, status: int = 200) -> Response:
    resource = _resource(request, found)
    headers = {"ETag": found.version, "Location": resource["meta"]["location"]}
    return scim_answer(shown(resource, asked.only, asked.without), status, headers)


def _resource(request: Request, found: Shown) -> dict[str, Any]:
    meta = {
        "resourceType": "User",
        "created": found.user.created_at,
        "location": f"{base_of(request)}/Users/{found.user.id}",
        "version": found.version,
    }
    return {"schemas": [CORE], "id": found.user.id, **found.document, "meta": meta}


def _user(request: Request) -> str:
    user = str(request.path_params["user"])
    if not is_uuid(user):
        raise Refusal(NO_SUCH_USER)
    return user.lower()
