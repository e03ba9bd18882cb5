"""How does a file say when? With an age such as `3 days`, or with an instant that has its zone."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(week|day|hour|minute|second)s?\b\s*")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")
_SECONDS = {**_UNITS, "week": 604_800}

HOW_TO_SAY_WHEN = "say an age such as 3 days or 2 hours 30 minutes, or an instant such as 2026-11-20T09:30:00Z."
HOW_TO_SAY_HOW_LONG = "say a time such as 90 days, 2 hours 30 minutes or 1.5 seconds."
_STAY = "stay between the years 1971 and 9000."


class BadMoment(ValueError):
    """The text says no moment and no time. The message says what would."""


def read_duration(text: str) -> timedelta:
    """A time such as `2 hours 30 minutes`."""
    if not _DURATION.fullmatch(text.strip()):
        raise BadMoment(HOW_TO_SAY_HOW_LONG)
    try:
        return sum((timedelta(seconds=_SECONDS[unit] * float(n)) for n, unit in _PART.findall(text)), timedelta())
    except OverflowError:
        raise BadMoment("say a shorter time.") from None


def read_moment(text: str, now: datetime) -> datetime:
    """The moment that a text names; an age is counted back from now."""
    said = text.strip().removesuffix("ago").strip()
    if said == "now":
        return now
    return _checked(_counted_back(said, now)) if _DURATION.fullmatch(said) else read_instant(text)


def read_instant(text: str) -> datetime:
    """An instant with its zone, in UTC."""
    try:
        instant = datetime.fromisoformat(text.strip())
        in_utc = instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadMoment(HOW_TO_SAY_WHEN) from None
    if instant.tzinfo is None:
        raise BadMoment("give the instant its zone, such as the Z in 2026-11-20T09:30:00Z.")
    return _checked(in_utc)


def _counted_back(said: str, now: datetime) -> datetime:
    try:
        return now - read_duration(said)
    except OverflowError:
        raise BadMoment(_STAY) from None


def _checked(instant: datetime) -> datetime:
    if not 1971 <= instant.year <= 9000:
        raise BadMoment(_STAY)
    return instant


def read_until(text: str, since: datetime) -> datetime:
    """A moment ahead: a time counted from another moment, or an instant."""
    try:
        return _checked(since + read_duration(text))
    except OverflowError:
        raise BadMoment(_STAY) from None
    except BadMoment:
        return read_instant(text)


def say_moment(instant: datetime) -> str:
    """An instant as a file says it, to the microsecond."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def say_duration(duration: timedelta) -> str:
    """A time as a file says it, to the microsecond."""
    whole, fraction = divmod(duration, timedelta(seconds=1))
    parts = []
    for unit, seconds in _UNITS.items():
        count, whole = divmod(whole, seconds)
        if unit == "second" and fraction:
            parts.append(f"{count}.{fraction // timedelta(microseconds=1):06d} seconds")
        elif count:
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(parts) or "0 seconds"
