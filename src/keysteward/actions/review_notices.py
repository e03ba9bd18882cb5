"""Who hears what becomes of a review, and when?

What happens is told by mail in the same transaction. A verdict goes to whoever started the review; where they do not
manage the key any more, and wherever somebody has to act, it goes to every admin of the account.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from keysteward.actions.context import Context
from keysteward.actions.mailing import house
from keysteward.actions.notices import Recipient, admins_of, tell
from keysteward.rules import review_letters as letters
from keysteward.rules.approvals import REMINDED, due_reminder
from keysteward.rules.golive import Review
from keysteward.rules.keys import App
from keysteward.rules.letters import Letter
from keysteward.rules.notice_kinds import NoticeKind
from keysteward.rules.notices import notice, told_by
from keysteward.rules.review_letters import About
from keysteward.store import accounts, approvals, audit, golive, keys
from keysteward.store.database import Connection, lock

Write = Callable[[About], Letter]


def tell_verdict(ctx: Context, tx: Connection, app: App, review: Review) -> None:
    """The automated review is done."""
    if review.verdict == "failed":
        _tell(ctx, tx, _starter(tx, app, review), app, review, letters.failed)
    elif review.is_pending:
        _tell(ctx, tx, _starter(tx, app, review), app, review, letters.pending)
    else:
        expires = review.expires_at(ctx.policy)
        _tell(ctx, tx, _starter(tx, app, review), app, review, lambda about: letters.passed(about, expires))


def tell_ruling(ctx: Context, tx: Connection, app: App, review: Review) -> None:
    """An operator approved or declined."""
    is_approved, expires = review.passed_at is not None, review.expires_at(ctx.policy)

    def write(about: About) -> Letter:
        return letters.approved(about, expires) if is_approved else letters.declined(about)

    _tell(ctx, tx, admins_of(tx, app.account), app, review, write, "waiver" if is_approved else "review")


def tell_question(ctx: Context, tx: Connection, app: App, review: Review, question: str) -> None:
    """An operator asks; any admin may answer."""
    _tell(ctx, tx, admins_of(tx, app.account), app, review, lambda about: letters.asked(about, question))


def tell_answer(ctx: Context, tx: Connection, app: App, review: Review, asked_by: str, answer: str) -> None:
    """A developer answers whoever asked, as long as they are an operator."""
    asker = accounts.find_user(tx, asked_by)
    if asker is not None and approvals.is_operator(tx, asked_by):
        _tell(ctx, tx, [Recipient(asker)], app, review, lambda about: letters.answered(about, answer))


def tell_live(ctx: Context, tx: Connection, app: App, where: str) -> None:
    """The key arrived in production."""

    def write(name: str) -> Letter:
        return letters.live(house(ctx), name, app, where)

    told = notice("key-live", ctx.now, about=app, page=f"/apps/{app.key}", **told_by(write("")))
    tell(ctx, tx, told, admins_of(tx, app.account), write)


def tell_of_expiry(ctx: Context) -> int:
    """Tell of passed reviews that expire in 30, 7 or 1 days; return how many mails' reviews that were.

    Each of these is told once, whoever else does this and however the clock is moved: the unique notes of the database
    say so. Where several came at once only the last is told.
    """
    now, life = ctx.now, ctx.policy.review_life
    with ctx.database.reading() as tx:
        passed = approvals.list_passed(tx, now - life)
        told = approvals.list_reminded(tx, [review.id for review in passed])
    due = [review for review in passed if _is_untold(review, told, now, ctx)]
    return sum(_tell_of_expiry(ctx, review) for review in due)


def _is_untold(review: Review, told: set[tuple[str, int]], now: datetime, ctx: Context) -> bool:
    due = due_reminder(review, now, ctx.policy)
    return due is not None and (review.id, due.days) not in told


def _tell_of_expiry(ctx: Context, found: Review) -> bool:
    with ctx.database.writing() as tx:
        lock(tx, "key", found.key)
        app, review = keys.find(tx, found.key), golive.find_newest_review(tx, found.key)
        if app is None or app.deleted_at or app.live_at or review is None or review.id != found.id:
            return False
        due, expires = due_reminder(review, ctx.now, ctx.policy), review.expires_at(ctx.policy)
        if due is None or expires is None:
            return False
        if not approvals.save_reminders(tx, review.id, [each.days for each in REMINDED if each >= due], ctx.now):
            return False
        days = -((ctx.now - expires) // REMINDED[-1])
        whom = admins_of(tx, app.account)
        _tell(ctx, tx, whom, app, review, lambda about: letters.expires(about, expires, days), "review-expiry")
        said = {"review": review.id, "until": expires.isoformat()}
        audit.record(tx, ctx.event("ReviewExpiryTold", "system", key=app.key, account=app.account, **said))
    return True


def _tell(
    ctx: Context, tx: Connection, whom: Iterable[Recipient], app: App, review: Review, write: Write,
    kind: NoticeKind = "review",
) -> None:  # fmt: skip
    def written(name: str) -> Letter:
        return write(About(house(ctx), name, app, review))

    page = f"/apps/{app.key}/reviews/{review.id}"
    tell(ctx, tx, notice(kind, ctx.now, about=app, page=page, review=review.id, **told_by(written(""))), whom, written)


def _starter(tx: Connection, app: App, review: Review) -> list[Recipient]:
    admins = admins_of(tx, app.account)
    return [each for each in admins if each.user.id == review.requester] or admins
