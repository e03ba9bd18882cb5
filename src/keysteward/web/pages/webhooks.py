"""How do admins make webhooks for what they are told, look at what became of each delivery, and end them?"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import webhook_deliveries, webhooks
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor, use_form_once
from keysteward.actions.webhook_deliveries import Log, Told
from keysteward.actions.webhooks import Draft, Made
from keysteward.rules.letters import spoken
from keysteward.rules.notice_kinds import KINDS
from keysteward.rules.refusals import ALREADY_SHOWN, INVALID_FIELD, NO_SUCH_OBJECT, Refusal
from keysteward.rules.signin import demand_fresh
from keysteward.rules.webhooks import KINDS_TOLD, TEST, Owner, Webhook
from keysteward.rules.words import new_guid
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.reading import context, is_uuid, read_pairs, run_outside, single
from keysteward.web.showing import show

_OF_ACCOUNT = "/account/webhooks"
_OF_ORGANIZATION = "/organizations/{organization}/webhooks"
_ONE = "/webhooks/{id}"
_MINUTE = "%Y-%m-%dT%H:%M"
_NAMES: dict[str, str] = {kind: said.name for kind, said in KINDS.items()} | {TEST: "Test"}
_STATES = {
    "on": ("On", "is-ok", "check"),
    "failing": ("Failing", "is-warn", "warning"),
    "off": ("Switched off", "is-bad", "stop"),
}
_STAGES = {
    "waiting": ("Waiting", "is-info", "clock"),
    "trying again": ("Trying again", "is-warn", "clock"),
    "delivered": ("Delivered", "is-ok", "check"),
    "given up": ("Given up", "is-bad", "cross"),
}
_WEBHOOKS = Table(
    "webhooks",
    (
        Column("Address", "url"),
        Column("State", "state", sorts=False, is_shown=False),
        Column("Told of", "kinds", sorts=False),
        Column("Since", "made_at", "moment"),
        Column("Made by", "made_by", is_shown=False),
    ),
    ("url", "made_by"),
    "Address or who made it",
    (Filter("state", "State", {state: said[0] for state, said in _STATES.items()}, "Every state"),),
    actions=True,
)
_DELIVERIES = Table(
    "deliveries",
    (
        Column("Delivery", "kind"),
        Column("Message", "message", sorts=False, is_shown=False),
        Column("State", "stage", sorts=False, is_shown=False),
        Column("Made", "made_at", "moment"),
        Column("Last answer", "answer", sorts=False),
        Column("Last try", "tried_at", "moment", sorts=False, is_shown=False),
        Column("Tries", "tries", "number", is_shown=False),
    ),
    ("message",),
    "Words of the body, or its id",
    (
        Filter("stage", "State", {stage: said[0] for stage, said in _STAGES.items()}, "Every state"),
        Filter("kind", "Kind", {each: _NAMES[each] for each in (*KINDS_TOLD, TEST)}, "Every kind"),
    ),
    actions=True,
)


# ── those of an account or organization ─────────────────────────────────────────────────────────────────────────────
@for_visitors
async def of_account(request: Request, visitor: Visitor) -> Response:
    """`GET /account/webhooks`."""
    return await _listed(request, visitor, Owner(account_in_use(visitor).account.id), arrived(request))


@for_visitors
async def of_organization(request: Request, visitor: Visitor) -> Response:
    """`GET /organizations/{organization}/webhooks`."""
    return await _listed(request, visitor, _organization(request), arrived(request))


@for_visitors
async def make_for_account(request: Request, visitor: Visitor) -> Response:
    """`POST /account/webhooks`: make one and show its signing secret this one time."""
    return await _make(request, visitor, Owner(account_in_use(visitor).account.id))


@for_visitors
async def make_for_organization(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/webhooks`: likewise."""
    return await _make(request, visitor, _organization(request))


