"""How do people take a key from one account to another, step by step?"""

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import custody, stand_ins, transfer_views, transfers
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.actions.transfer_views import Moving, Seen
from keysteward.rules.refusals import FRESH_SIGN_IN_NEEDED, INVALID_FIELD, NO_SUCH_KEY, NO_SUCH_OBJECT, Refusal
from keysteward.rules.signin import demand_fresh
from keysteward.rules.transfers import Side, Status
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import for_visitors, form_of, standing_in, to_confirm
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show

Deed = Callable[[Context, str], object]

_TONES: dict[Status, tuple[str, str]] = {
    "to be accepted": ("is-info", "clock"),
    "to be confirmed": ("is-accent", "right"),
    "to be approved": ("is-accent", "right"),
    "waiting": ("is-info", "clock"),
    "ready": ("is-accent", "right"),
    "moved": ("is-ok", "check"),
    "cancelled": ("is-bad", "cross"),
    "vetoed": ("is-bad", "cross"),
    "expired": ("is-warn", "clock"),
}
_TRANSFERS = Table(
    "transfers",
    (
        Column("Key", "name"),
        Column("Integration key", "key", sorts=False, is_shown=False),
        Column("From", "source"),
        Column("To", "destination"),
        Column("Begun", "begun_at", "moment", is_shown=False),
        Column("Where it stands", "status"),
        Column("Expires", "expires_at", "moment", is_shown=False),
    ),
    ("name", "key", "source", "destination"),
    "Key or account",
    (Filter("state", "Where it stands", {each: each.capitalize() for each in _TONES}, "Everything"),),
    actions=True,
)


# ── before one begins ───────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def begin(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/transfer`: what would move, who signs, what to do afterwards, and where to."""
    return await _begin(request, visitor, arrived(request))


