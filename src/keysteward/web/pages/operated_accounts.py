"""How do operators open, suspend, close and reopen accounts, and change their plans?"""

from collections.abc import Callable
from functools import partial
from typing import get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import account_states, lists
from keysteward.actions.account_states import Opening
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import Account
from keysteward.rules.people import StateDeed
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.web.pages.conflicts import Field, came_back, is_late, tell
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context
from keysteward.web.showing import show

_PAGE = "/accounts/{account}"
_OPENING = ("name", "plan", "email", "first_name", "last_name")
_STATES = {"open": "Open", "suspended": "Suspended", "closed": "Closed"}
_ACCOUNTS = Table(
    "operated-accounts",
    (
        Column("Account", "name"),
        Column("Account ID", "id", sorts=False, is_shown=False),
        Column("Number", "number", "number", is_shown=False),
        Column("Plan", "plan"),
        Column("State", "state", sorts=False),
        Column("Opened", "created_at", "moment"),
    ),
    ("name",),
    "Name, account ID or number",
    (Filter("state", "State", _STATES, "Every state"), Filter("plan", "Plan", {}, "Every plan")),
    actions=True,
)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /accounts`: the newest, or those that are looked for."""
    return await _listed(request, visitor, arrived(request))


@for_visitors
async def open_account(request: Request, visitor: Visitor) -> Response:
    """`POST /accounts`: for somebody, who becomes its admin."""
    typed = await read_fields(request, *_OPENING)
    opening = Opening(*(typed[name] for name in _OPENING))
    try:
        await run_in_threadpool(account_states.open_for, context(request), visitor.actor, opening)
    except Refusal as refusal:
        return await _listed(request, visitor, refused(refusal, typed, *_OPENING))
    return done("/accounts", "account-opened")


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /accounts/{account}`: one account; of its people and keys only how many there are."""
    return await _shown(request, visitor, arrived(request))


@form_of(_PAGE)
async def change_state(request: Request, visitor: Visitor) -> Response:
    """`POST /accounts/{account}/state`: suspend, close or reopen it."""
    typed = await read_fields(request, "deed", "reason", "forced")
    try:
        wanted = _deed_of(typed["deed"])
    except Refusal as refusal:
        return await _shown(request, visitor, refused(refusal, typed, "reason"))
    deed = partial(
        account_states.change_state, hand=visitor.actor, deed=wanted, reason=typed["reason"],
        is_forced=bool(typed["forced"]),
    )  # fmt: skip
    return await _do(request, visitor, deed, typed)


@form_of(_PAGE)
async def change_plan(request: Request, visitor: Visitor) -> Response:
    """`POST /accounts/{account}/plan`: keys that are live there stay."""
    typed = await read_fields(request, "plan", "plan_reason", "version")
    deed = partial(
        account_states.change_plan, hand=visitor.actor, plan=typed["plan"], reason=typed["plan_reason"],
        seen=typed.pop("version"),
    )  # fmt: skip
    return await _do(request, visitor, deed, typed)


def _deed_of(unverified_deed: str) -> StateDeed:
    for deed in get_args(StateDeed):
        if deed == unverified_deed:
            found: StateDeed = deed
            return found
    raise Refusal(INVALID_FIELD, field="deed", reason="choose one of the buttons.")


async def _do(request: Request, visitor: Visitor, deed: Callable[..., object], typed: dict[str, str]) -> Response:
    account = str(request.path_params["account"])
    try:
        await run_in_threadpool(partial(deed, context(request), account=account))
    except Refusal as refusal:
        if is_late(refusal):
            view = await run_in_threadpool(account_states.view, context(request), visitor.actor, account)
            tell(request, refusal, _PAGE.format(account=account), [Field("Plan", view.account.plan, typed["plan"])])
        return await _shown(request, visitor, came_back(refusal, typed, *typed))
    return done(_PAGE.format(account=account), "account-changed")


async def _listed(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx = context(request)
    listing = read(request, _ACCOUNTS.with_values("plan", {plan: plan for plan in ctx.policy.plans}), "/accounts")
    found = await run_in_threadpool(lists.list_accounts, ctx, visitor.actor, listing.wanted)
    if listing.is_download:
        return listing.download(map(_row, found.rows))
    values = {
        "accounts": found.rows,
        "listing": listing.shown(found),
        "plans": ctx.policy.plans,
        "values": dict.fromkeys(_OPENING, "") | dict(slip.values),
        "errors": slip.errors,
    }
    return show(request, "operated_accounts.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _row(account: Account) -> dict[str, object]:
    return {each.name: getattr(account, each.name) for each in _ACCOUNTS.columns}


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx: Context = context(request)
    view = await run_in_threadpool(account_states.view, ctx, visitor.actor, str(request.path_params["account"]))
    values = view._asdict() | {
        "keys": [{"name": app.name, "key": app.key} for app in view.keys],
        "plans": [plan for plan in ctx.policy.plans if plan != view.account.plan],
        "values": dict.fromkeys(("reason", "plan", "plan_reason"), "") | dict(slip.values),
        "errors": slip.errors,
    }
    return show(request, "operated_account.html", values, status=slip.status, visitor=visitor, notice=slip.notice)
