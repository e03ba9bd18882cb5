"""How does a review get through the hands of a person?

Operators ask, approve and decline; an admin of the key's account answers. All of it stays, in its order.
"""

from dataclasses import replace
from typing import NamedTuple

from keysteward.actions import review_notices
from keysteward.actions.context import Context
from keysteward.actions.keys import managed, seen
from keysteward.actions.operators import demand_operator
from keysteward.rules import approvals as rules
from keysteward.rules.access import READ_KEYS, START_REVIEWS, Actor, demand_open
from keysteward.rules.accounts import Account
from keysteward.rules.approvals import DECIDE, Hand, Note, NoteKind, checked_lines, is_asked, why_not_answer
from keysteward.rules.events import Name
from keysteward.rules.golive import Choice, Evidence, Review, Ruling, is_expired
from keysteward.rules.keys import App
from keysteward.rules.refusals import NO_SUCH_OBJECT, REVIEW_DECIDED, REVIEWS_ARE_IN_DEMO, Refusal, demand
from keysteward.rules.review_history import Difference, compare
from keysteward.rules.signin import demand_fresh
from keysteward.store import accounts, approvals, audit, golive, keys, policy
from keysteward.store.database import Connection, lock

_DECIDED_SHOWN = 50
_DEEDS: dict[Choice, Name] = {"approved": "ReviewApproved", "declined": "ReviewDeclined"}


class Waiting(NamedTuple):
    """A review in the queue: the app, the account that manages it, and whether its developer owes an answer."""

    app: App
    account: Account
    review: Review
    is_asked: bool


class Queue(NamedTuple):
    """What waits for a person, the one that waits longest first, and what was decided last."""

    waiting: list[Waiting]
    decided: list[Waiting]


class Case(NamedTuple):
    """All that an operator needs to decide one review. `why_not` is the refusal that they would get, if any."""

    app: App
    account: Account
    review: Review
    notes: list[Note]
    evidence: Evidence
    why_not: Refusal | None


class Thread(NamedTuple):
    """What was asked and answered about a review, and whether its developer may answer now."""

    review: Review
    notes: list[Note]
    may_answer: bool


# ── operators ───────────────────────────────────────────────────────────────────────────────────────────────────────
def demand_operator_of_reviews(ctx: Context, actor: Actor) -> None:
    """Refuse whoever settles no reviews here."""
    with ctx.database.reading() as tx:
        demand_reviewer(ctx, tx, actor)


def list_queue(ctx: Context, actor: Actor) -> Queue:
    """The reviews that wait for a person; one that waited for too long is there no more."""
    with ctx.database.reading() as tx:
        demand_reviewer(ctx, tx, actor)
        waiting = [each for each in approvals.list_waiting(tx) if not is_expired(each, ctx.now, ctx.policy)]
        return Queue(rows_of(tx, waiting), rows_of(tx, approvals.list_decided(tx, _DECIDED_SHOWN)))


def count_waiting(ctx: Context) -> int:
    """How many reviews wait for a person."""
    with ctx.database.reading() as tx:
        return approvals.count_waiting(tx, ctx.now - ctx.policy.review_life)


def load_case(ctx: Context, actor: Actor, review: str) -> Case:
    """One review that waits for a person, or did."""
    with ctx.database.reading() as tx:
        demand_reviewer(ctx, tx, actor)
        found, app, account = _found(tx, review)
        named = policy.find(tx, found.policy_version)
        needed = (named.policy if named else ctx.policy).calls_needed
        evidence = golive.load_evidence(tx, app.key, needed, found.started_at, found.cut_sequence)
        return Case(
            app, account, found, approvals.list_notes(tx, found.id), evidence, _why_not(ctx, tx, actor, app, found)
        )


def ask(ctx: Context, actor: Actor, review: str, unverified_text: str) -> Note:
    """Ask the developer something; every admin of the key's account hears it."""
    text = checked_lines(unverified_text, "question")
    with ctx.database.writing() as tx:
        found, app = _taken_in_hand(ctx, tx, actor, review)
        note = _note(ctx, tx, actor, found, "question", text)
        review_notices.tell_question(ctx, tx, app, found, text)
        _recorded(ctx, tx, "ReviewQuestioned", actor, app, found, text=text)
    return note


def decide(ctx: Context, actor: Actor, review: str, choice: Choice, unverified_reason: str) -> Review:
    """Approve a review, whose 90 days begin, or decline it for a reason. The developer reads what is said."""
    demand_fresh(actor, ctx.now, ctx.policy)
    reason = checked_lines(unverified_reason, "reason", least=1 if choice == "declined" else 0)
    ruling = Ruling(choice, reason, actor.user, actor.email, ctx.now)
    with ctx.database.writing() as tx:
        found, app = _taken_in_hand(ctx, tx, actor, review)
        if not approvals.save_ruling(tx, found.id, ruling):
            raise Refusal(REVIEW_DECIDED)
        decided = replace(found, ruling=ruling)
        review_notices.tell_ruling(ctx, tx, app, decided)
        _recorded(ctx, tx, _DEEDS[choice], actor, app, found, reason=reason)
    return decided


