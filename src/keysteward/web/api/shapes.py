"""Which shapes do requests and answers of our own API have?"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from keysteward.rules.keys import Grant, IntegrationType
from keysteward.rules.words import Environment

GUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
ACCOUNT = f"({GUID}|[0-9]{{1,17}})"
ENTITY_TAG = '("[0-9]{1,9}"|[0-9]{1,9}|[*])'
IDEMPOTENCY_KEY = "[!-~]{1,255}"

_CONTROL = r"\x00-\x1f\x7f-\x9f"


def _text(pattern: str, most: int, example: str) -> Meta:
    """Text of one form, to its very end: in Python `$` would let a line end pass behind it."""
    return Meta(pattern=rf"^{pattern}\Z", max_length=most, extra_json_schema={"examples": [example]})


Instant = Annotated[datetime, Meta(tz=True)]
Name = Annotated[str, _text(rf"[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*", 100, "Invoices")]
Reason = Annotated[
    str, _text(rf"[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*", 500, "The old client is replaced by March.")
]
Lines = Annotated[str, _text(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*", 2_000, "Which of your customers use it first?")]
Note = Annotated[str, _text(rf"[^{_CONTROL}]*", 200, "The yearly rotation.")]
Email = Annotated[
    str,
    _text(
        rf'[^@\s<>"(),:;\[\]\\{_CONTROL}]{{1,64}}@([A-Za-z0-9]([A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.)+[A-Za-z]{{2,63}}',
        320,
        "team@example.com",
    ),
]
Link = Annotated[str, _text(rf"(https://[^\s\\{_CONTROL}]+)?", 500, "https://example.com/privacy")]
Uri = Annotated[str, _text("[!-~]+", 2_000, "https://app.example.com/callback")]
WebOrigin = Annotated[str, _text("[!-~]+", 300, "https://app.example.com")]
Pem = Annotated[str, _text(r"[ -~\r\n\t]+", 20_000, "-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n")]
Guid = Annotated[str, _text(GUID, 36, "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11")]
AccountId = Annotated[str, _text(ACCOUNT, 36, "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11")]
Paper = Annotated[str, _text("[!-~]+", 20_000, "eyJ0eXAiOiJrZXlzdGV3YXJkLXJlY2VpcHQrand0In0.e30.c2ln")]
Handle = Annotated[str, _text("[!-~]+", 200, "ksh_")]
WholeDays = Annotated[float, Meta(ge=1, le=90, multiple_of=1)]  # JSON tells no 30 from 30.0
Grants = Annotated[list[Grant], Meta(max_length=4)]
Permission = Literal[
    "account:key:read",
    "account:key:write",
    "account:review:start",
    "account:key:promote",
    "account:key:transfer",
    "operator:review:handle",
    "account:app:read",
    "account:app:block",
    "organization:app:read",
    "organization:app:revoke",
    "organization:settings:read",
    "organization:domain:check",
    "account:member:read",
    "account:member:write",
    "account:custody:read",
    "account:custody:write",
    "organization:leaver:report",
    "account:audit:read",
    "organization:audit:read",
    "operator:audit:read",
    "operator:person:handle",
    "operator:account:handle",
    "operator:policy:handle",
    "user:notice:read",
    "account:webhook:read",
    "account:webhook:replay",
]


class Request(Struct, forbid_unknown_fields=True):
    """What a body may hold: nothing but its fields."""


class Nothing(Request):
    """A body without fields; it may be left out."""


class Description(Struct):
    """An OpenAPI document."""

    openapi: str
    info: dict[str, Any]
    servers: list[dict[str, Any]]
    paths: dict[str, Any]
    components: dict[str, Any]


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class User(Struct):
    """Who asks."""

    id: str
    email: str
    first_name: str
    last_name: str


class AccountStanding(Struct):
    """An account of a user, and what the user may do there."""

    id: str
    number: int
    name: str
    plan: str
    state: Literal["open", "suspended", "closed"]
    profile: str
    is_admin: bool
    is_default: bool
    organization: str | None


class Me(Struct):
    """Who asks, in which environment, with which standing. `permissions` is null for a console session."""

    environment: Environment
    now: Instant
    user: User
    accounts: list[AccountStanding]
    permissions: list[Permission] | None


class NewPersonalToken(Request):
    """What a personal access token is made for."""

    name: Name
    permissions: Annotated[list[Permission], Meta(min_length=1, max_length=30)]
    days: WholeDays = 30


class PersonalToken(Struct):
    """A personal access token, without its value."""

    id: str
    name: str
    permissions: list[Permission]
    created_at: Instant
    expires_at: Instant


class CreatedPersonalToken(PersonalToken):
    """A personal access token at the one moment its value is known."""

    value: str


class PersonalTokens(Struct):
    """The personal access tokens of whoever asks, newest first."""

    personal_access_tokens: list[PersonalToken]


class ConnectedApp(Struct):
    """An app that a user allowed to act for them."""

    key: str
    name: str
    scopes: list[str]
    given_at: Instant


class ConnectedApps(Struct):
    """The apps that may act for whoever asks, the newest consent first."""

    connected_apps: list[ConnectedApp]


class Block(Struct):
    """Who blocked an app in an account, and when."""

    blocked_at: Instant
    blocked_by: str


class ActingApp(Struct):
    """An app that may act for members of an account, or that the account blocked.

    `users` counts the active members it may act for; `organization` names whose admin allowed it for them, if any did;
    `since` is the oldest consent that holds; `block` is null where the app is not blocked.
    """

    key: str
    name: str
    publisher: str
    users: int
    organization: str | None
    since: Instant | None
    block: Block | None


class ActingApps(Struct):
    """The apps that act in an account, those for most of its members first."""

    acting_apps: list[ActingApp]


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
class NewKey(Request):
    """What a new app is told at its creation. `predecessor` is the key that it replaces, and `remark` says why."""

    name: Name
    contact: Email
    integration_type: IntegrationType = "Private custom integration"
    grants: Grants = msgspec.field(default_factory=lambda: ["confidential_code"])
    predecessor: Guid | UnsetType = UNSET
    remark: Note = ""


class KeyChange(Request):
    """The settings that change; what is left out stays as it is."""

    name: Name | UnsetType = UNSET
    contact: Email | UnsetType = UNSET
    grants: Grants | UnsetType = UNSET
    pkce_required: bool | UnsetType = UNSET
    privacy_url: Link | UnsetType = UNSET
    terms_url: Link | UnsetType = UNSET
    integration_type: IntegrationType | UnsetType = UNSET


class Waiver(Request):
    """Why, and until when, production takes the implicit grant for a key."""

    reason: Reason
    until: Instant


class Key(Struct):
    """An integration key with the settings of its app."""

    key: str
    account: str
    name: str
    contact: str
    integration_type: IntegrationType
    grants: list[Grant]
    pkce_required: bool
    privacy_url: str
    terms_url: str
    requester: str
    state: Literal["active", "stopped", "deleted"]
    version: int
    created_at: Instant
    created_by: str
    stopped_at: Instant | None
    deleted_at: Instant | None
    restorable_until: Instant | None
    promoted_at: Instant | None
    live_at: Instant | None
    live_account: str
    implicit_until: Instant | None


class Keys(Struct):
    """The integration keys that an account manages, newest first, deleted ones included."""

    keys: list[Key]


class RedirectUri(Request):
    """An address that codes and tokens may be sent to."""

    uri: Uri


class RedirectUris(Struct):
    """The redirect URIs of an app, oldest first."""

    redirect_uris: list[str]


class Origin(Request):
    """A web origin that may call the API from a browser."""

    origin: WebOrigin


class Origins(Struct):
    """The web origins of an app, oldest first."""

    origins: list[str]


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────
class Problem(Struct, omit_defaults=True):
    """A refusal (RFC 9457): what happened is the title, what to do next the detail."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    trace: str
    field: str | UnsetType = UNSET
