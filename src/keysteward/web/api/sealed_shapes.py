"""Which shapes have sealed credentials and drills for programs?"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from keysteward.rules.drills import DrillKind, Result
from keysteward.rules.drills import Status as DrillStatus
from keysteward.rules.sealed_credentials import Credential, State, Status
from keysteward.web.api.shapes import Guid, Instant, Lines, Name, Request

PublicKey = Annotated[
    str,
    Meta(
        pattern=r"^[!-~][ -~]*\Z",
        max_length=1_000,
        extra_json_schema={"examples": ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]},
    ),
]
Months = Annotated[float, Meta(ge=0, le=24, multiple_of=1)]  # JSON tells no 3 from 3.0


class NewRecoveryRecipient(Request):
    """Who can open what is sealed from now on, and what people call it.

    `public_key` is that of an age pair (`age1…`), or an SSH key of the kind `ssh-ed25519` or `ssh-rsa` (2048 to 4096
    bits) as its `.pub` file has it; the comment behind it is not kept.
    """

    label: Name
    public_key: PublicKey


class RecoveryRecipient(Struct):
    """A recovery recipient of an account."""

    id: str
    label: str
    public_key: str
    added_at: Instant
    added_by: str


class RecoveryRecipients(Struct):
    """The recovery recipients of an account, oldest first."""

    recipients: list[RecoveryRecipient]


class SealedCredential(Struct):
    """A secret key or keypair that was sealed when it was made. `id` is its own; `request` is one under way."""

    id: str
    key: str
    name: str
    kind: Credential
    hint: str
    recipients: list[str]
    state: State
    sealed_at: Instant
    sealed_by: str
    request: str | None


class UnsealedCredential(Struct):
    """A secret key or keypair that works and is not sealed; that cannot be made up for, only rotated."""

    key: str
    name: str
    kind: Credential
    hint: str


class SealedCredentials(Struct):
    """What an account has sealed, the newest first, and what it has not."""

    sealed: list[SealedCredential]
    unsealed: list[UnsealedCredential]


class NewCredentialRequest(Request):
    """Why a sealed credential is needed; all admins read it."""

    reason: Lines


class WhyRefused(Request):
    """Why a request is refused; all admins read it."""

    reason: Lines = ""


class StepTaken(Struct):
    """Who took a step of a request, and when."""

    by: str
    at: Instant


class CredentialRequest(Struct):
    """A request for a sealed credential. `approvers` may approve it, `you_may` is what you may do now."""

    id: str
    account: str
    credential: str
    key: str
    name: str
    kind: Credential
    hint: str
    status: Status
    reason: str
    asked: StepTaken
    approvers: list[str]
    approved: StepTaken | None
    expires_at: Instant
    ended: StepTaken | None
    ending_reason: str
    you_may: list[Literal["approve", "cancel", "download", "refuse"]]


class CredentialRequests(Struct):
    """The requests of the accounts and organizations that you administer, the newest first."""

    requests: list[CredentialRequest]


class SealedFile(Struct):
    """The sealed credential, once: an armored age file, which a recovery identity opens."""

    file: str


class NewDrill(Request):
    """What is tried, by which two members, by when, and every how many months (0 for once).

    `subject` is the key for `open-sealed` and `rehearse-transfer`, and the user for `service-admin`.
    """

    kind: DrillKind
    first: Guid
    second: Guid
    due_at: Instant
    subject: Guid | None = None
    every_months: Months = 0


class NewDrillResult(Request):
    """How it went, in the words of one of the two."""

    result: Result
    note: Lines = ""


class DrillPerson(Struct):
    """One of the two, and what they recorded."""

    user: str
    email: str
    result: Result | None
    note: str
    at: Instant | None


class PlannedDrill(Struct):
    """A drill: what is tried, by whom, until when, and how it went."""

    id: str
    account: str
    kind: DrillKind
    title: str
    sentence: str
    subject: str | None
    status: DrillStatus
    due_at: Instant
    every_months: int
    planned_at: Instant
    planned_by: str
    people: list[DrillPerson]
    ended_at: Instant | None
    cancelled_by: str | None
    you_may: list[Literal["cancel", "record"]]


class Drills(Struct):
    """The drills of an account, the latest due first."""

    drills: list[PlannedDrill]
