"""What may be done about the members of an account, about who left, and about the account itself?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from keysteward.rules.access import READ_APPS, READ_KEYS, READ_MEMBERS, demand_admin
from keysteward.rules.accounts import SEND, Account, AccountState, Domain, Profile, Standing, User
from keysteward.rules.consent import lies_in
from keysteward.rules.keys import App
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    ACCOUNT_HAS_LIVE_KEYS,
    ACCOUNT_STATE,
    INVALID_FIELD,
    LAST_ADMIN,
    Refusal,
)
from keysteward.rules.words import Environment

Source = Literal["operator", "organization admin", "identity provider"]
StateDeed = Literal["suspend", "close", "reopen"]

GRANTABLE: dict[str, str] = {
    SEND: "Send envelopes through the API (clients read it as canSendEnvelope).",
    READ_KEYS: "See the account's integration keys with their calls, readiness and reviews, and change nothing.",
    READ_APPS: "See which apps act in the account, and its usage.",
    READ_MEMBERS: "See the account's members, invitations and permission profiles.",
}
"""What a permission profile of an account's own may allow. None of it manages anything: only DS Admin does."""

_STEPS: dict[StateDeed, tuple[frozenset[AccountState], AccountState]] = {
    "suspend": (frozenset({"open"}), "suspended"),
    "close": (frozenset({"open", "suspended"}), "closed"),
    "reopen": (frozenset({"suspended", "closed"}), "open"),
}
_DEEDS: dict[StateDeed, str] = {"suspend": "be suspended", "close": "be closed", "reopen": "be opened again"}


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody left: who said so, for whom, and why.

    `is_whole` closed the user altogether; otherwise `accounts` are those whose membership ended. `organization` is
    empty where an operator said so.
    """

    id: str
    user: str
    at: datetime
    source: Source
    by: str
    organization: str
    reason: str
    is_whole: bool
    accounts: tuple[str, ...]
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody is asked to join an account, and has not come yet. They count as nobody until they do."""

    id: str
    account: str
    email: str
    profile: Profile
    service: bool
    digest: str
    invited_at: datetime
    invited_by: str
    expires_at: datetime


# ── members ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def demand_another_admin(member: Standing, admins: int) -> None:
    """Refuse to take the last active admin away from an account; whoever was invited and has not come counts not."""
    if member.is_admin and admins <= 1:
        raise Refusal(LAST_ADMIN)


def concerns(departure: Departure, account: Account) -> bool:
    """Whether a word that somebody left keeps them out of an account; what an organization said ends where it left."""
    if departure.is_whole:
        return True
    return account.id in departure.accounts and departure.organization == account.organization


def checked_permissions(permissions: Iterable[str]) -> frozenset[str]:
    """What a permission profile of an account's own may allow."""
    wanted = frozenset(permissions)
    if not wanted <= GRANTABLE.keys():
        raise Refusal(INVALID_FIELD, field="permissions", reason=f"choose among {', '.join(GRANTABLE)}.")
    return wanted


def allows(standing: Standing, permission: str) -> bool:
    """Whether an active member's profile allows something; an admin may do all."""
    return standing.is_admin or (standing.is_active and permission in standing.membership.profile.permissions)


def may_read(standing: Standing, permission: str, policy: Policy) -> bool:
    """Whether somebody administers the account, or has a profile that lets them see this, where policy does."""
    return standing.is_admin or (policy.developers == "allowed" and allows(standing, permission))


def reads_keys(policy: Policy, standing: Standing) -> bool:
    """Whether somebody sees an account's keys: its admins, and where policy has them its developers."""
    return may_read(standing, READ_KEYS, policy)


def demand_reader(standing: Standing, permission: str, policy: Policy) -> None:
    """Refuse whoever may not see this of the account."""
    if not may_read(standing, permission, policy):
        demand_admin(standing)


# ── leavers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def belongs_to(user: User, domains: Iterable[Domain]) -> bool:
    """Whether an organization speaks for the whole user: their verified address lies in a domain that it proved."""
    host_names = [each.host_name for each in domains if each.state == "active"]
    return user.email_verified and bool(host_names) and lies_in(user.email, host_names)


def is_still_closed(user: str, departures: Iterable[Departure]) -> bool:
    """Whether anybody's word that somebody left altogether still stands."""
    return any(each.user == user and each.is_whole and each.ended_at is None for each in departures)


def erased_address(user: str) -> str:
    """The address of a user who was erased: nobody's."""
    return f"erased-{user}@erased.invalid"


def is_erased(user: User) -> bool:
    """Whether a user is nobody's any more."""
    return user.email == erased_address(user.id)


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def next_state(account: Account, deed: StateDeed) -> AccountState:
    """The state that an account comes to; refuses a deed that its state does not allow."""
    before, after = _STEPS[deed]
    if account.state not in before:
        raise Refusal(ACCOUNT_STATE, state=account.state, deed=_DEEDS[deed])
    return after


def live_keys(apps: Iterable[App], environment: Environment) -> list[App]:
    """The keys of an account that work in production: there each that is not deleted, in demo those that went live."""
    there = (app for app in apps if app.deleted_at is None)
    return [app for app in there if environment == "production" or app.live_at is not None]


def demand_no_live_keys(apps: list[App]) -> None:
    """Refuse to close an account that manages live keys, and name them."""
    if apps:
        raise Refusal(ACCOUNT_HAS_LIVE_KEYS, keys=", ".join(f"{app.name} ({app.key})" for app in apps))
