"""How do programs of operators handle accounts, and how do operators and organizations say who left?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import account_states, leavers
from keysteward.actions.account_states import AccountView, Opening
from keysteward.actions.leavers import Council, Gone, Operating
from keysteward.rules.accounts import Account
from keysteward.web.api.asking import account_of, actor_of, answered, nothing_more, organization_of, said
from keysteward.web.api.member_shapes import (
    Leaver,
    Leavers,
    NewAccount,
    NewLeaver,
    OperatedAccount,
    OperatedAccounts,
    PlanChange,
    StateChange,
)
from keysteward.web.api.members import user_of
from keysteward.web.reading import context, read_json


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
async def list_operated_accounts(request: Request) -> Response:
    """`GET /api/v1/accounts`: the newest, or those that are looked for."""
    ctx, actor, words = context(request), await actor_of(request), request.query_params.get("words", "")
    found = await run_in_threadpool(account_states.list_accounts, ctx, actor, words)
    return answered(said(OperatedAccounts([_account(each) for each in found])))


async def open_account(request: Request) -> Response:
    """`POST /api/v1/accounts`: for somebody, who is told by mail."""
    ctx, actor, body = context(request), await actor_of(request), await read_json(request, NewAccount)
    opening = Opening(body.name, body.plan, body.email, body.first_name, body.last_name)
    standing = await run_in_threadpool(account_states.open_for, ctx, actor, opening)
    return answered(said(_account(standing.account), 201))


async def show_operated_account(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}`: with how many people it has, and the live keys that it manages."""
    ctx, actor = context(request), await actor_of(request)
    view = await run_in_threadpool(account_states.view, ctx, actor, account_of(request))
    return answered(said(_seen(view)))


async def change_account_state(request: Request) -> Response:
    """`PUT /api/v1/accounts/{account}/state`: suspend, close or reopen it."""
    ctx, actor, account = context(request), await actor_of(request), account_of(request)
    body = await read_json(request, StateChange)
    deed = account_states.change_state
    await run_in_threadpool(deed, ctx, actor, account, body.deed, body.reason, is_forced=body.force)
    return await show_operated_account(request)


async def change_account_plan(request: Request) -> Response:
    """`PUT /api/v1/accounts/{account}/plan`."""
    ctx, actor, account = context(request), await actor_of(request), account_of(request)
    body = await read_json(request, PlanChange)
    await run_in_threadpool(account_states.change_plan, ctx, actor, account, body.plan, body.reason)
    return await show_operated_account(request)


def _account(account: Account) -> OperatedAccount:
    return OperatedAccount(
        account.id, account.number, account.name, account.plan, account.state, account.state_since, account.created_at
    )


def _seen(view: AccountView) -> OperatedAccount:
    shown = _account(view.account)
    shown.members, shown.admins, shown.live_keys = view.members, view.admins, [app.key for app in view.keys]
    return shown


# ── leavers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def list_leavers(request: Request) -> Response:
    """`GET /api/v1/leavers`: by the word of operators."""
    return await _list(request, Operating(await actor_of(request)))


async def report_leaver(request: Request) -> Response:
    """`POST /api/v1/leavers`: an operator closes a user."""
    return await _report(request, Operating(await actor_of(request)))


async def bring_leaver_back(request: Request) -> Response:
    """`DELETE /api/v1/leavers/{user}`: whoever said so."""
    return await _bring_back(request, Operating(await actor_of(request)))


async def list_organization_leavers(request: Request) -> Response:
    """`GET /api/v1/organizations/{organization}/leavers`."""
    return await _list(request, await _council(request))


async def report_organization_leaver(request: Request) -> Response:
    """`POST /api/v1/organizations/{organization}/leavers`: they lose all access that depends on it, at once."""
    return await _report(request, await _council(request))


async def bring_organization_leaver_back(request: Request) -> Response:
    """`DELETE /api/v1/organizations/{organization}/leavers/{user}`: what the organization said."""
    return await _bring_back(request, await _council(request))


async def _council(request: Request) -> Council:
    return Council(await actor_of(request), organization_of(request))


async def _list(request: Request, reporter: Operating | Council) -> Response:
    found = await run_in_threadpool(leavers.list_left, context(request), reporter)
    return answered(said(Leavers([_leaver(each) for each in found])))


async def _report(request: Request, reporter: Operating | Council) -> Response:
    ctx, body = context(request), await read_json(request, NewLeaver)
    user = await run_in_threadpool(leavers.find_by_email, ctx, reporter, body.email)
    left = await run_in_threadpool(leavers.report, ctx, reporter, user.id, body.reason)
    return answered(said(_leaver(Gone(left.departure, user)), 201))


async def _bring_back(request: Request, reporter: Operating | Council) -> Response:
    await run_in_threadpool(leavers.bring_back, context(request), reporter, user_of(request))
    return nothing_more()


def _leaver(gone: Gone) -> Leaver:
    departure, user = gone.departure, gone.user
    return Leaver(
        user=user.id, email=user.email, name=user.name, reported_at=departure.at, reported_by=departure.by,
        source=departure.source, reason=departure.reason, is_whole=departure.is_whole,
        accounts=list(departure.accounts),
    )  # fmt: skip
