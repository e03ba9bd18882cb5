"""What does a custody audit look at? Plain facts of accounts, people and keys, wherever they come from."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal, TypeVar

from keysteward.rules.accounts import AccountState, DomainState
from keysteward.rules.words import Environment

Fact = Literal[
    "people",
    "sign-ins",
    "service admins",
    "second factors",
    "drills",
    "planned drills",
    "keys",
    "calls",
    "credentials",
    "fingerprints",
    "settings",
    "requesters",
    "legacy calls",
    "reviews",
    "organizations",
    "domains",
]
FACTS: dict[Fact, str] = {
    "people": "who is a member of an account, and with which permission profile",
    "sign-ins": "when people signed in last",
    "service admins": "which users are no person",
    "second factors": "which devices are second factors",
    "drills": "when a service admin was last tried in a drill",
    "planned drills": "which drills are planned, and how they went",
    "keys": "which integration keys there are",
    "calls": "when a key was used last",
    "credentials": "when secret keys and keypairs end",
    "fingerprints": "which secret key or keypair is which",
    "settings": "the grants and redirect URIs of a key",
    "requesters": "who asked for the Go-Live review",
    "legacy calls": "calls with a password",
    "reviews": "until when a passed review is good",
    "organizations": "which organization an account belongs to, and who its admins are",
    "domains": "which domains an organization claims",
}
Which = TypeVar("Which", bound=Hashable)
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Person:
    """A user: somebody, or a service admin. `active` is whether they can sign in at all."""

    id: str
    email: str
    name: str = ""
    service: bool = False
    active: bool = True
    seen_at: datetime | None = None
    since: datetime | None = None
    drilled_at: datetime | None = None
    second_factors: frozenset[str] = frozenset()

    @property
    def called(self) -> str:
        """How a sentence names them."""
        return f"{self.name} ({self.email})" if self.name else self.email

    @property
    def domain(self) -> str:
        """What follows the @ of the address, in small letters."""
        return domain_of(self.email)


@dataclass(frozen=True, slots=True)
class Member:
    """A user in an account. A developer sees its keys without managing them."""

    account: str
    person: str
    is_admin: bool
    active: bool = True
    is_developer: bool = False


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account. `plan` is empty where nobody said it; `others` counts members who are not listed one by one."""

    id: str
    name: str
    environment: Environment
    plan: str = ""
    state: AccountState = "open"
    organization: str = ""
    closed_at: datetime | None = None
    others: int = 0


