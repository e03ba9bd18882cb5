"""Who can manage one key now, what puts it at risk, and what moves it, replaces it or seals it?"""

from collections.abc import Iterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import custody, keys, replacements, sealed_credentials, transfer_views
from keysteward.actions.context import Context
from keysteward.actions.keys import AppView
from keysteward.actions.signin import Visitor
from keysteward.rules.custody.mending import Reader
from keysteward.web.pages import findings
from keysteward.web.pages.app import frame
from keysteward.web.pages.apps import manages
from keysteward.web.pages.custody import way_of
from keysteward.web.pages.replacements import row_of as replacement_row
from keysteward.web.pages.sealed import row_of as release_row
from keysteward.web.pages.sealed import sealed_row
from keysteward.web.pages.transfers import row_of as transfer_row
from keysteward.web.pages.visits import for_visitors, looking_at
from keysteward.web.reading import context
from keysteward.web.showing import show


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/custody`."""
    ctx = context(request)
    view = await run_in_threadpool(keys.view, ctx, visitor.actor, request.path_params["key"])
    visitor = await looking_at(request, visitor, view.app.account)
    values = await run_in_threadpool(_values, ctx, visitor, view)
    return show(request, "app_custody.html", values, visitor=visitor)


def _values(ctx: Context, visitor: Visitor, view: AppView) -> dict[str, Any]:
    app = view.app
    is_whole = manages(visitor, app)
    return {
        "app": frame(ctx, visitor, view),
        "section": "custody",
        "restore_days": ctx.policy.restore_days,
        "values": {},
        "errors": {},
        "is_whole": is_whole,
        "moves": sorted(_moves(ctx, visitor, app.key), key=_newest_first) if is_whole else [],
        "sealed": _sealed(ctx, visitor, view) if is_whole else [],
        **_risks(ctx, visitor, view),
    }


def _risks(ctx: Context, visitor: Visitor, view: AppView) -> dict[str, Any]:
    app = view.app
    found = custody.view(ctx, visitor.actor, app.account)
    outlook = next((each for each in found.outlooks if each.key.key == app.key), None)
    names = {each.user.id: each.user.name for each in found.admins}
    reader = Reader(ctx.environment, {app.key: app.name})
    lives = [findings.shown(life, names, reader, ctx.now) for life in found.lives if app.key in life.keys]
    return {
        "score": found.scores.keys.get(app.key, 100),
        "says": outlook.sentence if outlook else "Nobody can manage a key that is deleted.",
        "managers": [
            {"id": each.id, "name": each.name or each.email, "email": each.email, "seen_at": each.seen_at}
            for each in (outlook.managers if outlook else ())
        ],
        "ways": [way_of(way) for way in outlook.ways] if outlook else [],
        "open": [each for each in lives if each["status"] == "open"],
    }


def _moves(ctx: Context, visitor: Visitor, key: str) -> Iterator[dict[str, Any]]:
    for transfer in transfer_views.list_seen(ctx, visitor.actor):
        if transfer.transfer.key == key:
            row = transfer_row(transfer)
            words = f"Transfer to {row['destination']}"
            yield _move(words, f"/transfers/{row['id']}", row) | {"at": transfer.transfer.started.at}
    for replacement in replacements.list_seen(ctx, visitor.actor):
        named = replacement.replacement
        if key in {named.key, named.predecessor}:
            words = "Replaces another key" if named.key == key else "Replaced by another key"
            yield _move(words, f"/replacements/{named.key}", replacement_row(replacement)) | {"at": None}
    for release in sealed_credentials.list_releases(ctx, visitor.actor):
        row = release_row(release)
        if row["key"] == key:
            words = f"{row['asked_by']} asks for the sealed {row['kind']} {row['hint']}"
            yield _move(words, f"/custody/releases/{row['id']}", row) | {"at": row["asked_at"]}


def _move(words: str, href: str, row: dict[str, Any]) -> dict[str, Any]:
    return {"words": words, "href": href, "status": row["status"], "tone": row["tone"], "symbol": row["symbol"]}


def _newest_first(move: dict[str, Any]) -> float:
    return -move["at"].timestamp() if move["at"] else 0.0


def _sealed(ctx: Context, visitor: Visitor, view: AppView) -> list[dict[str, Any]]:
    found = sealed_credentials.view(ctx, visitor.actor, view.app.account).sealed
    return [sealed_row(each) for each in found if each.sealed.key == view.app.key]
