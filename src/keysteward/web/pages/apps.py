"""Which apps and keys does an account manage, and how does a new one begin?"""

from dataclasses import replace
from functools import partial
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import keys, lists
from keysteward.actions.context import Context
from keysteward.actions.golive import Overview
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import Standing
from keysteward.rules.advice import TYPE_ADVICE
from keysteward.rules.keys import INTEGRATION_TYPES, App, IntegrationType, restore_until
from keysteward.rules.listing import Part, Wanted
from keysteward.rules.refusals import KEYS_START_IN_DEMO, Refusal
from keysteward.rules.words import new_guid
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.sent_once import made_once
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.pages.words import code_of, pill
from keysteward.web.reading import context
from keysteward.web.showing import show

_FIRST_TYPE = INTEGRATION_TYPES[0]
_START_AGAIN = {"review_failed", "review_expired"}
_MOST_DELETED = 20
_COLUMNS = (
    Column("App", "name"),
    Column("Contact", "contact", sorts=False, is_shown=False),
    Column("Integration key", "key", sorts=False),
    Column("Integration type", "type", sorts=False, is_shown=False),
    Column("Go-Live Status", "says", sorts=False),
    Column("State", "state", sorts=False, is_shown=False),
    Column("Created", "created_at", "moment"),
)
_STATE = Filter("state", "State", lists.APP_STATES, "Not deleted")
_STAGE = Filter("stage", "Go-Live", lists.STAGES, "Any status")
_APPS = {
    "demo": Table("apps", _COLUMNS, ("name",), "Name, contact or key", (_STATE, _STAGE), actions=True),
    "production": Table("apps", _COLUMNS, ("name",), "Name, contact or key", (_STATE,), actions=True),
}


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /apps`: Apps and Keys."""
    ctx, account = context(request), account_in_use(visitor).account.id
    listing = read(request, _APPS[ctx.environment])
    found = await run_in_threadpool(lists.list_apps, ctx, visitor.actor, account, listing.wanted)
    if listing.is_download:
        return listing.download(_row(ctx, visitor, each) for each in lists.overviews(ctx, found.rows))
    values = await run_in_threadpool(_values, ctx, visitor, found)
    values["listing"] = listing.shown(found)
    return show(request, "apps.html", values, visitor=visitor, notice=arrived(request).notice)


@for_visitors
async def new(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/new`: Add App and Integration Key."""
    await run_in_threadpool(keys.list_apps, context(request), visitor.actor, account_in_use(visitor).account.id)
    if context(request).environment != "demo":
        raise Refusal(KEYS_START_IN_DEMO)
    predecessor = request.query_params.get("predecessor", "")[:36]
    empty = {"name": "", "contact": "", "integration_type": _FIRST_TYPE, "predecessor": predecessor, "remark": ""}
    return _new(request, visitor, Slip(empty))


@form_of("/apps/new")
async def create(request: Request, visitor: Visitor) -> Response:
    """`POST /apps`: create an app."""
    typed = await read_fields(request, "name", "contact", "integration_type", "predecessor", "remark", "nonce")
    nonce = typed.pop("nonce")
    chosen = cast(IntegrationType, typed["integration_type"])
    draft = keys.Draft(typed["name"], typed["contact"], chosen)
    draft = replace(draft, predecessor=typed["predecessor"], remark=typed["remark"])
    account = account_in_use(visitor).account.id
    make = partial(_created, context(request), visitor, account, draft)
    try:
        key = await made_once(request, visitor, nonce, typed, make)
    except Refusal as refusal:
        return _new(request, visitor, refused(refusal, typed, *typed))
    return done(f"/apps/{key}", "created")


def _created(ctx: Context, visitor: Visitor, account: str, draft: keys.Draft) -> str:
    return keys.create(ctx, visitor.actor, account, draft).key


def may_do(ctx: Context, visitor: Visitor, app: App) -> set[str]:
    """What somebody may do to an app now; a developer nothing."""
    if not manages(visitor, app):
        return set()
    if app.deleted_at is not None:
        return {"restore"} if may_restore(ctx, app) else set()
    return {"edit", "revoke", "delete", "start" if app.stopped_at is not None else "stop"}


def manages(visitor: Visitor, app: App) -> bool:
    """Whether the visitor administers the account that manages an app; a developer only sees it."""
    return any(each.is_admin and each.account.id == app.account for each in visitor.standings)


def is_demo_of_admin(ctx: Context, standing: Standing) -> bool:
    """Whether somebody may create keys here, as far as it depends on them and the account's state."""
    return ctx.environment == "demo" and standing.is_admin and standing.account.state == "open"


def may_restore(ctx: Context, app: App) -> bool:
    """Whether a deleted key can still come back."""
    until = restore_until(app, ctx.policy)
    return until is not None and ctx.now <= until


def _new(request: Request, visitor: Visitor, slip: Slip) -> Response:
    values = {
        "values": slip.values,
        "errors": slip.errors,
        "types": [{"label": label, "advice": advice} for label, advice in TYPE_ADVICE.items()],
        "nonce": new_guid(),
    }
    return show(request, "app_new.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _values(ctx: Context, visitor: Visitor, found: Part[App]) -> dict[str, Any]:
    standing = account_in_use(visitor)
    account, allowed = standing.account.id, ctx.policy.keys_per_account
    present = lists.list_apps(ctx, visitor.actor, account, Wanted(size=1)).total
    deleted = Wanted(chosen=(("state", "deleted"),), size=_MOST_DELETED)
    return {
        "me": {"user_id": visitor.user.id, "account_id": account, "base_uri": ctx.origin},
        "apps": [_row(ctx, visitor, each) for each in lists.overviews(ctx, found.rows)],
        "deleted": [_deleted(ctx, visitor, app) for app in lists.list_apps(ctx, visitor.actor, account, deleted).rows],
        "may_create": is_demo_of_admin(ctx, standing) and present < allowed,
        "keys_present": present,
        "keys_allowed": allowed,
    }


def _row(ctx: Context, visitor: Visitor, seen: Overview) -> dict[str, Any]:
    app = seen.app
    may = may_do(ctx, visitor, app)
    if "edit" in may and seen.status == "Review Passed":
        may.add("go_live")
    if "edit" in may and seen.run >= ctx.policy.calls_needed and code_of(seen.status) in {"ready", *_START_AGAIN}:
        may.add("start_review")
    return {
        "name": app.name,
        "key": app.key,
        "contact": app.contact,
        "type": app.integration_type,
        "created_at": app.created_at,
        "status": pill(ctx, app, seen.status, seen.run),
        "says": "Live" if ctx.environment == "production" else seen.status[:1].upper() + seen.status[1:],
        "state": lists.APP_STATES["deleted" if app.deleted_at else "stopped" if app.stopped_at else "working"],
        "stopped": app.stopped_at is not None,
        "review_id": seen.review.id if seen.review else None,
        "may": may,
    }


def _deleted(ctx: Context, visitor: Visitor, app: App) -> dict[str, Any]:
    return {
        "name": app.name,
        "key": app.key,
        "restore_until": restore_until(app, ctx.policy),
        "may_restore": manages(visitor, app) and may_restore(ctx, app),
    }
