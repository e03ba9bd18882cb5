"""Which calls does an address ask for? Console and API say it alike, so that a page's address is a program's too."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from starlette.datastructures import QueryParams

from keysteward.rules.call_usage import (
    DEFAULT_PERIOD,
    PERIODS,
    Asked,
    Part,
    Scope,
    Window,
    between,
    row_of,
    status_asked,
    window_of,
)
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.spreadsheets import lines
from keysteward.web.reading import is_uuid

FILTERS = ("period", "since", "until", "user", "operation", "status")
INSTANT = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_MOST_OPERATION = 200


def asked(query: QueryParams, scope: Scope, now: datetime) -> Asked:
    """What a query asks for; an empty parameter is none."""
    ended, status = status_asked(query.get("status", ""))
    user = query.get("user", "")
    if user and not is_uuid(user):
        raise Refusal(INVALID_FIELD, field="user", reason="give the GUID of a user.")
    operation = query.get("operation", "")
    if len(operation) > _MOST_OPERATION or "\x00" in operation:
        raise Refusal(INVALID_FIELD, field="operation", reason="give an operation as the usage lists it.")
    return Asked(scope, _window(query, now), user.lower(), operation, ended, status)


def whole_number(query: QueryParams, name: str, default: int | None, least: int, most: int) -> int | None:
    """A number in the query, or what applies where it is missing."""
    text = query.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"[1-9][0-9]{0,14}", text) or not least <= int(text) <= most:
        raise Refusal(INVALID_FIELD, field=name, reason=f"give a number from {least} to {most}.")
    return int(text)


def csv_lines(parts: Iterator[Part]) -> Iterator[str]:
    """A download, line by line: the names of its columns first."""
    return lines(Part._fields, map(row_of, parts))


def _window(query: QueryParams, now: datetime) -> Window:
    since, until = query.get("since", ""), query.get("until", "")
    if not since and not until:
        return window_of(query.get("period") or DEFAULT_PERIOD, now)
    try:
        ends_at = _instant("until", until) if until else now
        return between(_instant("since", since) if since else ends_at - PERIODS[DEFAULT_PERIOD], ends_at)
    except OverflowError:
        raise Refusal(INVALID_FIELD, field="until", reason="choose a time that calendars have.") from None


def _instant(name: str, text: str) -> datetime:
    try:
        if re.fullmatch(INSTANT, text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        pass
    raise Refusal(INVALID_FIELD, field=name, reason="give a time such as 2026-11-20T09:00:00Z.")
