"""How are admins reminded of keys that wait for them, once each?"""

from collections.abc import Callable
from typing import NamedTuple

from keysteward.actions import mailing
from keysteward.actions.context import Context
from keysteward.actions.notices import Write, admins_of, tell
from keysteward.crypto.papers import kept_ticket
from keysteward.rules.keys import App
from keysteward.rules.notices import notice, told_by
from keysteward.rules.promotion import Sheet, still_missing
from keysteward.rules.reminders import half_configured, is_half_configured, is_unpromoted, unpromoted
from keysteward.store import audit, golive, keys, promotion, reminders
from keysteward.store.database import Connection, lock


class _Reminder(NamedTuple):
    """What somebody is to be reminded of. `occasion` is the review or ticket that it is about."""

    app: App
    about: str
    occasion: str
    letter: Write


def remind(ctx: Context) -> int:
    """Write to the admins of every key that has waited long enough; return of how many keys."""
    find = _unpromoted if ctx.environment == "demo" else _half_configured
    with ctx.database.reading() as tx:
        waiting = _waiting(ctx, tx)
    return sum(_remind(ctx, key, find) for key in waiting)


def _waiting(ctx: Context, tx: Connection) -> list[str]:
    """The keys that may have to be reminded of; each is judged once it is locked."""
    now, policy = ctx.now, ctx.policy
    if ctx.environment == "demo":
        return reminders.list_passed(tx, now - 2 * policy.review_life, now - policy.remind_unpromoted_after)
    return reminders.list_promoted_before(tx, now - policy.remind_unconfigured_after)


def _remind(ctx: Context, key: str, find: Callable[[Context, Connection, App], _Reminder | None]) -> bool:
    with ctx.database.writing() as tx:
        lock(tx, "key", key)
        app = keys.find(tx, key)
        found = find(ctx, tx, app) if app else None
        if app is None or found is None or not reminders.save(tx, found.about, found.occasion, key, ctx.now):
            return False
        told = notice("key-waits", ctx.now, about=app, page=f"/apps/{app.key}", **told_by(found.letter("")))
        tell(ctx, tx, told, admins_of(tx, app.account), found.letter)
        said = ctx.event("Reminded", "system", key=key, account=app.account, why=found.about)
        audit.record(tx, said)
    return True


def _unpromoted(ctx: Context, tx: Connection, app: App) -> _Reminder | None:
    review, policy = golive.find_newest_review(tx, app.key), ctx.policy
    if review is None or not is_unpromoted(app, review, ctx.now, policy):
        return None
    house = mailing.house(ctx)
    return _Reminder(app, "unpromoted", review.id, lambda name: unpromoted(house, name, app, review, policy))


def _half_configured(ctx: Context, tx: Connection, app: App) -> _Reminder | None:
    row = promotion.find_promotion_of_key(tx, app.key)
    sheet = kept_ticket(row.paper).sheet if row else Sheet()
    missing = still_missing(app, keys.load_settings(tx, app.key), sheet)
    if row is None or not is_half_configured(app, missing, ctx.now, ctx.policy):
        return None
    house = mailing.house(ctx)
    return _Reminder(app, "half-configured", row.ticket, lambda name: half_configured(house, name, app, missing))
