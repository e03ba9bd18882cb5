"""Which shapes do requests and answers have where a new key replaces an old one?"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from keysteward.rules.recovery_contacts import State
from keysteward.rules.replacements import Hand, Sight, Status
from keysteward.web.api.shapes import Email, Instant, Key, Lines, Paper, Request

Credential = Annotated[
    str, Meta(pattern=r"^[!-~]*\Z", max_length=8_000, extra_json_schema={"examples": ["kss_"]})
]  # fmt: skip


class NewProof(Request):
    """A live credential of the old key: its secret key, or a JWT that one of its private keys signed for us."""

    secret: Credential = ""
    assertion: Credential = ""


class NewRetirement(Request):
    """With which hand you retire the old key, why, and whether you know what still uses it."""

    hand: Hand = "admin"
    reason: Lines = ""
    despite_use: bool = False


class WhyBack(Request):
    """Why a key is brought back, or retiring it called off; everybody who was told reads it."""

    reason: Lines = ""


class ReplacedKey(Struct):
    """One of both keys."""

    key: str
    name: str


class CutOverDay(Struct):
    """The calls of one day (UTC), with the old and the new key."""

    day: str
    old: int
    new: int


class StillCalling(Struct):
    """A program that got tokens with the old key within 30 days."""

    address: str
    agent: str
    sdk: str
    tokens: int
    last_at: Instant


class StillActing(Struct):
    """A user for whom the old key was called within 30 days; whoever is no member of its account by GUID."""

    user: str
    calls: int
    last_at: Instant


class RetirementState(Struct):
    """Where retiring the old key stands, by whom and until when it can be brought back.

    `held_up` says why it does not happen though its time has come; null where nothing holds it up.
    """

    status: Status
    hand: Hand
    asked_by: str
    asked_at: Instant
    reason: str
    waits_until: Instant | None
    approved_by: str | None
    retired_at: Instant | None
    final_at: Instant | None
    ended_by: str | None
    ended_at: Instant | None
    ended_why: str
    held_up: str | None


class CutOver(Struct):
    """How far a new key has taken the place of an old one. What you do not see is empty.

    `percent_moved` is the share of the new key in the calls of seven days; `why_not` says why the old one is not safe
    to retire yet. `retire_as` are the hands with which you could, and `you_may` what else you may do.
    """

    old: ReplacedKey
    new: ReplacedKey
    remark: str
    sees: Sight
    percent_moved: int | None
    days: list[CutOverDay]
    still: list[StillCalling]
    users: list[StillActing]
    last_call_at: Instant | None
    refresh_tokens: int
    is_safe: bool
    why_not: list[str]
    retirement: RetirementState | None
    retire_as: list[Hand]
    you_may: list[Literal["approve", "bring back"]]


class ListedReplacement(Struct):
    """A new key and the one that it says it replaces. Names and status are null for who does not see them."""

    key: str
    name: str | None
    predecessor: str
    predecessor_name: str | None
    remark: str
    named_at: Instant
    status: Status | None


class Replacements(Struct):
    """The replacements by and of keys of your accounts, and those that you proved, the newest first."""

    replacements: list[ListedReplacement]


class ShownKey(Key):
    """An integration key with the settings of its app, what it says it replaces, and which keys say they replace it.

    Names are null for who does not see them; `replaced_by` is for admins of the account alone.
    """

    replaces: ListedReplacement | None
    replaced_by: list[ListedReplacement]


class Proven(Struct):
    """The proof is kept: you see the cut-over as long as the credential is good."""

    proven: bool


class ReplacementPaper(Struct):
    """The signed record of a replacement: a JWS, checked with the keys at /.well-known/keysteward-papers."""

    paper: Paper


class ReplacementPreview(Struct):
    """What replacing a key asks of its people: nothing of it moves, and this many things are made anew.

    `successors` are keys that say they replace it already.
    """

    key: str
    name: str
    redirect_uris: int
    origins: int
    secrets: int
    keypairs: int
    consents: int
    organization_consents: int
    refresh_tokens: int
    last_call_at: Instant | None
    successors: list[ReplacedKey]


class NewRecoveryContact(Request):
    """Whom to tell when the account loses its last admin."""

    email: Email


class RecoveryContact(Struct):
    """A recovery contact: it counts once they confirmed."""

    email: str
    named_by: str
    named_at: Instant
    state: State


class RecoveryContacts(Struct):
    """The recovery contacts of an account, in the order in which they were named."""

    contacts: list[RecoveryContact]
