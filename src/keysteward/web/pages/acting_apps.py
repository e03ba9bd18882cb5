"""Which apps act in the account in use, and how does its admin block one there?"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import acting_apps
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.access import Actor
from keysteward.rules.refusals import ALREADY_BLOCKED, NO_SUCH_OBJECT, Refusal
from keysteward.web.pages.forms import arrived, done
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.reading import context
from keysteward.web.showing import show

_PAGE = "/account/apps"
_APPS = Table(
    "acting-apps",
    (
        Column("App", "name"),
        Column("Publisher", "publisher", is_shown=False),
        Column("Integration key", "key", sorts=False, is_shown=False),
        Column("Acts for", "users", "number"),
        Column("Allowed by", "organization", sorts=False, is_shown=False),
        Column("Since", "since", "moment"),
        Column("Blocked", "blocked", sorts=False, is_shown=False),
    ),
    ("name", "publisher", "key"),
    "Name, publisher or key",
    (Filter("blocked", "State", {"yes": "Blocked", "no": "Not blocked"}, "Every state"),),
    actions=True,
)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /account/apps`."""
    account = account_in_use(visitor).account
    listing = read(request, _APPS)
    found = await run_in_threadpool(acting_apps.list_acting, context(request), visitor.actor, account.id)
    part = listing.arranged([app._asdict() | {"blocked": app.block is not None} for app in found])
    if listing.is_download:
        return listing.download(part.rows)
    values = {"apps": part.rows, "listing": listing.shown(part)}
    return show(request, "acting_apps.html", values, visitor=visitor, notice=arrived(request).notice)


@form_of(_PAGE)
async def block(request: Request, visitor: Visitor) -> Response:
    """`POST /account/apps/{key}/block`."""
    return await _do(request, visitor, acting_apps.block_app, "app-blocked")


@form_of(_PAGE)
async def unblock(request: Request, visitor: Visitor) -> Response:
    """`POST /account/apps/{key}/unblock`."""
    return await _do(request, visitor, acting_apps.unblock_app, "app-unblocked")


async def _do(
    request: Request, visitor: Visitor, deed: Callable[[Context, Actor, str, str], None], what: str
) -> Response:
    """Whoever was faster left nothing to do: the list says how it stands."""
    account, key = account_in_use(visitor).account, request.path_params["key"].lower()
    try:
        await run_in_threadpool(deed, context(request), visitor.actor, account.id, key)
    except Refusal as refusal:
        if refusal.kind not in {ALREADY_BLOCKED, NO_SUCH_OBJECT}:
            raise
        return done(_PAGE, "changed-meanwhile")
    return done(_PAGE, what)
