"""What changed between two reviews of one key?"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from keysteward.rules.golive import Review

Turn = Literal["gone", "new", "fewer", "more", "same"]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """How often a rule was broken in the one review and in the other."""

    rule: str
    before: int
    after: int

    @property
    def turn(self) -> Turn:
        """What became of it."""
        if self.before == self.after:
            return "same"
        if not self.after:
            return "gone"
        if not self.before:
            return "new"
        return "fewer" if self.after < self.before else "more"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two reviews side by side. `calls` is how many countable calls were made between their cuts."""

    before: Review
    after: Review
    rules: tuple[RuleChange, ...]
    calls: int


def compare(before: Review, after: Review, calls: int) -> Difference:
    """What changed, rule by rule: first what the later review found, then what it found no more."""
    was, found = (Counter(finding.rule for finding in review.findings) for review in (before, after))
    rules = tuple(RuleChange(rule, was[rule], found[rule]) for rule in dict.fromkeys([*found, *was]))
    return Difference(before, after, rules, calls)
