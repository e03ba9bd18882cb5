"""What is looked for, and why is something found?

What somebody types is words, all of which must stand somewhere in what is found, in any letter case; and where it
could be the beginning of a GUID it is that too.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from keysteward.rules.refusals import INVALID_FIELD, Refusal

HitKind = Literal["key", "user", "account", "organization", "call", "events"]
Field = Literal["name", "contact", "email", "key", "id", "number", "trace"]

LEAST, MOST = 2, 100
LEAST_GUID, LEAST_TRACE = 4, 8
_GUID_LENGTH, _HYPHENS = 36, (8, 13, 18, 23)
_HEXADECIMAL = frozenset("0123456789abcdef")
_MOST_DIGITS = 17


class Asked(NamedTuple):
    """What is looked for: the whole text, its words, and the GUID that it begins or is; empty where it is none."""

    text: str
    words: tuple[str, ...]
    guid: str

    @property
    def number(self) -> int | None:
        """The number of an account that it could be."""
        is_number = self.text.isascii() and self.text.isdigit() and len(self.text) <= _MOST_DIGITS
        return int(self.text) if is_number else None

    @property
    def trace(self) -> str:
        """The trace token that it could be: shorter beginnings are those of too many calls."""
        return self.guid if len(self.guid) >= LEAST_TRACE else ""


class Match(NamedTuple):
    """Why something was found: in which field, and what stands there."""

    field: Field
    value: str


class Hit(NamedTuple):
    """Something that was found. `id` is its GUID, or the number of a call; `account` and `key` are where it belongs.

    `state` is empty where there is nothing to say, and `says` tells things of one name apart.
    """

    kind: HitKind
    id: str
    title: str
    says: str
    match: Match
    account: str = ""
    account_name: str = ""
    key: str = ""
    state: str = ""


class Found(NamedTuple):
    """What was found, by kind and the best first; `more` are the kinds of which there is more.

    `is_whole` says that every name was looked at: where there are very many, only so many are.
    """

    asked: Asked
    hits: tuple[Hit, ...]
    more: frozenset[HitKind]
    is_whole: bool


def asked(unverified_text: str) -> Asked:
    """What a text asks for; refuses one that is too short or too long to look for."""
    text = " ".join(unverified_text.replace("\x00", " ").split())
    if len(text) < LEAST:
        raise Refusal(INVALID_FIELD, field="q", reason=f"type at least {LEAST} characters.")
    if len(text) > MOST:
        raise Refusal(INVALID_FIELD, field="q", reason=f"type at most {MOST} characters.")
    lowered = text.lower()
    return Asked(text, tuple(text.split()), lowered if _begins_guid(lowered) else "")


def match_of(wanted: Asked, fields: Iterable[tuple[Field, str]]) -> Match | None:
    """Why something is found, by the first of its fields that says so; None where it is not.

    A GUID begins with what is looked for; of texts the one that holds most of the words is named.
    """
    texts: list[tuple[Field, str]] = []
    for name, value in fields:
        if name in {"key", "id", "trace"}:
            if wanted.guid and value.lower().startswith(wanted.guid):
                return Match(name, value)
        elif name == "number":
            if wanted.number is not None and value == str(wanted.number):
                return Match(name, value)
        else:
            texts.append((name, value))
    whole = "\n".join(value for _, value in texts).casefold()
    words = [word.casefold() for word in wanted.words]
    if not all(word in whole for word in words):
        return None
    return Match(*max(texts, key=lambda each: sum(word in each[1].casefold() for word in words)))


def rank(wanted: Asked, hit: Hit) -> tuple[int, int, str]:
    """What is shown first: what is exactly that, what begins with it, the rest; what is gone comes last."""
    text, value = wanted.text.casefold(), hit.match.value.casefold()
    starts = 0 if value == text else 1 if value.startswith(text) else 2
    return (hit.state in {"deleted", "closed"}, starts, hit.title.casefold())


def ways_to_write(word: str) -> tuple[str, ...]:
    """A word as databases may hold it: not all of them know the letter case of more than ASCII."""
    return (word,) if word.isascii() else tuple(dict.fromkeys((word, word.lower(), word.upper(), word.title())))


def _begins_guid(text: str) -> bool:
    if not LEAST_GUID <= len(text) <= _GUID_LENGTH:
        return False
    return all((letter == "-") if at in _HYPHENS else letter in _HEXADECIMAL for at, letter in enumerate(text))
