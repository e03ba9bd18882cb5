"""How does a program learn who still authenticates the old way?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions.context import Context
from keysteward.actions.legacy_cockpit import Calling, KeyUse, cockpit
from keysteward.rules.legacy import Replacement, brown_out_shown, plan
from keysteward.web.api.asking import account_of, actor_of, answered, said
from keysteward.web.api.legacy_shapes import (
    BrownOut,
    LegacyCaller,
    LegacyDay,
    LegacyKey,
    LegacyReplacement,
    LegacyUse,
    LegacyWaiver,
)
from keysteward.web.reading import context


async def show_legacy(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/legacy`: who still authenticates the old way, and what replaces it."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(cockpit, ctx, actor, account_of(request))
    phase, since, coming = plan(ctx.policy, ctx.now)
    return answered(said(LegacyUse(phase, coming, since, _brown_out(ctx), [_key(use) for use in found])))


def _brown_out(ctx: Context) -> BrownOut | None:
    window = brown_out_shown(ctx.policy, ctx.now)
    return BrownOut(window.begins, window.ends) if window else None


def _key(use: KeyUse) -> LegacyKey:
    waiver = use.waiver
    return LegacyKey(
        use.app.key, use.app.name, use.passed, use.refused, [LegacyDay(*day) for day in use.days],
        [_caller(each) for each in use.calling], _replacement(use.replacement), list(use.steps),
        LegacyWaiver(waiver.owner, waiver.reason, waiver.until) if waiver else None,
    )  # fmt: skip


def _caller(each: Calling) -> LegacyCaller:
    return LegacyCaller(
        each.person.id or None, each.person.email or None, each.passed, each.refused, each.last_at, each.address,
        each.sdk, _replacement(each.replacement),
    )  # fmt: skip


def _replacement(found: Replacement) -> LegacyReplacement:
    return LegacyReplacement(found.grant, found.why, found.source)
