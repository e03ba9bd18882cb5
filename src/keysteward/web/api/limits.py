"""How does a program learn an account's limits, and whether a call would pass?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import limits, would_pass
from keysteward.actions.would_pass import Preview
from keysteward.rules.limits import LONGEST_WINDOW, Count, Limits, Override
from keysteward.web.api.asking import account_of, actor_of, answered, said
from keysteward.web.api.limit_shapes import (
    AccountLimits,
    CallLimits,
    CallPreview,
    CallRefusal,
    CallsPassed,
    CallToTry,
    LimitOverride,
    LimitTrial,
)
from keysteward.web.reading import context, read_json


async def show_limits(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/limits`: what applies, what is used, and how it came to be."""
    ctx, actor = context(request), await actor_of(request)
    shown = await run_in_threadpool(limits.show_to_admin, ctx, actor, account_of(request))
    count = await run_in_threadpool(limits.look, ctx, shown.account.id)
    trials = [
        LimitTrial(_limits(each.trial.candidate), each.calls, each.refused, each.trial.hour) for each in shown.trials
    ]
    return answered(said(AccountLimits(
        _limits(shown.measure.limits), _passed(count), int(shown.measure.burst_window.total_seconds()),
        _limits(shown.measure.candidate) if shown.measure.candidate else None,
        [_override(each) for each in shown.overrides], trials,
    )))  # fmt: skip


async def preview_call(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/would-pass`: nothing is counted, and no token is needed."""
    ctx, actor, account = context(request), await actor_of(request), account_of(request)
    asked = await read_json(request, CallToTry)
    found = await run_in_threadpool(would_pass.preview, ctx, actor, account, asked.key, asked.user or "")
    refusal, measured = _refusal(found), _limits(found.measure.limits)
    return answered(said(CallPreview(refusal is None, refusal, measured, _passed(found.counted))))


def _refusal(found: Preview) -> CallRefusal | None:
    if found.refusal is None:
        return None
    kind = found.refusal.kind
    return CallRefusal(kind.status, kind.error_code, found.refusal.sentence, found.why)


def _limits(found: Limits) -> CallLimits:
    return CallLimits(found.hourly, found.burst)


def _passed(count: Count) -> CallsPassed:
    window = count.window
    return CallsPassed(window.hourly, window.burst, window.hour + LONGEST_WINDOW)


def _override(each: Override) -> LimitOverride:
    return LimitOverride(
        each.number, each.hourly, each.burst, each.candidate_hourly, each.candidate_burst, each.reason, each.made_by,
        each.made_at,
    )  # fmt: skip
