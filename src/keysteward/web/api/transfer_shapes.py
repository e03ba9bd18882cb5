"""Which shapes do requests and answers have where a key moves to another account?"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from keysteward.rules.transfers import Hand, Side, Status
from keysteward.web.api.shapes import Guid, Instant, Lines, Paper, Request

Statement = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*\Z",
        max_length=1_000,
        extra_json_schema={"examples": ["Acme gives Lease signer, integration key 7d1c9e9e-…, to Acme Council."]},
    ),
]


class NewTransfer(Request):
    """Which production account is to manage a key."""

    destination: Guid


class NewStandIn(Request):
    """Which key an organization moves in the place of a lost admin, and where to."""

    key: Guid
    destination: Guid


class NewConfirmation(Request):
    """The sentence that a side types, as the transfer shows it."""

    side: Side
    statement: Statement


class WhyStopped(Request):
    """Why a transfer is cancelled or vetoed; both sides read it."""

    reason: Lines = ""


class TransferAccount(Struct):
    """An account at one end of a transfer."""

    id: str
    name: str


class TransferAct(Struct):
    """Who took a step, and when."""

    by: str
    at: Instant


class TransferConfirmation(Struct):
    """What a side confirmed in writing."""

    side: Side
    by: str
    at: Instant
    statement: str


class TransferSentence(Struct):
    """The sentence that you type to confirm for a side now."""

    side: Side
    statement: str


class TransferEnding(Struct):
    """How a transfer ended. `by` is `system` where nobody did it."""

    end: Literal["moved", "cancelled", "vetoed", "expired"]
    by: str
    at: Instant
    reason: str


class TransferContents(Struct):
    """All that goes with a key: how many of each. The secrets and keypairs are to be replaced afterwards."""

    redirect_uris: int
    origins: int
    secrets: int
    keypairs: int
    consents: int
    organization_consents: int
    refresh_tokens: int


class Transfer(Struct):
    """A key on its way. What you may not see yet is null; `you_may` is what you may do now, beside confirming.

    `held_up` says why it does not go on though nobody's word is missing; null where nothing holds it up.
    """

    id: str
    key: str
    name: str
    status: Status
    hand: Hand | None
    started_at: Instant
    expires_at: Instant
    waits_until: Instant | None
    source: TransferAccount | None
    destination: TransferAccount
    started_by: str | None
    accepted: TransferAct | None
    confirmations: list[TransferConfirmation]
    needs_approval: bool
    approved: TransferAct | None
    ending: TransferEnding | None
    contents: TransferContents | None
    you_are: list[Side]
    you_may: list[Literal["accept", "approve", "cancel", "veto"]]
    to_type: list[TransferSentence]
    held_up: str | None


class Transfers(Struct):
    """The transfers of your accounts and organizations, the newest first."""

    transfers: list[Transfer]


class TransferPreview(Struct):
    """What a transfer of a key would move, and how long what is older stays good. `pending` is one under way."""

    key: str
    name: str
    contents: TransferContents
    old_credentials_days: int
    days_to_confirm: int
    pending: str | None


class TransferMoved(Struct):
    """Whether the key moved with what you did."""

    moved: bool


class TransferPaper(Struct):
    """The signed record of a transfer: a JWS, checked with the keys at /.well-known/keysteward-papers."""

    paper: Paper
