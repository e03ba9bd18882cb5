"""What are accounts, users, memberships and organizations?"""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from keysteward.rules.refusals import INVALID_FIELD, Refusal

AccountState = Literal["open", "suspended", "closed"]
UserState = Literal["active", "closed"]
MembershipState = Literal["active", "closed"]
LEAST_PASSWORD = 12
LEAST_APP_SECRET, MOST_APP_SECRET = 16, 64  # bytes
DomainState = Literal["pending", "active", "lapsed"]
Outcome = Literal["right", "wrong", "none", "unanswered"]
_GUID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class Profile:
    """A permission profile: what its members may do in an account. An admin may do all; `permissions` are the others'.

    `account` is empty for those that every account has.
    """

    id: int
    name: str
    is_admin: bool
    permissions: frozenset[str] = frozenset()
    account: str = ""


SEND = "account:envelope:send"
ADMIN = Profile(10001, "DS Admin", is_admin=True)
SENDER = Profile(10002, "DS Sender", is_admin=False, permissions=frozenset({SEND}))
VIEWER = Profile(10003, "DS Viewer", is_admin=False)
DEVELOPER = Profile(10004, "Developer", is_admin=False, permissions=frozenset({"account:key:read", "account:app:read"}))
PROFILES: tuple[Profile, ...] = (ADMIN, SENDER, VIEWER, DEVELOPER)


@dataclass(frozen=True, slots=True)
class Account:
    """Owns keys and users. `number` is the short id that some clients put into paths.

    `state_since` is when an operator last changed its state; None where nobody ever did.
    """

    id: str
    number: int
    name: str
    plan: str
    state: AccountState
    created_at: datetime
    organization: str | None = None
    state_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, or a service admin (`service`), who signs in to one environment.

    An address is verified when whoever runs the environment vouched for it, or its owner opened a link sent there.
    """

    id: str
    email: str
    first_name: str
    last_name: str
    state: UserState
    created_at: datetime
    default_account: str | None = None
    service: bool = False
    least_epoch: int = 0
    email_verified: bool = True

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Membership:
    """A user in an account, with the permission profile that says what they may do there."""

    account: str
    user: str
    profile: Profile
    state: MembershipState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Organization:
    """Groups accounts of one environment. `admin_removed_at`: when somebody last took an admin's office away."""

    id: str
    name: str
    description: str
    created_at: datetime
    created_by: str
    default_account: str | None = None
    admin_removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain that an organization claims.

    `outcome` and `said` are what DNS answered when it was last asked, at `checked_at`; `confirmed_at` is when it last
    showed the proof, and `due_at` when it is asked again.
    """

    id: str
    organization: str
    host_name: str
    token: str
    state: DomainState
    created_at: datetime
    checked_at: datetime | None = None
    confirmed_at: datetime | None = None
    due_at: datetime | None = None
    outcome: Outcome | Literal[""] = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one user is in one account, at one moment: every question of access starts here."""

    account: Account
    user: User
    membership: Membership

    @property
    def is_active(self) -> bool:
        """An active member: neither the user nor the membership is closed."""
        return self.user.state == "active" and self.membership.state == "active"

    @property
    def is_admin(self) -> bool:
        """An admin is an active user with the DS Admin profile there; no other profile makes one."""
        return self.is_active and self.membership.profile.id == ADMIN.id


def could_name_account(unverified_name: str) -> bool:
    """Whether a name could be an account's GUID or number, by its length: longer ones need not be looked up."""
    return len(unverified_name) <= _GUID_LENGTH


def checked_password(password: str) -> str:
    """A password long enough to be chosen by a person and short enough to be hashed."""
    if not LEAST_PASSWORD <= len(password) <= 200:
        raise Refusal(INVALID_FIELD, field="password", reason=f"choose {LEAST_PASSWORD} to 200 characters.")
    return password


def checked_app_secret(letters: str) -> bytes:
    """The secret of an authenticator app that somebody else chose, in base32 as people type it (RFC 4226 §4, R6)."""
    typed = "".join(letters.split()).rstrip("=").upper()
    try:
        secret = base64.b32decode(typed + "=" * (-len(typed) % 8))
    except ValueError:
        reason = "use letters A to Z and digits 2 to 7: base32."
        raise Refusal(INVALID_FIELD, field="secret", reason=reason) from None
    if not LEAST_APP_SECRET <= len(secret) <= MOST_APP_SECRET:
        reason = f"use {LEAST_APP_SECRET} to {MOST_APP_SECRET} bytes, which is 26 to 103 characters of base32."
        raise Refusal(INVALID_FIELD, field="secret", reason=reason)
    return secret


@dataclass(frozen=True, slots=True)
class NewUser:
    """What it takes to add a user to an account.

    `hashed` is the hash of the password in its place, where it was made before; it is only for who has no user yet.
    """

    email: str
    first_name: str
    last_name: str
    profile: Profile = SENDER
    password: str | None = field(default=None, repr=False)
    service: bool = False
    id: str | None = None
    hashed: str | None = field(default=None, repr=False)
