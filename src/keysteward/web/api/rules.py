"""How does a program learn by which rules keys are judged, and take a review's proof along?"""

from collections.abc import Iterable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import bundles, packs
from keysteward.actions.packs import Kept
from keysteward.rules.golive import REVIEW, RULES_VERSION
from keysteward.rules.judging import Rule
from keysteward.rules.pack_rules import rules_of
from keysteward.rules.policy import Policy
from keysteward.web.api.asking import actor_of, answered, id_of, key_of, said
from keysteward.web.api.rule_shapes import AskedRule, BuiltInRules, KnownPack, Rules
from keysteward.web.bundle_files import as_file
from keysteward.web.reading import context


async def list_rules(request: Request) -> Response:
    """`GET /api/v1/rules`: the built-in rules, and every version of every pack."""
    ctx = context(request)
    await actor_of(request)
    policy, known = ctx.policy, await run_in_threadpool(packs.list_versions, ctx)
    built_in = BuiltInRules(RULES_VERSION, _asked(REVIEW))
    return answered(said(Rules(policy.version, built_in, [_known(kept, policy) for kept in known])))


async def download_bundle(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/reviews/{id}/bundle`: a settled review with its evidence, signed."""
    ctx, actor = context(request), await actor_of(request)
    key, review = key_of(request), id_of(request, "review")
    return as_file(await run_in_threadpool(bundles.bundle_of, ctx, actor, key, review), review)


def _known(kept: Kept, policy: Policy) -> KnownPack:
    pack = kept.pack
    in_force = pack in policy.packs
    return KnownPack(pack.name, pack.version, in_force, kept.installed_at, _asked(rules_of(pack)), pack)


def _asked(rules: Iterable[Rule]) -> list[AskedRule]:
    return [AskedRule(rule.code, rule.asks, rule.source) for rule in rules]
