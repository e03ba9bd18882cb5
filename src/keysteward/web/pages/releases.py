"""How is a request for a sealed credential looked at, decided and downloaded?"""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import releases, sealed_credentials
from keysteward.actions.sealed_credentials import ReleaseSeen
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import FRESH_SIGN_IN_NEEDED, NO_SUCH_OBJECT, Refusal
from keysteward.web.answers import NO_STORE
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.sealed import RELEASES, row_of
from keysteward.web.pages.visits import for_visitors, form_of, to_confirm
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show

_PAGE = RELEASES + "/{id}"
_RELEASES = Table(
    "releases",
    (
        Column("Request", "app"),
        Column("Integration key", "key", sorts=False, is_shown=False),
        Column("Kind", "kind", is_shown=False),
        Column("Hint", "hint", sorts=False, is_shown=False),
        Column("Reason", "reason", sorts=False, is_shown=False),
        Column("Account", "account"),
        Column("Asked by", "asked_by"),
        Column("Asked", "asked_at", "moment", is_shown=False),
        Column("Where it stands", "status"),
    ),
    ("app", "key", "account", "asked_by", "reason"),
    "App, key, account or who asked",
    (Filter("is_your_turn", "Turn", {"yes": "Your turn"}, "Everybody’s"),),
    actions=True,
)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /custody/releases`: the requests of all accounts and organizations that the visitor administers."""
    listing = read(request, _RELEASES)
    found = await run_in_threadpool(sealed_credentials.list_releases, context(request), visitor.actor)
    part = listing.arranged([row_of(each) for each in found])
    if listing.is_download:
        return listing.download(part.rows)
    values = {"releases": part.rows, "listing": listing.shown(part)}
    return show(request, "releases.html", values, visitor=visitor, notice=arrived(request).notice)


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /custody/releases/{id}`: where it stands, and what the visitor may do."""
    return await _shown(request, visitor, arrived(request))


@form_of(_PAGE)
async def approve(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/releases/{id}/approve`: a second person's word."""
    return await _do(request, visitor, partial(releases.approve, context(request), visitor.actor), "release-approved")


@form_of(_PAGE)
async def refuse(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/releases/{id}/refuse`: end it."""
    typed = await read_fields(request, "reason")
    deed = partial(releases.refuse, context(request), visitor.actor, unverified_reason=typed["reason"])
    return await _do(request, visitor, deed, "release-refused", typed)


@form_of(_PAGE)
async def cancel(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/releases/{id}/cancel`: take one's own request back."""
    return await _do(request, visitor, partial(releases.cancel, context(request), visitor.actor), "release-cancelled")


@form_of(_PAGE)
async def download(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/releases/{id}/download`: the file, once."""
    release = _release_of(request)
    try:
        armored = await run_in_threadpool(releases.download, context(request), visitor.actor, release)
    except Refusal as refusal:
        return await _again(request, visitor, refusal, {})
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{release}.age"'}
    return Response(armored, headers=headers, media_type="application/age-encryption")


async def _do(
    request: Request, visitor: Visitor, deed: Callable[..., object], what: str, typed: dict[str, str] | None = None
) -> Response:
    release = _release_of(request)
    try:
        await run_in_threadpool(deed, release=release)
    except Refusal as refusal:
        return await _again(request, visitor, refusal, typed or {})
    return done(f"{RELEASES}/{release}", what)


async def _again(request: Request, visitor: Visitor, refusal: Refusal, typed: dict[str, str]) -> Response:
    if refusal.kind is FRESH_SIGN_IN_NEEDED:
        return await to_confirm(request, f"{RELEASES}/{_release_of(request)}")
    if refusal.kind is NO_SUCH_OBJECT:
        raise refusal
    return await _shown(request, visitor, refused(refusal, typed, *typed))


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, release = context(request), _release_of(request)
    seen = await run_in_threadpool(sealed_credentials.load_release, ctx, visitor.actor, release)
    values = {
        "release": row_of(seen) | _more(seen),
        "may": seen.steps,
        "minutes": int(ctx.policy.release_download_life.total_seconds()) // 60,
        "values": slip.values,
        "errors": slip.errors,
    }
    return show(request, "release.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _more(seen: ReleaseSeen) -> dict[str, Any]:
    release = seen.case.release
    ending = release.ending
    return {
        "approvers": [f"{each.name} ({each.email})" for each in seen.approvers],
        "is_for_organization": bool(release.organization),
        "approved_by": release.approved.email if release.approved else "",
        "approved_at": release.approved.at if release.approved else None,
        "ended_by": ending.act.email if ending else "",
        "ended_at": ending.act.at if ending else None,
        "ending_reason": ending.reason if ending else "",
    }


def _release_of(request: Request) -> str:
    release = str(request.path_params["id"])
    if not is_uuid(release):
        raise Refusal(NO_SUCH_OBJECT, thing="request")
    return release.lower()