@dataclass(frozen=True, slots=True)
class OrganizationFacts:
    """An organization with its admins, who are people of the inventory or of elsewhere.

    `admin_removed_at`: when somebody last took an admin's office away.
    """

    id: str
    name: str
    admins: tuple[str, ...] = ()
    admin_removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimedDomain:
    """A domain that an organization claims, and whether DNS still proves it."""

    organization: str
    host_name: str
    state: DomainState = "active"


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret key or keypair. `fingerprint` is the same wherever the same one is used.

    `in_both` says that the other environment is known to have the same one.
    """

    kind: Literal["secret key", "keypair"]
    name: str = ""
    expires_at: datetime | None = None
    fingerprint: str = ""
    in_both: bool = False


@dataclass(frozen=True, slots=True)
class DrillFacts:
    """A drill that is awaited, or the newest of its kind that was held. `key` is the one that it is about, if any."""

    id: str
    account: str
    title: str
    due_at: datetime
    ended_at: datetime | None = None
    key: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """An integration key as one environment has it. `live` is whether it is live in production, wherever this is."""

    key: str
    account: str
    name: str
    integration_type: str = ""
    live: bool = False
    requester: str = ""
    recovery_contacts: tuple[str, ...] = ()
    since: datetime | None = None
    used_at: datetime | None = None
    legacy_calls: int = 0
    legacy_people: int = 0
    grants: frozenset[str] = frozenset()
    redirect_uris: int = 0
    credentials: tuple[Credential, ...] = ()
    review_ends_at: datetime | None = None
    impersonates: tuple[str, ...] = ()
    product: str = ""


@dataclass(frozen=True)
class Inventory:
    """Everything at one moment. `says` names what it tells of at all: what it does not is never judged."""

    at: datetime
    accounts: tuple[AccountFacts, ...] = ()
    people: tuple[Person, ...] = ()
    members: tuple[Member, ...] = ()
    organizations: tuple[OrganizationFacts, ...] = ()
    domains: tuple[ClaimedDomain, ...] = ()
    keys: tuple[KeyFacts, ...] = ()
    drills: tuple[DrillFacts, ...] = ()
    says: frozenset[Fact] = field(default_factory=lambda: frozenset(FACTS))

    @cached_property
    def account_of(self) -> dict[str, AccountFacts]:
        """Accounts by GUID."""
        return {account.id: account for account in self.accounts}

    @cached_property
    def person_of(self) -> dict[str, Person]:
        """People by what members call them."""
        return {person.id: person for person in self.people}

    @cached_property
    def organization_of(self) -> dict[str, OrganizationFacts]:
        """Organizations by GUID."""
        return {organization.id: organization for organization in self.organizations}

    @cached_property
    def _people_by_address(self) -> dict[str, Person]:
        return {person.email.lower(): person for person in self.people}

    @cached_property
    def _members_by_account(self) -> dict[str, tuple[Member, ...]]:
        return grouped(self.members, lambda member: member.account)

    @cached_property
    def _memberships_by_person(self) -> dict[str, tuple[Member, ...]]:
        return grouped(self.members, lambda member: member.person)

    @cached_property
    def _keys_by_address(self) -> dict[str, tuple[KeyFacts, ...]]:
        """Keys by who asked for their review."""
        return grouped(self.keys, lambda key: key.requester.lower())

    @cached_property
    def _keys_by_impersonated(self) -> dict[str, tuple[KeyFacts, ...]]:
        pairs = [(person, key) for key in self.keys for person in key.impersonates]
        return {person: tuple(key for _, key in each) for person, each in grouped(pairs, lambda pair: pair[0]).items()}

    @cached_property
    def _domains_by_organization(self) -> dict[str, tuple[ClaimedDomain, ...]]:
        return grouped(self.domains, lambda domain: domain.organization)

    @cached_property
    def live_keys_by_organization(self) -> dict[str, tuple[KeyFacts, ...]]:
        """The keys of the production accounts of each organization: only they can be stood in for."""
        found = {account.id for account in self.accounts if account.environment == "production"}
        live = [key for key in self.keys if key.live and key.account in found]
        return grouped(live, lambda key: self.account_of[key.account].organization)

    @cached_property
    def _keys_by_account(self) -> dict[str, tuple[KeyFacts, ...]]:
        return grouped(self.keys, lambda key: key.account)

    def person_called(self, name: str) -> Person | None:
        """Somebody by user id or address."""
        return self.person_of.get(name) or self._people_by_address.get(name.lower())

    def members_of(self, account: str) -> tuple[Person, ...]:
        """Who can sign in and work in an account."""
        return self._members(account, admins_only=False)

    def admins_of(self, account: str) -> tuple[Person, ...]:
        """The active admins of an account."""
        return self._members(account, admins_only=True)

    def _members(self, account: str, *, admins_only: bool) -> tuple[Person, ...]:
        found = self._members_by_account.get(account, ())
        active = [each for each in found if each.active and (each.is_admin or not admins_only)]
        people = [self.person_of[each.person] for each in active if each.person in self.person_of]
        return tuple(person for person in people if person.active)

    def who_see_keys(self, account: str, *, developers: bool) -> tuple[Person, ...]:
        """The active admins of an account and, where there may be such, its developers."""
        found = [each for each in self._members_by_account.get(account, ()) if each.active]
        seeing = [each.person for each in found if each.is_admin or (developers and each.is_developer)]
        people = [self.person_of[each] for each in seeing if each in self.person_of]
        return tuple(person for person in people if person.active)

    def was_admin(self, account: str) -> tuple[Person, ...]:
        """People who can still sign in and are, or were when it closed, admins of an account."""
        members = [each for each in self._members_by_account.get(account, ()) if each.is_admin]
        found = [self.person_of.get(member.person) for member in members]
        return tuple(person for person in found if person is not None and person.active)

    def organization_admins(self, organization: str) -> tuple[Person, ...]:
        """The admins of an organization who can sign in."""
        found = self.organization_of.get(organization)
        people = [self.person_of.get(each) for each in found.admins] if found else []
        return tuple(person for person in people if person is not None and person.active)

    def keys_of(self, account: str) -> tuple[KeyFacts, ...]:
        """The keys that an account manages."""
        return self._keys_by_account.get(account, ())

    def guids_of(self, account: str) -> tuple[str, ...]:
        """The GUIDs of these keys."""
        return tuple(key.key for key in self.keys_of(account))

    def keys_resting_on(self, person: Person) -> tuple[KeyFacts, ...]:
        """The keys whose review somebody asked for, or that impersonate them."""
        asked = self._keys_by_address.get(person.email.lower(), ()) if person.email else ()
        acted = self._keys_by_impersonated.get(person.id, ())
        return tuple(dict.fromkeys((*asked, *acted)))

    def accounts_led_by(self, person: Person) -> tuple[AccountFacts, ...]:
        """The accounts that somebody is an admin of, or stands in for as an organization admin."""
        found = {each.account for each in self._memberships_by_person.get(person.id, ()) if each.is_admin}
        led = {each.id for each in self.organizations if person.id in each.admins}
        if led:
            found |= {each.id for each in self.accounts if each.organization in led}
        return tuple(self.account_of[each] for each in sorted(found) if each in self.account_of)

    def domains_of(self, organization: str) -> tuple[ClaimedDomain, ...]:
        """The domains that an organization claims, in whatever state."""
        return self._domains_by_organization.get(organization, ()) if organization else ()

    @cached_property
    def management_accounts(self) -> tuple[AccountFacts, ...]:
        """The accounts that manage keys; where nobody said which keys there are, every account."""
        if "keys" not in self.says:
            return self.accounts
        return tuple(account for account in self.accounts if account.id in self._keys_by_account)


def grouped(things: Iterable[Thing], name: Callable[[Thing], Which]) -> dict[Which, tuple[Thing, ...]]:
    """Things by one of their names, each in its order."""
    found: dict[Which, list[Thing]] = defaultdict(list)
    for thing in things:
        found[name(thing)].append(thing)
    return {key: tuple(each) for key, each in found.items()}


def domain_of(address: str) -> str:
    """What follows the last @ of an address, in small letters."""
    return address.rpartition("@")[2].strip().rstrip(".").lower()
