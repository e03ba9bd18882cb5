"""What is an article of the help, and how is it filled with its reader's own values?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import NamedTuple

from keysteward.rules.troubleshooting.facts import CODES, NAMES, Facts

When = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Cause:
    """One way how it comes about, and what mends it. Braces are filled with the reader's own values.

    `shows` is a line to copy. `when` tells from what is known of a key whether this is so for it; the most likely
    causes stand first.
    """

    how: str
    fix: str
    shows: str = ""
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What one thing that goes wrong means, and its causes, the most likely first.

    `explains` are the codes of refusals and `finds` those of review rules that it is the page of. `signs` are words by
    which others report the same: texts in which letter case does not matter.
    """

    code: str
    title: str
    means: str
    causes: tuple[Cause, ...]
    explains: tuple[str, ...] = ()
    finds: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()


class Part(NamedTuple):
    """Words, and behind them a value or nothing. An unknown value is told by its name; `is_code` is to be replaced."""

    words: str
    value: str = ""
    is_known: bool = False
    is_code: bool = False


def parts(text: str, values: Mapping[str, str]) -> list[Part]:
    """A text as its words and the values between them."""
    return [_part(words, name or "", values) for words, name, _, _ in Formatter().parse(text)]


def filled(text: str, values: Mapping[str, str]) -> str:
    """The same as one text; what is unknown stands in angle brackets."""
    return "".join(part.words + _bracketed(part) for part in parts(text, values))


def _part(words: str, name: str, values: Mapping[str, str]) -> Part:
    known, is_code = values.get(name, ""), bool(name) and (name in CODES or name not in NAMES)
    return Part(words, known or NAMES.get(name, name.replace("_", " ")), bool(known), is_code)


def _bracketed(part: Part) -> str:
    return f"<{part.value}>" if part.is_code and not part.is_known else part.value
