"""To which organization does the account in use belong, and how do its admins create, join or leave one?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import account_links, organizations
from keysteward.actions.signin import Visitor
from keysteward.rules.organizations import Side
from keysteward.rules.refusals import Refusal
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.reading import context
from keysteward.web.showing import show

_PAGE = "/account/organization"
_OURS: Side = "account"


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /account/organization`."""
    return await _shown(request, visitor, arrived(request))


@for_visitors
async def create(request: Request, visitor: Visitor) -> Response:
    """`POST /account/organization`: create one, of which this account is the first link."""
    sent, account = await read_fields(request, "name"), account_in_use(visitor).account
    try:
        made = await run_in_threadpool(organizations.create, context(request), visitor.actor, account.id, sent["name"])
    except Refusal as refusal:
        if refusal.field != "name":
            raise
        return await _shown(request, visitor, refused(refusal, sent, "name"))
    return done(f"/organizations/{made.id}", "organization-created")


@form_of(_PAGE)
async def leave(request: Request, visitor: Visitor) -> Response:
    """`POST /account/organization/leave`: ask the organization to let the account go."""
    ctx, account = context(request), account_in_use(visitor).account
    await run_in_threadpool(account_links.ask_to_leave, ctx, visitor.actor, account.id)
    return done(_PAGE, "unlink-asked")


@form_of(_PAGE)
async def agree(request: Request, visitor: Visitor) -> Response:
    """`POST /account/organization/requests/{organization}/agree`."""
    wish, account = (await read_fields(request, "wish"))["wish"], account_in_use(visitor).account
    asked = (request.path_params["organization"].lower(), account.id, wish)
    await run_in_threadpool(account_links.agree, context(request), visitor.actor, asked, _OURS)
    return done(_PAGE, "link-agreed")


@form_of(_PAGE)
async def decline(request: Request, visitor: Visitor) -> Response:
    """`POST /account/organization/requests/{organization}/end`: decline what was asked, or withdraw it."""
    account, organization = account_in_use(visitor).account, request.path_params["organization"].lower()
    deed = account_links.end_request
    await run_in_threadpool(deed, context(request), visitor.actor, organization, account.id, _OURS)
    return done(_PAGE, "link-ended")


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    account = account_in_use(visitor).account
    view = await run_in_threadpool(account_links.view, context(request), visitor.actor, account.id)
    values = {
        "account": view.account,
        "organization": view.organization,
        "since": view.link.linked_at if view.link else None,
        "asked": [{**each._asdict(), "is_ours": each.request.side == _OURS} for each in view.asked],
        "name": slip.values.get("name", ""),
        "errors": slip.errors,
    }
    template = "account_organization.html"
    return show(request, template, values, status=slip.status, visitor=visitor, notice=slip.notice)
