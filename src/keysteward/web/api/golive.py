"""How does a program learn where a key stands, and take it to a passed review?"""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import golive as deeds
from keysteward.actions import keys
from keysteward.actions.context import Context
from keysteward.actions.idempotency import Answer
from keysteward.actions.readiness import outlook
from keysteward.rules import golive as rules
from keysteward.rules.access import START_REVIEWS
from keysteward.web.api.asking import actor_of, answered, id_of, key_of, once, said
from keysteward.web.api.golive_shapes import Review, Reviews
from keysteward.web.api.readiness import finding_of, readiness_of
from keysteward.web.api.shapes import Nothing
from keysteward.web.reading import context, read_json


async def show_readiness(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/readiness`: n of 20, the calls behind it, every rule, and the shortest way to pass."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(outlook, ctx, actor, key_of(request))
    return answered(said(readiness_of(found)))


async def list_reviews(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/reviews`: every review of a key."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(deeds.readiness, ctx, actor, key_of(request))
    return answered(said(Reviews([_review(ctx, review) for review in found.reviews])))


async def start_review(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/reviews`: start a Go-Live review; the evidence is cut at this instant."""
    ctx, actor = context(request), await actor_of(request)
    key, body = key_of(request), await read_json(request, Nothing)

    def perform() -> Answer:
        review = deeds.start_review(ctx, actor, key)
        location = f"/api/v1/keys/{review.key}/reviews/{review.id}"
        return said(_review(ctx, review), 201, {"Location": location})

    allowed = partial(keys.demand_manager, ctx, actor, key, START_REVIEWS)
    return await once(request, actor, body, perform, allowed)


async def show_review(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/reviews/{id}`: one review, with every finding."""
    ctx, actor = context(request), await actor_of(request)
    key, review = key_of(request), id_of(request, "review")
    _, found = await run_in_threadpool(deeds.load_review, ctx, actor, key, review)
    return answered(said(_review(ctx, found)))


def _review(ctx: Context, review: rules.Review) -> Review:
    return Review(
        id=review.id, key=review.key, status=rules.status_of_review(review, ctx.now, ctx.policy),
        started_at=review.started_at, requester=review.requester_email, settled_at=review.settled_at,
        expires_at=review.expires_at(ctx.policy), run=review.run, policy_version=review.policy_version,
        packs=list(review.packs), findings=[finding_of(finding) for finding in review.findings],
        evidence_digest=review.evidence_digest,
    )  # fmt: skip
