"""How does a key arrive in production, and what does it still need there?"""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import keys, promotion, signin
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.promotion import Choice, Ticket
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    FRESH_SIGN_IN_NEEDED,
    KEY_EXISTS,
    NO_SUCH_ACCOUNT,
    NO_SUCH_KEY,
    NOT_AN_ADMIN,
    NOT_THE_PRESENTER,
    WRONG_PLAN,
    Refusal,
)
from keysteward.rules.signin import demand_fresh
from keysteward.web.pages.forms import Slip, arrived, at_field
from keysteward.web.pages.visits import for_visitors, form_of, to_confirm
from keysteward.web.reading import context, read_form, run_beside
from keysteward.web.sessions import session_token
from keysteward.web.showing import show

_ABOUT_THE_ACCOUNT = (
    ACCOUNT_NOT_OPEN,
    KEY_EXISTS,
    NO_SUCH_ACCOUNT,
    NOT_AN_ADMIN,
    NOT_THE_PRESENTER,
    WRONG_PLAN,
)


@for_visitors
async def choose(request: Request, visitor: Visitor) -> Response:
    """`GET /go-live?handle=`: Select Go-Live account, or on to the key where it has arrived."""
    ctx, handle = context(request), request.query_params.get("handle", "")
    try:
        ticket = await run_beside(promotion.open_promotion, ctx, handle)
    except Refusal as refusal:
        return _press_again(request, visitor, refusal)
    if await run_in_threadpool(_manages, ctx, visitor, ticket.key):
        return RedirectResponse(f"/apps/{ticket.key}/after-go-live", 303)
    demand_fresh(visitor.actor, ctx.now, ctx.policy)
    return await _choices(request, visitor, handle, ticket, arrived(request))


@form_of("/")
async def go_live(request: Request, visitor: Visitor) -> Response:
    """`POST /go-live`: promote the key to the account that was chosen."""
    ctx, sent = context(request), await read_form(request)
    handle, account = sent.get("handle", ""), sent.get("account", "")
    try:
        ticket = await run_beside(promotion.open_promotion, ctx, handle)
    except Refusal as refusal:
        return _press_again(request, visitor, refusal)
    if errors := _left_out(sent):
        return await _choices(request, visitor, handle, ticket, Slip({"account": account}, errors, None, 422))
    try:
        promoted = await run_in_threadpool(promotion.promote, ctx, visitor.actor, handle, account)
    except Refusal as refusal:
        if refusal.kind is FRESH_SIGN_IN_NEEDED:
            return await to_confirm(request, "/go-live?" + urlencode({"handle": handle}))
        return await _choices(request, visitor, handle, ticket, _refused(refusal, account))
    await run_in_threadpool(signin.choose_account, ctx, session_token(request) or "", promoted.account)
    return RedirectResponse(f"/apps/{promoted.key}/after-go-live?done=promoted", 303)


async def _choices(request: Request, visitor: Visitor, handle: str, ticket: Ticket, slip: Slip) -> Response:
    ctx = context(request)
    choices = await run_in_threadpool(promotion.list_choices, ctx, visitor.actor, ticket)
    values = {
        "handle": handle,
        "ticket": _ticket(ticket),
        "accounts": [_choice(ctx, each) for each in choices],
        "chosen": slip.values.get("account") or _only(choices),
        "errors": slip.errors,
        "least_plan": ctx.policy.least_plan,
    }
    return show(request, "go_live_account.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _manages(ctx: Context, visitor: Visitor, key: str) -> bool:
    try:
        keys.view(ctx, visitor.actor, key)
    except Refusal as refusal:
        if refusal.kind in {NO_SUCH_KEY, NOT_AN_ADMIN}:
            return False
        raise
    return True


def _left_out(sent: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not sent.get("account"):
        errors["account"] = "Choose the account that will manage the key."
    if sent.get("terms") != "on":
        errors["terms"] = "Please confirm this before the key goes live."
    return errors


def _refused(refusal: Refusal, account: str) -> Slip:
    if refusal.kind not in _ABOUT_THE_ACCOUNT:
        raise refusal
    return Slip({"account": account}, {"account": at_field(refusal)}, None, refusal.kind.status)


def _ticket(ticket: Ticket) -> dict[str, object]:
    return {
        "name": ticket.name,
        "key": ticket.key,
        "contact": ticket.contact,
        "type_label": ticket.integration_type,
        "requester": ticket.requester.email,
        "presenter": ticket.presenter.email,
        "expires_at": ticket.expires_at,
        "named_account": ticket.account or "",
    }


def _choice(ctx: Context, choice: Choice) -> dict[str, str]:
    account, reason = choice.account, ""
    if choice.refused is not None:
        reason = at_field(Refusal(choice.refused, plan=ctx.policy.least_plan, state=account.state))
    return {"id": account.id, "name": account.name, "plan": account.plan, "reason": reason}


def _only(choices: list[Choice]) -> str:
    """The one account that can take the key, where it is one: chosen already."""
    eligible = [choice.account.id for choice in choices if choice.refused is None]
    return eligible[0] if len(eligible) == 1 else ""


def _press_again(request: Request, visitor: Visitor, refusal: Refusal) -> Response:
    ctx = context(request)
    links = [("Apps and Keys in demo", f"{ctx.counterpart.origin}/apps")] if ctx.environment == "production" else []
    values = {
        "title": refusal.sentence,
        "text": refusal.next_step,
        "kind": "warning",
        "code": refusal.kind.code,
        "facts": [],
        "links": [*links, ("Home", "/")],
    }
    return show(request, "error.html", values, status=refusal.kind.status, visitor=visitor)
