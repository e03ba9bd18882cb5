"""How is the audit log searched, however long it is?

Every filter but words and an organization has its index, which ends with the number of the event: a page is read off
it, newest first. What no index answers is sifted out of a bounded number of events for each page.
"""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Text, and_, func, or_, select, type_coerce

from keysteward.rules.audit_log import Question, holds_words, needle_of
from keysteward.rules.events import Entry, Event, shown
from keysteward.store.audit import entry_of
from keysteward.store.tables import account_links, accounts, events

SIFTED = 50_000
"""How many events a page looks at where it has to sift."""

_LOOKED_AT = 500

Where = list[ColumnElement[bool]]
_c = events.c


class Found(NamedTuple):
    """Events, newest first; the next page begins before the number `before`, and is the last where that is None."""

    entries: list[Entry]
    before: int | None


class _Span(NamedTuple):
    """Numbers of events, both included."""

    low: int
    high: int


def search(tx: Connection, question: Question, before: int | None, most: int) -> Found:
    """A page of what is looked for."""
    span = _span(tx, question, before)
    if span is None:
        return Found([], None)
    where, sifted = _indexed(question), _sifted(question)
    floor = _floor(tx, where, span) if sifted or question.words else span.low
    entries = _collected(tx, question, [*where, *sifted, _c.sequence >= floor], span.high, most)
    if len(entries) > most:
        return Found(entries[:most], entries[most - 1].sequence)
    return Found(entries, floor if floor > span.low else None)


def find_newest_reading(tx: Connection, actor: str) -> Event | None:
    """What somebody read last, as far as one looks back."""
    newest = select(events).where(_c.name == "AuditRead").order_by(_c.sequence.desc()).limit(_LOOKED_AT).subquery()
    query = select(newest).where(newest.c.actor == actor).order_by(newest.c.sequence.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else shown(entry_of(row))


def newest_number(tx: Connection) -> int:
    """The number of the newest event there is."""
    return int(tx.execute(select(func.max(events.c.sequence))).scalar() or 0)


def _collected(tx: Connection, question: Question, where: Where, high: int, most: int) -> list[Entry]:
    """One entry more than a page has, if there is one; the database also finds words in personal fields."""
    query = select(events).where(*where).order_by(_c.sequence.desc()).limit(most + 1)
    entries: list[Entry] = []
    while len(entries) <= most:
        rows = tx.execute(query.where(_c.sequence <= high)).all()
        found = map(entry_of, rows)
        entries += [each for each in found if not question.words or holds_words(each.event, question.words)]
        if len(rows) <= most:
            break
        high = rows[-1].sequence - 1
    return entries


def _span(tx: Connection, question: Question, before: int | None) -> _Span | None:
    """Between which numbers to look; None where nothing was done in the time asked for."""
    at = _within(question)
    lowest, highest = select(_c.sequence).order_by(_c.sequence), select(_c.sequence).order_by(_c.sequence.desc())
    if at:
        low, high = tx.execute(select(func.min(_c.sequence), func.max(_c.sequence)).where(*at)).one()
    else:
        low, high = (tx.execute(query.limit(1)).scalar() for query in (lowest, highest))
    if low is None or high is None:
        return None
    return _Span(int(low), int(high) if before is None else min(int(high), before - 1))


def _floor(tx: Connection, where: Where, span: _Span) -> int:
    """The number down to which a page sifts: as many events as it may look at."""
    query = select(_c.sequence).where(*where, _c.sequence <= span.high, _c.sequence >= span.low)
    last = tx.execute(query.order_by(_c.sequence.desc()).offset(SIFTED - 1).limit(1)).scalar()
    return span.low if last is None else int(last)


def _within(question: Question) -> Where:
    since = [] if question.since is None else [_c.at >= question.since]
    return since if question.until is None else [*since, _c.at < question.until]


def _indexed(question: Question) -> Where:
    """What an index answers: of the kinds in an account there is none, so these are sifted."""
    equal = (
        (_c.account, question.scope.account),
        (_c.name, "" if question.scope.account else question.kind),
        (_c.key, question.key),
        (_c.about, question.user),
        (_c.trace, question.trace),
    )
    by = [_c.actor.in_(question.actors)] if question.actors else []
    return [*(column == value for column, value in equal if value), *by, *_within(question)]


def _sifted(question: Question) -> Where:
    """What is asked of each event."""
    asked = [_c.name == question.kind] if question.kind and question.scope.account else []
    if question.scope.organization:
        asked.append(_of_organization(question.scope.organization))
    needle = needle_of(question.words)
    if needle:
        said = (_c.name, _c.key, _c.account, type_coerce(_c.data, Text))
        asked.append(or_(*(each.icontains(needle, autoescape=True) for each in said)))
    return asked


def _of_organization(organization: str) -> ColumnElement[bool]:
    """Its own events, and those of an account since it was linked.

    In JSON a quotation mark within a text is escaped, so that only the field itself reads like this.
    """
    named = type_coerce(_c.data, Text).contains(f'"organization":"{organization}"', autoescape=True)
    linked = accounts.outerjoin(account_links, account_links.c.account == accounts.c.id)
    ours = and_(accounts.c.id == _c.account, accounts.c.organization == organization)
    since = func.coalesce(account_links.c.linked_at, accounts.c.created_at)  # one that was opened in it has no link
    return or_(named, select(accounts.c.id).select_from(linked).where(ours, since <= _c.at).exists())
