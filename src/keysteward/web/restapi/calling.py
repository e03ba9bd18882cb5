"""How does each of our own API calls pass?

In order: the token verifies, the caller is measured against what the call needs, the question is answered, the call is
recorded; then, not before, the first byte of the answer leaves. What is refused before the token verified is no call.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps

import structlog
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import accounts, callers, calls, legacy, limits
from keysteward.actions.accounts import OrganizationView
from keysteward.actions.callers import Caller
from keysteward.actions.calls import Answered, Asked, Outcome
from keysteward.actions.context import Context, Unreachable
from keysteward.actions.quickly import durable, in_line, quickly
from keysteward.rules.accounts import Account, Standing
from keysteward.rules.calls import sdk_of
from keysteward.rules.legacy_forms import HEADER
from keysteward.rules.refusals import FAILED, LEGACY_RETIRED, NO_SUCH_OBJECT, NOT_RECORDED, Refusal
from keysteward.rules.signin import Source
from keysteward.web.answers import encoded, is_legacy, json_answer, refusal_answer, vocabulary_of
from keysteward.web.reading import client_address, context, read_bytes, trace

Endpoint = Callable[[Request], Awaitable[Response]]

log = structlog.get_logger()


@dataclass(slots=True)
class Ask:
    """A call whose token verified. `account` is the GUID of the account that its path names, once that is known.

    A legacy call is no API call: it is not recorded, and counts towards no limit. `limits` are the headers that say
    what is left to the account, once that is known.
    """

    ctx: Context
    caller: Caller
    path: Mapping[str, str]
    query: QueryParams
    account: str = ""
    is_legacy: bool = False
    limits: dict[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def measure(self, account: str, *, counts: bool = True) -> None:
        """Hold the call against the limits of an account; refuse one too many."""
        measured = limits.measure(self.ctx, account, counts=counts and not self.is_legacy)
        self.limits = measured.headers
        if measured.refusal is not None:
            raise measured.refusal


Answer = Callable[[Ask], object]


def in_account(answer: Callable[[Ask, Standing], object]) -> Endpoint:
    """Below an account, for its active members only."""

    @wraps(answer)
    def judged(ask: Ask) -> object:
        standing = calls.demand_member(ask.ctx, ask.caller, ask.path["account"])
        ask.account = standing.account.id
        ask.measure(ask.account)
        return answer(ask, standing)

    return _recorded(judged)


def for_user(answer: Callable[[Ask, list[Standing]], object]) -> Endpoint:
    """Outside of any account, for users; their default account comes first."""

    @wraps(answer)
    def judged(ask: Ask) -> object:
        standings = calls.demand_user(ask.ctx, ask.caller)
        calls.demand_scope(ask.caller, "signature")
        ask.measure(standings[0].account.id)
        return answer(ask, standings)

    return _recorded(judged)


def with_scope(scope: str) -> Callable[[Answer], Endpoint]:
    """Outside of any organization, for tokens with a scope of the Admin API."""

    def endpoint_of(answer: Answer) -> Endpoint:
        @wraps(answer)
        def judged(ask: Ask) -> object:
            calls.demand_scope(ask.caller, scope)
            if account := limits.default_account(ask.ctx, ask.caller):
                ask.measure(account)
            return answer(ask)

        return _recorded(judged)

    return endpoint_of


def in_organization(scope: str) -> Callable[[Callable[[Ask, OrganizationView], object]], Endpoint]:
    """Below an organization, for its admins and for the apps that it authorized."""

    def endpoint_of(answer: Callable[[Ask, OrganizationView], object]) -> Endpoint:
        @wraps(answer)
        def judged(ask: Ask) -> object:
            calls.demand_scope(ask.caller, scope)
            user, authorized = standing_of(ask)
            view = accounts.find_organization(ask.ctx, user, authorized, ask.path["organization"])
            return answer(ask, view)

        return _recorded(judged)

    return endpoint_of


def standing_of(ask: Ask) -> tuple[str | None, frozenset[str]]:
    """What opens organizations to a caller: being a user, or the authorizations of an application token."""
    if ask.caller.user is not None:
        return ask.caller.user.id, frozenset()
    return None, callers.authorized_organizations(ask.ctx, ask.caller)


def linked_account(ask: Ask, view: OrganizationView, name: str) -> Account:
    """An account of an organization by GUID or number; a foreign and an unknown one get one and the same refusal."""
    for account in view.accounts:
        if name.lower() in {account.id, str(account.number)}:
            ask.account = account.id
            ask.measure(account.id, counts=_is_member(ask, account.id))
            return account
    raise Refusal(NO_SUCH_OBJECT, thing="account")


def _is_member(ask: Ask, account: str) -> bool:
    user = ask.caller.user
    return user is not None and account in {each.account.id for each in accounts.list_standings(ask.ctx, user.id)}


def _recorded(answer: Answer) -> Endpoint:
    @wraps(answer)
    async def endpoint(request: Request) -> Response:
        began, arrived_at = time.perf_counter(), context(request).now
        body = await read_bytes(request)
        ask = await _admitted(request, body)
        response, error_code = await run_in_threadpool(_answered, request, ask, answer)
        await _record(request, ask, arrived_at, Answered(response.status_code, error_code, ask.account))
        if not ask.is_legacy:
            response.background = BackgroundTask(_complete, request, began, len(body), len(response.body))
        return response

    return endpoint


async def _admitted(request: Request, body: bytes) -> Ask:
    ctx, headers = context(request), request.headers
    if is_legacy(request):
        caller = request.scope["keysteward.caller"] = await _admitted_legacy(request, body)
        return Ask(ctx, caller, request.path_params, request.query_params, is_legacy=True, headers=headers, body=body)
    caller = request.scope["keysteward.caller"] = await quickly(ctx, calls.admit, headers.get("authorization"))
    if origin := headers.get("origin"):
        said = await quickly(ctx, calls.readable_by, caller, origin, request.scope["keysteward.path"])
        request.scope["keysteward.headers"].update(encoded(said))
    return Ask(ctx, caller, request.path_params, request.query_params, headers=headers, body=body)


async def _admitted_legacy(request: Request, body: bytes) -> Caller:
    """Whom a legacy call of the eSignature API speaks for; the Admin API never took one."""
    ctx, headers = context(request), request.headers
    if vocabulary_of(request.url.path) != "rest":
        raise Refusal(LEGACY_RETIRED)
    await quickly(ctx, legacy.demand_open)
    source = Source(client_address(request), headers.get("user-agent", ""))
    sdk = sdk_of(headers.get("x-docusign-sdk", ""), source.agent)
    if HEADER in headers:
        found = await in_line(ctx, legacy.admit_header, headers[HEADER], source, sdk)
    else:
        found = await in_line(ctx, legacy.admit_soap, body, source, sdk)
    request.scope["keysteward.headers"].update(encoded(found.headers))
    return found.caller


def _answered(request: Request, ask: Ask, answer: Answer) -> tuple[Response, str]:
    """The answer, its limits among the headers, and the code of its refusal."""
    try:
        found = answer(ask)
        response = found if isinstance(found, Response) else json_answer(found, headers={"Cache-Control": "no-store"})
        error_code = ""
    except Refusal as refusal:
        response, error_code = _refused(request, refusal)
    except Unreachable:
        raise
    except Exception:
        log.exception("request failed", trace=trace(request), path=request.url.path)
        response, error_code = _refused(request, Refusal(FAILED))
    if not ask.limits and (account := limits.default_account(ask.ctx, ask.caller)):
        ask.measure(account, counts=False)
    request.scope["keysteward.headers"].update(encoded(ask.limits))
    return response, error_code


def _refused(request: Request, refusal: Refusal) -> tuple[Response, str]:
    is_admin = vocabulary_of(request.url.path) == "admin"
    return refusal_answer(request, refusal), refusal.kind.error if is_admin else refusal.kind.error_code


async def _record(request: Request, ask: Ask, arrived_at: datetime, answered: Answered) -> None:
    """Make the call durable; what cannot be recorded is not answered."""
    if ask.is_legacy:
        return
    headers = request.headers
    asked = Asked(
        method=request.method,
        path=calls.canonical_path(ask.ctx, request.scope["keysteward.path"], ask.account),
        query=request.url.query,
        sdk=sdk_of(headers.get("x-docusign-sdk", ""), headers.get("user-agent", "")),
        trace=trace(request),
        at=arrived_at,
    )
    try:
        told = await durable(calls.record(ask.ctx, ask.caller, asked, answered))
    except Exception as error:
        raise Refusal(NOT_RECORDED, detail=repr(error)) from error
    request.scope["keysteward.headers"].update(encoded(calls.readiness_headers(ask.caller, told)))


async def _complete(request: Request, began: float, request_bytes: int, answer_bytes: int) -> None:
    microseconds = int((time.perf_counter() - began) * 1_000_000)
    ended = Outcome(trace(request), microseconds, request_bytes, answer_bytes, completed=True)
    calls.complete(context(request), ended)
