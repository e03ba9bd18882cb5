"""Who visits a page, and what do they see where they may not?"""

from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import accounts, signin
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import Standing
from keysteward.rules.refusals import (
    CONFLICT,
    FRESH_SIGN_IN_NEEDED,
    NO_ACCOUNT,
    NOT_AN_ADMIN,
    SECOND_FACTOR_NEEDED,
    Refusal,
)
from keysteward.web.pages import histories, kept_forms
from keysteward.web.reading import context
from keysteward.web.sessions import SECURITY, session_token, to_sign_in, visitor_or_none
from keysteward.web.showing import show

Page = Callable[[Request, Visitor], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def for_visitors(page: Page) -> Endpoint:
    """A page for people who are signed in; others sign in first and come back."""

    @wraps(page)
    async def endpoint(request: Request) -> Response:
        return await _visited(page, request, _path(request))

    return endpoint


def form_of(parent: str) -> Callable[[Page], Endpoint]:
    """A form below a page: read by GET, or sent after the session ended, its address leads to that page."""

    def decorate(page: Page) -> Endpoint:
        @wraps(page)
        async def endpoint(request: Request) -> Response:
            back = parent.format(**request.path_params)
            if request.method != "POST":
                return RedirectResponse(back, 303)
            return await _visited(page, request, back)

        return endpoint

    return decorate


def account_in_use(visitor: Visitor) -> Standing:
    """The visitor's standing in the account that they look at; refuses where they have none."""
    if visitor.standing is None:
        raise Refusal(NO_ACCOUNT, email=visitor.user.email)
    return visitor.standing


def standing_in(visitor: Visitor, account: str) -> Standing:
    """The visitor's standing in the account of what they look at; a membership of this very moment is read again."""
    for each in visitor.standings:
        if each.account.id == account:
            return each
    raise Refusal(CONFLICT)


async def looking_at(request: Request, visitor: Visitor, account: str) -> Visitor:
    """The visitor, with the account in use following what they look at."""
    if visitor.standing is not None and visitor.standing.account.id == account:
        return visitor
    standing = standing_in(visitor, account)
    await run_in_threadpool(signin.choose_account, context(request), session_token(request) or "", account)
    return visitor._replace(standing=standing)


async def to_confirm(request: Request, back: str) -> Response:
    """Ask who it is, then back; whoever had sent a form finds it there as they had filled it in."""
    onward = await kept_forms.keep(request, back)
    if onward == back and request.method == "POST":
        onward = kept_forms.with_query(back, "done", "confirmed")
    return RedirectResponse(f"{SECURITY}/confirm?" + urlencode({"next": onward}), 303)


async def _visited(page: Page, request: Request, back: str) -> Response:
    try:
        visitor = await visitor_or_none(request)
        if visitor is None:
            return to_sign_in(request, await kept_forms.keep(request, back))
        request.state.visitor = visitor
        await kept_forms.demand_own(request, visitor)
        await kept_forms.bring_back(request, visitor)
        await _look_back(request, visitor)
        return await page(request, visitor)
    except Refusal as refusal:
        if refusal.kind is FRESH_SIGN_IN_NEEDED:
            return await to_confirm(request, back)
        if refusal.kind is SECOND_FACTOR_NEEDED:
            return RedirectResponse(SECURITY, 303)
        if refusal.kind is not NOT_AN_ADMIN:
            raise
        return await _for_admins_only(request, request.state.visitor, refusal)


async def _look_back(request: Request, visitor: Visitor) -> None:
    """Load what was done about the thing that is opened, where its page shows that."""
    of = histories.find(request.url.path, request.path_params) if request.method == "GET" else None
    if of is not None:
        loaded = run_in_threadpool(histories.load, context(request), visitor, of, request.path_params)
        request.state.history = await loaded


async def _for_admins_only(request: Request, visitor: Visitor, refusal: Refusal) -> Response:
    account = str(refusal.values["account"])
    members = await run_in_threadpool(accounts.list_members, context(request), account)
    who = ", ".join(f"{each.user.name} ({each.user.email})" for each in members if each.is_admin)
    values = {
        "title": refusal.sentence,
        "text": refusal.next_step,
        "kind": "warning",
        "code": refusal.kind.code,
        "facts": [(f"Admins of {members[0].account.name}", who)],
        "links": [("Home", "/")],
    }
    return show(request, "error.html", values, status=refusal.kind.status, visitor=visitor)


def _path(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
