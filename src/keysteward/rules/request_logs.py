"""What stands in a request log, and what is logged at all?

A request and its answer are written down as they passed, in the order in which a person reads them, without anything
secret: no password, token, private key, cookie or integration key.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal
from urllib.parse import parse_qsl, quote

from keysteward.rules import legacy_forms
from keysteward.rules.log_bodies import Captured, shown_body
from keysteward.rules.redaction import OMITTED, Redactor, is_secret_name, views
from keysteward.rules.refusals import Refusal

Ending = Literal["whole", "cut", "left"]

_NOT_LOGGED = re.compile(r"/restapi/v2(?:\.1)?/(?:login_information|diagnostics(?:/.*)?)", re.DOTALL)
_ACCOUNTS = re.compile(r"/restapi/v2(?:\.1)?/accounts")
_SOAP_ACTION = re.compile(r"([A-Za-z]{1,60})\"?$")
_BELOW_ACCOUNT = re.compile(r"/(?:restapi|management)/v2(?:\.1)?(?:/accounts/[^/]+)?", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)*")
_VERBS = {"GET": "Get", "HEAD": "Get", "POST": "Create", "PUT": "Update", "PATCH": "Update", "DELETE": "Delete"}
_ALL_OF = {"combined", "archive", "certificate", "portfolio"}
_SHOWN_NAMES = {
    **{f"x-ratelimit-{name.lower()}": f"X-RateLimit-{name}" for name in ("Limit", "Remaining", "Reset")},
    **{f"x-burstlimit-{name.lower()}": f"X-BurstLimit-{name}" for name in ("Limit", "Remaining")},
    "x-docusign-tracetoken": "X-DocuSign-TraceToken",
    "x-docusign-sdk": "X-DocuSign-SDK",
    "x-golive-ready": "X-GoLive-Ready",
    "www-authenticate": "WWW-Authenticate",
    "etag": "ETag",
}
_ENDINGS: dict[Ending, str] = {
    "whole": "",
    "cut": "The answer broke off before it was whole.",
    "left": "The caller left before the answer began.",
}
_COOKIES = frozenset({"cookie", "set-cookie"})
_WAYS_IN = frozenset({"authorization", "proxy-authorization"})
_MOST_NAME = 60
_MOST_PATH = 500

RawHeaders = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer as they passed, with every secret in them. `status` is 0 where no answer began."""

    method: str
    origin: str
    unverified_path: str
    unverified_query: str
    version: str
    headers: RawHeaders
    body: Captured
    status: int
    answer_headers: RawHeaders
    answer_body: Captured
    trace: str
    began_at: datetime
    ended_at: datetime
    took: timedelta
    ending: Ending


@dataclass(frozen=True, slots=True)
class Side:
    """A request, or an answer, as it is shown."""

    first_line: str
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A request with its answer as a request log has them: nothing in it is secret."""

    method: str
    path: str
    operation: str
    status: int
    request: Side
    answer: Side
    trace: str
    began_at: datetime
    ended_at: datetime
    took_milliseconds: float
    note: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What to look out for: texts that an exchange itself calls secret, and the GUIDs that may be integration keys."""

    secrets: frozenset[str]
    unverified_guids: frozenset[str]


def is_logged(method: str, path: str) -> bool:
    """Whether calls of this kind are logged: no diagnostics, no logging in, and no opening of accounts.

    Source: Docusign, eSignature REST API, Diagnostics: updateSettings.
    """
    lowered = path.lower()
    opens_account = method == "POST" and _ACCOUNTS.fullmatch(lowered) is not None
    return _NOT_LOGGED.fullmatch(lowered) is None and not opens_account


def operation_of(method: str, path: str, soap_action: str = "") -> str:
    """What a call does, in the manner of Docusign's own log files: GetEnvelope, CreateEnvelope, UpdateRecipients."""
    if said := _SOAP_ACTION.search(soap_action):
        return said[1]
    segments = _BELOW_ACCOUNT.sub("", path, count=1).split("/")
    words = [each for each in segments if _is_word(each)]
    verb = _VERBS.get(method, "Call")
    if not words:
        return f"{verb}Account"
    is_one = method == "POST" or segments[-1] not in words
    name = "".join(part.capitalize() for part in words[-1].split("_"))
    return f"{verb}{name.removesuffix('s') if is_one else name}"[:_MOST_NAME]


def _is_word(segment: str) -> bool:
    return _WORD.fullmatch(segment) is not None and segment.lower() not in _ALL_OF


