"""What does the text of one cell mean?"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar

from keysteward.rules.custody.inventory import Credential
from keysteward.rules.custody.written import Misread, Row
from keysteward.rules.foreign_logs.moments import moment
from keysteward.rules.words import is_email

_YES, _NO = frozenset({"yes", "true", "y", "1", "x"}), frozenset({"no", "false", "n", "0", ""})
_NEVER = frozenset({"", "never", "none", "n/a", "-", "–"})
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:,? .*)?")
_LEAST_FINGERPRINT = 16
Choice = TypeVar("Choice", bound=str)


def instant(row: Row, name: str) -> datetime | None:
    """A day or an instant; American dates, as Docusign exports them, too. None for an empty cell."""
    text = row.text(name)
    return None if text.lower() in _NEVER else _instant(text, row.at(name))


def yes(row: Row, name: str) -> bool | None:
    """Yes or no; None where the row has no such cell."""
    if name not in row.cells:
        return None
    text = row.text(name).lower()
    if text not in _YES | _NO:
        raise Misread(row.at(name), f"{row.text(name)} is neither yes nor no.", "Say yes or no.")
    return text in _YES


def whole(row: Row, name: str) -> int:
    """A whole number; 0 for an empty cell."""
    text = row.text(name).replace(",", "") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise Misread(row.at(name), f"{row.text(name)} is no whole number.", "Say a number such as 12.")
    return int(text)


def several(row: Row, name: str) -> tuple[str, ...]:
    """The texts of a list with ; between."""
    return tuple(each.strip() for each in row.text(name).replace("\n", ";").split(";") if each.strip())


def address(row: Row, name: str) -> str:
    """An address that mail could be sent to; nothing for an empty cell."""
    text = row.text(name)
    return _address(text, row.at(name)) if text else ""


def addresses(row: Row, name: str) -> tuple[str, ...]:
    """Several of them."""
    return tuple(_address(each, row.at(name)) for each in several(row, name))


def choice(row: Row, name: str, choices: dict[str, Choice], default: Choice) -> Choice:
    """One of a few words, in any case; the default for an empty cell."""
    text = row.text(name).lower()
    if not text:
        return default
    if text not in choices:
        allowed = ", ".join(dict.fromkeys(choices.values()))
        raise Misread(row.at(name), f"{row.text(name)} is not known here.", f"Choose among {allowed}.")
    return choices[text]


def credentials(row: Row) -> Iterator[Credential]:
    """The secret keys and keypairs of a key, each with when it ends."""
    for each in several(row, "secrets"):
        name, expires_at, fingerprint = _credential(each, row.at("secrets"))
        yield Credential("secret key", name, expires_at, fingerprint)
    for each in several(row, "keypairs"):
        name, expires_at, fingerprint = _credential(each, row.at("keypairs"))
        yield Credential("keypair", name, expires_at, fingerprint)


def _credential(text: str, where: str) -> tuple[str, datetime | None, str]:
    name, _, end = text.rpartition("=")
    name, end = name.strip(), end.strip()
    expires_at = None if end.lower() in _NEVER else _instant(end, where)
    return name, expires_at, name if len(name) >= _LEAST_FINGERPRINT else ""


def _instant(text: str, where: str) -> datetime:
    american = _AMERICAN.fullmatch(text)
    if american:
        month, day, year = (int(part) for part in american.groups())
        try:
            return datetime(year, month, day, tzinfo=UTC)
        except ValueError:
            raise Misread(where, f"{text} is no date.", "Write the day as 2026-11-22.") from None
    found = moment(text)
    if found is None:
        raise Misread(where, f"{text} is no date.", "Write the day as 2026-11-22.")
    return found.at


def _address(text: str, where: str) -> str:
    if not is_email(text):
        raise Misread(where, f"{text} is no e-mail address.", "Write it as ada@example.com.")
    return text
