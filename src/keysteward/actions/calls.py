"""How is an API call admitted, and what is recorded of it?

The gateway and our own slice of the API ask here alike. A request becomes an API call once its token has verified;
what is refused before that is no call of any key.
"""

import hashlib
import re
from concurrent.futures import Future
from datetime import datetime
from typing import NamedTuple

from keysteward.actions import accounts, callers
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context, Word
from keysteward.rules.accounts import Standing
from keysteward.rules.calls import Call, exact_url, is_countable, is_polled, operation_of, redacted_query, route_of
from keysteward.rules.keys import readable_from
from keysteward.rules.limits import headers
from keysteward.rules.refusals import (
    APP_BLOCKED,
    APPLICATION_TOKEN,
    NO_TOKEN,
    NOT_A_MEMBER,
    NOT_RECORDED,
    SCOPE_MISSING,
    Refusal,
)
from keysteward.store import consents, keys
from keysteward.store.recorder import Outcome as Outcome  # noqa: PLC0414 — doors say with it how a call ended
from keysteward.store.recorder import RecorderFull

CALL = "keysteward-call+jwt"
CALLER_FACTS = ("environment", "key", "account", "user", "user_name", "email")
_CALL_SECONDS = 60
_SAID_AGAIN_SECONDS = 20
_CORS_PATH = re.compile(r"/restapi/v2\.1/accounts/[^/]+", re.IGNORECASE)
_ACCOUNT_PATH = re.compile(r"(/restapi/v2(?:\.1)?/accounts/)[^/]+", re.IGNORECASE)


class Asked(NamedTuple):
    """A request as it came, and when: what is recorded of it whatever the answer."""

    method: str
    path: str
    query: str
    sdk: str
    trace: str
    at: datetime


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
    is_open = "cors" in caller.claims.scopes and _CORS_PATH.match(path)
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


def demand_member(ctx: Context, caller: Caller, account: str) -> Standing:
    """The standing of the caller's user in the account that the path names, by GUID or number."""
    if caller.user is None:
        raise Refusal(APPLICATION_TOKEN)
    demand_scope(caller, "signature")
    standing = accounts.find_standing(ctx, caller.user.id, account)
    if standing.account.state == "closed":
        raise Refusal(NOT_A_MEMBER)
    if caller.app.key in ctx.directory.find(consents.list_blocked, standing.account.id):
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


def limit_headers(ctx: Context, account: str, *, counts: bool = True) -> dict[str, str]:
    """What is left to an account; a call counts only for active members of the account that its path names."""
    measure = ctx.meter.count if counts else ctx.meter.look
    return headers(measure(account, ctx.now), ctx.policy, ctx.environment)


def uncounted_headers(ctx: Context, caller: Caller) -> dict[str, str]:
    """What is left to the caller's default account, for a call that does not count."""
    standings = accounts.list_standings(ctx, caller.user.id) if caller.user else []
    return limit_headers(ctx, standings[0].account.id, counts=False) if standings else {}


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


def canonical_path(path: str, account: str) -> str:
    """The path as it is recorded: its beginning in lower case, and the account by its GUID, if it is known.

    So a call is the same call whether its path names the account by GUID or by number.
    """
    found = _ACCOUNT_PATH.match(path)
    if found is None or not account:
        return path.lower()
    return f"{found[1].lower()}{account}{path[found.end() :]}"


def record(ctx: Context, caller: Caller, asked: Asked, answered: Answered) -> "Future[None]":
    """Queue a call for the evidence; the future is done once it is durable. Refuses where too many calls wait."""
    route = route_of(asked.path)
    countable, why_not = is_countable(route, answered.status, ctx.policy, by_upstream=answered.by_upstream)
    shown = f"{asked.path}?{redacted_query(asked.query)}" if asked.query else asked.path
    call = Call(
        key=caller.app.key,
        user=caller.user.id if caller.user else "",
        account=answered.account,
        at=asked.at,
        method=asked.method,
        url=shown[:2_000],
        url_digest=hashlib.sha256(exact_url(asked.path, asked.query).encode()).hexdigest(),
        route=route.name,
        operation=operation_of(asked.method, asked.path),
        status=answered.status,
        error_code=answered.error_code[:100],
        countable=countable,
        polled=is_polled(route, asked.method),
        why_not=why_not,
        sdk=asked.sdk[:200],
        trace=asked.trace,
    )
    try:
        return ctx.recorder.record(call)
    except RecorderFull:
        raise Refusal(NOT_RECORDED, detail="the recorder is full") from None


def complete(ctx: Context, outcome: Outcome) -> None:
    """Note how an answered call ended: best effort, once its answer has left."""
    ctx.recorder.complete(outcome)
