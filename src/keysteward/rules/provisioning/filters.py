"""Which users does a SCIM filter (RFC 7644 §3.4.2.2) mean?

A filter is read into a tree of small values, each of which answers whether a document fits. The whole grammar is
understood; attributes that are not kept cannot be asked for, for an empty answer would be taken for a true one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from keysteward.rules.provisioning.documents import CORE, Document
from keysteward.rules.refusals import SCIM_FILTER_NOT_GOOD, Refusal

Operator = Literal["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"]
Kind = Literal["exact", "folded", "boolean", "complex"]

LONGEST = 2_000
_DEEPEST = 20
_OPERATORS: tuple[Operator, ...] = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr")
_KINDS: Mapping[str, Kind] = {
    "id": "exact",
    "externalid": "exact",
    "username": "folded",
    "displayname": "folded",
    "name": "complex",
    "name.givenname": "folded",
    "name.familyname": "folded",
    "active": "boolean",
    "emails": "folded",
    "emails.value": "folded",
    "emails.type": "folded",
    "emails.primary": "boolean",
}
"""What may be asked for. `emails` alone stands for its values (RFC 7644 §3.4.2.2)."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>[()\[\]])|(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))"""
    r"""|(?P<word>[A-Za-z$][\w$.:-]*))"""
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An attribute beside a value; `pr` has none."""

    path: str
    operator: Operator
    value: str | bool | None = None

    def fits(self, document: Document) -> bool:
        """Whether a document has it so. Of an attribute with several values, one suffices (RFC 7644 §3.4.2.2)."""
        found = _values(document, self.path)
        if self.operator == "pr":
            return bool(found)
        if self.value is None:
            return bool(found) == (self.operator == "ne")
        fitting = any(self._compares(each) for each in found)
        return not fitting if self.operator == "ne" else fitting

    def _compares(self, found: Any) -> bool:  # noqa: ANN401 — a text or a truth
        if isinstance(found, bool) or isinstance(self.value, bool):
            return found is self.value
        kept, asked = found, str(self.value)
        if _KINDS[self.path] == "folded":
            kept, asked = kept.casefold(), asked.casefold()
        return _compared(kept, self.operator, asked)


@dataclass(frozen=True, slots=True)
class Both:
    """Two filters of which each must fit."""

    left: "Filter"
    right: "Filter"

    def fits(self, document: Document) -> bool:
        """Whether both do."""
        return self.left.fits(document) and self.right.fits(document)


@dataclass(frozen=True, slots=True)
class Either:
    """Two filters of which one must fit."""

    left: "Filter"
    right: "Filter"

    def fits(self, document: Document) -> bool:
        """Whether one does."""
        return self.left.fits(document) or self.right.fits(document)


@dataclass(frozen=True, slots=True)
class Not:
    """A filter that must not fit."""

    inner: "Filter"

    def fits(self, document: Document) -> bool:
        """Whether it does not."""
        return not self.inner.fits(document)


@dataclass(frozen=True, slots=True)
class Values:
    """A filter that one and the same value of an attribute must fit: `emails[type eq "work" and value sw "a"]`."""

    attribute: str
    inner: "Filter"

    def fits(self, document: Document) -> bool:
        """Whether one value does."""
        return bool(self.matching(document))

    def matching(self, document: Document) -> list[int]:
        """Which of the values do, by their place."""
        found = document.get(self.attribute) or []
        return [at for at, each in enumerate(found) if self.inner.fits({self.attribute: [each]})]


Filter = Comparison | Both | Either | Not | Values


def read_filter(unverified_text: str) -> Filter:
    """A filter as a client wrote it; refuses what the grammar or the kept attributes do not allow."""
    return _Reader(unverified_text).whole()


def equalities(wanted: Filter | None) -> dict[str, str]:
    """What every fitting document must have exactly, so that a query may look for it: the parts joined by `and`."""
    if isinstance(wanted, Both):
        return equalities(wanted.left) | equalities(wanted.right)
    if isinstance(wanted, Comparison) and wanted.operator == "eq" and isinstance(wanted.value, str):
        return {wanted.path: wanted.value}
    return {}


def _compared(kept: str, operator: Operator, asked: str) -> bool:
    answers = {
        "eq": kept == asked,
        "ne": kept == asked,  # a document fits where none of its values is this one
        "co": asked in kept,
        "sw": kept.startswith(asked),
        "ew": kept.endswith(asked),
        "gt": kept > asked,
        "ge": kept >= asked,
        "lt": kept < asked,
        "le": kept <= asked,
    }
    return answers[operator]


_NAMES: Mapping[str, str] = {
    "externalid": "externalId",
    "username": "userName",
    "displayname": "displayName",
    "givenname": "givenName",
    "familyname": "familyName",
}


def _values(document: Document, path: str) -> list[Any]:
    """What a document has at a path, without what is empty."""
    attribute, _, part = path.partition(".")
    held = document.get(_NAMES.get(attribute, attribute))
    if attribute == "emails":
        held = [each.get(part or "value") for each in held or []]
    elif part and isinstance(held, Mapping):
        held = held.get(_NAMES[part])
    listed = held if isinstance(held, list) else [held]
    return [each for each in listed if each not in (None, "", {})]


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class _Reader:
    """Reads one filter from left to right: `or` binds least, then `and`, then `not` (RFC 7644 §3.4.2.2)."""

    def __init__(self, unverified_text: str) -> None:
        if len(unverified_text) > LONGEST:
            raise _refusal(f"it is longer than {LONGEST} characters")
        self._tokens = _tokens(unverified_text)
        self._at = 0
        self._depth = 0
        self._within = ""

    def whole(self) -> Filter:
        """The filter, which must be all that there is."""
        found = self._either()
        if self._at < len(self._tokens):
            raise _refusal(f"nothing is expected after it, and there is {self._tokens[self._at]}")
        return found

    def _either(self) -> Filter:
        found = self._both()
        while self._takes("or"):
            found = Either(found, self._both())
        return found

    def _both(self) -> Filter:
        found = self._one()
        while self._takes("and"):
            found = Both(found, self._one())
        return found

    def _one(self) -> Filter:
        if self._takes("not"):
            if self._peek() != "(":
                raise _refusal("not stands before a bracket")
            return Not(self._one())
        if self._takes("("):
            return self._nested(")", "")
        return self._comparison()

    def _nested(self, closing: str, within: str) -> Filter:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _refusal(f"it is nested deeper than {_DEEPEST} levels")
        outer, self._within = self._within, within or self._within
        found = self._either()
        self._within, self._depth = outer, self._depth - 1
        if not self._takes(closing):
            raise _refusal(f"{closing} is missing")
        return found

    def _comparison(self) -> Filter:
        path = self._path(self._next("an attribute"))
        if self._takes("["):
            if path != "emails" or self._within:
                raise _refusal(f"{path} has no values that could be told apart")
            return Values("emails", self._nested("]", "emails"))
        operator = _operator(self._next("an operator"))
        if operator == "pr":
            return Comparison(path, operator)
        return Comparison(path, operator, _checked(path, operator, self._next("a value")))

    def _path(self, word: str) -> str:
        folded = word.lower().removeprefix(CORE.lower() + ":")
        path = f"{self._within}.{folded}" if self._within else folded
        if path not in _KINDS:
            raise _refusal(f"the attribute {word[:100]} is not kept here")
        return path

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _takes(self, word: str) -> bool:
        is_next = self._peek().lower() == word
        self._at += is_next
        return is_next

    def _next(self, what: str) -> str:
        token = self._peek()
        if not token:
            raise _refusal(f"{what} is missing at its end")
        self._at += 1
        return token


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _refusal(f"it cannot be read from “{text[at:].strip()[:20]}” on")
        found.append(match[0].strip())
        at = match.end()
    if not found:
        raise _refusal("it is empty")
    return found


def _operator(word: str) -> Operator:
    found = next((each for each in _OPERATORS if each == word.lower()), None)
    if found is None:
        raise _refusal(f"{word[:20]} is no operator; use one of {', '.join(_OPERATORS)}")
    return found


def _checked(path: str, operator: Operator, token: str) -> str | bool | None:
    """The value of a comparison, where its attribute may be compared so."""
    value, kind = _value(token), _KINDS[path]
    if value is None and operator in {"eq", "ne"}:
        return None
    if kind == "boolean" and operator in {"eq", "ne"} and str(value).lower() in {"true", "false"}:
        return str(value).lower() == "true"
    if kind in {"exact", "folded"} and isinstance(value, str):
        return value
    raise _refusal(f"{path} cannot be compared with {token[:40]} by {operator}")


def _value(token: str) -> str | float | bool | None:
    try:
        found = msgspec.json.decode(token.lower() if token[0] not in '"-' else token, type=str | float | bool | None)
    except (msgspec.DecodeError, UnicodeError):
        raise _refusal(f"{token[:40]} is no value; texts stand in quotation marks") from None
    return found


def _refusal(reason: str) -> Refusal:
    return Refusal(SCIM_FILTER_NOT_GOOD, reason=reason)