# ── developers ──────────────────────────────────────────────────────────────────────────────────────────────────────
def load_thread(ctx: Context, actor: Actor, key: str, review: str) -> Thread:
    """What was asked and answered about a review of a key that the actor manages."""
    with ctx.database.reading() as tx:
        app, found = _managed_review(ctx, tx, actor, key, review, READ_KEYS)
        notes = approvals.list_notes(tx, found.id)
    is_there = app.deleted_at is None and app.live_at is None
    return Thread(found, notes, is_there and why_not_answer(found, notes, ctx.now, ctx.policy) is None)


def answer(ctx: Context, actor: Actor, key: str, review: str, unverified_text: str) -> Note:
    """Answer what an operator asked; whoever asked hears it."""
    text = checked_lines(unverified_text, "answer")
    with ctx.database.writing() as tx:
        lock(tx, "key", key.lower())
        app, found = _managed_review(ctx, tx, actor, key, review, START_REVIEWS)
        notes = approvals.list_notes(tx, found.id)
        if kind := why_not_answer(found, notes, ctx.now, ctx.policy):
            raise Refusal(kind, days=ctx.policy.review_life.days)
        note = _note(ctx, tx, actor, found, "answer", text)
        review_notices.tell_answer(ctx, tx, app, found, notes[-1].by, text)
        _recorded(ctx, tx, "ReviewAnswered", actor, app, found, text=text)
    return note


def load_difference(ctx: Context, actor: Actor, key: str, review: str) -> Difference | None:
    """What changed since the review before this one; None where it is the key's first."""
    with ctx.database.reading() as tx:
        app, found = _managed_review(ctx, tx, actor, key, review, READ_KEYS)
        reviews = golive.list_reviews(tx, app.key)
        position = next(place for place, each in enumerate(reviews) if each.id == found.id)
        if position + 1 == len(reviews):
            return None
        before = reviews[position + 1]
        return compare(before, found, golive.count_calls_between(tx, before, found))


def demand_reviewer(ctx: Context, tx: Connection, actor: Actor) -> None:
    """Refuse whoever does not settle reviews here."""
    if ctx.environment != "demo":
        raise Refusal(REVIEWS_ARE_IN_DEMO)
    demand_operator(tx, actor)


def _found(tx: Connection, review: str) -> tuple[Review, App, Account]:
    found = approvals.find_review(tx, review.lower())
    app = keys.find(tx, found.key) if found else None
    account = accounts.find_account(tx, app.account) if app else None
    if found is None or app is None or account is None:
        raise Refusal(NO_SUCH_OBJECT, thing="review")
    return found, app, account


def _taken_in_hand(ctx: Context, tx: Connection, actor: Actor, review: str) -> tuple[Review, App]:
    """A review that the operator may lay a hand on; who they are and what they belong to stays so until it is done."""
    demand_reviewer(ctx, tx, actor)  # before anything is told of the review
    _, seen, _ = _found(tx, review)
    lock(tx, "account", seen.account)
    lock(tx, "user", actor.user)
    lock(tx, "key", seen.key)
    demand_reviewer(ctx, tx, actor)
    found, app, _ = _found(tx, review)
    if refusal := _why_not(ctx, tx, actor, app, found):
        raise refusal
    return found, app


def _why_not(ctx: Context, tx: Connection, actor: Actor, app: App, found: Review) -> Refusal | None:
    standing = accounts.find_standing(tx, actor.user, app.account)
    account = accounts.find_account(tx, app.account)
    administers = accounts.list_organizations_of_admin(tx, actor.user)
    is_own = rules.is_of_account(standing, account.organization if account else None, administers)
    hand = Hand(app, found, actor.user, is_own, ctx.now, ctx.policy)
    try:
        demand(DECIDE, hand, days=_days(ctx, app))
    except Refusal as refusal:
        return refusal
    return None


def _days(ctx: Context, app: App) -> int:
    return ctx.policy.restore_days if app.deleted_at else ctx.policy.review_life.days


def _managed_review(
    ctx: Context, tx: Connection, actor: Actor, key: str, review: str, permission: str
) -> tuple[App, Review]:
    if ctx.environment != "demo":
        raise Refusal(REVIEWS_ARE_IN_DEMO)
    if permission == START_REVIEWS:
        app, standing = managed(tx, actor, key, permission)
        demand_open(standing)
    else:
        app, _ = seen(ctx, tx, actor, key)
    found = golive.find_review(tx, app.key, review.lower())
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="review")
    return app, found


def _note(ctx: Context, tx: Connection, actor: Actor, review: Review, kind: NoteKind, text: str) -> Note:
    number = len(approvals.list_notes(tx, review.id)) + 1
    note = Note(number, kind, text, actor.user, actor.email, ctx.now)
    approvals.save_note(tx, review.id, note)
    return note


def rows_of(tx: Connection, reviews: list[Review]) -> list[Waiting]:
    """Some reviews with what the queue says of them."""
    last = approvals.last_notes(tx, [review.id for review in reviews])
    found = ((review, *_found(tx, review.id)[1:]) for review in reviews)
    return [
        Waiting(app, account, review, review.is_pending and review.id in last and is_asked([last[review.id]]))
        for review, app, account in found
    ]


def _recorded(ctx: Context, tx: Connection, name: Name, actor: Actor, app: App, review: Review, **data: str) -> None:
    audit.record(tx, ctx.event(name, actor.email, key=app.key, account=app.account, review=review.id, **data))
