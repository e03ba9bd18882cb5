"""What of a form that came after its session is kept, for how long, and how much of it?

Words are kept that somebody typed; what proves who they are, and whatever looks like a secret, they type anew.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

LIFE = timedelta(minutes=30)
MOST_BYTES = 131_072
MOST_OF_A_USER = 5

_OF_THE_PAGE = frozenset({"nonce", "typed_by"})
_SECRET_NAME = re.compile(r"password|passkey|passphrase|secret|token|assertion|^code$")
_SECRET_SHAPE = re.compile(
    r"PRIVATE KEY|\bks[a-z]_[\w-]{16}|\bey[\w-]{8,}\.[\w-]+\.|(?i:\b(?:bearer|basic) [\w.~+/=-]{6})"
)


class KeptForm(NamedTuple):
    """A form as somebody sent it: where to, what they typed, and whether something secret was left out."""

    path: str
    fields: tuple[tuple[str, str], ...]
    lacks_secrets: bool = False

    @property
    def size(self) -> int:
        """How many bytes its fields have."""
        return sum(len(name.encode()) + len(value.encode()) for name, value in self.fields)


def without_secrets(path: str, sent: Iterable[tuple[str, str]]) -> KeptForm:
    """What may be kept of a form that was sent to a path."""
    typed = [(name, value) for name, value in sent if value and name not in _OF_THE_PAGE]
    harmless = tuple(pair for pair in typed if not _is_secret(*pair))
    return KeptForm(path, harmless, len(harmless) < len(typed))


def _is_secret(name: str, value: str) -> bool:
    return bool(_SECRET_NAME.search(name) or _SECRET_SHAPE.search(value))
