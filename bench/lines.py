"""What does the bench say? Lines, each with a ratio within the same run, and with a goal where design names one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Goal:
    """What was aimed at, and how it came out."""

    text: str
    outcome: Literal["met", "above the floor", "not met"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `ratio` relates what was measured to something else that the same run measured."""

    name: str
    measured: str
    ratio: str = ""
    goal: Goal | None = None


class Missing(Exception):
    """Something that a line needs is not on this machine. The message is the one command that brings it."""


def at_least(value: float, wanted: float, floor: float) -> Goal:
    """A goal with a floor that must never be missed."""
    text = f"≥ {wanted} (never < {floor})"
    return Goal(text, "met" if value >= wanted else "above the floor" if value >= floor else "not met")


def below(value: float, limit: float, unit: str) -> Goal:
    """A goal that names the first value that is too much."""
    return Goal(f"< {limit:g} {unit}", "met" if value < limit else "not met")


def middle(values: Sequence[float], share: float = 0.5) -> float:
    """The value below which this share of the others lies; the median, unless said otherwise."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
