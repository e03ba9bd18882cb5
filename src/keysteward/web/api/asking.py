"""Who asks our own API, for what, and how is the answer said?"""

import re
from collections.abc import Callable

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import idempotency, signin
from keysteward.actions.idempotency import Answer
from keysteward.rules.access import Actor
from keysteward.rules.refusals import (
    DOUBLED_PARAMETER,
    MALFORMED,
    MISSING_PARAMETER,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
    NOT_SIGNED_IN,
    SESSION_NEEDED,
    Refusal,
)
from keysteward.web.answers import NO_STORE
from keysteward.web.api.shapes import ENTITY_TAG, IDEMPOTENCY_KEY
from keysteward.web.reading import context, is_uuid
from keysteward.web.sessions import visitor


async def actor_of(request: Request) -> Actor:
    """Whoever signed in to the console, or whose personal access token this is; no other token is one of ours."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return (await visitor(request)).actor
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Refusal(NOT_SIGNED_IN)
    return await run_in_threadpool(signin.recognize, context(request), token.strip())


async def person_of(request: Request) -> Actor:
    """Whoever signed in to the console; a token cannot stand for them here."""
    actor = await actor_of(request)
    if actor.permissions is not None:
        raise Refusal(SESSION_NEEDED)
    return actor


def account_of(request: Request) -> str:
    """The account that the path names, by GUID or number."""
    return str(request.path_params["account"])


def organization_of(request: Request) -> str:
    """The organization that the path names; what is no GUID is none."""
    organization = str(request.path_params["organization"])
    if not is_uuid(organization):
        raise Refusal(NO_SUCH_ORGANIZATION)
    return organization.lower()


def key_of(request: Request) -> str:
    """The integration key that the path names; what is no GUID is no key."""
    key = str(request.path_params["key"])
    if not is_uuid(key):
        raise Refusal(NO_SUCH_KEY)
    return key.lower()


def id_of(request: Request, thing: str) -> str:
    """The id of a thing that the path names."""
    found = str(request.path_params["id"])
    if not is_uuid(found):
        raise Refusal(NO_SUCH_OBJECT, thing=thing)
    return found.lower()


def only_query(request: Request, name: str) -> str:
    """A query parameter that must come exactly once."""
    values = request.query_params.getlist(name)
    if not values or not values[0]:
        raise Refusal(MISSING_PARAMETER, name=name, field=name)
    if len(values) > 1:
        raise Refusal(DOUBLED_PARAMETER, name=name, field=name)
    return values[0]


def version_of(request: Request) -> int | None:
    """The version that `If-Match` names; None where any will do."""
    tag = request.headers.get("if-match")
    if tag is None:
        return None
    if not re.fullmatch(ENTITY_TAG, tag):
        raise Refusal(MALFORMED, reason='If-Match must be the ETag of what is changed, such as "3".', field="If-Match")
    return None if tag == "*" else int(tag.strip('"'))


def said(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """A value as an answer."""
    return Answer(status, headers or {}, msgspec.json.encode(value))


def answered(answer: Answer) -> Response:
    """An answer on its way; none is kept by caches, for some hold secrets."""
    headers = {**NO_STORE, **answer.headers}
    if answer.status == 204:
        return Response(None, 204, headers)
    return Response(answer.body, answer.status, headers, media_type="application/json")


def nothing_more() -> Response:
    """Done, and there is nothing to say."""
    return answered(Answer(204, {}, b""))


async def once(
    request: Request, actor: Actor, body: msgspec.Struct, perform: Callable[[], Answer], allowed: Callable[[], object]
) -> Response:
    """Perform a deed that makes something; with an `Idempotency-Key` it happens once, however often it is sent.

    `allowed` refuses whoever may not perform it, before an earlier answer is said again.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return answered(await run_in_threadpool(perform))
    if not re.fullmatch(IDEMPOTENCY_KEY, key):
        reason = "Idempotency-Key must be 1 to 255 visible ASCII characters."
        raise Refusal(MALFORMED, reason=reason, field="Idempotency-Key")
    asked = f"{request.method} {request.url.path} {msgspec.json.encode(body).decode()}"
    return answered(await run_in_threadpool(idempotency.once, context(request), actor, key, asked, perform, allowed))
