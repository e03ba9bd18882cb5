"""What is on its way to webhooks, what came of it, and whose turn is it?

One worker at a time sends to a webhook: it takes a lease on it with a fence that rises, and takes a delivery by
comparing how often that was tried. Whoever dies leaves both to the next once the lease is over.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, or_, select, update

from keysteward.rules.listing import Part, Wanted
from keysteward.rules.notices import Notice
from keysteward.rules.webhooks import KINDS_TOLD, STEPS_ASIDE_AFTER, Attempt, Delivery, Webhook
from keysteward.store.database import upsert
from keysteward.store.listing import holding, read_part
from keysteward.store.tables import account_links, accounts, notices, webhook_deliveries, webhook_tries, webhooks

_LONGEST = timedelta(minutes=1)  # nobody holds a webhook for longer: a lease that ends later has a wrong date
_OF = webhook_deliveries.c


class Turn(NamedTuple):
    """A delivery that one worker alone may send now."""

    delivery: Delivery
    fence: int


# ── making ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def add(tx: Connection, delivery: Delivery) -> bool:
    """Put a message on its way behind all others of its webhook; False where it is on its way already.

    The caller holds the lock of the webhook.
    """
    last = tx.execute(select(func.max(_OF.number)).where(_OF.webhook == delivery.webhook)).scalar()
    values = {
        "id": delivery.id,
        "number": (last or 0) + 1,
        "webhook": delivery.webhook,
        "message": delivery.message,
        "kind": delivery.kind,
        "body": delivery.body,
        "made_at": delivery.made_at,
        "due_at": delivery.due_at,
        "tries": 0,
        "step": 0,
        "outcome": "",
    }
    return tx.execute(upsert(tx, webhook_deliveries).values(values).on_conflict_do_nothing()).rowcount == 1


def send_again(tx: Connection, webhook: str, ids: Collection[str], now: datetime) -> int:
    """Let deliveries of a webhook be due now, as if they had never been sent; return how many there are."""
    where = (_OF.webhook == webhook) & _OF.id.in_(ids)
    return tx.execute(update(webhook_deliveries).where(where).values(_anew(now))).rowcount


def list_told(tx: Connection, webhook: str, since: datetime, most: int) -> list[tuple[datetime, str]]:
    """When the deliveries of a webhook were told since a moment, and their ids, the oldest first."""
    query = select(_OF.made_at, _OF.id).where(_OF.webhook == webhook, _OF.made_at >= since)
    return [(row.made_at, row.id) for row in tx.execute(query.order_by(_OF.made_at, _OF.number).limit(most))]


def list_missed(tx: Connection, webhook: Webhook, since: datetime, most: int) -> list[Notice]:
    """The notices since a moment that a webhook is told of, and that were never on their way to it, the oldest first.

    An organization is told of what happened in an account since that was linked.
    """
    owner = webhook.owner
    where = notices.c.account == owner.account
    if owner.organization:
        since_link = func.coalesce(account_links.c.linked_at, accounts.c.created_at)  # one opened in it has no link
        places = accounts.outerjoin(account_links, account_links.c.account == accounts.c.id)
        ours = (accounts.c.id == notices.c.account) & (accounts.c.organization == owner.organization)
        linked = select(accounts.c.id).select_from(places).where(ours, since_link <= notices.c.at)
        where = or_(notices.c.organization == owner.organization, linked.exists())
    known = select(_OF.id).where(_OF.webhook == webhook.id, _OF.message == notices.c.id)
    wanted = notices.c.kind.in_(webhook.kinds or KINDS_TOLD)
    query = select(notices).where(where, notices.c.at >= since, notices.c.user == "", wanted, ~known.exists())
    rows = tx.execute(query.order_by(notices.c.at, notices.c.id).limit(most))
    return [Notice(row.id, row.kind, row.account, row.organization, row.key, row.at, row.facts) for row in rows]


# ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_due(tx: Connection, now: datetime, most: int, *, failing: bool) -> list[str]:
    """The webhooks that something is due for and nobody sends to: those that take what is sent, or the others."""
    is_failing = webhooks.c.failing_since.is_not(None)
    query = (
        select(_OF.webhook)
        .join(webhooks)
        .where(_is_open(), _OF.due_at <= now, _is_free(now), is_failing if failing else ~is_failing)
        .group_by(_OF.webhook)
        .order_by(func.min(_OF.due_at))
        .limit(most)
    )
    return list(tx.execute(query).scalars())


def claim(tx: Connection, webhook: str, now: datetime, until: datetime) -> Turn | None:
    """Take the next delivery of a webhook to send it; None where there is none, or somebody else sends."""
    found = _next(tx, webhook, now)
    if found is None:
        return None
    free = (webhooks.c.id == webhook) & _is_free(now)
    held = {"busy_until": until, "fence": webhooks.c.fence + 1}
    fence = tx.execute(update(webhooks).where(free).values(held).returning(webhooks.c.fence)).scalar_one_or_none()
    where = (_OF.id == found.id) & (_OF.tries == found.tries) & _is_open()
    tried = {"tries": found.tries + 1, "step": found.step + 1, "due_at": until}
    if fence is None:
        return None
    row = tx.execute(update(webhook_deliveries).where(where).values(tried).returning(*_OF)).one_or_none()
    return None if row is None else Turn(_delivery(row), int(fence))


def give_back(tx: Connection, turn: Turn, now: datetime) -> bool:
    """Let others send to the webhook; False where somebody else does already, or it is gone."""
    where = (webhooks.c.id == turn.delivery.webhook) & (webhooks.c.fence == turn.fence)
    return tx.execute(update(webhooks).where(where).values(busy_until=now)).rowcount == 1


def end(tx: Connection, delivery: Delivery, outcome: str, now: datetime) -> None:
    """Note that a delivery needs no more tries."""
    where = (_OF.id == delivery.id) & (_OF.tries == delivery.tries)
    tx.execute(update(webhook_deliveries).where(where).values(ended_at=now, outcome=outcome))


def end_all(tx: Connection, webhook: str, outcome: str, now: datetime) -> int:
    """Likewise of every open delivery of a webhook."""
    where = (_OF.webhook == webhook) & _is_open()
    return tx.execute(update(webhook_deliveries).where(where).values(ended_at=now, outcome=outcome)).rowcount


def delay(tx: Connection, delivery: Delivery, due_at: datetime) -> None:
    """Note when a delivery is tried again, unless somebody let it be sent again meanwhile."""
    where = (_OF.id == delivery.id) & (_OF.tries == delivery.tries) & (_OF.step == delivery.step)
    tx.execute(update(webhook_deliveries).where(where).values(due_at=due_at))


def save_attempt(tx: Connection, delivery: Delivery, attempt: Attempt) -> None:
    """Keep what came of a try."""
    values = {"delivery": delivery.id, "number": delivery.tries, "at": attempt.at, "status": attempt.status}
    tx.execute(insert(webhook_tries).values(**values, answer=attempt.answer, failure=attempt.failure))


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_newest(tx: Connection, webhook: str, most: int, before: int | None = None) -> list[Delivery]:
    """The deliveries of a webhook, the newest first, from below a number on."""
    query = select(webhook_deliveries).where(_OF.webhook == webhook)
    if before is not None:
        query = query.where(_OF.number < before)
    return [_delivery(row) for row in tx.execute(query.order_by(_OF.number.desc()).limit(most))]


def list_part(tx: Connection, webhook: str, wanted: Wanted) -> Part[Delivery]:
    """A page of the deliveries of a webhook, the newest first; filters: `stage` as Delivery says it, and `kind`."""
    stages = {
        "waiting": and_(_is_open(), _OF.step == 0),
        "trying again": and_(_is_open(), _OF.step > 0),
        "delivered": and_(~_is_open(), _OF.outcome == "delivered"),
        "given up": and_(~_is_open(), _OF.outcome != "delivered"),
    }
    query = select(webhook_deliveries).where(_OF.webhook == webhook).order_by(_OF.number.desc())
    if wanted.choice("stage"):
        query = query.where(stages[wanted.choice("stage")])
    if wanted.choice("kind"):
        query = query.where(_OF.kind == wanted.choice("kind"))
    if wanted.words:
        query = query.where(holding(wanted.words, _OF.message, _OF.body))
    part = read_part(tx, query, wanted, {"made_at": _OF.made_at, "kind": _OF.kind, "tries": _OF.tries}, _OF.number)
    return Part([_delivery(row) for row in part.rows], part.total, part.page)


def list_attempts(tx: Connection, deliveries: Collection[str]) -> dict[str, list[Attempt]]:
    """What came of the tries of some deliveries, in their order."""
    tries, found = webhook_tries.c, defaultdict[str, list[Attempt]](list)
    query = select(webhook_tries).where(tries.delivery.in_(deliveries)).order_by(tries.delivery, tries.number)
    for row in tx.execute(query):
        found[row.delivery].append(Attempt(row.at, row.status, row.answer, row.failure))
    return found


def count_waiting(tx: Connection, webhook: str = "") -> int:
    """How many deliveries are open, of a webhook or of all."""
    query = select(func.count()).select_from(webhook_deliveries).where(_is_open())
    return int(tx.execute(query.where(_OF.webhook == webhook) if webhook else query).scalar_one())


def forget(tx: Connection, before: datetime) -> None:
    """Forget deliveries that ended before a moment, with what came of their tries."""
    old = select(_OF.id).where(_OF.ended_at < before)
    tx.execute(delete(webhook_tries).where(webhook_tries.c.delivery.in_(old)))
    tx.execute(delete(webhook_deliveries).where(_OF.ended_at < before))


def _next(tx: Connection, webhook: str, now: datetime) -> Delivery | None:
    """The first in its order; one that failed lately holds up those behind it, one that failed often does not."""
    of_webhook = select(webhook_deliveries).where((_OF.webhook == webhook) & _is_open()).order_by(_OF.number).limit(1)
    first = _one(tx, of_webhook.where(_OF.step < STEPS_ASIDE_AFTER))
    aside = _one(tx, of_webhook.where(_OF.step >= STEPS_ASIDE_AFTER, _OF.due_at <= now))
    due = [each for each in (first, aside) if each is not None and each.due_at <= now]
    return min(due, key=lambda each: each.number, default=None)


def _one(tx: Connection, query: Select[Any]) -> Delivery | None:
    row = tx.execute(query).one_or_none()
    return None if row is None else _delivery(row)


def _anew(now: datetime) -> dict[str, object]:
    return {"ended_at": None, "outcome": "", "step": 0, "due_at": now}


def _is_open() -> ColumnElement[bool]:
    return _OF.ended_at.is_(None)


def _is_free(now: datetime) -> ColumnElement[bool]:
    lapsed = or_(webhooks.c.busy_until <= now, webhooks.c.busy_until > now + _LONGEST)
    return lapsed & webhooks.c.off_at.is_(None)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row.id, row.number, row.webhook, row.message, row.kind, row.body, row.made_at, row.due_at, row.tries, row.step,
        row.ended_at, row.outcome,
    )  # fmt: skip
