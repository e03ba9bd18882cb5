"""How is an API call admitted, and what is recorded of it?

The gateway and our own slice of the API ask here alike. A request becomes an API call once its token has verified;
what is refused before that is no call of any key.
"""

import hashlib
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import NamedTuple

from keysteward.actions import accounts, callers
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context, Word
from keysteward.rules.accounts import Standing
from keysteward.rules.calls import Call, exact_url, is_countable, is_polled, operation_of, redacted_query, shown_sdk
from keysteward.rules.keys import readable_from
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    APP_BLOCKED,
    APPLICATION_TOKEN,
    NO_TOKEN,
    NOT_A_MEMBER,
    NOT_RECORDED,
    SCOPE_MISSING,
    Refusal,
)
from keysteward.rules.routes import account_of, answers_pages, canonical, route_of
from keysteward.rules.routing import Route
from keysteward.store import consents, keys
from keysteward.store.directory import Directory
from keysteward.store.recorder import Outcome as Outcome  # noqa: PLC0414 — doors say with it how a call ended
from keysteward.store.recorder import RecorderFull

CALL = "keysteward-call+jwt"
READINESS = "X-GoLive-Ready"
CALLER_FACTS = ("environment", "key", "account", "user", "user_name", "email")
_CALL_SECONDS = 60
_SAID_AGAIN_SECONDS = 20
_SIGNATURE = ("signature",)


class Asked(NamedTuple):
    """A request as it came, and when: what is recorded of it whatever the answer.

    `route` is the one that it was admitted by, if the policy may have changed since; `operation` is empty where the
    path says what is done.
    """

    method: str
    path: str
    query: str
    sdk: str
    trace: str
    at: datetime
    route: Route | None = None
    operation: str = ""


class Answered(NamedTuple):
    """What an answer was. `account` is a GUID, or empty where the path names none."""

    status: int
    error_code: str
    account: str
    by_upstream: bool = False


def readable_by(ctx: Context, caller: Caller, origin: str, path: str) -> dict[str, str]:
    """The headers that let a page read the answer: its app lists the origin, its token has `cors`, the path an account.

    Source: Docusign, single page applications and CORS.
    """
    is_open = "cors" in caller.claims.scopes and answers_pages(ctx.policy, path)
    is_listed = is_open and origin in ctx.directory.find(keys.list_origins, caller.app.key)
    return readable_from(origin) if is_listed else {}


def admit(ctx: Context, authorization: str | None) -> Caller:
    """Whom the Authorization header speaks for; Bearer in any letter case."""
    if authorization is None:
        raise Refusal(NO_TOKEN)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal(NO_TOKEN)
    return callers.recognize(ctx, token.strip())


def demand_standing(ctx: Context, caller: Caller, route: Route, path: str) -> Standing:
    """The standing of the caller's user in the account that a path names; where none is named, in their default one."""
    if account := account_of(route, path):
        return demand_member(ctx, caller, account, route.scopes)
    first = demand_user(ctx, caller)[0]
    return demand_member(ctx, caller, first.account.id, route.scopes)


def demand_member(ctx: Context, caller: Caller, account: str, scopes: tuple[str, ...] = _SIGNATURE) -> Standing:
    """The standing of the caller's user in the account that the path names, by GUID or number."""
    if caller.user is None:
        raise Refusal(APPLICATION_TOKEN)
    for scope in scopes:
        demand_scope(caller, scope)
    return ctx.directory.conclude(_member, caller.app.key, caller.user.id, account)


def _member(directory: Directory, key: str, user: str, account: str) -> Standing:
    standing = accounts.find_standing(directory, user, account)
    if standing.account.state == "closed":
        raise Refusal(NOT_A_MEMBER)
    if key in directory.find(consents.list_blocked, standing.account.id):
        raise Refusal(APP_BLOCKED)
    return standing


def demand_user(ctx: Context, caller: Caller) -> list[Standing]:
    """The caller's own accounts, for calls whose path names none."""
    if caller.user is None:
        raise Refusal(APPLICATION_TOKEN)
    standings = accounts.list_standings(ctx, caller.user.id)
    if not standings:
        raise Refusal(NOT_A_MEMBER)
    return standings


