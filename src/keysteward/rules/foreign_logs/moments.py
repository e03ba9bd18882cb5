"""When was it, by what a log says?"""

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

_SECONDS, _MILLISECONDS, _MICROSECONDS = 10**11, 10**14, 10**17
_NUMBER = re.compile(r"\d{9,20}(?:\.\d{1,9})?")
_COMMON = re.compile(r"\[?(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d)(\.\d{1,9})?(?: ([+-]\d{4}))?\]?")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_LONG = len("2026-11-20T09:30:00.123456")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Moment(NamedTuple):
    """An instant, and whether the log said its zone; where it did not, it is taken as UTC."""

    at: datetime
    has_zone: bool


def moment(unverified: object) -> Moment | None:
    """An instant: Unix time in seconds or a finer unit, ISO 8601, or the common log format; None where it is none."""
    try:
        if isinstance(unverified, int | float) and not isinstance(unverified, bool):
            return Moment(_from_number(float(unverified)), has_zone=True)
        if not isinstance(unverified, str) or len(unverified) > 60:
            return None
        text = unverified.strip()
        if _NUMBER.fullmatch(text):
            return Moment(_from_number(float(text)), has_zone=True)
        if found := _COMMON.fullmatch(text):
            return _from_common(found)
        return _zoned(datetime.fromisoformat(_FRACTION.sub(r"\1", text) if len(text) > _LONG else text))
    except (ValueError, OverflowError, OSError):
        return None


def mail_date(unverified: str) -> datetime | None:
    """An instant as the Date header of an answer says it."""
    try:
        return _zoned(parsedate_to_datetime(unverified)).at
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def span(unverified: object, unit_seconds: float) -> timedelta | None:
    """A duration that is given as a number of units; None where it is none."""
    if not isinstance(unverified, str | int | float):
        return None
    try:
        seconds = float(unverified) * unit_seconds
        return timedelta(seconds=seconds) if math.isfinite(seconds) and 0 <= seconds < 10**9 else None
    except (ValueError, OverflowError):
        return None


def _from_number(number: float) -> datetime:
    for least, units in ((_MICROSECONDS, 10**9), (_MILLISECONDS, 10**6), (_SECONDS, 10**3)):
        if number >= least:
            return datetime.fromtimestamp(round(number / units, 6), UTC)
    return datetime.fromtimestamp(round(number, 6), UTC)


def _from_common(found: re.Match[str]) -> Moment:
    day, month, year, clock, fraction, zone = found.groups()
    number = _MONTHS.index(month) + 1
    text = f"{year}-{number:02}-{int(day):02}T{clock}{(fraction or '')[:7]}{zone or ''}"
    return _zoned(datetime.fromisoformat(text))


def _zoned(instant: datetime) -> Moment:
    if instant.tzinfo is None:
        return Moment(instant.replace(tzinfo=UTC), has_zone=False)
    return Moment(instant.astimezone(UTC), has_zone=True)