async def _make(request: Request, visitor: Visitor, owner: Owner) -> Response:
    ctx, pairs = context(request), await read_pairs(request)
    demand_fresh(visitor.actor, ctx.now, ctx.policy)
    kinds = [value for name, value in pairs if name == "kinds"]
    sent = {"url": "", "which": "all", "nonce": ""} | single([pair for pair in pairs if pair[0] != "kinds"])
    try:
        made = await run_outside(_made, ctx, visitor, owner, sent, kinds)
    except Refusal as refusal:
        return await _listed(request, visitor, owner, refused(refusal, sent | {"kinds": kinds}, "url", "kinds"))
    return _secret(request, visitor, made, is_new=True)


def _made(ctx: Context, visitor: Visitor, owner: Owner, sent: dict[str, str], kinds: list[str]) -> Made:
    wants_some = sent["which"] == "some"
    if wants_some and not kinds:
        raise Refusal(INVALID_FIELD, field="kinds", reason="choose at least one, or every notice.")
    use_form_once(ctx, sent["nonce"])
    return webhooks.make(ctx, visitor.actor, owner, Draft(sent["url"], tuple(kinds) if wants_some else ()))


async def _listed(request: Request, visitor: Visitor, owner: Owner, slip: Slip) -> Response:
    listing = read(request, _WEBHOOKS, _place(owner))
    found = await run_in_threadpool(webhooks.list_webhooks, context(request), visitor.actor, owner)
    part = listing.arranged([_webhook(each) for each in found.webhooks])
    if listing.is_download:
        return listing.download(part.rows)
    values = {
        "name": found.name,
        "here": _place(found.owner),
        "webhooks": part.rows,
        "listing": listing.shown(part),
        "may_make": len(found.webhooks) < context(request).policy.webhooks_per_owner,
        "kinds": {kind: KINDS[kind] for kind in KINDS_TOLD},
        "values": {"url": "", "which": "all", "kinds": []} | dict(slip.values),
        "errors": slip.errors,
        "nonce": new_guid(),
    }
    return show(request, "webhooks.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


# ── one of them ─────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /webhooks/{id}`: how it stands, and what became of each delivery."""
    return await _shown(request, visitor, arrived(request))


@form_of(_ONE)
async def rotate(request: Request, visitor: Visitor) -> Response:
    """`POST /webhooks/{id}/secrets`: another signing secret, shown this one time."""
    ctx, sent = context(request), await read_fields(request, "nonce")
    demand_fresh(visitor.actor, ctx.now, ctx.policy)
    try:
        made = await run_in_threadpool(_rotated, ctx, visitor, _named(request), sent["nonce"])
    except Refusal as refusal:
        if refusal.kind is not ALREADY_SHOWN:
            raise
        return await _shown(request, visitor, refused(refusal, {}))
    return _secret(request, visitor, made, is_new=False)


@form_of(_ONE)
async def test(request: Request, visitor: Visitor) -> Response:
    """`POST /webhooks/{id}/tests`."""
    return await _do(request, visitor, webhook_deliveries.send_test, "webhook-tested")


@form_of(_ONE)
async def switch_on(request: Request, visitor: Visitor) -> Response:
    """`POST /webhooks/{id}/switch-on`."""
    return await _do(request, visitor, webhooks.switch_on, "webhook-on")


@form_of(_ONE)
async def replay(request: Request, visitor: Visitor) -> Response:
    """`POST /webhooks/{id}/replays`: one delivery again, or all since a moment."""
    sent = await read_fields(request, "delivery", "since")
    try:
        if sent["delivery"]:
            return await _do(request, visitor, webhook_deliveries.replay, "webhook-replayed", sent["delivery"].lower())
        return await _replay_since(request, visitor, _moment(sent["since"]))
    except Refusal as refusal:
        return await _shown(request, visitor, refused(refusal, sent, "since"))


@form_of(_ONE)
async def remove(request: Request, visitor: Visitor) -> Response:
    """`POST /webhooks/{id}/remove`: nothing more is sent from that moment."""
    removed = await run_in_threadpool(webhooks.remove, context(request), visitor.actor, _named(request))
    return done(_place(removed.owner), "webhook-removed")


def _rotated(ctx: Context, visitor: Visitor, webhook: str, nonce: str) -> Made:
    use_form_once(ctx, nonce)
    return webhooks.rotate(ctx, visitor.actor, webhook)


async def _do(request: Request, visitor: Visitor, deed: Callable[..., object], what: str, *about: object) -> Response:
    await run_in_threadpool(deed, context(request), visitor.actor, _named(request), *about)
    return done(_ONE.format(id=_named(request)), what)


async def _replay_since(request: Request, visitor: Visitor, since: datetime) -> Response:
    """What may not be sent within the hour waits for a later press: its moment stands in the form then."""
    ctx, webhook = context(request), _named(request)
    again = await run_in_threadpool(webhook_deliveries.replay_since, ctx, visitor.actor, webhook, since)
    here = _ONE.format(id=webhook)
    if again.next_since is None:
        return done(here, "webhook-replayed")
    return RedirectResponse(f"{here}?done=webhook-replayed-partly&since={again.next_since:{_MINUTE}}", 303)


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, listing = context(request), read(request, _DELIVERIES, _ONE.format(id=_named(request)))
    log = await run_in_threadpool(webhook_deliveries.show_log, ctx, visitor.actor, _named(request), listing.wanted)
    if listing.is_download:
        return listing.download(map(_told, log.part.rows))
    since = slip.values.get("since", _since(request))
    values = _values(ctx, log) | {"listing": listing.shown(log.part), "values": {"since": since}, "errors": slip.errors}
    return show(request, "webhook.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _secret(request: Request, visitor: Visitor, made: Made, *, is_new: bool) -> Response:
    overlap = spoken(context(request).policy.webhook_secret_overlap)
    values = {"webhook": _webhook(made.webhook), "value": made.secret, "is_new": is_new, "overlap": overlap}
    return show(request, "webhook_secret.html", values, status=201, visitor=visitor)


def _values(ctx: Context, view: Log) -> dict[str, Any]:
    webhook = view.webhook
    until = webhook.old_secret_until
    return {
        "name": view.name,
        "back": _place(webhook.owner),
        "webhook": _webhook(webhook),
        "waiting": view.waiting,
        "old_until": until if until and ctx.now < until else None,
        "deliveries": [_told(each) for each in view.part.rows],
        "kept": spoken(ctx.policy.webhook_deliveries_kept),
        "overlap": spoken(ctx.policy.webhook_secret_overlap),
        "nonce": new_guid(),
    }


def _webhook(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "kinds": [KINDS[each].name for each in KINDS_TOLD if each in webhook.kinds],
        "made_at": webhook.made_at,
        "made_by": webhook.made_by,
        "pill": _STATES[webhook.state],
        "state": webhook.state,
        "off_at": webhook.off_at,
        "off_why": webhook.off_why,
    }


def _told(told: Told) -> dict[str, Any]:
    delivery, attempts = told
    last = attempts[-1] if attempts else None
    return {
        "id": delivery.id,
        "message": delivery.message,
        "kind": delivery.kind,
        "name": _NAMES.get(delivery.kind, delivery.kind),
        "body": delivery.body,
        "made_at": delivery.made_at,
        "pill": _STAGES[delivery.stage],
        "stage": _STAGES[delivery.stage][0],
        "answer": (last.failure or last.status) if last else None,
        "tried_at": last.at if last else None,
        "tries": delivery.tries,
        "last": last,
        "attempts": list(reversed(attempts)),
    }


def _place(owner: Owner) -> str:
    return _OF_ORGANIZATION.format(organization=owner.organization) if owner.organization else _OF_ACCOUNT


def _organization(request: Request) -> Owner:
    return Owner(organization=str(request.path_params["organization"]).lower())


def _named(request: Request) -> str:
    webhook = str(request.path_params["id"])
    if not is_uuid(webhook):
        raise Refusal(NO_SUCH_OBJECT, thing="webhook")
    return webhook.lower()


def _since(request: Request) -> str:
    """From when on an earlier press left something to send."""
    text = request.query_params.get("since", "")
    try:
        return f"{_moment(text):{_MINUTE}}"
    except Refusal:
        return ""


def _moment(text: str) -> datetime:
    """A moment as a browser's field gives it, without seconds: in UTC, as the page says."""
    try:
        return datetime.strptime(text, _MINUTE).replace(tzinfo=UTC)
    except ValueError:
        raise Refusal(INVALID_FIELD, field="since", reason="choose a day and a time.") from None
