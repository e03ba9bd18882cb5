"""How is a key judged?"""

from dataclasses import replace
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.keys import list_apps, managed, seen
from keysteward.actions.review_notices import tell_verdict
from keysteward.rules.access import START_REVIEWS, Actor, demand_open
from keysteward.rules.approvals import is_asked, needs_a_person
from keysteward.rules.calls import Call
from keysteward.rules.events import Event
from keysteward.rules.golive import (
    RULES_VERSION,
    Evidence,
    Finding,
    Review,
    Status,
    is_due,
    judge,
    status,
    why_not_start,
)
from keysteward.rules.keys import App
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import KEY_DELETED, NO_SUCH_OBJECT, REVIEWS_ARE_IN_DEMO, Kind, Refusal
from keysteward.rules.words import new_guid
from keysteward.store import approvals, audit, decisions, golive, judged, keys, policy
from keysteward.store.database import Connection, lock

_CALLS_SHOWN = 50


class Readiness(NamedTuple):
    """Where a key stands: judged at this moment, nothing of it stored. `run` is n of the calls that are needed."""

    app: App
    status: Status
    run: int
    evidence: Evidence
    findings: tuple[Finding, ...]
    newest_calls: list[Call]
    reviews: list[Review]
    why_not_start: Kind | None
    policy: Policy


class Overview(NamedTuple):
    """Where an app stands, with its n and its newest review; `is_asked` says that an operator waits for an answer."""

    app: App
    status: Status
    run: int
    review: Review | None
    is_asked: bool = False


def readiness(ctx: Context, actor: Actor, key: str) -> Readiness:
    """Judge the key's newest calls as a review would now."""
    _demand_demo(ctx)
    with ctx.database.reading() as tx:
        app, _ = seen(ctx, tx, actor, key)
        evidence = _evidence(ctx, tx, app)
        newest = golive.list_newest_calls(tx, app.key, _CALLS_SHOWN)
        reviews = golive.list_reviews(tx, app.key)
    run = len(evidence.run(ctx.policy))
    current = status(app, reviews[0] if reviews else None, run, ctx.now, ctx.policy)
    return Readiness(
        app, current, run, evidence, judge(evidence, ctx.policy), newest, reviews, why_not_start(current), ctx.policy
    )


def overview(ctx: Context, actor: Actor, account: str) -> list[Overview]:
    """The apps that an account manages, newest first, deleted ones included, each with where it stands."""
    apps = list_apps(ctx, actor, account)
    with ctx.database.reading() as tx:
        return [overview_of(ctx, tx, app) for app in apps]


def status_of(ctx: Context, app: App) -> tuple[Status, int]:
    """An app's status on its way to production, and its n."""
    with ctx.database.reading() as tx:
        return _status(ctx, tx, app)


def start_review(ctx: Context, actor: Actor, key: str) -> Review:
    """Start a Go-Live review: the evidence is cut at this instant."""
    _demand_demo(ctx)
    with ctx.database.writing() as tx:
        lock(tx, "key", key.lower())
        app, standing = managed(tx, actor, key, START_REVIEWS)
        demand_open(standing)
        if app.deleted_at is not None:
            raise Refusal(KEY_DELETED, days=ctx.policy.restore_days)
        current, _ = _status(ctx, tx, app)
        if kind := why_not_start(current):
            raise Refusal(kind)
        numbers, cut = ctx.policy, golive.last_sequence(tx)
        packs = tuple(pack.headline for pack in numbers.packs)
        review = Review(new_guid(), app.key, ctx.now, actor.user, actor.email, cut, numbers.version, packs=packs)
        golive.save_review(tx, review, golive.count_reviews(tx, app.key) + 1)
        audit.record(tx, ctx.event("ReviewStarted", actor.email, key=app.key, account=app.account, review=review.id))
    return review


def load_review(ctx: Context, actor: Actor, key: str, review: str) -> tuple[App, Review]:
    """One review of a key."""
    _demand_demo(ctx)
    with ctx.database.reading() as tx:
        app, _ = seen(ctx, tx, actor, key)
        found = golive.find_review(tx, app.key, review.lower())
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="review")
    return app, found


def judged_by(ctx: Context, review: Review) -> Policy:
    """The numbers and rule packs that a review was or will be judged by, whichever apply now."""
    with ctx.database.reading() as tx:
        named = policy.find(tx, review.policy_version)
    return named.policy if named else ctx.policy


def settle_due(ctx: Context) -> int:
    """Give every review that waited long enough its verdict; return how many."""
    with ctx.database.reading() as tx:
        due = [review for review in golive.list_unsettled(tx) if is_due(review, ctx.now, ctx.policy)]
    return sum(_settle(ctx, review) for review in due)


def _demand_demo(ctx: Context) -> None:
    if ctx.environment != "demo":
        raise Refusal(REVIEWS_ARE_IN_DEMO)


def _settle(ctx: Context, review: Review) -> bool:
    """Judge a review by the version of the policy that it was started under, whichever applies now.

    It waits until every call before its cut has its outcome, or is too old to get one: none comes in afterwards, and
    what was judged can be judged again with the same result.
    """
    with ctx.database.writing() as tx:
        named = policy.find(tx, review.policy_version)
        numbers = named.policy if named else ctx.policy
        if decisions.has_pending(tx, review.key, review.cut_sequence, ctx.now):
            return False
        decisions.close(tx, review.key, review.cut_sequence, ctx.now)
        cut = (review.started_at, review.cut_sequence)
        evidence = golive.load_evidence(tx, review.key, numbers.calls_needed, *cut, looked_at=numbers.calls_looked_at)
        findings = judge(evidence, numbers)
        app = keys.find(tx, review.key)
        settled = replace(
            review,
            pending_since=ctx.now if not findings and app and needs_a_person(app, numbers) else None,
            settled_at=ctx.now,
            verdict="failed" if findings else "passed",
            findings=findings,
            run=len(evidence.run(numbers)),
            evidence_digest=golive.digest_of(evidence),
        )
        won = golive.settle_review(tx, settled)
        if won:
            judged.save(tx, settled.id, RULES_VERSION, evidence)
        if won and app:
            tell_verdict(ctx, tx, app, settled)
        if won:
            audit.record(tx, _settled_event(ctx, app, settled))
    return won


def _evidence(ctx: Context, tx: Connection, app: App) -> Evidence:
    policy = ctx.policy
    return golive.load_evidence(tx, app.key, policy.calls_needed, ctx.now, looked_at=policy.calls_looked_at)


def overview_of(ctx: Context, tx: Connection, app: App) -> Overview:
    """Where one app stands."""
    review = golive.find_newest_review(tx, app.key)
    asked = review is not None and review.is_pending and is_asked(approvals.list_notes(tx, review.id))
    return Overview(app, *_status(ctx, tx, app), review, asked)


def _settled_event(ctx: Context, app: App | None, review: Review) -> Event:
    said = {"review": review.id, "verdict": str(review.verdict), "evidence": review.evidence_digest}
    if review.is_pending:
        said["state"] = "pending approval"
    return ctx.event("ReviewSettled", "system", key=review.key, account=app.account if app else "", **said)


def _status(ctx: Context, tx: Connection, app: App) -> tuple[Status, int]:
    evidence = _evidence(ctx, tx, app)
    run = len(evidence.run(ctx.policy))
    return status(app, golive.find_newest_review(tx, app.key), run, ctx.now, ctx.policy), run
