"""How do operators' programs read the policy, change it, and propose what loosens it?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import policy as policies
from keysteward.actions import policy_changes
from keysteward.actions.context import Context
from keysteward.actions.idempotency import Answer
from keysteward.actions.policy import Version
from keysteward.actions.policy_changes import Case, Change, Outcome
from keysteward.rules.access import Actor
from keysteward.rules.numbers import changed
from keysteward.rules.policy_text import write
from keysteward.rules.refusals import NO_SUCH_OBJECT, Refusal
from keysteward.web.api.asking import actor_of, answered, id_of, once, person_of, said, version_of
from keysteward.web.api.policy_shapes import (
    EndedProposal,
    PolicyChange,
    PolicyNumbers,
    PolicyOutcome,
    PolicyProposal,
    PolicyProposals,
    PolicyVersion,
    PolicyVersions,
)
from keysteward.web.reading import context, read_json


async def show_policy(request: Request) -> Response:
    """`GET /api/v1/policy`: the version in force; the ETag is its number."""
    return _shown((await _versions(request))[0])


async def list_policy_versions(request: Request) -> Response:
    """`GET /api/v1/policy/versions`."""
    versions = await _versions(request)
    pairs = zip(versions, [*versions[1:], None], strict=True)
    return answered(said(PolicyVersions([_version(each, before) for each, before in pairs])))


async def show_policy_version(request: Request) -> Response:
    """`GET /api/v1/policy/versions/{number}`."""
    number = str(request.path_params["number"])
    found = next((each for each in await _versions(request) if str(each.policy.version) == number), None)
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="version of the policy")
    return _shown(found)


async def change_policy(request: Request) -> Response:
    """`POST /api/v1/policy/changes`: applied at once, or proposed where it loosens what guards keys."""
    ctx, actor, body = context(request), await actor_of(request), await read_json(request, PolicyChange)
    base = version_of(request)

    def perform() -> Answer:
        seen = policies.load(ctx, 0).policy.version if base is None else base
        return said(
            _outcome(ctx, actor, policy_changes.change(ctx, actor, Change(body.numbers, body.reason, seen))), 201
        )

    return await once(request, actor, body, perform, lambda: policy_changes.demand_editor(ctx, actor))


async def list_policy_proposals(request: Request) -> Response:
    """`GET /api/v1/policy/proposals`."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(policy_changes.list_proposals, ctx, actor)
    return answered(said(PolicyProposals([_proposal(ctx, each) for each in found])))


async def show_policy_proposal(request: Request) -> Response:
    """`GET /api/v1/policy/proposals/{id}`."""
    return await _case(request, await actor_of(request))


async def approve_policy_proposal(request: Request) -> Response:
    """`POST /api/v1/policy/proposals/{id}/approvals`: a second operator looked at it; it applies at once."""
    ctx, actor = context(request), await person_of(request)
    await run_in_threadpool(policy_changes.approve, ctx, actor, id_of(request, "proposal"))
    return await _case(request, actor, 201)


async def end_policy_proposal(request: Request) -> Response:
    """`POST /api/v1/policy/proposals/{id}/endings`: withdraw one's own, decline another's."""
    ctx, actor, body = context(request), await actor_of(request), await read_json(request, EndedProposal)
    await run_in_threadpool(policy_changes.end, ctx, actor, id_of(request, "proposal"), body.reason)
    return await _case(request, actor, 201)


async def _versions(request: Request) -> list[Version]:
    return await run_in_threadpool(policy_changes.list_versions, context(request), await actor_of(request))


async def _case(request: Request, actor: Actor, status: int = 200) -> Response:
    ctx = context(request)
    found = await run_in_threadpool(policy_changes.load_proposal, ctx, actor, id_of(request, "proposal"))
    return answered(said(_proposal(ctx, found), status))


def _shown(version: Version) -> Response:
    policy = version.policy
    shown = PolicyNumbers(
        policy.version, version.applied_at, version.author, version.second, version.reason, write(policy)
    )
    return answered(said(shown, headers={"ETag": f'"{policy.version}"'}))


def _version(version: Version, before: Version | None) -> PolicyVersion:
    names = changed(before.policy, version.policy) if before else ()
    return PolicyVersion(
        version.policy.version, version.applied_at, version.author, version.second, version.reason, list(names)
    )


def _outcome(ctx: Context, actor: Actor, outcome: Outcome) -> PolicyOutcome:
    if outcome.proposal is None:
        return PolicyOutcome(outcome.version.policy.version if outcome.version else None, None)
    return PolicyOutcome(None, _proposal(ctx, policy_changes.load_proposal(ctx, actor, outcome.proposal.id)))


def _proposal(ctx: Context, case: Case) -> PolicyProposal:
    found, ended = case.proposal, case.proposal.ended
    looser = [each.name for each in case.differences if each.is_looser]
    return PolicyProposal(
        found.id, found.base, case.state, dict(found.numbers), looser,
        found.by_email, found.reason, found.at, found.expires_at(ctx.policy), ended.by_email if ended else "",
        ended.at if ended else None, ended.reason if ended else "",
    )  # fmt: skip
