"""What does a HAR say, as browsers and Postman write it?

Source: HTTP Archive 1.2. Only what a verdict needs is decoded; bodies are looked at for an error's code alone.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import msgspec

from keysteward.rules.foreign_logs.moments import moment, span
from keysteward.rules.foreign_logs.sightings import (
    LEGACY,
    NO_ADDRESS,
    PREFLIGHT,
    Sighting,
    Unreadable,
    address_of,
    ending_of,
    guid_of,
    method_of,
)
from keysteward.rules.shapes import known

MOST_BYTES = 512 * 2**20
_MOST_ENTRIES = 1_000_000
_MOST_ERROR_BYTES = 65_536
_MOST_TOKEN = 16_384
_AGAIN = "Save it again, with the menu entry that says *Save all as HAR*."
_KEY_CLAIMS = ("client_id", "azp", "integration_key")


class _Header(msgspec.Struct):
    name: str = ""
    value: str = ""


class _Content(msgspec.Struct):
    text: str | None = None
    encoding: str | None = None


class _Request(msgspec.Struct):
    method: str
    url: str
    headers: list[_Header] = []


class _Response(msgspec.Struct):
    status: float | None = 0
    headers: list[_Header] = []
    content: _Content | None = None


class _Entry(msgspec.Struct):
    request: _Request
    response: _Response
    startedDateTime: str = ""  # noqa: N815 — HAR's own name
    time: float | None = None


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Har(msgspec.Struct):
    log: _Log


def read(content: bytes, file: str, number: int) -> Iterator[Sighting | Unreadable]:
    """The calls of a HAR, in its order, and what is wrong with other entries. Raises Unreadable."""
    try:
        entries = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=known(_Har)).log.entries
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unreadable(file, "it is no whole HAR: no `log` with `entries` can be read in it", _AGAIN) from None
    if len(entries) > _MOST_ENTRIES:
        raise Unreadable(file, f"it holds more than {_MOST_ENTRIES:,} entries", "Record less at a time.")
    for place, raw in enumerate(entries, start=1):
        try:
            yield _sighting(msgspec.json.decode(raw, type=known(_Entry)), (number, place))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            yield Unreadable(f"{file}, entry {place}", "it lacks what HAR 1.2 asks for", _AGAIN)


def _sighting(entry: _Entry, place: tuple[int, int]) -> Sighting:
    asked, said = _named(entry.request.headers), _named(entry.response.headers)
    address, method = address_of(entry.request.url), method_of(entry.request.method)
    status, by_upstream = ending_of(int(entry.response.status or 0), by_upstream=True)
    began = moment(entry.startedDateTime)
    return Sighting(
        *place,
        "",
        method=method,
        path=address.path,
        query=address.query,
        status=status,
        at=began.at if began else None,
        key=_key_in(asked.get("authorization", "")),
        trace=guid_of(said.get("x-docusign-tracetoken")),
        error_code=_error_code(entry.response.content) if status >= 400 else "",
        by_upstream=by_upstream,
        took=span(entry.time, 0.001) if entry.time is not None else None,
        why_not=_why_not(method, asked, is_http=address.is_http),
    )


def _named(headers: list[_Header]) -> dict[str, str]:
    return {header.name.lower(): header.value for header in headers}


def _why_not(method: str, asked: dict[str, str], *, is_http: bool) -> str:
    if not is_http or not method:
        return NO_ADDRESS
    if "x-docusign-authentication" in asked:
        return LEGACY
    return PREFLIGHT if method == "OPTIONS" else ""


def _key_in(authorization: str) -> str:
    """The integration key that an access token names, where it is a JSON Web Token. It is not verified: it only tells
    apart whose calls these are.
    """
    scheme, _, token = authorization.partition(" ")
    parts = token.strip().split(".")
    if scheme.lower() != "bearer" or len(parts) != 3 or len(token) > _MOST_TOKEN:
        return ""
    claims = _json(base64_of(parts[1]))
    return next((guid for guid in (guid_of(claims.get(name)) for name in _KEY_CLAIMS) if guid), "")


def _error_code(content: _Content | None) -> str:
    if content is None or not content.text or len(content.text) > _MOST_ERROR_BYTES:
        return ""
    body = base64_of(content.text) if content.encoding == "base64" else content.text.encode(errors="replace")
    said = _json(body).get("errorCode")
    return said if isinstance(said, str) else ""


def base64_of(text: str) -> bytes:
    """What base64 says, in either alphabet, with or without its end; nothing where it is none."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
