"""Is what somebody changes still what they looked at?

A form carries the version of what it shows: a short digest, another one wherever any of it is another.
"""

import hashlib
from collections.abc import Set as AbstractSet

from keysteward.rules.events import Event
from keysteward.rules.refusals import CONFLICT, Refusal


def version_of(*shown: object) -> str:
    """The version of what is shown, in the order of its fields; the order within a set does not matter."""
    return hashlib.sha256("\x1f".join(map(_text, shown)).encode()).hexdigest()[:16]


def is_other(seen: str | None, *shown: object) -> bool:
    """Whether somebody looked at something else than what is there now; whoever does not say did not."""
    return bool(seen) and seen != version_of(*shown)


def changed_meanwhile(event: Event | None) -> Refusal:
    """The refusal of a change whose maker looked at something else, with who made it so, where that is known."""
    return Refusal(CONFLICT, by=event.actor, at=event.at) if event else Refusal(CONFLICT, by="", at=None)


def _text(value: object) -> str:
    if isinstance(value, AbstractSet | list | tuple):
        return "\x1e".join(sorted(map(str, value)))
    return str(value)
