"""How do people replace a key that nobody can be given, see how far that is, and retire the old one?"""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import replacement_records, replacements, retirements
from keysteward.actions.context import Context
from keysteward.actions.replacements import CutOver, Listed, Preview, Shown
from keysteward.actions.retirements import Wish
from keysteward.actions.signin import Visitor
from keysteward.rules.cut_over import Day
from keysteward.rules.refusals import FRESH_SIGN_IN_NEEDED, INVALID_FIELD, NO_SUCH_KEY, NO_SUCH_OBJECT, Refusal
from keysteward.rules.replacements import HANDS, Hand, Status
from keysteward.web.pages.bar_chart import Counts, bar_chart
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import for_visitors, form_of, to_confirm
from keysteward.web.reading import context, is_uuid
from keysteward.web.sessions import source_of
from keysteward.web.showing import show

_DAY = "%-d %b"
Deed = Callable[[Context, str], object]

_ONE = "/replacements/{id}"
_TONES: dict[Status, tuple[str, str]] = {
    "to be approved": ("is-accent", "right"),
    "waiting": ("is-info", "clock"),
    "ready": ("is-accent", "right"),
    "retired": ("is-warn", "stop"),
    "called off": ("", "cross"),
    "expired": ("", "clock"),
    "brought back": ("is-ok", "restore"),
    "final": ("is-ok", "check"),
}
_HANDS: dict[Hand, str] = {
    "admin": "As an admin of its account: at once.",
    "stand-in": "For the organization, in the place of a lost admin: after a wait.",
    "operator": "As an operator: nobody has called with it for long.",
}


# ── before it begins ────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def guide(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/replacement`: what a replacement asks for, and where it begins."""
    ctx, key = context(request), _guid_of(request, "key", Refusal(NO_SUCH_KEY))
    found = await run_in_threadpool(replacements.preview, ctx, visitor.actor, key)
    values = {
        "app": {"name": found.app.name, "key": found.app.key},
        "anew": _anew(found),
        "last_at": found.quiet.last_at,
        "successors": [{"name": each.name, "key": each.key} for each in found.successors],
        "begin_url": f"{ctx.counterpart.origin}/apps/new?predecessor={found.app.key}",
        "quiet_days": ctx.policy.quiet_before_retiring.days,
        "back_days": ctx.policy.retired_key_life.days,
        "least_plan": ctx.policy.least_plan,
    }
    return show(request, "replacement_guide.html", values, visitor=visitor)


