"""What may be asked of the audit log, and when is asking a deed of its own?"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, get_args

from keysteward.rules.events import PLAIN, Event, Name

KINDS: tuple[str, ...] = get_args(Name)
MOST_WORDS = 100
SAME_READING = timedelta(hours=1)
"""Whoever asks the same again within this time, or turns a page, goes on reading: that is one deed."""

_RUN = re.compile(r"[ !#-\[\]-~]+")  # what JSON writes as it is, and what every database compares alike


class Scope(NamedTuple):
    """Whose events: those of an account, those of an organization (of one of its accounts, where both are named), or
    all where neither is named.
    """

    account: str = ""
    organization: str = ""


class Question(NamedTuple):
    """What is looked for, all of it together; what is empty narrows nothing.

    `actors` are the spellings of one address. `words` are looked for in names, ids and whatever is not personal.
    """

    scope: Scope
    since: datetime | None = None
    until: datetime | None = None
    actors: tuple[str, ...] = ()
    kind: str = ""
    key: str = ""
    user: str = ""
    trace: str = ""
    words: str = ""

    def said(self) -> str:
        """The question as its event keeps it: one line, the same for the same question."""
        return " ".join(f"{name}={value}" for name, value in self._filters() if value)

    def _filters(self) -> Iterator[tuple[str, str]]:
        yield from (("account", self.scope.account if self.scope.organization else ""), ("kind", self.kind))
        yield from (("key", self.key), ("user", self.user), ("trace", self.trace), ("actor", " ".join(self.actors[:1])))
        for name, instant in (("since", self.since), ("until", self.until)):
            yield name, instant.isoformat() if instant else ""
        yield "words", self.words


def holds_words(event: Event, words: str) -> bool:
    """Whether an event says something where everybody who sees it may look: never in a personal field."""
    said = (event.name, event.key, event.account, *(value for name, value in event.data.items() if name in PLAIN))
    return any(words.casefold() in each.casefold() for each in said)


def needle_of(words: str) -> str:
    """The longest part of some words that a database can look for in JSON; empty where there is none."""
    return max(_RUN.findall(words), key=len, default="")


def is_same_reading(asked: Event, question: Question, now: datetime) -> bool:
    """Whether somebody goes on reading what they asked for a while ago."""
    scope = (asked.account, asked.data.get("organization", ""))
    is_same = asked.data.get("filters", "") == question.said() and scope == place_of(question.scope)
    return is_same and timedelta(0) <= now - asked.at < SAME_READING


def place_of(scope: Scope) -> tuple[str, str]:
    """The account and the organization that the event of a reading names: one of them, or none."""
    return ("", scope.organization) if scope.organization else (scope.account, "")
