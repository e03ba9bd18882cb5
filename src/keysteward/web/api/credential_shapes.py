"""Which shapes do requests and answers about secret keys, keypairs and leaks have?"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from keysteward.web.api.shapes import Instant, Note, Pem, Request

State = Literal["live", "expired", "leaked"]


class NewSecretKey(Request):
    """Until when a secret key is good, and why it is made; both may be left out.

    `seal` seals it to the account's recovery recipients too, which is possible only now.
    """

    expires_at: Instant | None = None
    reason: Note = ""
    seal: bool = False


class SecretKey(Struct):
    """A secret key, known by its last characters. A leaked one is dead, or dies when it expires."""

    id: str
    hint: str
    created_at: Instant
    created_by: str
    expires_at: Instant | None
    reason: str
    state: State
    last_used_at: Instant | None


class CreatedSecretKey(SecretKey):
    """A secret key at the one moment its value is known. `sealed_to` is the number of its recovery recipients."""

    value: str
    sealed_to: int


class SecretKeys(Struct):
    """The secret keys of an app, oldest first."""

    secrets: list[SecretKey]


class NewKeypair(Request):
    """The public half of a keypair made elsewhere; without it a keypair is generated, and may be sealed too."""

    public_key: Pem | UnsetType = UNSET
    expires_at: Instant | None = None
    reason: Note = ""
    seal: bool = False


class Keypair(Struct):
    """The public half of an RSA keypair. A leaked one is dead, or dies when it expires."""

    id: str
    public_key: str
    thumbprint: str
    created_at: Instant
    created_by: str
    expires_at: Instant | None
    reason: str
    state: State
    last_used_at: Instant | None


class CreatedKeypair(Keypair):
    """A new keypair. `private_key` is there for a generated one, at the one moment it is known."""

    private_key: str | None
    sealed_to: int


class Keypairs(Struct):
    """The keypairs of an app, oldest first."""

    keypairs: list[Keypair]


class Use(Struct):
    """A program that got tokens: where it is, what it calls itself, by which grant, how many and when the last."""

    address: str
    user_agent: str
    sdk: str
    grant: str
    tokens: int
    last_used_at: Instant


class Uses(Struct):
    """The programs that got tokens with a secret key or keypair within 30 days, the latest first."""

    uses: list[Use]


class NewLeak(Request):
    """When what leaked dies, at once unless said and within 24 hours, and what happened."""

    dies_at: Instant | None = None
    reason: Note = ""


class FoundSecret(Struct):
    """A value that somebody found where it should not be. What else an item holds is ignored."""

    token: Annotated[str, Meta(min_length=1, max_length=500, examples=["kss_…"])]
    url: Annotated[str, Meta(max_length=2_000, description="Where it was found.")] = ""
    source: Annotated[str, Meta(max_length=100, description="In what it was found.")] = ""


class Recognized(Struct):
    """What became of one value: recognized and revoked, or unknown here."""

    label: Literal["recognized", "unknown"]
