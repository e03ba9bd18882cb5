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


class MendingPage(Struct):
    """A page of the console that mends something, such as a stand-in for a key: what its button says, and its path."""

    label: str
    page: str


class NamedKey(Struct):
    """An integration key, and what it is called where that is known."""

    key: str
    name: str | None


class OrganizationFinding(CustodyFinding):
    """A finding of an organization, or of one of its accounts; `account` is null where it is the organization's own.

    `named` are the first three of its keys, and `mended_at` the ways back that an organization admin has.
    """

    account: str | None
    account_name: str | None
    named: list[NamedKey]
    mended_at: list[MendingPage]


class AccountScore(Struct):
    """The custody score of an account, and how many keys it manages."""

    account: str
    name: str
    score: int
    keys: int


class Custodian(Struct):
    """Somebody who sees to findings, or could."""

    user: str
    name: str


class OpenFindings(Struct):
    """How many findings of each severity are open."""

    critical: int
    high: int
    medium: int
    low: int


class OrganizationCustody(Struct):
    """The custody of an organization, as it was judged last.

    A page of the findings that were asked for, the gravest first, of `total`; the score over time; the accounts with
    the lowest scores, at most 200; and who sees to findings or could.
    """

    organization: str
    name: str
    score: int
    open: OpenFindings
    findings: list[OrganizationFinding]
    total: int
    page: int
    pages: int
    history: list[DayScore]
    accounts: list[AccountScore]
    custodians: list[Custodian]


class Acceptance(Request):
    """Until when a finding is accepted, within a year, and why."""

    until: Instant
    reason: Reason


class Ownership(Request):
    """Which admin of the account, or of the organization whose finding it is, sees to it; null for nobody."""

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
    """Every key that would be worse off, the gravest first, and what no key here rests on."""

    consequences: list[Consequence]
    unknown: list[Happening]
