"""Which shapes has custody for programs?"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from keysteward.web.api.shapes import Guid, Instant, Reason, Request

Severity = Literal["critical", "high", "medium", "low"]
Subject = Annotated[str, Meta(min_length=1, max_length=320, examples=["ada@example.com"])]


class CustodyFinding(Struct):
    """Something that puts keys at risk: who can mend it and how, since when it stands, and who sees to it."""

    id: Guid
    code: str
    severity: Severity
    status: Literal["open", "accepted", "fixed"]
    sentence: str
    keys: list[str]
    who: str
    next_step: str
    source: str
    found_at: Instant
    fixed_at: Instant | None
    owner: str | None
    accepted_until: Instant | None
    accepted_reason: str | None
    accepted_by: str | None


class WayBack(Struct):
    """One way back to a key, open unless something closes it. `page` is the path of the console where it begins."""

    way: Literal["transfer", "stand-in", "replacement"]
    open: bool
    why_not: list[str]
    next_step: str
    page: str


class KeyCustody(Struct):
    """Who can manage a key now, and the ways back."""

    key: str
    name: str
    score: int
    managers: list[str]
    ways: list[WayBack]


class DayScore(Struct):
    """The custody score of a day."""

    day: str
    score: int


class AccountCustody(Struct):
    """An account's custody: its score, findings, keys, and the score over time."""

    score: int
    findings: list[CustodyFinding]
    keys: list[KeyCustody]
    history: list[DayScore]


class Acceptance(Request):
    """Until when a finding is accepted, within a year, and why."""

    until: Instant
    reason: Reason


class Ownership(Request):
    """Which admin of the account sees to a finding; null for nobody."""

    owner: Guid | None = None


class MayHappen(Request):
    """Somebody leaves (by address or user id), an account closes (by GUID), or a domain lapses."""

    event: Literal["leaves", "closes", "lapses"]
    subject: Subject


class WhatIf(Request):
    """What may happen; all of it is taken together."""

    changes: Annotated[list[MayHappen], Meta(min_length=1, max_length=1_000)]


class Happening(Struct):
    """What would happen."""

    event: Literal["leaves", "closes", "lapses"]
    subject: str


class Consequence(Struct):
    """What would become of a key, because of what, and which ways back would then be open."""

    key: str
    name: str
    effect: Literal["unmanageable", "no way back", "one admin left", "touched"]
    sentence: str
    because: list[Happening]
    ways: list[WayBack]


class Foreseen(Struct):
    """Every key that would be worse off, the gravest first, and what nobody knows here."""

    consequences: list[Consequence]
    unknown: list[Happening]
