"""Which words do all rooms share?"""

import re
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, get_args

Environment = Literal["demo", "production"]
IntegrationType = Literal[
    "Private custom integration", "Third-party integration key", "Public integration", "Embedded integration"
]

ENVIRONMENTS: tuple[Environment, ...] = ("demo", "production")
INTEGRATION_TYPES: tuple[IntegrationType, ...] = get_args(IntegrationType)
OTHER: dict[Environment, Environment] = {"demo": "production", "production": "demo"}

_SMALLEST_SPAN = timedelta(seconds=1)
_MOST_ADDRESS = 320  # 64 before the @ and 255 behind it

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_EMAIL = re.compile(
    r"[^@\s<>\"(),:;\[\]\\\x00-\x1f\x7f-\x9f]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])",
    re.IGNORECASE,
)


def is_guid(text: str) -> bool:
    """A GUID is 32 lower-case hexadecimal digits in the 8-4-4-4-12 form."""
    return _GUID.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """An e-mail address that we can send mail to: one @, a dotted host name, no display name, and not too long."""
    return len(text) <= _MOST_ADDRESS and _EMAIL.fullmatch(text) is not None


def new_guid() -> str:
    """Return a random GUID, lower case."""
    return str(uuid.uuid4())


def many(count: int, one: str, more: str) -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else more}"


def listed(things: Sequence[str]) -> str:
    """Some things, at least one, in a sentence: "a, b and c"."""
    before = ", ".join(things[:-1])
    return f"{before} and {things[-1]}" if before else things[-1]


def spoken(span: timedelta) -> str:
    """A span of time in its two largest units."""
    if span < _SMALLEST_SPAN:
        return "less than a second"
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    parts = [f"{count} {unit}" for count, unit in units if count]
    return " ".join(parts[:2])