def phrase_of(status: int) -> str:
    """The reason phrase of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(status) if status else "No answer"


def file_name(number: int, status: int, operation: str) -> str:
    """The name of an entry in the ZIP, such as `00_OK_GetEnvelope.txt`."""
    return f"{number:02}_{re.sub(r'[^A-Za-z0-9]', '', phrase_of(status))}_{operation}.txt"


# ── writing down ────────────────────────────────────────────────────────────────────────────────────────────────────
def survey(exchange: Exchange) -> Survey:
    """Read an exchange once for what it calls secret anywhere, because it may stand elsewhere under another name."""
    redactor = Redactor()
    _write(exchange, redactor)
    for name, value in _decoded((*exchange.headers, *exchange.answer_headers)):
        for secret in _parts_of(name.lower(), value):
            redactor.take(secret)
    return Survey(frozenset(redactor.taken), frozenset(redactor.guids))


def write_down(exchange: Exchange, secrets: Iterable[str]) -> Entry:
    """An exchange as a request log keeps it, without these secrets and without everything that looks like one."""
    return _write(exchange, Redactor(secrets))


def _write(exchange: Exchange, redactor: Redactor) -> Entry:
    path = _cleaned_path(exchange.unverified_path, redactor)
    query = _cleaned_query(exchange.unverified_query, redactor)
    headers = _cleaned_headers(exchange.headers, redactor)
    status = exchange.status
    return Entry(
        method=exchange.method,
        path=path[:_MOST_PATH],
        operation=operation_of(exchange.method, path, dict(headers).get("Soapaction", "")),
        status=status,
        request=Side(
            f"{exchange.method} {exchange.origin}{path}{query} HTTP/{exchange.version}",
            headers,
            _cleaned_body(exchange.body, exchange.headers, redactor),
        ),
        answer=Side(
            f"HTTP/{exchange.version} {status} {phrase_of(status)}" if status else "",
            _cleaned_headers(exchange.answer_headers, redactor),
            _cleaned_body(exchange.answer_body, exchange.answer_headers, redactor),
        ),
        trace=exchange.trace,
        began_at=exchange.began_at,
        ended_at=exchange.ended_at,
        took_milliseconds=round(exchange.took / timedelta(milliseconds=1), 1),
        note=_ENDINGS[exchange.ending],
    )


def _cleaned_path(path: str, redactor: Redactor) -> str:
    return "/".join(redactor.text(segment) for segment in path.split("/"))


def _cleaned_query(query: str, redactor: Redactor) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    shown = (f"{_quoted(redactor.text(name))}={_quoted(redactor.value(name, value))}" for name, value in pairs)
    return "?" + "&".join(shown) if pairs else ""


def _quoted(text: str) -> str:
    return text if text == OMITTED else quote(text, safe=",:/[]")


def _cleaned_headers(headers: RawHeaders, redactor: Redactor) -> tuple[tuple[str, str], ...]:
    return tuple((redactor.text(_shown_name(name)), redactor.value(name, value)) for name, value in _decoded(headers))


def _cleaned_body(body: Captured, headers: RawHeaders, redactor: Redactor) -> str:
    said = {name.lower(): value for name, value in _decoded(headers)}
    shown = shown_body(body, said.get("content-type", ""), said.get("content-encoding", ""), redactor)
    return shown.encode(errors="replace").decode()


def _decoded(headers: RawHeaders) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def _shown_name(name: str) -> str:
    lowered = name.lower()
    return _SHOWN_NAMES.get(lowered) or "-".join(part.capitalize() for part in lowered.split("-"))


def _parts_of(name: str, value: str) -> list[str]:
    """The secrets within a header that is one as a whole."""
    if name == legacy_forms.HEADER:
        return _parts_of_login(value)
    if name in _COOKIES:
        return [pair.partition("=")[2].strip() for pair in value.split(";")]
    if name in _WAYS_IN:
        token = value.partition(" ")[2]
        return [token, *(view.partition(":")[2] for view in views(token) or ())]  # Basic: user and password
    return [value] if is_secret_name(name) else []


def _parts_of_login(value: str) -> list[str]:
    try:
        return [legacy_forms.read_header(value).unverified_password]
    except Refusal:
        return []


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def as_text(entry: Entry) -> str:
    """An entry as a text file: the request, the answer, and what there is to say of both."""
    sides = (_side_as_text(side) for side in (entry.request, entry.answer) if side.first_line)
    return "\n\n\n".join((*sides, "\n".join(f"{name}: {value}" for name, value in facts(entry).items()))) + "\n"


def _side_as_text(side: Side) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in side.headers)
    return "\n".join((side.first_line, headers, *(("", side.body) if side.body else ())))


def facts(entry: Entry) -> Mapping[str, str]:
    """What there is to say of a request and its answer together."""
    found = {
        "TraceToken": entry.trace,
        "Received": _stamp(entry.began_at),
        "Answered": _stamp(entry.ended_at),
        "Took": f"{entry.took_milliseconds:,} ms",
        "Note": entry.note,
    }
    return {name: value for name, value in found.items() if value}


def _stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
