"""Who left, and how do an organization's admins, or operators, say so?"""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import leavers
from keysteward.actions.context import Context
from keysteward.actions.leavers import Council, Gone, Operating
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import NO_SUCH_USER, Refusal
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context
from keysteward.web.showing import show

_OF_ORGANIZATION = "/organizations/{organization}/leavers"
_OF_OPERATORS = "/accounts/leavers"
_FIELDS = ("email", "reason")
_LEFT = Table(
    "leavers",
    (
        Column("Who", "name"),
        Column("Email address", "email", is_shown=False),
        Column("User ID", "user", sorts=False, is_shown=False),
        Column("Reported", "at", "moment"),
        Column("By", "by", is_shown=False),
        Column("Source", "source", is_shown=False),
        Column("Reason", "reason", sorts=False),
        Column("Whole user", "is_whole", sorts=False, is_shown=False),
    ),
    ("name", "email", "by", "reason"),
    "Name, address or reason",
    (Filter("is_whole", "What ended", {"yes": "The user", "no": "Memberships only"}, "Everything"),),
    actions=True,
)
_NOBODY = "Nobody with this address is a member here. Look whether it is written as they sign in."


@for_visitors
async def of_organization(request: Request, visitor: Visitor) -> Response:
    """`GET /organizations/{organization}/leavers`."""
    return await _shown(request, visitor, _council(request, visitor), arrived(request))


@for_visitors
async def report(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/leavers`: somebody left the organization."""
    return await _report(request, visitor, _council(request, visitor))


@form_of(_OF_ORGANIZATION)
async def bring_back(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/leavers/{user}/bring-back`: they did not, or came again."""
    return await _bring_back(request, _council(request, visitor))


@for_visitors
async def of_operators(request: Request, visitor: Visitor) -> Response:
    """`GET /accounts/leavers`: for operators."""
    return await _shown(request, visitor, Operating(visitor.actor), arrived(request))


@for_visitors
async def report_as_operator(request: Request, visitor: Visitor) -> Response:
    """`POST /accounts/leavers`: close a user."""
    return await _report(request, visitor, Operating(visitor.actor))


@form_of(_OF_OPERATORS)
async def bring_back_as_operator(request: Request, visitor: Visitor) -> Response:
    """`POST /accounts/leavers/{user}/bring-back`: whoever said so."""
    return await _bring_back(request, Operating(visitor.actor))


def _council(request: Request, visitor: Visitor) -> Council:
    return Council(visitor.actor, str(request.path_params["organization"]))


async def _report(request: Request, visitor: Visitor, reporter: Operating | Council) -> Response:
    ctx, typed = context(request), await read_fields(request, *_FIELDS)
    try:
        user = await run_in_threadpool(leavers.find_by_email, ctx, reporter, typed["email"])
        await run_in_threadpool(leavers.report, ctx, reporter, user.id, typed["reason"])
    except Refusal as refusal:
        slip = refused(refusal, typed, *_FIELDS)
        if refusal.kind is NO_SUCH_USER:
            slip = Slip(typed, {"email": _NOBODY}, None, refusal.kind.status)
        return await _shown(request, visitor, reporter, slip)
    return done(_place(reporter), "leaver-reported")


async def _bring_back(request: Request, reporter: Operating | Council) -> Response:
    deed = partial(leavers.bring_back, context(request), reporter, request.path_params["user"])
    await run_in_threadpool(deed)
    return done(_place(reporter), "leaver-back")


def _place(reporter: Operating | Council) -> str:
    if isinstance(reporter, Operating):
        return _OF_OPERATORS
    return _OF_ORGANIZATION.format(organization=reporter.organization)


async def _shown(request: Request, visitor: Visitor, reporter: Operating | Council, slip: Slip) -> Response:
    listing = read(request, _LEFT, _place(reporter))
    part = listing.arranged(await run_in_threadpool(_left, context(request), reporter))
    if listing.is_download:
        return listing.download(part.rows)
    values = {"left": part.rows, "listing": listing.shown(part)}
    named = next((each.name for each in visitor.administers if each.id == getattr(reporter, "organization", "")), "")
    said = values | {"place": _place(reporter), "organization": named, "errors": slip.errors}
    said["values"] = {field: slip.values.get(field, "") for field in _FIELDS}
    return show(request, "leavers.html", said, status=slip.status, visitor=visitor, notice=slip.notice)


def _left(ctx: Context, reporter: Operating | Council) -> list[dict[str, object]]:
    return [_gone(each) for each in leavers.list_left(ctx, reporter)]


def _gone(gone: Gone) -> dict[str, object]:
    return {
        "user": gone.user.id,
        "name": gone.user.name,
        "email": gone.user.email,
        "at": gone.departure.at,
        "by": gone.departure.by,
        "source": gone.departure.source,
        "reason": gone.departure.reason,
        "is_whole": gone.departure.is_whole,
    }
