"""What does the eSignature API say of an account's users?"""

from typing import NamedTuple

from starlette.datastructures import QueryParams

from keysteward.actions import accounts
from keysteward.rules.accounts import SEND, Standing
from keysteward.rules.people import allows
from keysteward.web.restapi.calling import Ask, in_account
from keysteward.web.restapi.groups import groups_with, rest_group
from keysteward.web.restapi.paging import rest_page
from keysteward.web.restapi.query import choices, folded, is_on
from keysteward.web.restapi.wording import stamp, switch

STATUSES = ("active", "closed", "activationrequired", "activationsent", "disabled")
"""What clients may filter by; users here are active or closed."""


class _Filter(NamedTuple):
    """Whom a client asks for; what is empty filters nobody out."""

    email: str
    part_of_email: str
    part_of_name: str
    statuses: frozenset[str]
    group: str


@in_account
def users(ask: Ask, standing: Standing) -> object:
    """`GET …/accounts/{account}/users`: the members that match every filter, in the order they joined."""
    wanted = _read_filter(ask.query)
    members = accounts.list_members(ask.ctx, standing.account.id)
    found = [member for member in members if _matches(wanted, member)]
    is_full = is_on(ask.query, "additional_info")
    return rest_page(ask.query, "users", found, lambda member: _user(member, is_full=is_full))


@in_account
def user(ask: Ask, standing: Standing) -> object:
    """`GET …/accounts/{account}/users/{user}`: one member, with everything known."""
    return _user(accounts.find_member(ask.ctx, standing.account.id, ask.path["user"]), is_full=True)


def _read_filter(query: QueryParams) -> _Filter:
    return _Filter(
        email=folded(query, "email"),
        part_of_email=folded(query, "email_substring"),
        part_of_name=folded(query, "user_name_substring"),
        statuses=choices(query, "status", STATUSES),
        group=folded(query, "group_id"),
    )


def _matches(wanted: _Filter, member: Standing) -> bool:
    email = member.user.email.casefold()
    groups = {str(group.id) for group in groups_with(member)}
    return (
        wanted.email in {"", email}
        and wanted.part_of_email in email
        and wanted.part_of_name in member.user.name.casefold()
        and (not wanted.statuses or _status(member).lower() in wanted.statuses)
        and (not wanted.group or wanted.group in groups)
    )


def _status(member: Standing) -> str:
    return "Active" if member.is_active else "Closed"


def _user(member: Standing, *, is_full: bool) -> dict[str, object]:
    person, membership = member.user, member.membership
    shown: dict[str, object] = {
        "userId": person.id,
        "userName": person.name,
        "email": person.email,
        "firstName": person.first_name,
        "middleName": "",
        "lastName": person.last_name,
        "suffixName": "",
        "title": "",
        "jobTitle": "",
        "company": "",
        "isAdmin": switch(member.is_admin),
        "isAlternateAdmin": "false",
        "isManagedByScim": "false",
        "isMembershipManagedByScim": "false",
        "userStatus": _status(member),
        "userType": "CompanyUser",
        "permissionProfileId": str(membership.profile.id),
        "permissionProfileName": membership.profile.name,
        "createdDateTime": stamp(person.created_at),
        "userAddedToAccountDateTime": stamp(membership.created_at),
        "uri": f"/users/{person.id}",
    }
    return {**shown, **_everything_else(member)} if is_full else shown


def _everything_else(member: Standing) -> dict[str, object]:
    return {
        "groupList": [rest_group(group) for group in groups_with(member)],
        "userSettings": {
            "canManageAccount": switch(member.is_admin),
            "canSendEnvelope": switch(allows(member, SEND)),
            "canSendAPIRequests": switch(member.is_active),
        },
        "customSettings": [],
        "connectConfigurations": [],
    }