def demand_scope(caller: Caller, scope: str) -> None:
    """Refuse a token that was not consented for this kind of call."""
    if scope not in caller.claims.scopes:
        raise Refusal(SCOPE_MISSING, scope=scope)


def vouch(ctx: Context, caller: Caller, standing: Standing, audience: str) -> str:
    """A signed word to the upstream: who calls, for which account, good for 40 to 60 seconds."""
    now, user = int(ctx.now.timestamp()), standing.user
    facts = (ctx.environment, caller.app.key, standing.account.id, user.id, user.name, user.email)
    kept = ctx.words.get((audience, *facts))
    if kept is not None and 0 <= now - kept.said_at < _SAID_AGAIN_SECONDS:
        return kept.text
    claims = {"iss": ctx.issuer, "aud": audience, "iat": now, "exp": now + _CALL_SECONDS}
    word = ctx.call_key.sign(CALL, claims | dict(zip(CALLER_FACTS, facts, strict=True)))
    ctx.words.add((audience, *facts), Word(word, now))
    return word


def published_keys(ctx: Context) -> list[dict[str, object]]:
    """The public half of the key that signs these words, as a JSON Web Key."""
    return [ctx.call_key.jwk()]


def canonical_path(ctx: Context, path: str, account: str) -> str:
    """The path as it is recorded: its words in lower case where case means nothing, and the account by its GUID.

    So a call is the same call whether its path names the account by GUID or by number.
    """
    route = route_of(ctx.policy, path)
    if account and route.names_account:
        return canonical(route, path, account)
    return path.lower() if route.any_case else path


def record(ctx: Context, caller: Caller, asked: Asked, answered: Answered) -> "Future[Mapping[str, str]]":
    """Queue a call for the evidence; the future is done once it is durable. Refuses where too many calls wait."""
    return queue(ctx, evidence_of(ctx, caller, asked, answered), ctx.policy if is_told(ctx, caller) else None)


def evidence_of(ctx: Context, caller: Caller, asked: Asked, answered: Answered) -> Call:
    """What is recorded of a call."""
    route = asked.route or route_of(ctx.policy, asked.path)
    policy, operation = ctx.policy, asked.operation or operation_of(asked.method, asked.path, route)
    by_upstream = answered.by_upstream
    countable, why_not = is_countable(route, answered.status, policy, by_upstream=by_upstream, operation=operation)
    shown = f"{asked.path}?{redacted_query(asked.query)}" if asked.query else asked.path
    return Call(
        key=caller.app.key,
        user=caller.user.id if caller.user else "",
        account=answered.account,
        at=asked.at,
        method=asked.method,
        url=shown[:2_000],
        url_digest=hashlib.sha256(exact_url(asked.path, asked.query, any_case=route.any_case).encode()).hexdigest(),
        route=route.name,
        operation=operation,
        status=answered.status,
        error_code=answered.error_code[:100],
        countable=countable,
        polled=is_polled(route, asked.method, policy, operation),
        why_not=why_not,
        sdk=shown_sdk(asked.sdk),
        trace=asked.trace,
    )


def queue(ctx: Context, call: Call, judged_by: Policy | None = None) -> "Future[Mapping[str, str]]":
    """Queue what is recorded of a call; done once it is durable, with what there is to tell of keys."""
    ctx.counts.count_call(call.route, call.status)
    try:
        return ctx.recorder.record(call, judged_by)
    except RecorderFull:
        raise Refusal(NOT_RECORDED, detail="the recorder is full") from None


def is_told(ctx: Context, caller: Caller) -> bool:
    """Whether a caller is told where its key stands: in demo, where the caller proved to be the app, until it is live.

    What a public client is told, a page or a device of anybody could read.
    """
    is_on = ctx.environment == "demo" and ctx.policy.readiness_on_answers
    return is_on and caller.claims.credential is not None and caller.app.live_at is None


def readiness_headers(caller: Caller, told: Mapping[str, str]) -> dict[str, str]:
    """The header that says where the caller's key stands, its newest durable call included."""
    stands = told.get(caller.app.key)
    return {} if stands is None else {READINESS: stands}


def complete(ctx: Context, outcome: Outcome) -> None:
    """Note how an answered call ended: best effort, once its answer has left."""
    ctx.recorder.complete(outcome)
