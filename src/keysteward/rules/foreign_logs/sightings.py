"""What does a log say of one call, before anything is judged?"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from keysteward.rules.calls import ABANDONED, Call

LEGACY = "legacy authentication is no API call"
PREFLIGHT = "a browser's question on behalf of a page is no API call"
NO_ADDRESS = "its address is none of HTTP"

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_METHOD = re.compile(r"[A-Z]{1,20}")


Kind = Literal["request logs", "request log", "HAR", "access log", "calls"]
"""What a file is: a ZIP of request logs, one of them as text, a HAR, lines of a proxy, lines of our own."""


@dataclass(slots=True)
class File:
    """A file while it is read, and after. `calls` counts the calls that it tells of, `others` its lines of none.

    `endings` are those of them that say how a call ended, and not which; `unread` are left out because they cannot be
    read; `is_cut` says that the last line is not whole, `is_checked` that a proxy of check mode wrote it.
    """

    number: int
    name: str
    kind: Kind
    calls: int = 0
    others: int = 0
    endings: int = 0
    unread: int = 0
    is_cut: bool = False
    is_checked: bool = False

    def forget(self) -> None:
        """Forget what was met, for the file is read anew."""
        self.calls = self.others = self.endings = self.unread = 0
        self.is_cut = self.is_checked = False


class Unreadable(Exception):
    """Why something cannot be read: where it stands, what is wrong, and what to do about it."""

    def __init__(self, where: str, sentence: str, next_step: str) -> None:
        super().__init__(sentence)
        self.where = where
        self.sentence = sentence
        self.next_step = next_step


class Sighting(NamedTuple):
    """A call as a log tells of it. Whatever the log does not say is None or empty.

    `entry` is the number of the line or entry, from 1; `why_not` says why it is no API call, whatever it asks for.
    `recorded` is the whole record where the log is our own.
    """

    file: int
    entry: int
    label: str
    method: str
    path: str
    query: str | None
    status: int
    at: datetime | None
    key: str = ""
    trace: str = ""
    error_code: str = ""
    by_upstream: bool = True
    took: timedelta | None = None
    why_not: str = ""
    sequence: int = 0
    recorded: Call | None = None


class Address(NamedTuple):
    """Path and query of an address, as they came."""

    path: str
    query: str
    is_http: bool


def address_of(unverified_url: str) -> Address:
    """Path and query of an address, absolute or not."""
    if unverified_url.startswith("/"):
        path, _, query = unverified_url.partition("#")[0].partition("?")
        return Address(path, query, is_http=True)
    try:
        parts = urlsplit(unverified_url)
    except ValueError:
        return Address("", "", is_http=False)
    return Address(parts.path or "/", parts.query, is_http=parts.scheme.lower() in {"http", "https"})


def method_of(unverified: str) -> str:
    """A method in capital letters; empty where it is none."""
    method = unverified.strip().upper()
    return method if _METHOD.fullmatch(method) else ""


def guid_of(unverified: object) -> str:
    """A GUID in small letters; empty where it is none."""
    return unverified.lower() if isinstance(unverified, str) and _GUID.fullmatch(unverified) else ""


def ending_of(status: int, *, by_upstream: bool) -> tuple[int, bool]:
    """A status as the evidence has it: where no answer came, the caller left, and that was not the API's doing."""
    if status < 100 or status == ABANDONED:
        return ABANDONED, False
    return status, by_upstream
