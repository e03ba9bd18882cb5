"""How do admins see and change to whom the account in use seals, and ask for what is sealed?"""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import releases, sealed_credentials
from keysteward.actions.context import Context
from keysteward.actions.sealed_credentials import Overview, ReleaseSeen, SealedSeen
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import FRESH_SIGN_IN_NEEDED, NO_SUCH_OBJECT, Refusal
from keysteward.rules.sealed_credentials import STATES, Release, Status
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Table, read
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of, to_confirm
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show

SEALED, RELEASES = "/custody/sealed", "/custody/releases"
_TONES: dict[Status, tuple[str, str]] = {
    "waiting": ("is-info", "clock"),
    "approved": ("is-accent", "right"),
    "downloaded": ("is-ok", "check"),
    "cancelled": ("", "cross"),
    "refused": ("is-bad", "cross"),
    "expired": ("is-warn", "clock"),
}
_SEALED = Table(
    "sealed-credentials",
    (
        Column("Credential", "app"),
        Column("Integration key", "key", sorts=False, is_shown=False),
        Column("Kind", "kind", is_shown=False),
        Column("Hint", "hint", sorts=False, is_shown=False),
        Column("Sealed to", "recipients"),
        Column("Sealed", "sealed_at", "moment", is_shown=False),
        Column("By", "sealed_by", is_shown=False),
        Column("State", "state"),
    ),
    ("app", "key", "kind", "hint", "recipients", "sealed_by"),
    "App, key, kind or recipient",
    actions=True,
)
_STATE_TONES = {"in use": "is-ok", "old": "is-warn", "dead": "is-bad"}


# ── the account in use ──────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /custody/sealed`: recipients, what is sealed and what is not, and the requests."""
    return await _shown(request, visitor, arrived(request))


@form_of(SEALED)
async def add_recipient(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/sealed/recipients`: seal to another public key from now on."""
    typed = await read_fields(request, "label", "public_key")
    deed = partial(
        sealed_credentials.add_recipient, label=typed["label"], unverified_public_key=typed["public_key"]
    )  # fmt: skip
    is_secret = any(word in typed["public_key"].upper() for word in ("SECRET", "PRIVATE"))
    kept = typed | {"public_key": "" if is_secret else typed["public_key"]}
    return await _do(request, visitor, deed, "recipient-added", kept)


@form_of(SEALED)
async def remove_recipient(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/sealed/recipients/{id}/remove`."""
    deed = partial(sealed_credentials.remove_recipient, recipient=_id_of(request, "recovery recipient"))
    return await _do(request, visitor, deed, "recipient-removed", {})


@form_of(SEALED)
async def ask(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/sealed/{id}/ask`: ask to be given a sealed credential."""
    typed = await read_fields(request, "reason")
    account, credential = account_in_use(visitor).account.id, _id_of(request, "sealed credential")
    deed = partial(releases.ask, context(request), visitor.actor, account, credential, typed["reason"])
    try:
        begun: Release = await run_in_threadpool(deed)
    except Refusal as refusal:
        return await _again(request, visitor, refusal, {})
    return done(f"{RELEASES}/{begun.id}", "release-asked")


async def _do(
    request: Request, visitor: Visitor, deed: Callable[..., object], what: str, typed: dict[str, str]
) -> Response:
    account = account_in_use(visitor).account.id
    try:
        await run_in_threadpool(deed, context(request), visitor.actor, account)
    except Refusal as refusal:
        return await _again(request, visitor, refusal, typed)
    return done(SEALED, what)


async def _again(request: Request, visitor: Visitor, refusal: Refusal, typed: dict[str, str]) -> Response:
    if refusal.kind is FRESH_SIGN_IN_NEEDED:
        return await to_confirm(request, SEALED)
    if refusal.kind is NO_SUCH_OBJECT:
        return done(SEALED, "changed-meanwhile")
    return await _shown(request, visitor, refused(refusal, typed, *typed))


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, account = context(request), account_in_use(visitor).account
    found = await run_in_threadpool(sealed_credentials.view, ctx, visitor.actor, account.id)
    listing = read(request, _SEALED, SEALED)
    part = listing.arranged([sealed_row(each) for each in found.sealed])
    if listing.is_download:
        return listing.download(part.rows)
    values = _values(ctx, found) | {"values": slip.values, "errors": slip.errors}
    values |= {"sealed": part.rows, "listing": listing.shown(part)}
    return show(request, "sealed.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _values(ctx: Context, found: Overview) -> dict[str, Any]:
    policy = ctx.policy
    return {
        "recipients": found.recipients,
        "most_recipients": policy.recovery_recipients_per_account,
        "unsealed": found.unsealed,
        "releases": [row_of(each) for each in found.releases],
        "edits": found.may_change,
        "approve_hours": int(policy.release_approval_life.total_seconds()) // 3600,
        "download_minutes": int(policy.release_download_life.total_seconds()) // 60,
    }


def sealed_row(seen: SealedSeen) -> dict[str, Any]:
    """A sealed credential as pages show it."""
    sealed = seen.sealed
    return {
        "id": sealed.credential,
        "key": sealed.key,
        "app": seen.app.name,
        "kind": sealed.kind,
        "hint": sealed.hint,
        "recipients": ", ".join(sealed.recipients),
        "sealed_at": sealed.sealed_at,
        "sealed_by": sealed.sealed_by,
        "state": STATES[seen.state],
        "tone": _STATE_TONES[seen.state],
        "pending": seen.pending,
    }


def row_of(seen: ReleaseSeen) -> dict[str, Any]:
    """A request as lists and its own page show it."""
    release, case = seen.case.release, seen.case
    tone, symbol = _TONES[seen.status]
    return {
        "id": release.id,
        "app": case.app.name,
        "key": release.key,
        "kind": release.kind,
        "hint": release.hint,
        "account": case.account.name,
        "status": seen.status.capitalize(),
        "code": seen.status,
        "tone": tone,
        "symbol": symbol,
        "reason": release.reason,
        "asked_by": release.asked.email,
        "asked_at": release.asked.at,
        "expires_at": release.expires_at,
        "is_your_turn": bool(seen.steps & {"approve", "download"}),
    }


def _id_of(request: Request, thing: str) -> str:
    found = str(request.path_params["id"])
    if not is_uuid(found):
        raise Refusal(NO_SUCH_OBJECT, thing=thing)
    return found.lower()
