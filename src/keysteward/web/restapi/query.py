"""How is a query read, where clients send text for numbers and switches? A name that came twice counts by its last."""

from collections.abc import Collection
from datetime import UTC, datetime

from starlette.datastructures import QueryParams

from keysteward.rules.refusals import INVALID_PARAMETER, Refusal

_MOST_DIGITS = 9


def number(query: QueryParams, name: str, default: int, *, least: int = 0) -> int:
    """A whole number."""
    text = query.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) >= least):
        raise Refusal(INVALID_PARAMETER, name=name, reason=f"give a whole number from {least} up.")
    return int(text)


def is_on(query: QueryParams, name: str) -> bool:
    """A switch; clients write true in any letter case."""
    return query.get(name, "").strip().lower() == "true"


def folded(query: QueryParams, name: str) -> str:
    """Text to compare whatever its letter case; empty where the name was not sent."""
    return query.get(name, "").strip().casefold()


def choices(query: QueryParams, name: str, known: Collection[str]) -> frozenset[str]:
    """Words between commas, in lower case, each among those known; empty where the name was not sent."""
    asked = frozenset(word.strip().lower() for word in query.get(name, "").split(",") if word.strip())
    if not asked <= set(known):
        raise Refusal(INVALID_PARAMETER, name=name, reason=f"choose among {', '.join(sorted(known))}.")
    return asked


def moment(query: QueryParams, name: str) -> datetime | None:
    """A date or an instant; without a zone it is UTC."""
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)  # a plus sign left unescaped
    except ValueError:
        raise Refusal(INVALID_PARAMETER, name=name, reason="give a date such as 2026-11-20.") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
