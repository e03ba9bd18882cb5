"""Which words do all rooms share?"""

import re
import uuid
from typing import Literal

Environment = Literal["demo", "production"]

ENVIRONMENTS: tuple[Environment, ...] = ("demo", "production")
OTHER: dict[Environment, Environment] = {"demo": "production", "production": "demo"}

_MOST_ADDRESS = 320  # 64 before the @ and 255 behind it

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_EMAIL = re.compile(
    r"[^@\s<>\"(),:;\[\]\\\x00-\x1f\x7f-\x9f]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
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
