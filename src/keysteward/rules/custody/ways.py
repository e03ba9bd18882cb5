"""Who can manage a key now, which ways back are open, and why are the others not?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

from keysteward.rules.custody.inventory import AccountFacts, Inventory, KeyFacts, Person, domain_of
from keysteward.rules.organizations import free_to_stand_in
from keysteward.rules.policy import Policy
from keysteward.rules.words import many

WayName = Literal["transfer", "stand-in", "replacement"]
WAYS: dict[WayName, str] = {
    "transfer": "Transfer: both accounts confirm, and the key moves with everything it has.",
    "stand-in": "Stand-in: an organization admin confirms for the lost admin.",
    "replacement": "Replacement: a new key goes through Go-Live, and the old one retires.",
}


class Way(NamedTuple):
    """One way back: whether it is open, everything that closes it, what to do next, and where, for its admins."""

    name: WayName
    why_not: tuple[str, ...]
    next_step: str
    page: str = ""

    @property
    def is_open(self) -> bool:
        """A way is open when nothing closes it."""
        return not self.why_not

    @property
    def says(self) -> str:
        """What the way is."""
        return WAYS[self.name]


@dataclass(frozen=True, slots=True)
class Outlook:
    """A key with whoever can manage it now, and the three ways back."""

    key: KeyFacts
    account: AccountFacts
    managers: tuple[Person, ...]
    ways: tuple[Way, ...]

    @property
    def is_manageable(self) -> bool:
        """Whether anybody can manage the key now."""
        return bool(self.managers)

    @property
    def has_way_back(self) -> bool:
        """Whether the key itself can be had back; a replacement is another key."""
        return any(way.is_open for way in self.ways if way.name != "replacement")

    @property
    def sentence(self) -> str:
        """Who can manage it, in one sentence."""
        if not self.managers:
            return f"Nobody can manage {self.key.name}."
        names = ", ".join(person.called for person in self.managers[:3])
        more = f" and {len(self.managers) - 3} more" if len(self.managers) > 3 else ""
        return f"{many(len(self.managers), 'admin', 'admins')} can manage {self.key.name}: {names}{more}."


def outlook(inventory: Inventory, key: KeyFacts, policy: Policy) -> Outlook:
    """Everything about one key; its account is in the inventory."""
    account = inventory.account_of[key.account]
    ways = (
        _transfer(inventory, account, policy),
        _stand_in(inventory, key, account, policy),
        _replacement(key, account),
    )
    return Outlook(key, account, managers(inventory, account), ways)


def managers(inventory: Inventory, account: AccountFacts) -> tuple[Person, ...]:
    """The active admins of the management account; a closed or suspended one lets nobody in."""
    return inventory.admins_of(account.id) if account.state == "open" else ()


def outlooks(inventory: Inventory, policy: Policy) -> Iterator[Outlook]:
    """The outlook of every key."""
    return (outlook(inventory, key, policy) for key in inventory.keys if key.account in inventory.account_of)


# ── transfer ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _transfer(inventory: Inventory, account: AccountFacts, policy: Policy) -> Way:
    step = "Have an admin of the management account start the transfer, and an admin of the other account confirm it."
    return Way("transfer", tuple(_against_transfer(inventory, account, policy)), step)


def _against_transfer(inventory: Inventory, account: AccountFacts, policy: Policy) -> Iterator[str]:
    if account.environment == "demo":
        yield "Only production keys are transferred."
    if account.state == "suspended":
        yield f"{account.name} is suspended: no key moves out of it."
    if account.state == "open" and not inventory.admins_of(account.id):
        yield f"{account.name} has no active admin who could start it."
    if account.state == "closed":
        yield from _against_former_admins(inventory, account, policy)


def _against_former_admins(inventory: Inventory, account: AccountFacts, policy: Policy) -> Iterator[str]:
    days = policy.former_admin_life.days
    if account.closed_at is None:
        yield f"{account.name} is closed, and nobody said when: its former admins can sign for {days} days."
    elif inventory.at > account.closed_at + policy.former_admin_life:
        yield f"{account.name} closed more than {days} days ago: its former admins can sign no more."
    elif not inventory.was_admin(account.id):
        yield f"{account.name} is closed, and none of its former admins can sign in."


# ── stand-in ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _stand_in(inventory: Inventory, key: KeyFacts, account: AccountFacts, policy: Policy) -> Way:
    hours = policy.stand_in_wait // timedelta(hours=1)
    step = f"Have an organization admin start it; it waits {hours} hours, and everybody who could object is told."
    return Way("stand-in", tuple(_against_stand_in(inventory, key, account, policy)), step)


def _against_stand_in(inventory: Inventory, key: KeyFacts, account: AccountFacts, policy: Policy) -> Iterator[str]:
    if account.environment == "demo":
        yield "Only production keys are transferred."
    if account.state == "suspended":
        yield f"{account.name} is suspended: no key moves out of it."
    if not account.organization:
        yield f"{account.name} belongs to no organization."
        return
    if not inventory.organization_admins(account.organization):
        yield "The organization has no admin who can sign in."
    found = inventory.organization_of.get(account.organization)
    if found and (free_at := free_to_stand_in(found.admin_removed_at, inventory.at, policy.stand_in_wait)):
        yield f"An admin of the organization was removed: it stands in from {free_at:%-d %B %Y, %H:%M} UTC on."
    yield from _against_domain(inventory, key, account.organization)


def _against_domain(inventory: Inventory, key: KeyFacts, organization: str) -> Iterator[str]:
    active = {each.host_name for each in inventory.domains_of(organization) if each.state == "active"}
    addresses = [each for each in (key.requester, *key.recovery_contacts) if each]
    if not active:
        yield "The organization has no claimed domain that DNS proves."
    elif not addresses:
        yield "Nobody knows who asked for the Go-Live review."
    elif not any(domain_of(each) in active for each in addresses):
        yield f"The requester's address ({addresses[0]}) is in none of the organization's domains."


def _replacement(key: KeyFacts, account: AccountFacts) -> Way:
    step = (
        "Register a new key in a developer account, name this one as its predecessor, take it through Go-Live, and "
        "retire this one once its calls have moved."
    )
    is_there = account.environment == "production"
    return Way("replacement", (), step, f"/apps/{key.key}/replacement" if is_there else "/replacements")
