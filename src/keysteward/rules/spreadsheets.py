"""How is a table written for spreadsheets, so that no cell becomes a formula?"""

from collections.abc import Iterable, Iterator, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_QUOTED = frozenset('",;\r\n\t ')


def lines(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of CSV (RFC 4180), each with its end: the heads, then the rows."""
    yield line(heads)
    for row in rows:
        yield line(row)


def line(cells: Sequence[str]) -> str:
    """One line of CSV."""
    return ",".join(map(cell, cells)) + "\r\n"


def cell(text: str) -> str:
    """One cell; a text that a spreadsheet would take for a formula begins with an apostrophe.

    Source: OWASP, CSV injection.
    """
    safe = f"'{text}" if text.lstrip(" \xa0").startswith(_FORMULA) else text
    return '"' + safe.replace('"', '""') + '"' if _QUOTED & set(safe) else safe
