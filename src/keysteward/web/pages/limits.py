"""How much may the account in use call, and would a call pass?"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import limits, would_pass
from keysteward.actions.limits import Shown, Tried
from keysteward.actions.signin import Visitor
from keysteward.actions.would_pass import Preview
from keysteward.rules.limits import LONGEST_WINDOW, Count, Limits, Override
from keysteward.rules.policy_text import duration
from keysteward.web.pages.lists import Column, Table, read
from keysteward.web.pages.visits import account_in_use, for_visitors
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show

_NAMES = {
    "hourly": "Calls an hour",
    "burst": "Calls in a burst",
    "candidate_hourly": "Tried, an hour",
    "candidate_burst": "Tried, in a burst",
}
_HISTORY = Table(
    "limits",
    (
        Column("Limits", "limits", sorts=False),
        Column("Why", "reason", sorts=False),
        Column("By", "made_by"),
        Column("When", "made_at", "moment"),
    ),
    ("limits", "reason", "made_by"),
    "Words, or who did it",
    prefix="history-",
)
_NO_GUID = "This is no GUID. It looks like 7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11."


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /account/limits`: what applies, what is left, how it came to be; and an answer to `?key=…&user=…`."""
    ctx, account = context(request), account_in_use(visitor).account.id
    listing = read(request, _HISTORY)
    found = await run_in_threadpool(limits.show_to_admin, ctx, visitor.actor, account)
    count = await run_in_threadpool(limits.look, ctx, account)
    asked = {name: request.query_params.get(name, "").strip()[:100] for name in ("key", "user")}
    errors = {name: _NO_GUID if value and not is_uuid(value) else "" for name, value in asked.items()}
    history = [_override(each) | {"is_now": place == 0} for place, each in enumerate(found.overrides)]
    part = listing.arranged(history)
    if listing.is_download:
        return listing.download(part.rows)
    answer = None
    if asked["key"] and not any(errors.values()):
        answer = await run_in_threadpool(would_pass.preview, ctx, visitor.actor, account, asked["key"], asked["user"])
    values = {
        "limits": _left(found, count),
        "hour_ends": count.window.hour + LONGEST_WINDOW,
        "is_apart": ctx.meter.is_apart,
        "candidate": _limits(found.measure.candidate) if found.measure.candidate else None,
        "trials": [_trial(each) for each in found.trials],
        "overrides": part.rows,
        "listing": listing.shown(part),
        "asked": asked,
        "errors": errors,
        "answer": _answer(answer) if answer else None,
    }
    return show(request, "limits.html", values, visitor=visitor)


def _left(found: Shown, count: Count) -> dict[str, str]:
    applies, window = found.measure.limits, count.window
    return _limits(applies) | {
        "hourly_left": f"{max(0, applies.hourly - window.hourly):,}",
        "burst_left": f"{max(0, applies.burst - window.burst):,}",
        "window": duration(found.measure.burst_window),
    }


def _limits(found: Limits) -> dict[str, str]:
    return {name: f"{number:,}" for name, number in found._asdict().items()}


def _trial(each: Tried) -> dict[str, Any]:
    counts = {"calls": f"{each.calls:,}", "refused": f"{each.refused:,}"}
    return _limits(each.trial.candidate) | counts | {"hour": each.trial.hour}


def _override(each: Override) -> dict[str, Any]:
    numbers = ((words, getattr(each, name)) for name, words in _NAMES.items())
    says = [(words, f"{number:,}") for words, number in numbers if number is not None]
    return {
        "says": says,
        "limits": ", ".join(f"{words}: {number}" for words, number in says) or "As everybody’s",
        "reason": each.reason,
        "made_by": each.made_by,
        "made_at": each.made_at,
    }


def _answer(found: Preview) -> dict[str, Any]:
    refusal = found.refusal
    if refusal is None:
        return {"passes": True}
    kind = refusal.kind
    said = {"code": kind.error_code, "status": kind.status, "sentence": refusal.sentence}
    return {"passes": False, "why": found.why} | said
