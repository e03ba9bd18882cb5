"""How does a program say where an app may be answered, and from where it may call?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import addresses as deeds
from keysteward.actions import keys
from keysteward.web.api.asking import actor_of, answered, key_of, nothing_more, only_query, said
from keysteward.web.api.shapes import Origin, Origins, RedirectUri, RedirectUris
from keysteward.web.reading import context, read_json


async def list_redirect_uris(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/redirect-uris`: the redirect URIs of an app."""
    actor = await actor_of(request)
    view = await run_in_threadpool(keys.view, context(request), actor, key_of(request))
    return answered(said(RedirectUris(list(view.settings.redirect_uris))))


async def add_redirect_uri(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/redirect-uris`: register a redirect URI, compared character for character."""
    actor = await actor_of(request)
    key, body = key_of(request), await read_json(request, RedirectUri)
    uri = await run_in_threadpool(deeds.add_redirect_uri, context(request), actor, key, body.uri)
    return answered(said(RedirectUri(uri), 201))


async def remove_redirect_uri(request: Request) -> Response:
    """`DELETE /api/v1/keys/{key}/redirect-uris?uri=…`: forget a redirect URI."""
    actor = await actor_of(request)
    key, uri = key_of(request), only_query(request, "uri")
    await run_in_threadpool(deeds.remove_redirect_uri, context(request), actor, key, uri)
    return nothing_more()


async def list_origins(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/origins`: the web origins of an app."""
    actor = await actor_of(request)
    view = await run_in_threadpool(keys.view, context(request), actor, key_of(request))
    return answered(said(Origins(list(view.settings.origins))))


async def add_origin(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/origins`: register a web origin for CORS."""
    actor = await actor_of(request)
    key, body = key_of(request), await read_json(request, Origin)
    origin = await run_in_threadpool(deeds.add_origin, context(request), actor, key, body.origin)
    return answered(said(Origin(origin), 201))


async def remove_origin(request: Request) -> Response:
    """`DELETE /api/v1/keys/{key}/origins?origin=…`: forget a web origin."""
    actor = await actor_of(request)
    key, origin = key_of(request), only_query(request, "origin")
    await run_in_threadpool(deeds.remove_origin, context(request), actor, key, origin)
    return nothing_more()
