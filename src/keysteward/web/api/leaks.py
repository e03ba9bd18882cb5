"""How does a program say that a secret leaked: its owner, or whoever found it?"""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import keys
from keysteward.actions import leaks as deeds
from keysteward.actions.idempotency import Answer
from keysteward.rules.access import WRITE_KEYS
from keysteward.rules.leaks import MOST_REPORTED, Found
from keysteward.rules.refusals import MALFORMED, Refusal
from keysteward.web.api.asking import actor_of, answered, id_of, key_of, once, said
from keysteward.web.api.credential_shapes import FoundSecret, NewLeak, Recognized
from keysteward.web.api.credentials import created_keypair, created_secret
from keysteward.web.reading import client_address, context, read_json


async def report_secret(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/secrets/{id}/leaks`: another one at once, and the old one dies with its tokens."""
    ctx, actor = context(request), await actor_of(request)
    key, secret = key_of(request), id_of(request, "secret key")
    body = await read_json(request, NewLeak)

    def perform() -> Answer:
        new = deeds.report_secret(ctx, actor, key, secret, body.dies_at, body.reason)
        return said(created_secret(new), 201)

    return await once(request, actor, body, perform, partial(keys.demand_manager, ctx, actor, key, WRITE_KEYS))


async def report_keypair(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/keypairs/{id}/leaks`: likewise; the other one is generated."""
    ctx, actor = context(request), await actor_of(request)
    key, keypair = key_of(request), id_of(request, "keypair")
    body = await read_json(request, NewLeak)

    def perform() -> Answer:
        new = deeds.report_keypair(ctx, actor, key, keypair, body.dies_at, body.reason)
        return said(created_keypair(new.keypair, new.private_pem, new.sealed_to), 201)

    return await once(request, actor, body, perform, partial(keys.demand_manager, ctx, actor, key, WRITE_KEYS))


async def take_report(request: Request) -> Response:
    """`POST /api/v1/leak-reports`: values that somebody found; what is recognized is revoked."""
    ctx = context(request)
    items = await read_json(request, list[FoundSecret])
    if not 1 <= len(items) <= MOST_REPORTED:
        raise Refusal(MALFORMED, reason=f"report 1 to {MOST_REPORTED} values at a time.")
    deeds.demand_patience(ctx, client_address(request), len(items))
    found = [Found(each.token, each.url, each.source) for each in items]
    known = await run_in_threadpool(deeds.take_report, ctx, found)
    return answered(said([Recognized("recognized" if each else "unknown") for each in known]))
