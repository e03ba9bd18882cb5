"""How does a program bring a key from demo to production?"""

from functools import partial
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import keys, receipts
from keysteward.actions import promotion as deeds
from keysteward.actions.idempotency import Answer
from keysteward.rules.access import PROMOTE_KEYS, demand_permission
from keysteward.web.api.asking import actor_of, answered, key_of, once, said
from keysteward.web.api.golive_shapes import (
    Acknowledgement,
    HandleToExchange,
    NewPromotion,
    NewTicket,
    Promotion,
    SignedReceipt,
    SignedTicket,
    Ticket,
)
from keysteward.web.reading import context, read_json, run_beside


async def create_ticket(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/tickets` in demo: a handle for production, good once; a newer one replaces it."""
    ctx, actor = context(request), await actor_of(request)
    key, body = key_of(request), await read_json(request, NewTicket)

    def perform() -> Answer:
        expires_at = ctx.now + ctx.policy.handle_life
        handle = deeds.present(ctx, actor, key, body.account)
        page = f"{ctx.counterpart.origin}/go-live?{urlencode({'handle': handle})}"
        return said(Ticket(handle, page, expires_at), 201)

    return await once(request, actor, body, perform, partial(keys.demand_manager, ctx, actor, key, PROMOTE_KEYS))


async def exchange_handle(request: Request) -> Response:
    """`POST /api/v1/tickets/exchange` in demo: production burns a handle for the signed ticket."""
    body = await read_json(request, HandleToExchange)
    return answered(said(SignedTicket(await run_in_threadpool(deeds.exchange, context(request), body.handle))))


async def accept_receipt(request: Request) -> Response:
    """`POST /api/v1/receipts` in demo: production says that a key arrived, as often as it needs to."""
    body = await read_json(request, SignedReceipt)
    await run_beside(receipts.accept_receipt, context(request), body.receipt)
    return answered(said(Acknowledgement()))


async def promote_key(request: Request) -> Response:
    """`POST /api/v1/promotions` in production: make the key in an account of whoever brings the handle."""
    ctx, actor = context(request), await actor_of(request)
    body = await read_json(request, NewPromotion)
    demand_permission(actor, PROMOTE_KEYS)
    await run_beside(deeds.open_promotion, ctx, body.handle)

    def perform() -> Answer:
        promoted = deeds.promote(ctx, actor, body.handle, body.account)
        location = f"/api/v1/keys/{promoted.key}"
        return said(Promotion(promoted.key, promoted.account, promoted.receipt), 201, {"Location": location})

    again = partial(deeds.promote, ctx, actor, body.handle, body.account)  # done once, it only judges
    return await once(request, actor, body, perform, again)
