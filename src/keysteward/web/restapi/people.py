"""What does the Admin API say of an organization's users? Only members of its own accounts are seen."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from starlette.datastructures import QueryParams

from keysteward.actions import accounts
from keysteward.actions.accounts import OrganizationView
from keysteward.rules.accounts import Domain, Standing
from keysteward.rules.refusals import INVALID_PARAMETER, NO_SUCH_OBJECT, NO_SUCH_USER, Refusal
from keysteward.web.restapi.calling import Ask, in_organization, linked_account
from keysteward.web.restapi.groups import admin_group, groups_with
from keysteward.web.restapi.organizations import ADMIN, SITE
from keysteward.web.restapi.paging import admin_page
from keysteward.web.restapi.query import choices, folded, moment
from keysteward.web.restapi.wording import membership_id, stamp

STATUSES = ("active", "closed", "created", "activation_required", "activation_sent", "disabled")
"""What clients may filter by; users and memberships here are active or closed."""


class _Filter(NamedTuple):
    """Which of them; what is empty filters nobody out."""

    email: str
    part: str
    statuses: frozenset[str]
    membership_statuses: frozenset[str]
    since: datetime | None


class _Chosen(NamedTuple):
    """Whom a client asks for, and how each is shown."""

    members: list[Standing]
    show: Callable[[Standing], dict[str, object]]


@in_organization("user_read")
def users(ask: Ask, view: OrganizationView) -> object:
    """`GET …/{organization}/users`: the users of an account, with an address or of a domain."""
    wanted, chosen = _read_filter(ask.query), _chosen(ask, view)
    found = [member for member in chosen.members if _matches(wanted, member)]
    address = f"{ask.ctx.origin}{ADMIN}/{view.organization.id}/users"
    return admin_page(ask.query, "users", address, found, chosen.show)


@in_organization("user_read")
def profiles_by_email(ask: Ask, view: OrganizationView) -> object:
    """`GET …/{organization}/users/profile` and `/dsprofile`: who has an address, with their memberships here."""
    email = folded(ask.query, "email")
    if not email:
        raise Refusal(INVALID_PARAMETER, name="email", reason="name the user's address.")
    return _profiles(view, accounts.list_standings_by_email(ask.ctx, email))


@in_organization("user_read")
def profile_by_id(ask: Ask, view: OrganizationView) -> object:
    """`GET …/{organization}/users/{user}/dsprofile`: one user, with their memberships here."""
    return _profiles(view, accounts.list_standings_of(ask.ctx, ask.path["user"]))


def _chosen(ask: Ask, view: OrganizationView) -> _Chosen:
    """Whom the query selects. Of one account each membership is shown; else each user once."""
    query = ask.query
    if name := query.get("account_id", "").strip():
        account = linked_account(ask, view, name)
        return _Chosen(accounts.list_members(ask.ctx, account.id), _member)
    if domain := query.get("organization_reserved_domain_id", "").strip():
        host_name = _domain(view, domain).host_name
        return _Chosen([member for member in _everybody(ask, view) if _is_below(member, host_name)], _user)
    if email := folded(query, "email"):
        return _Chosen(_once(_here(view, accounts.list_standings_by_email(ask.ctx, email))), _user)
    raise Refusal(
        INVALID_PARAMETER,
        name="account_id",
        reason="send account_id, email or organization_reserved_domain_id.",
    )


def _domain(view: OrganizationView, name: str) -> Domain:
    for domain in view.domains:
        if domain.id == name.lower():
            return domain
    raise Refusal(NO_SUCH_OBJECT, thing="reserved domain")


def _everybody(ask: Ask, view: OrganizationView) -> list[Standing]:
    return _once(member for account in view.accounts for member in accounts.list_members(ask.ctx, account.id))


def _once(members: Iterable[Standing]) -> list[Standing]:
    """Each user once, by an active membership where they have one."""
    seen: dict[str, Standing] = {}
    for member in members:
        if member.user.id not in seen or (member.is_active and not seen[member.user.id].is_active):
            seen[member.user.id] = member
    return list(seen.values())


def _here(view: OrganizationView, standings: Iterable[Standing]) -> list[Standing]:
    return [standing for standing in standings if standing.account.organization == view.organization.id]


def _is_below(member: Standing, host_name: str) -> bool:
    return member.user.email.casefold().rpartition("@")[2] == host_name.casefold()


def _read_filter(query: QueryParams) -> _Filter:
    return _Filter(
        email=folded(query, "email"),
        part=folded(query, "email_user_name_like"),
        statuses=choices(query, "status", STATUSES),
        membership_statuses=choices(query, "membership_status", STATUSES),
        since=moment(query, "last_modified_since"),
    )


def _matches(wanted: _Filter, member: Standing) -> bool:
    email = member.user.email.casefold()
    return (
        wanted.email in {"", email}
        and wanted.part in f"{email} {member.user.name.casefold()}"
        and (not wanted.statuses or member.user.state in wanted.statuses)
        and (not wanted.membership_statuses or member.membership.state in wanted.membership_statuses)
        and (wanted.since is None or _may_be_modified_since(wanted.since, member))
    )


def _may_be_modified_since(since: datetime, member: Standing) -> bool:
    """Closing leaves no date on the record, so whoever is closed may have been closed since."""
    return max(member.user.created_at, member.membership.created_at) >= since or not member.is_active


def _user(member: Standing) -> dict[str, object]:
    person = member.user
    return {
        "id": person.id,
        "user_name": person.name,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "user_status": person.state,
        "email": person.email,
        "created_on": stamp(person.created_at),
        "is_managed_by_scim": False,
    }


def _member(member: Standing) -> dict[str, object]:
    membership = member.membership
    return {
        **_user(member),
        "membership_id": membership_id(membership.account, membership.user),
        "membership_status": membership.state,
        "membership_created_on": stamp(membership.created_at),
        "is_membership_managed_by_scim": False,
    }


def _profiles(view: OrganizationView, standings: Iterable[Standing]) -> dict[str, object]:
    here = _here(view, standings)
    if not here:
        raise Refusal(NO_SUCH_USER)
    return {"users": [_profile(view, here)]}


def _profile(view: OrganizationView, memberships: list[Standing]) -> dict[str, object]:
    person = memberships[0].user
    return {
        "id": person.id,
        "site_id": SITE,
        "site_name": "",
        "user_name": person.name,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "user_status": person.state,
        "language_culture": "en",
        "federated_status": "",
        "is_organization_admin": person.id in view.admins,
        "created_on": stamp(person.created_at),
        "memberships": [_membership(member) for member in memberships],
        "identities": [],
        "device_verification_enabled": False,
        "require_two_step_verification": False,
        "allow_two_step_verification_snooze": False,
        "allow_extend_org_admin_rights_to_self": False,
        "is_managed_by_scim": False,
        **_default_account(memberships),
    }


def _default_account(memberships: list[Standing]) -> dict[str, object]:
    """The user's default account, where it is one of the organization's."""
    for member in memberships:
        if member.account.id == member.user.default_account:
            return {"default_account_id": member.account.id, "default_account_name": member.account.name}
    return {}


def _membership(member: Standing) -> dict[str, object]:
    account, membership = member.account, member.membership
    return {
        "id": membership_id(account.id, member.user.id),
        "email": member.user.email,
        "account_id": account.id,
        "external_account_id": str(account.number),
        "account_name": account.name,
        "is_external_account": False,
        "status": membership.state,
        "created_on": stamp(membership.created_at),
        "is_admin": member.is_admin,
        "permission_profile": {"id": membership.profile.id, "name": membership.profile.name},
        "groups": [admin_group(group) for group in groups_with(member)],
    }
