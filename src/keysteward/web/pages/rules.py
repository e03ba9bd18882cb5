"""By which rules are keys judged? The built-in ones and those of every pack, and a review's proof as a file."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import bundles, packs
from keysteward.actions.packs import Kept
from keysteward.actions.signin import Visitor
from keysteward.rules.golive import REVIEW, RULES_VERSION
from keysteward.rules.pack_words import asked, read_as
from keysteward.rules.packs import ExampleCall, Pack, Reading, code_of
from keysteward.rules.policy import Policy
from keysteward.web.bundle_files import as_file
from keysteward.web.pages.visits import for_visitors
from keysteward.web.reading import context
from keysteward.web.sessions import visitor_or_none
from keysteward.web.showing import show

Shown = dict[str, Any]


async def listed(request: Request) -> Response:
    """`GET /help/rules`: every rule of every pack, whoever asks."""
    ctx = context(request)
    policy, known = ctx.policy, await run_in_threadpool(packs.list_versions, ctx)
    values = {
        "built_in": {
            "version": RULES_VERSION,
            "rules": [_row(rule.code, rule.asks, "", rule.source) for rule in REVIEW],
        },
        "in_force": [_shown(kept, policy) for kept in known if kept.pack in policy.packs],
        "earlier": [_shown(kept, policy) for kept in known if kept.pack not in policy.packs],
    }
    return show(request, "rules.html", values, visitor=await visitor_or_none(request))


@for_visitors
async def download_bundle(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/reviews/{id}/bundle`: a settled review with its evidence, signed."""
    ctx, key, review = context(request), request.path_params["key"], request.path_params["id"]
    return as_file(await run_in_threadpool(bundles.bundle_of, ctx, visitor.actor, key, review), review)


def _shown(kept: Kept, policy: Policy) -> Shown:
    pack = kept.pack
    return {
        "name": pack.name,
        "version": pack.version,
        "says": pack.says,
        "author": pack.author,
        "routes": pack.routes,
        "installed_at": kept.installed_at,
        "rules": _rules(pack, policy),
        "examples": [
            {"says": each.says, "calls": list(map(_called, each.calls)), "finds": each.finds} for each in pack.examples
        ],
    }


def _rules(pack: Pack, policy: Policy) -> list[Shown]:
    readings = [_row("", "How calls are read", _reading(reading), reading.source) for reading in pack.readings]
    needed = policy.calls_needed
    return readings + [_row(code_of(pack, rule), rule.asks, asked(rule, needed), rule.source) for rule in pack.rules]


def _row(code: str, asks: str, detail: str, source: str) -> Shown:
    return {"code": code, "asks": asks, "detail": detail, "source": source}


def _reading(reading: Reading) -> str:
    return f"{', '.join(reading.operations)}: {'; '.join(read_as(reading))}."


def _called(call: ExampleCall) -> str:
    times = f"{call.times} × " if call.times > 1 else ""
    return f"{times}{call.operation} → {call.status}"
