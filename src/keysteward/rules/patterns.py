"""Which paths does a pattern mean?

A pattern has segments: a word, several words (`v2|v2.1`), `{account}`, another name in braces or `*` for any one
segment, and at its end `**` for whatever follows, nothing too. Each segment means one segment and nothing overlaps
within a pattern, so matching takes time in proportion to the path, whatever is sent.
"""

import re
from typing import NamedTuple

ACCOUNT = "account"
REST = "**"

_MOST_LETTERS = 300
_MOST_SEGMENTS = 20
_WORDS = re.compile(r"[A-Za-z0-9_.~$@:-]+(?:\|[A-Za-z0-9_.~$@:-]+)*")
_NAMED = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


class BadPattern(ValueError):
    """Why a pattern cannot be used, and what is allowed, in the middle of a sentence."""


class Segment(NamedTuple):
    """One segment of a path: one of these words, or any, which may have a name."""

    words: tuple[str, ...] = ()
    name: str = ""

    def means(self, other: "Segment") -> bool:
        """Whether it takes whatever the other takes."""
        return not self.words or (bool(other.words) and {*other.words} <= {*self.words})

    def meets(self, other: "Segment") -> bool:
        """Whether something is taken by both; letter case aside, for some readers see none."""
        words, others = ({word.lower() for word in each.words} for each in (self, other))
        return not words or not others or not words.isdisjoint(others)


class Pattern(NamedTuple):
    """A pattern that was read. `is_open` says that anything may follow; `account_at` where the account stands."""

    segments: tuple[Segment, ...]
    is_open: bool
    account_at: int | None

    def compiled(self, *, any_case: bool) -> re.Pattern[str]:
        """An expression that takes whole paths."""
        parts = "".join(f"/{_expression(segment)}" for segment in self.segments)
        tail = r"(?:/.*)?" if self.is_open else ""
        return re.compile(parts + tail, re.DOTALL | re.ASCII | (re.IGNORECASE if any_case else re.NOFLAG))

    def covers(self, other: "Pattern") -> bool:
        """Whether every path of the other is one of this pattern's too."""
        shared = zip(self.segments, other.segments, strict=False)
        if len(self.segments) > len(other.segments) or not all(mine.means(theirs) for mine, theirs in shared):
            return False
        return self.is_open or (len(self.segments) == len(other.segments) and not other.is_open)

    def overlaps(self, other: "Pattern") -> bool:
        """Whether some path is one of both."""
        if not all(mine.meets(theirs) for mine, theirs in zip(self.segments, other.segments, strict=False)):
            return False
        shorter, longer = sorted((self, other), key=lambda each: len(each.segments))
        return shorter.is_open or len(shorter.segments) == len(longer.segments)


def parsed(text: str) -> Pattern:
    """A pattern as it was written; raises BadPattern."""
    if not text.startswith("/") or len(text) > _MOST_LETTERS:
        raise BadPattern(f"a path begins with / and has at most {_MOST_LETTERS} letters")
    parts = text[1:].split("/")
    is_open = parts[-1] == REST
    segments = tuple(_segment(part) for part in (parts[:-1] if is_open else parts))
    if not segments or not segments[0].words:
        raise BadPattern("a path begins with a word, such as /orders/**")
    if len(segments) > _MOST_SEGMENTS:
        raise BadPattern(f"a path has at most {_MOST_SEGMENTS} segments")
    if sum(segment.name == ACCOUNT for segment in segments) > 1:
        raise BadPattern("a path names one {account} at most")
    account_at = next((at for at, segment in enumerate(segments) if segment.name == ACCOUNT), None)
    return Pattern(segments, is_open, account_at)


def _segment(part: str) -> Segment:
    if part == "*":
        return Segment()
    if found := _NAMED.fullmatch(part):
        return Segment(name=found[1])
    if _WORDS.fullmatch(part) and not {".", ".."} & set(part.split("|")):
        return Segment(words=tuple(part.split("|")))
    raise BadPattern(
        f"{part or 'an empty segment'} is no segment; say a word, words as v2|v2.1, {{account}}, {{id}} or *, "
        "and ** at the end"
    )


def _expression(segment: Segment) -> str:
    return f"(?:{'|'.join(map(re.escape, segment.words))})" if segment.words else "[^/]+"