_REPLACEMENTS = Table(
    "replacements",
    (
        Column("New key", "name"),
        Column("Integration key", "key", sorts=False, is_shown=False),
        Column("Old key", "predecessor_name"),
        Column("Its integration key", "predecessor", sorts=False, is_shown=False),
        Column("Remark", "remark", sorts=False, is_shown=False),
        Column("Named", "named_at", "moment", is_shown=False),
        Column("Where it stands", "status"),
    ),
    ("name", "key", "predecessor_name", "predecessor", "remark"),
    "Name, key or remark",
    (Filter("status", "Where it stands", {each.capitalize(): each.capitalize() for each in _TONES}, "Everything"),),
    actions=True,
)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /replacements`: those of the visitor; with `key` the one that it names."""
    asked = request.query_params.get("key", "").strip().lower()
    if is_uuid(asked):
        return RedirectResponse(f"/replacements/{asked}", 303)
    ctx = context(request)
    listing = read(request, _REPLACEMENTS)
    found = await run_in_threadpool(replacements.list_seen, ctx, visitor.actor)
    part = listing.arranged([row_of(each) for each in found])
    if listing.is_download:
        return listing.download(part.rows)
    values = {
        "replacements": part.rows,
        "listing": listing.shown(part),
        "is_demo": ctx.environment == "demo",
        "begin_url": f"{ctx.origin if ctx.environment == 'demo' else ctx.counterpart.origin}/apps/new",
    }
    return show(request, "replacements.html", values, visitor=visitor, notice=arrived(request).notice)


# ── under way ───────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /replacements/{id}`: both keys side by side, or how to prove that one may look."""
    return await _shown(request, visitor, arrived(request))


@for_visitors
async def download(request: Request, visitor: Visitor) -> Response:
    """`GET /replacements/{id}/record`: the signed record, as a file."""
    successor = _successor_of(request)
    paper = await run_in_threadpool(replacement_records.load_record, context(request), visitor.actor, successor)
    name = f"replacement-{successor}.jws"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(paper + "\n", headers=headers, media_type="application/jose")


@form_of(_ONE)
async def prove(request: Request, visitor: Visitor) -> Response:
    """`POST /replacements/{id}/prove`: a live credential of the old key."""
    typed = await read_fields(request, "secret", "assertion")
    shown_ = Shown(typed["secret"].strip(), typed["assertion"].strip())
    deed = partial(_prove, visitor, shown_, request)
    return await _do(request, visitor, deed, "credential-proved", dict.fromkeys(typed, ""))


@form_of(_ONE)
async def retire(request: Request, visitor: Visitor) -> Response:
    """`POST /replacements/{id}/retire`: stop the old key for good, or ask to."""
    typed = await read_fields(request, "hand", "reason", "despite_use")
    return await _do(request, visitor, partial(_retire, visitor, typed), "key-retired", typed)


@form_of(_ONE)
async def approve(request: Request, visitor: Visitor) -> Response:
    """`POST /replacements/{id}/approve`: the word of a second organization admin."""
    deed = lambda ctx, successor: retirements.approve(ctx, visitor.actor, successor)  # noqa: E731 — as short as it gets
    return await _do(request, visitor, deed, "retirement-approved", {})


@form_of(_ONE)
async def bring_back(request: Request, visitor: Visitor) -> Response:
    """`POST /replacements/{id}/bring-back`: take it back while that is possible."""
    typed = await read_fields(request, "back_reason")
    return await _do(request, visitor, partial(_bring_back, visitor, typed), "key-brought-back", typed)


def _prove(visitor: Visitor, shown_: Shown, request: Request, ctx: Context, successor: str) -> None:
    replacements.prove(ctx, visitor.actor, successor, shown_, source_of(request))


def _retire(visitor: Visitor, typed: dict[str, str], ctx: Context, successor: str) -> None:
    for hand in HANDS:
        if hand == typed["hand"]:
            wish = Wish(hand, typed["reason"], bool(typed["despite_use"]))
            retirements.retire(ctx, visitor.actor, successor, wish)
            return
    raise Refusal(INVALID_FIELD, field="hand", reason="choose as whom you retire it.")


def _bring_back(visitor: Visitor, typed: dict[str, str], ctx: Context, successor: str) -> None:
    retirements.bring_back(ctx, visitor.actor, successor, typed["back_reason"])


async def _do(request: Request, visitor: Visitor, deed: Deed, what: str, typed: dict[str, str]) -> Response:
    successor = _successor_of(request)
    try:
        await run_in_threadpool(deed, context(request), successor)
    except Refusal as refusal:
        if refusal.kind is FRESH_SIGN_IN_NEEDED:
            return await to_confirm(request, f"/replacements/{successor}")
        return await _shown(request, visitor, refused(refusal, typed, *typed))
    return done(f"/replacements/{successor}", what)


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────────────
async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, successor = context(request), _successor_of(request)
    try:
        found = await run_in_threadpool(replacements.view, ctx, visitor.actor, successor)
    except Refusal as refusal:
        if refusal.kind is not NO_SUCH_OBJECT:
            raise
        values: dict[str, Any] = {"successor": successor, "errors": slip.errors, "host": ctx.authority}
        return show(request, "replacement_proof.html", values, status=slip.status, visitor=visitor, notice=slip.notice)
    values = _values(ctx, found) | {"values": slip.values, "errors": slip.errors}
    return show(request, "replacement.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _values(ctx: Context, found: CutOver) -> dict[str, Any]:
    pair, quiet = found.pair, found.case.quiet
    return {
        "old": {"name": pair.old.name, "key": pair.old.key},
        "new": {"name": pair.new.name, "key": pair.new.key},
        "remark": pair.replacement.remark,
        "sees": found.sight,
        "moved": found.percent_moved,
        "chart": _chart(found.days) if found.days else None,
        "still": [each.asker._asdict() | {"tokens": each.tokens, "last_at": each.last_at} for each in found.still],
        "users": found.users,
        "last_at": quiet.last_at,
        "refresh_tokens": quiet.refresh_tokens,
        "why_not": found.why_not_safe,
        "retirement": _retirement(found),
        "hands": [{"hand": hand, "says": _HANDS[hand]} for hand in HANDS if hand in found.hands],
        "may": found.steps,
        "quiet_days": ctx.policy.quiet_before_retiring.days,
        "back_days": ctx.policy.retired_key_life.days,
        "wait_hours": int(ctx.policy.stand_in_wait.total_seconds()) // 3600,
    }


def _chart(days: tuple[Day, ...]) -> dict[str, Any]:
    """Day by day: the calls with the new key below, those with the old one above them."""
    bars = [Counts(f"{day.day:{_DAY}}", day.new, day.old) for day in days]
    return bar_chart(bars, (f"{days[0].day:{_DAY}}", f"{days[-1].day:{_DAY}} UTC"), "No call in this time")


def _retirement(found: CutOver) -> dict[str, Any] | None:
    asked, status = found.case.retirement, found.status
    if asked is None or status is None:
        return None
    tone, symbol = _TONES[status]
    return {
        "status": status.capitalize(),
        "code": status,
        "tone": tone,
        "symbol": symbol,
        "by": asked.asked.email,
        "at": asked.retired_at or asked.asked.at,
        "reason": asked.reason,
        "waits_until": asked.waits_until,
        "final_at": found.final_at,
        "ended_by": asked.ended.act.email if asked.ended else "",
        "ended_why": asked.ended.reason if asked.ended else "",
        "has_record": asked.retired_at is not None and asked.successor == found.pair.new.key,
        "held_up": (found.held_up.sentence, found.held_up.next_step) if found.held_up else None,
    }


def row_of(found: Listed) -> dict[str, Any]:
    """A replacement as lists show it."""
    said = found.replacement
    tone, symbol = _TONES[found.status] if found.status else ("is-info", "swap")
    return {
        "key": said.key,
        "name": found.new.name if found.new else "",
        "predecessor": said.predecessor,
        "predecessor_name": found.old.name if found.old else "",
        "remark": said.remark,
        "named_at": said.named_at,
        "is_seen": found.old is not None,
        "has_record": found.has_record,
        "status": found.status.capitalize() if found.status else "Cutting over",
        "tone": tone,
        "symbol": symbol,
    }


def _anew(found: Preview) -> list[tuple[str, int, str]]:
    """What the old key has, with what somebody does to have it with the new one."""
    settings = found.settings
    return [
        ("Secret keys", len(settings.secrets), "Make new ones, and deploy them with the new key."),
        ("RSA keypairs", len(settings.keypairs), "Make new ones; a public key may be uploaded again."),
        ("Redirect URIs", len(settings.redirect_uris), "Register them for the new key."),
        ("CORS origins", len(settings.origins), "Register them for the new key."),
        ("Users who gave consent", found.consents, "Each allows the new app once more, or an organization for them."),
        ("Organizations that authorized it", found.organization_consents, "Each authorizes the new app."),
        ("Refresh tokens that live", found.refresh_families, "Their users sign in once with the new app."),
    ]


def _successor_of(request: Request) -> str:
    return _guid_of(request, "id", Refusal(NO_SUCH_OBJECT, thing="replacement"))


def _guid_of(request: Request, name: str, refusal: Refusal) -> str:
    found = str(request.path_params[name])
    if not is_uuid(found):
        raise refusal
    return found.lower()
