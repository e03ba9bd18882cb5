"""Which shapes do members, invitations, permission profiles, leavers and operated accounts have?"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from keysteward.web.api.shapes import Email, Guid, Instant, Name, Reason, Request

GrantablePermission = Literal["account:envelope:send", "account:key:read", "account:app:read", "account:member:read"]
ProfileNumber = Annotated[float, Meta(ge=1, le=999_999_999, multiple_of=1)]  # JSON tells no 30 from 30.0
Part = Annotated[str, Meta(max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]*\Z")]


class Member(Struct):
    """A member of an account. `is_service` marks an identity that is tied to no person."""

    user: str
    email: str
    name: str
    state: Literal["active", "closed"]
    profile: int
    profile_name: str
    is_admin: bool
    is_service: bool
    has_second_factor: bool
    joined_at: Instant
    signed_in_at: Instant | None


class AccountMembers(Struct):
    """The members of an account, closed ones too, in the order they joined."""

    members: list[Member]


class MemberChange(Request):
    """Which permission profile a member gets, by its number."""

    profile: ProfileNumber


class NewInvitation(Request):
    """Whom an account invites, as what. A service admin is made by a person, with the DS Admin profile."""

    email: Email
    profile: ProfileNumber
    is_service: bool = False


class AccountInvitation(Struct):
    """An invitation that nobody has accepted; its link went out by mail."""

    id: str
    email: str
    profile: int
    profile_name: str
    is_service: bool
    invited_at: Instant
    expires_at: Instant


class AccountInvitations(Struct):
    """The invitations to an account that nobody has accepted, newest first."""

    invitations: list[AccountInvitation]


class NewProfile(Request):
    """What a permission profile of an account's own is called, and what it allows."""

    name: Name
    permissions: Annotated[list[GrantablePermission], Meta(max_length=4)]


class PermissionProfile(Struct):
    """A permission profile. `is_own` marks one that the account made."""

    id: int
    name: str
    is_admin: bool
    is_own: bool
    permissions: list[GrantablePermission]


class PermissionProfiles(Struct):
    """The permission profiles of an account, those of every account first."""

    profiles: list[PermissionProfile]


class NewLeaver(Request):
    """Who left, and why this is said."""

    email: Email
    reason: Reason


class Leaver(Struct):
    """Somebody who left. `is_whole` closed the user; otherwise `accounts` are those whose membership ended."""

    user: str
    email: str
    name: str
    reported_at: Instant
    reported_by: str
    source: Literal["operator", "organization admin", "identity provider"]
    reason: str
    is_whole: bool
    accounts: list[str]


class Leavers(Struct):
    """Who left by the word of an organization, or of operators, the last first."""

    leavers: list[Leaver]


class OperatedAccount(Struct):
    """An account as operators see it. `live_keys` are the keys that hinder its closing."""

    id: str
    number: int
    name: str
    plan: str
    state: Literal["open", "suspended", "closed"]
    state_since: Instant | None
    opened_at: Instant
    members: int | UnsetType = UNSET
    admins: int | UnsetType = UNSET
    live_keys: list[Guid] | UnsetType = UNSET


class OperatedAccounts(Struct):
    """Accounts, the newest first."""

    accounts: list[OperatedAccount]


class NewAccount(Request):
    """What an account is called, its plan, and who becomes its admin."""

    name: Name
    plan: Name
    email: Email
    first_name: Name
    last_name: Part = ""


class StateChange(Request):
    """What is done to an account, and why. `force` closes one that manages live keys; they keep working."""

    deed: Literal["suspend", "close", "reopen"]
    reason: Reason
    force: bool = False


class PlanChange(Request):
    """The plan that an account gets, and why."""

    plan: Name
    reason: Reason
