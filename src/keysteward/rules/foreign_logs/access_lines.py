"""What does a line of a proxy's JSON log say?

Proxies let everybody name the fields. ROLES lists the names that are understood, whatever their letter case and
punctuation: `request_uri`, `requestUri` and `http.request.uri` alike. Of two names for one thing the first counts.
"""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from keysteward.rules.foreign_logs.lines import Line
from keysteward.rules.foreign_logs.moments import moment, span
from keysteward.rules.foreign_logs.sightings import (
    NO_ADDRESS,
    PREFLIGHT,
    Sighting,
    Unreadable,
    address_of,
    ending_of,
    guid_of,
    method_of,
)

ROLES: dict[str, tuple[str, ...]] = {
    "method": ("method", "requestmethod", "httpmethod", "httprequestmethod", "httprequestrequestmethod", "verb"),
    "url": ("requesturi", "url", "requesturl", "urloriginal", "httprequestrequesturl", "requestpath"),
    "path": ("uri", "path", "urlpath"),
    "query": ("args", "query", "querystring", "urlquery"),
    "request": ("request", "requestline", "httprequest"),
    "status": (
        "status", "statuscode", "responsecode", "responsestatus", "httpstatus", "httpstatuscode",
        "httpresponsestatuscode", "httprequeststatus", "downstreamstatus", "responsestatuscode",
    ),
    "began": ("at", "startutc", "starttime", "requestdate", "time", "timestamp", "ts", "datetime", "date"),
    "ended": ("msec", "timeiso8601", "timelocal"),
    "seconds": ("seconds", "requesttime"),
    "milliseconds": ("milliseconds", "durationms", "ta"),
    "key": ("key", "integrationkey", "clientid", "azp"),
    "trace": ("decision", "trace", "tracetoken", "xdocusigntracetoken"),
    "error": ("errorcode",),
    "answered_by": ("answeredby",),
    "termination": ("termination",),
    "decision": ("decision",),
}  # fmt: skip

NEXT_STEP = "Log JSON with method, address, status and time to each call: docs/guides/judging-files.md has the format."
_PLAIN = re.compile(r"[^a-z0-9]")
_MOST_PREFIX = 300
_MOST_DEPTH = 3
_decode = msgspec.json.Decoder().decode

Said = dict[str, Any]


class NoCall(Exception):
    """A line that speaks of something else; `says_ending` where it tells how a call ended, and not which."""

    def __init__(self, *, says_ending: bool) -> None:
        super().__init__()
        self.says_ending = says_ending


def fields_of(line: Line, file: str) -> dict[str, Any]:
    """The fields of a line; what a system log put before them is left out. Raises Unreadable."""
    if not line.is_whole:
        raise Unreadable(f"{file}, line {line.number}", "it is longer than 1 MiB", "Leave the line out.")
    text = line.text.strip()
    if not text.startswith(b"{") and 0 < (begins := text.find(b"{")) <= _MOST_PREFIX:
        text = text[begins:]
    try:
        found = _decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unreadable(f"{file}, line {line.number}", "it is no JSON object", NEXT_STEP)
    return found


def read(fields: dict[str, Any], place: tuple[int, int]) -> Sighting:
    """The call that a line tells of. Raises NoCall."""
    said = _said(fields)
    method, path, query, is_http = _asked(said)
    status = _status(said.get("status"))
    if not path or status is None or not method:
        raise NoCall(says_ending=status is not None and bool(said.get("decision")))
    status, by_upstream = _ending(said, status)
    took = span(said["seconds"], 1) if "seconds" in said else span(said.get("milliseconds"), 0.001)
    return Sighting(
        *place,
        "",
        method=method,
        path=path,
        query=query,
        status=status,
        at=_began(said, took),
        key=guid_of(said.get("key")),
        trace=guid_of(said.get("trace")),
        error_code=str(said.get("error", "")) if status >= 400 else "",
        by_upstream=by_upstream,
        took=took,
        why_not=_why_not(method, is_http=is_http),
    )


def _said(fields: dict[str, Any]) -> Said:
    """What the fields say, by their roles; a field within a field is named with both names."""
    found: dict[str, tuple[int, Any]] = {}
    _gather(fields, "", 0, found)
    return {role: value for role, (_, value) in found.items()}


def _gather(fields: dict[str, Any], prefix: str, depth: int, found: dict[str, tuple[int, Any]]) -> None:
    for name, value in fields.items():
        if isinstance(value, dict) and depth < _MOST_DEPTH:
            _gather(value, f"{prefix}{name}.", depth + 1, found)
        for role, rank in _roles(prefix + name):
            if _says(role, value) and (role not in found or rank < found[role][0]):
                found[role] = (rank, value)


def _says(role: str, value: object) -> bool:
    """Whether a field says something; that there was no query is something too."""
    if isinstance(value, str):
        return value not in {"", "-"} or role == "query"
    return isinstance(value, int | float)


@lru_cache(maxsize=4_096)
def _roles(name: str) -> tuple[tuple[str, int], ...]:
    """The roles of a field's name, each with the place of the name among those of the role."""
    plain = _PLAIN.sub("", name.lower())
    return tuple((role, names.index(plain)) for role, names in ROLES.items() if plain in names)


def _asked(said: Said) -> tuple[str, str, str | None, bool]:
    """Method, path and query, and whether it is an address of HTTP; None where the log tells no query."""
    method, url = method_of(str(said.get("method", ""))), said.get("url")
    if url is None and isinstance(said.get("request"), str):
        first, _, rest = said["request"].partition(" ")
        method, url = method_of(first), rest.rpartition(" HTTP/")[0] or rest
    if isinstance(url, str) and url:
        address = address_of(url)
        return method, address.path, address.query or _query(said) or "", address.is_http
    address = address_of(str(said.get("path", "")))
    return method, address.path if "path" in said else "", address.query or _query(said), address.is_http


def _query(said: Said) -> str | None:
    return str(said["query"]).removeprefix("?").removeprefix("-") if "query" in said else None


def _status(said: object) -> int | None:
    if isinstance(said, int | float) and not isinstance(said, bool):
        return int(said) if -1 <= said <= 599 else None
    return int(said) if isinstance(said, str) and said.isascii() and said.isdigit() and len(said) == 3 else None


def _ending(said: Said, status: int) -> tuple[int, bool]:
    """The status as the evidence has it. HAProxy logs one of its own where the caller left before an answer: `C…`."""
    by_upstream = said.get("answered_by", "upstream") == "upstream"
    left = not by_upstream and str(said.get("termination", "")).startswith("C")
    return ending_of(0 if left else status, by_upstream=by_upstream)


def _began(said: Said, took: timedelta | None) -> datetime | None:
    """When the call arrived. nginx notes when it ended, and how many seconds it took."""
    if "began" in said and (began := moment(said["began"])):
        return began.at
    if "ended" not in said or (ended := moment(said["ended"])) is None:
        return None
    return ended.at - took if took is not None else ended.at


def _why_not(method: str, *, is_http: bool) -> str:
    if not is_http:
        return NO_ADDRESS
    return PREFLIGHT if method == "OPTIONS" else ""