@form_of("/apps/{key}/transfer")
async def start(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/transfers`: offer the key."""
    typed = await read_fields(request, "destination")
    try:
        begun = await run_in_threadpool(
            transfers.start, context(request), visitor.actor, _key_of(request), typed["destination"]
        )
    except Refusal as refusal:
        return await _begin(request, visitor, refused(refusal, typed, *typed))
    return done(f"/transfers/{begun.id}", "transfer-started")


@for_visitors
async def begin_standing_in(request: Request, visitor: Visitor) -> Response:
    """`GET /organizations/{organization}/stand-in`: for which key, and where to."""
    demand_fresh(visitor.actor, context(request).now, context(request).policy)
    return await _begin_standing_in(request, visitor, arrived(request))


@form_of("/organizations/{organization}/stand-in")
async def stand_in(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/stand-ins`: act for a lost admin."""
    typed = await read_fields(request, "key", "destination")
    organization = str(request.path_params["organization"])
    deed = partial(stand_ins.stand_in, context(request), visitor.actor, organization, typed["key"].strip())
    try:
        begun = await run_in_threadpool(deed, typed["destination"])
    except Refusal as refusal:
        return await _begin_standing_in(request, visitor, _about_key(refusal, typed))
    return done(f"/transfers/{begun.id}", "stand-in-started")


# ── under way ───────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /transfers`: those of the visitor's accounts and organizations."""
    listing = read(request, _TRANSFERS)
    found = await run_in_threadpool(transfer_views.list_seen, context(request), visitor.actor)
    part = listing.arranged([row_of(each) for each in found])
    if listing.is_download:
        return listing.download(part.rows)
    values = {"transfers": part.rows, "listing": listing.shown(part)}
    return show(request, "transfers.html", values, visitor=visitor, notice=arrived(request).notice)


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /transfers/{id}`: where one stands, and what comes next."""
    return await _shown(request, visitor, arrived(request))


@for_visitors
async def download(request: Request, visitor: Visitor) -> Response:
    """`GET /transfers/{id}/record`: the signed record, as a file."""
    transfer = _transfer_of(request)
    paper = await run_in_threadpool(transfer_views.load_record, context(request), visitor.actor, transfer)
    headers = {"Content-Disposition": f'attachment; filename="transfer-{transfer}.jws"', "Cache-Control": "no-store"}
    return Response(paper + "\n", headers=headers, media_type="application/jose")


@form_of("/transfers/{id}")
async def accept(request: Request, visitor: Visitor) -> Response:
    """`POST /transfers/{id}/accept`: agree to look at it."""
    deed = lambda ctx, transfer: transfers.accept(ctx, visitor.actor, transfer)  # noqa: E731 — as short as it gets
    return await _do(request, visitor, deed, "transfer-accepted", {})


@form_of("/transfers/{id}")
async def confirm(request: Request, visitor: Visitor) -> Response:
    """`POST /transfers/{id}/confirm`: type the sentence."""
    typed = await read_fields(request, "side", "statement")
    return await _do(request, visitor, partial(_confirm, visitor, typed), "transfer-confirmed", typed)


@form_of("/transfers/{id}")
async def approve(request: Request, visitor: Visitor) -> Response:
    """`POST /transfers/{id}/approve`: the word of a second organization admin."""
    deed = lambda ctx, transfer: stand_ins.approve(ctx, visitor.actor, transfer)  # noqa: E731 — as short as it gets
    return await _do(request, visitor, deed, "transfer-approved", {})


@form_of("/transfers/{id}")
async def stop(request: Request, visitor: Visitor) -> Response:
    """`POST /transfers/{id}/stop`: cancel it, or veto a stand-in."""
    typed = await read_fields(request, "how", "reason")
    return await _do(request, visitor, partial(_stop, visitor, typed), "transfer-stopped", typed)


def _confirm(visitor: Visitor, typed: dict[str, str], ctx: Context, transfer: str) -> None:
    for side in get_args(Side):
        if side == typed["side"]:
            transfers.confirm(ctx, visitor.actor, transfer, side, typed["statement"])
            return
    raise Refusal(INVALID_FIELD, field="statement", reason="choose the side that you confirm for.")


def _stop(visitor: Visitor, typed: dict[str, str], ctx: Context, transfer: str) -> None:
    deed = stand_ins.veto if typed["how"] == "veto" else transfers.cancel
    deed(ctx, visitor.actor, transfer, typed["reason"])


async def _do(request: Request, visitor: Visitor, deed: Deed, what: str, typed: dict[str, str]) -> Response:
    transfer = _transfer_of(request)
    try:
        await run_in_threadpool(deed, context(request), transfer)
    except Refusal as refusal:
        if refusal.kind is FRESH_SIGN_IN_NEEDED:
            return await to_confirm(request, f"/transfers/{transfer}")
        return await _shown(request, visitor, refused(refusal, typed, *typed))
    return done(f"/transfers/{transfer}", what)


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────────────
async def _begin(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, key = context(request), _key_of(request)
    found = await run_in_threadpool(transfer_views.preview, ctx, visitor.actor, key)
    if found.pending is not None:
        return RedirectResponse(f"/transfers/{found.pending.id}", 303)
    demand_fresh(visitor.actor, ctx.now, ctx.policy)
    account = standing_in(visitor, found.app.account).account
    mended = await run_in_threadpool(custody.mended_by_moving, ctx, visitor.actor, found.app.key)
    values = {
        "app": {"name": found.app.name, "key": found.app.key},
        "account": account.name,
        "mended": mended,
        "moving": _moving(found.moving),
        "days": ctx.policy.transfer_life.days,
        "old_days": ctx.policy.moved_credentials_life.days,
        "least_plan": ctx.policy.least_plan,
        "values": slip.values,
        "errors": slip.errors,
    }
    return show(request, "transfer_new.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


async def _begin_standing_in(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, organization = context(request), str(request.path_params["organization"])
    found = await run_in_threadpool(stand_ins.about, ctx, visitor.actor, organization)
    key = str(slip.values.get("key", request.query_params.get("key", "")))
    mended = await run_in_threadpool(custody.mended_by_moving, ctx, visitor.actor, key.strip().lower())
    values = {
        "organization": {"id": found.organization.id, "name": found.organization.name},
        "accounts": found.accounts,
        "domains": found.domains,
        "hours": int(ctx.policy.stand_in_wait.total_seconds()) // 3600,
        "days": ctx.policy.transfer_life.days,
        "has_second": found.has_second,
        "free_at": found.free_at,
        "mended": mended,
        "values": {**slip.values, "key": key},
        "errors": slip.errors,
    }
    return show(request, "stand_in_new.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx = context(request)
    seen = await run_in_threadpool(transfer_views.load_seen, ctx, visitor.actor, _transfer_of(request))
    is_fresh = ctx.now - visitor.actor.signed_in_at <= ctx.policy.fresh_sign_in
    is_over = seen.transfer.ending is not None
    moved = (seen.transfer.key, seen.transfer.destination)
    mended = [] if is_over else await run_in_threadpool(custody.mended_by_moving, ctx, visitor.actor, *moved)
    values = _values(seen) | {
        "mended": mended,
        "old_days": ctx.policy.moved_credentials_life.days,
        "held_up": (seen.held_up.sentence, seen.held_up.next_step) if seen.held_up else None,
        "is_fresh": is_fresh,
        "values": slip.values,
        "errors": slip.errors,
    }
    return show(request, "transfer.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _values(seen: Seen) -> dict[str, Any]:
    transfer, case = seen.transfer, seen.case
    return {
        "transfer": row_of(seen)
        | {
            "started_by": transfer.started.email if seen.is_all else "",
            "started_at": transfer.started.at,
            "waits_until": transfer.waits_until,
            "is_stand_in": transfer.is_stand_in and seen.is_all,
            "requester": transfer.requester if seen.is_all else "",
        },
        "steps": _steps(seen),
        "may": seen.steps,
        "signing": [{"side": side, "statement": said} for side, said in seen.signing.items()],
        "said": [
            {"side": each.side, "by": each.act.email, "at": each.act.at, "statement": each.statement}
            for each in (transfer.confirmations if seen.is_all else ())
        ],
        "moving": _moving(seen.moving) if seen.moving else None,
        "ending": _ended(seen),
        "has_record": bool(transfer.record),
        "manages": "destination" in seen.sides and case.app.account == transfer.destination,
    }


def _ended(seen: Seen) -> dict[str, Any] | None:
    ending = seen.transfer.ending
    if ending is None:
        return None
    return {"end": seen.status, "by": seen.ended_by, "at": ending.act.at, "reason": seen.reason}


def _steps(seen: Seen) -> list[tuple[str, bool]]:
    """The way of this transfer: each step, and whether it is taken."""
    transfer = seen.transfer
    source, destination = transfer.confirmed("source"), transfer.confirmed("destination")
    found: list[tuple[str, object]] = [("Offer", transfer.started), ("Accept", transfer.accepted)]
    found += [("Source confirms", source), ("Destination confirms", destination)]
    if seen.approval:
        found.append(("Second admin approves", transfer.approved))
    if transfer.waits_until is not None and seen.is_all:
        found.append(("The wait is over", seen.case.now >= transfer.waits_until or None))
    found.append(("Key moves", transfer.record or None))
    return [(words, act is not None) for words, act in found]


def row_of(seen: Seen) -> dict[str, Any]:
    """A transfer as lists and its own page show it."""
    transfer, case = seen.transfer, seen.case
    tone, symbol = _TONES[seen.status]
    return {
        "id": transfer.id,
        "key": transfer.key,
        "name": case.app.name,
        "source": case.source.name if seen.is_all else "",
        "destination": case.destination.name,
        "state": seen.status,
        "status": seen.status.capitalize(),
        "begun_at": transfer.started.at,
        "tone": tone,
        "symbol": symbol,
        "expires_at": transfer.expires_at,
        "is_over": seen.status in {"moved", "cancelled", "vetoed", "expired"},
        "is_your_turn": bool(seen.signing or seen.steps & {"accept", "approve"}),
    }


def _moving(moving: Moving) -> list[tuple[str, int]]:
    settings = moving.settings
    return [
        ("Redirect URIs", len(settings.redirect_uris)),
        ("CORS origins", len(settings.origins)),
        ("Secret keys", len(settings.secrets)),
        ("RSA keypairs", len(settings.keypairs)),
        ("Users who gave consent", moving.consents),
        ("Organizations that authorized it", moving.organization_consents),
        ("Refresh tokens that live", moving.refresh_families),
    ]


def _about_key(refusal: Refusal, typed: dict[str, str]) -> Slip:
    """Whatever speaks against the key stands beside its field."""
    if refusal.kind is NO_SUCH_KEY:
        words = "No account of this organization manages a key with this GUID in production."
        return Slip(typed, {"key": words}, None, refusal.kind.status)
    return refused(refusal, typed, *typed)


def _key_of(request: Request) -> str:
    key = str(request.path_params["key"])
    if not is_uuid(key):
        raise Refusal(NO_SUCH_KEY)
    return key.lower()


def _transfer_of(request: Request) -> str:
    transfer = str(request.path_params["id"])
    if not is_uuid(transfer):
        raise Refusal(NO_SUCH_OBJECT, thing="transfer")
    return transfer.lower()
