"""Which shapes do an organization and its authorizations have?"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from keysteward.rules.accounts import AccountState, DomainState, Outcome, UserState
from keysteward.rules.domains import RecordType
from keysteward.rules.organizations import Side, Wish
from keysteward.web.api.shapes import Email, Guid, Instant, Name, Request

Scope = Annotated[
    str, Meta(pattern=r"^[!#-\[\]-~]+\Z", max_length=100, extra_json_schema={"examples": ["impersonation"]})
]


class NewAuthorization(Request):
    """What an organization is to allow an app; it stands in the place of what it allowed before."""

    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=20)]


class Authorization(Struct):
    """What an organization allows an app. `publisher` manages its key; `given_by` is the GUID of a user."""

    key: str
    name: str
    publisher: str
    scopes: list[str]
    given_at: Instant
    given_by: str


class Authorizations(Struct):
    """The apps that an organization allows something, newest first."""

    authorizations: list[Authorization]


HostName = Annotated[
    str, Meta(pattern=r"^[^\s\x00-\x1f\x7f-\x9f]+\Z", max_length=250, extra_json_schema={"examples": ["acme.example"]})
]


class NewOrganization(Request):
    """An organization to create. The account of the path becomes its first link."""

    name: Name


class NewOrganizationAdmin(Request):
    """Who is to administer the organization: the address of an active user of one of its accounts."""

    email: Email


class NewDomain(Request):
    """A domain to claim, as people write it."""

    host_name: HostName


class NewAccountRequest(Request):
    """What to ask an account, named by its GUID: to join the organization (`link`), or to leave it (`unlink`)."""

    account: Guid
    wish: Wish


class Agreement(Request):
    """What is agreed to, as it was asked."""

    wish: Wish


class NamedOrganization(Struct):
    """An organization by its name."""

    id: str
    name: str


class Organizations(Struct):
    """The organizations that somebody administers."""

    organizations: list[NamedOrganization]


class LinkedAccount(Struct):
    """An account of an organization. `since` is null where nobody kept it."""

    id: str
    name: str
    state: AccountState
    since: Instant | None


class OrganizationAdmin(Struct):
    """An admin of an organization; one whose user is closed can do nothing."""

    id: str
    name: str
    email: str
    state: UserState
    since: Instant


class DnsRecord(Struct):
    """A record of DNS."""

    type: RecordType
    name: str
    value: str


class LastAnswer(Struct):
    """What DNS said when it was last asked: the proof (`right`), another one, nothing, or no answer at all."""

    outcome: Outcome | Literal[""]
    said: str
    at: Instant


class ClaimedDomain(Struct):
    """A claimed domain, when DNS last showed its proof, and the records of which one must be published."""

    id: str
    host_name: str
    state: DomainState
    claimed_at: Instant
    confirmed_at: Instant | None
    last_answer: LastAnswer | None
    records: list[DnsRecord]


class AccountRequest(Struct):
    """What one side asked and the other has yet to agree to. `asked_by` is a name."""

    organization: str
    organization_name: str
    account: str
    wish: Wish
    side: Side
    asked_by: str
    asked_at: Instant


class Organization(Struct):
    """An organization as its admins see it."""

    id: str
    name: str
    created_at: Instant
    accounts: list[LinkedAccount]
    admins: list[OrganizationAdmin]
    domains: list[ClaimedDomain]
    account_requests: list[AccountRequest]


class AccountOrganization(Struct):
    """The organization of an account, if it has one, since when, and what waits for an answer."""

    organization: NamedOrganization | None
    since: Instant | None
    requests: list[AccountRequest]
