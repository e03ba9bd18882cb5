"""How does a program see an account's webhooks and let deliveries be sent again? A person makes and ends them."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import webhook_deliveries as sending
from keysteward.actions import webhooks as deeds
from keysteward.actions.context import Context
from keysteward.actions.webhook_deliveries import Again, Told
from keysteward.actions.webhooks import Draft, Made
from keysteward.rules.access import Actor
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.webhooks import KINDS_TOLD, Owner
from keysteward.rules.webhooks import Webhook as Found
from keysteward.web.api import webhook_shapes as as_
from keysteward.web.api.asking import (
    account_of,
    actor_of,
    answered,
    id_of,
    nothing_more,
    organization_of,
    person_of,
    said,
)
from keysteward.web.api.shapes import Nothing
from keysteward.web.reading import context, read_json, run_outside

_MOST_DIGITS = 15


async def list_account_webhooks(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/webhooks`."""
    return await _listed(request, await actor_of(request), Owner(account=account_of(request)))


async def list_organization_webhooks(request: Request) -> Response:
    """`GET /api/v1/organizations/{organization}/webhooks`."""
    return await _listed(request, await actor_of(request), Owner(organization=organization_of(request)))


async def make_account_webhook(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/webhooks`: its signing secret is shown only now."""
    return await _made(request, await person_of(request), Owner(account=account_of(request)))


async def make_organization_webhook(request: Request) -> Response:
    """`POST /api/v1/organizations/{organization}/webhooks`: likewise."""
    return await _made(request, await person_of(request), Owner(organization=organization_of(request)))


async def show_webhook(request: Request) -> Response:
    """`GET /api/v1/webhooks/{id}`."""
    ctx, actor = context(request), await actor_of(request)
    view = await run_in_threadpool(sending.view, ctx, actor, id_of(request, "webhook"))
    return answered(said(_webhook(view.webhook)))


async def remove_webhook(request: Request) -> Response:
    """`DELETE /api/v1/webhooks/{id}`: what was on its way is dropped."""
    actor, webhook = await person_of(request), id_of(request, "webhook")
    await run_in_threadpool(deeds.remove, context(request), actor, webhook)
    return nothing_more()


async def rotate_webhook_secret(request: Request) -> Response:
    """`POST /api/v1/webhooks/{id}/secrets`: another signing secret, shown only now."""
    actor, webhook = await person_of(request), id_of(request, "webhook")
    await read_json(request, Nothing)
    return answered(said(_with_secret(await run_in_threadpool(deeds.rotate, context(request), actor, webhook)), 201))


async def switch_webhook_on(request: Request) -> Response:
    """`POST /api/v1/webhooks/{id}/reactivations`: it is told of what happens from now on."""
    actor, webhook = await person_of(request), id_of(request, "webhook")
    await read_json(request, Nothing)
    await run_in_threadpool(deeds.switch_on, context(request), actor, webhook)
    return await show_webhook(request)


async def test_webhook(request: Request) -> Response:
    """`POST /api/v1/webhooks/{id}/tests`: a test is on its way."""
    actor, webhook = await actor_of(request), id_of(request, "webhook")
    await read_json(request, Nothing)
    await run_in_threadpool(sending.send_test, context(request), actor, webhook)
    return nothing_more()


async def list_webhook_deliveries(request: Request) -> Response:
    """`GET /api/v1/webhooks/{id}/deliveries`: the newest first, or from below a number."""
    ctx, actor, webhook = context(request), await actor_of(request), id_of(request, "webhook")
    view = await run_in_threadpool(sending.view, ctx, actor, webhook, _before(request))
    return answered(said(as_.Deliveries([_delivery(each) for each in view.deliveries], view.waiting, view.older)))


async def replay_webhook(request: Request) -> Response:
    """`POST /api/v1/webhooks/{id}/replays`: one delivery again, or all since a moment."""
    ctx, actor, webhook = context(request), await actor_of(request), id_of(request, "webhook")
    body = await read_json(request, as_.NewReplay)
    again = await run_in_threadpool(_replayed, ctx, actor, webhook, body)
    return answered(said(as_.Replayed(again.deliveries, again.next_since), 201))


def _replayed(ctx: Context, actor: Actor, webhook: str, body: as_.NewReplay) -> Again:
    if body.delivery and body.since is None:
        sending.replay(ctx, actor, webhook, body.delivery.lower())
        return Again(1, None)
    if body.since and body.delivery is None:
        return sending.replay_since(ctx, actor, webhook, body.since)
    raise Refusal(INVALID_FIELD, field="since", reason="say either a delivery or a moment.")


async def _listed(request: Request, actor: Actor, owner: Owner) -> Response:
    found = await run_in_threadpool(deeds.list_webhooks, context(request), actor, owner)
    return answered(said(as_.Webhooks([_webhook(each) for each in found.webhooks])))


async def _made(request: Request, actor: Actor, owner: Owner) -> Response:
    body = await read_json(request, as_.NewWebhook)
    made = await run_outside(deeds.make, context(request), actor, owner, Draft(body.url, tuple(body.kinds)))
    return answered(said(_with_secret(made), 201))


def _with_secret(made: Made) -> as_.MadeWebhook:
    return as_.MadeWebhook(_webhook(made.webhook), made.secret, made.webhook.old_secret_until)


def _webhook(found: Found) -> as_.Webhook:
    return as_.Webhook(
        id=found.id,
        account=found.owner.account or None,
        organization=found.owner.organization or None,
        url=found.url,
        kinds=[each for each in KINDS_TOLD if each in found.kinds],
        state=found.state,
        made_at=found.made_at,
        made_by=found.made_by,
        off_at=found.off_at,
        off_why=found.off_why,
    )


def _delivery(told: Told) -> as_.Delivery:
    delivery, attempts = told
    return as_.Delivery(
        id=delivery.id,
        message=delivery.message,
        number=delivery.number,
        kind=delivery.kind,
        stage=delivery.stage,
        made_at=delivery.made_at,
        ended_at=delivery.ended_at,
        body=delivery.body,
        tries=[as_.DeliveryTry(each.at, each.status, each.answer, each.failure) for each in attempts],
    )


def _before(request: Request) -> int | None:
    number = request.query_params.get("before", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS else None
