"""How is a recorded call written as a line, and read again with nothing lost?"""

from typing import Any

import msgspec

from keysteward.rules.calls import Call
from keysteward.rules.foreign_logs.moments import moment
from keysteward.rules.foreign_logs.sightings import Sighting, Unreadable, address_of, guid_of, method_of
from keysteward.rules.shapes import known

MARK = "keysteward_call"
VERSION = 1
_SHOWN = ("number", "at", "method", "url", "status", "countable")


class _Shown(msgspec.Struct):
    """A call as `/api/v1/usage/…/calls` shows it."""

    number: int
    at: str
    method: str
    url: str
    status: int
    key: str = ""
    error_code: str = ""
    countable: bool = True
    why_not: str = ""
    trace: str = ""


def line_of(call: Call) -> bytes:
    """A call as a line of JSON, with its end."""
    return msgspec.json.encode({MARK: VERSION} | msgspec.to_builtins(call)) + b"\n"


def is_one(fields: dict[str, Any]) -> bool:
    """Whether a line is one of ours, or a call as our API shows it."""
    return MARK in fields or all(name in fields for name in _SHOWN)


def read(fields: dict[str, Any], where: str, place: tuple[int, int]) -> Sighting:
    """The call of a line. Raises Unreadable."""
    try:
        if MARK not in fields:
            return _from_shown(msgspec.convert(fields, type=known(_Shown)), place)
        if fields[MARK] != VERSION:
            raise Unreadable(where, "it is of another version", "Use the keysteward that wrote it, or a newer one.")
        return _from_whole(msgspec.convert(fields, type=known(Call)), place)
    except (msgspec.ValidationError, ValueError, OverflowError):
        raise Unreadable(
            where, "it lacks fields of a call, or they are of another kind", "Download it again."
        ) from None


def _from_whole(call: Call, place: tuple[int, int]) -> Sighting:
    address = address_of(call.url)
    return Sighting(
        *place,
        "",
        method=method_of(call.method),
        path=address.path,
        query=address.query,
        status=call.status,
        at=call.at,
        key=guid_of(call.key),
        trace=guid_of(call.trace),
        error_code=call.error_code,
        sequence=call.sequence,
        recorded=call,
    )


def _from_shown(call: _Shown, place: tuple[int, int]) -> Sighting:
    """Of a query only the names are shown, so whether two reads were the same is unknown where there is one."""
    address, at = address_of(call.url), moment(call.at)
    return Sighting(
        *place,
        "",
        method=method_of(call.method),
        path=address.path,
        query=None if address.query else "",
        status=call.status,
        at=at.at if at else None,
        key=guid_of(call.key),
        trace=guid_of(call.trace),
        error_code=call.error_code,
        why_not="" if call.countable else call.why_not or "it did not count on the server",
        sequence=call.number,
    )
