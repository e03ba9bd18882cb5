"""Which envelopes of an account does a client ask for, and which of them are on this page?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
from sqlalchemy import Connection, Select, func, select
from starlette.datastructures import QueryParams
from starlette.responses import Response

from keysteward.sample.answers import json_answer, stamp
from keysteward.sample.call import Call
from keysteward.sample.envelopes import describe
from keysteward.sample.reading import read_guid, read_json, read_number
from keysteward.sample.refusals import BAD_PARAMETER, Refusal
from keysteward.sample.stored import Envelope
from keysteward.sample.tables import envelopes

MOST_ENVELOPES_A_PAGE = 1000
STATUSES = {"any", "completed", "created", "declined", "deleted", "delivered", "sent", "signed", "timedout", "voided"}
"""What clients may filter by; the sample's own envelopes are created, sent or voided."""


class IdsShape(msgspec.Struct, rename="camel"):
    """Envelope IDs in a request body."""

    envelope_ids: list[str] | None = None


@dataclass(frozen=True)
class Search:
    """What a client asks for. None and the empty tuple mean that the filter was not used; moments are inclusive."""

    account: str
    ids: tuple[str, ...]
    since: str | None
    until: str | None
    statuses: tuple[str, ...]
    start: int
    count: int
    oldest_first: bool


def list_envelopes(call: Call) -> Response:
    """List envelopes by the filters of the query."""
    return _answer(call, "/envelopes", read_search(call.caller.account, call.query, ()))


def list_envelopes_by_body(call: Call) -> Response:
    """List envelopes by the IDs of the body, where the query says `envelope_ids=request_body`."""
    shape = read_json(call.body, IdsShape)
    return _answer(call, "/envelopes/status", read_search(call.caller.account, call.query, shape.envelope_ids or ()))


def read_search(account: str, query: QueryParams, ids_of_body: Sequence[str]) -> Search:
    """Read the filters of a query; one of `from_date` and `envelope_ids` must be there."""
    named = _words(query, "envelope_ids")
    if "request_body" in named:
        named = [word for word in named if word != "request_body"] + list(ids_of_body)
    since, until = _moment(query, "from_date"), _moment(query, "to_date")
    if not named and since is None:
        raise Refusal(BAD_PARAMETER, "Set 'from_date' to a date, or name envelopes in 'envelope_ids'.")
    return Search(
        account=account.lower(),
        ids=tuple(read_guid(text, "envelope_ids") for text in named),
        since=since,
        until=until,
        statuses=_statuses(query),
        start=read_number(query.get("start_position") or "0", "start_position"),
        count=min(
            read_number(query.get("count") or str(MOST_ENVELOPES_A_PAGE), "count", least=1), MOST_ENVELOPES_A_PAGE
        ),
        oldest_first=_oldest_first(query),
    )


def read_moment(text: str, name: str) -> str:
    """Read an ISO 8601 date or moment as text that compares with what is stored; without a zone it is UTC."""
    written = text.strip()
    if "T" in written:
        written = written.replace(" ", "+")  # a plus sign that nobody percent-encoded
    try:
        moment = datetime.fromisoformat(written)
        return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise Refusal(BAD_PARAMETER, f"'{name}' must be a date such as 2026-11-20 or 2026-11-20T09:30:00Z.") from None


def _words(query: QueryParams, name: str) -> list[str]:
    return [word.strip() for text in query.getlist(name) for word in text.split(",") if word.strip()]


def _moment(query: QueryParams, name: str) -> str | None:
    text = query.get(name, "")
    return read_moment(text, name) if text.strip() else None


def _statuses(query: QueryParams) -> tuple[str, ...]:
    named = {word.lower() for word in _words(query, "status")}
    if not named <= STATUSES:
        raise Refusal(BAD_PARAMETER, f"'status' must be one of {', '.join(sorted(STATUSES))}.")
    return () if "any" in named else tuple(sorted(named))


def _oldest_first(query: QueryParams) -> bool:
    order = (query.get("order") or "desc").strip().lower()
    if order not in {"asc", "desc"}:
        raise Refusal(BAD_PARAMETER, "'order' must be 'asc' or 'desc'.")
    return order == "asc"


def _matching(search: Search) -> Select[tuple[object, ...]]:
    chosen = select(envelopes).where(envelopes.c.account == search.account)
    if search.ids:
        # One JSON text instead of a variable each: SQLite has a limit of variables, clients have none.
        ids = func.json_each(msgspec.json.encode(search.ids).decode()).table_valued("value")
        chosen = chosen.where(envelopes.c.id.in_(select(ids.c.value)))
    if search.since:
        chosen = chosen.where(envelopes.c.status_changed_at >= search.since)
    if search.until:
        chosen = chosen.where(envelopes.c.status_changed_at <= search.until)
    return chosen.where(envelopes.c.status.in_(search.statuses)) if search.statuses else chosen


def _find(connection: Connection, search: Search) -> tuple[Sequence[Envelope], int]:
    chosen = _matching(search)
    order = envelopes.c.sequence.asc() if search.oldest_first else envelopes.c.sequence.desc()
    page = connection.execute(chosen.order_by(order).limit(search.count).offset(search.start)).all()
    return page, connection.scalar(select(func.count()).select_from(chosen.subquery())) or 0


def _answer(call: Call, uri: str, search: Search) -> Response:
    with call.store.reading() as connection:
        page, total = _find(connection, search)
    after, before = search.start + search.count, max(search.start - search.count, 0)
    return json_answer(
        {
            "resultSetSize": str(len(page)),
            "startPosition": str(search.start),
            "endPosition": str(search.start + max(len(page), 1) - 1),
            "totalSetSize": str(total),
            "nextUri": _uri_of(uri, call.query, after, search.count) if after < total else "",
            "previousUri": _uri_of(uri, call.query, before, search.count) if search.start else "",
            "envelopes": [describe(envelope) for envelope in page],
        }
    )


def _uri_of(uri: str, query: QueryParams, start: int, count: int) -> str:
    kept = [(name, value) for name, value in query.multi_items() if name not in {"start_position", "count"}]
    return f"{uri}?{urlencode([*kept, ('start_position', start), ('count', count)])}"
