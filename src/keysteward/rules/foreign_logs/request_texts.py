"""What does one request log say, as Docusign and Keysteward write them?

A request with its headers and body, the answer with its own, and a few facts: in that order, with blank lines between.
Nothing else is relied on, because Docusign documents no layout. What stands in a body is not believed where it could be
mistaken for a head.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from http import HTTPStatus
from itertools import takewhile
from typing import NamedTuple

from keysteward.rules.foreign_logs.moments import mail_date, moment, span
from keysteward.rules.foreign_logs.sightings import (
    LEGACY,
    NO_ADDRESS,
    PREFLIGHT,
    Sighting,
    Unreadable,
    address_of,
    ending_of,
    guid_of,
)

_REQUEST = re.compile(r"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) ((?:https?://|/)\S+)(?: HTTP/[\d.]+)?")
_ANSWER = re.compile(r"(?:HTTP/[\d.]+ )?([1-5]\d\d)(?: ([A-Za-z][A-Za-z '-]{1,40}))?")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60}): ?(.*)")
_NAME = re.compile(r"(?:.*[/\\])?(\d{1,6})_([A-Za-z0-9]{1,40})_([A-Za-z0-9_.-]{1,80})\.txt", re.IGNORECASE)
_ERROR = re.compile(r'"errorCode"\s*:\s*"([A-Za-z0-9_]{1,100})"|<errorCode>([A-Za-z0-9_]{1,100})</errorCode>')
_MILLISECONDS = re.compile(r"([\d,]+(?:\.\d+)?) ms")
_HEAD_LINES = 40
_MOST_HEADERS = 200
_CODES = {re.sub(r"[^a-z0-9]", "", each.phrase.lower()): each.value for each in HTTPStatus}
_NO_ANSWER = "noanswer"

Headers = dict[str, str]


class Name(NamedTuple):
    """What the name of a request log says: its place in the log, how it ended, and the operation."""

    number: int
    status: int | None
    operation: str


class _Answer(NamedTuple):
    """Where the answer begins, and its status."""

    line: int
    status: int


def name_of(unverified: str) -> Name | None:
    """What a name such as `04_OK_GetEnvelope.txt` says; None where it is another name."""
    found = _NAME.fullmatch(unverified)
    if found is None:
        return None
    phrase = found[2].lower()
    status = 0 if phrase == _NO_ANSWER else int(phrase) if phrase.isdigit() else _CODES.get(phrase)
    return Name(int(found[1]), status, found[3])


def decoded(content: bytes) -> str:
    """A text in whichever of the usual encodings it is."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def looks_like_one(head: bytes) -> bool:
    """Whether a text begins as a request log does."""
    return any(_REQUEST.fullmatch(line.strip()) for line in decoded(head).splitlines()[:_HEAD_LINES])


def read(content: bytes, where: str, place: tuple[int, int, str]) -> Sighting:
    """The call that a request log tells of; `place` is its file, entry and label. Raises Unreadable."""
    lines = decoded(content).splitlines()
    begins = next((at for at, line in enumerate(lines[:_HEAD_LINES]) if _REQUEST.fullmatch(line.strip())), None)
    if begins is None:
        raise Unreadable(
            where,
            "no line of it says what was requested",
            "A request log begins with a line such as `GET https://…/restapi/v2.1/accounts/…`.",
        )
    found = _REQUEST.fullmatch(lines[begins].strip())
    method, url = (found[1], found[2]) if found else ("", "")
    name = name_of(place[2])
    asked = _headers(lines[begins + 1 :])
    answer = _answer(lines, begins + 1, name)
    if answer is None:
        raise Unreadable(where, "it does not say how the request was answered", "Download the log again, as a ZIP.")
    facts = _headers(_tail(lines))
    said = _headers(lines[answer.line + 1 :]) if answer.line else {}
    status, by_upstream = ending_of(answer.status, by_upstream=True)
    address = address_of(url)
    took = _MILLISECONDS.fullmatch(facts.get("took", ""))
    return Sighting(
        *place,
        method=method,
        path=address.path,
        query=address.query,
        status=status,
        at=_instant(asked, said, facts),
        trace=_trace(asked, said, facts),
        error_code=_error_code(lines[answer.line :]) if status >= 400 else "",
        by_upstream=by_upstream,
        took=span(took[1].replace(",", ""), 0.001) if took else None,
        why_not=_why_not(method, asked, is_http=address.is_http),
    )


def _headers(lines: Sequence[str]) -> Headers:
    """The headers from here to the body; Docusign's own facts and the headers may have a blank line between."""
    found: Headers = {}
    for line in lines[:_MOST_HEADERS]:
        header = _HEADER.fullmatch(line.strip())
        if header is None and line.strip():
            break
        if header is not None:
            found.setdefault(header[1].lower(), header[2].strip())
    return found


def _tail(lines: Sequence[str]) -> list[str]:
    """The last lines, up to a blank one."""
    return list(takewhile(lambda line: line.strip(), reversed(lines)))[::-1]


def _answer(lines: Sequence[str], start: int, name: Name | None) -> _Answer | None:
    """Where the answer begins. Its status is what the name of the file says, where that says one.

    A body may hold a line that looks like an answer, so that of the named status is preferred.
    """
    named = name.status if name else None
    first = None
    for at in range(start, len(lines)):
        found = _ANSWER.fullmatch(lines[at].strip())
        if found and lines[at - 1].strip() and not lines[at].startswith("HTTP/"):
            found = None
        if found and (named is None or int(found[1]) == named):
            return _Answer(at, int(found[1]))
        first = first or (at if found else None)
    if named is not None:
        return _Answer(first or 0, named)
    return _Answer(0, 0) if _left(lines) else None


def _left(lines: Sequence[str]) -> bool:
    return any(line.startswith("Note: The caller left") for line in _tail(lines))


def _instant(asked: Headers, said: Headers, facts: Headers) -> datetime | None:
    for stamp in (facts.get("received"), asked.get("timestamp"), said.get("timestamp")):
        if stamp and (found := moment(stamp)):
            return found.at
    return mail_date(said["date"]) if "date" in said else None


def _trace(asked: Headers, said: Headers, facts: Headers) -> str:
    traces = (facts.get("tracetoken"), asked.get("tracetoken"), said.get("x-docusign-tracetoken"))
    return next((guid for guid in map(guid_of, traces) if guid), "")


def _error_code(lines: Iterable[str]) -> str:
    for line in lines:
        if found := _ERROR.search(line):
            return found[1] or found[2]
    return ""


def _why_not(method: str, asked: Headers, *, is_http: bool) -> str:
    if not is_http:
        return NO_ADDRESS
    if "x-docusign-authentication" in asked:
        return LEGACY
    return PREFLIGHT if method == "OPTIONS" else ""
