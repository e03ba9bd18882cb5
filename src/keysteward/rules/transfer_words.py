"""What do both sides of a transfer say in writing, and what is kept of it, signed?"""

from dataclasses import dataclass
from datetime import datetime

from keysteward.rules.accounts import Account
from keysteward.rules.keys import App
from keysteward.rules.transfers import Hand, Side


def statement_of(side: Side, app: App, source: Account, destination: Account) -> str:
    """The sentence that a side types to confirm."""
    if side == "source":
        return f"{source.name} gives {app.name}, integration key {app.key}, to {destination.name}."
    return f"{destination.name} takes {app.name}, integration key {app.key}, from {source.name}."


def is_said(unverified_statement: str, expected: str) -> bool:
    """Whether somebody typed the sentence: blanks at line ends and doubled ones do not matter, all else does."""
    return " ".join(unverified_statement.split()) == " ".join(expected.split())


@dataclass(frozen=True, slots=True)
class Word:
    """What one side said, as it is signed when it is said."""

    transfer: str
    key: str
    side: Side
    source: str
    destination: str
    user: str
    email: str
    statement: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """What is signed when a key has moved: both words, who approved, and until when older credentials are good."""

    transfer: str
    key: str
    name: str
    source: str
    source_name: str
    destination: str
    destination_name: str
    hand: Hand
    started_at: datetime
    moved_at: datetime
    policy_version: int
    confirmations: tuple[Word, ...]
    approved_by: str
    rotate_by: datetime
