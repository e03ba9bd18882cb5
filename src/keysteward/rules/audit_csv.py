"""How is the audit log written as CSV?"""

from collections.abc import Iterator

import msgspec

from keysteward.rules.events import Entry, shown
from keysteward.rules.spreadsheets import line

_HEADS = ("number", "at", "kind", "actor", "account", "key", "user", "trace", "details")
_APART = frozenset({"user", "trace"})


def csv_parts(parts: Iterator[list[Entry]]) -> Iterator[str]:
    """A download, some hundred lines at a time: the names of its columns first."""
    yield line(_HEADS)
    for entries in parts:
        yield "".join(map(_line, entries))


def _line(entry: Entry) -> str:
    event = shown(entry)
    user, trace = (event.data.get(name, "") for name in ("user", "trace"))
    details = msgspec.json.encode({name: value for name, value in event.data.items() if name not in _APART})
    at = f"{event.at:%Y-%m-%d %H:%M:%S}"
    return line(
        (str(entry.sequence), at, event.name, event.actor, event.account, event.key, user, trace, details.decode())
    )
