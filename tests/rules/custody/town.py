"""A small inventory in which all is well, to be spoilt in one place at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keysteward.rules.custody.inventory import (
    AccountFacts,
    ClaimedDomain,
    Credential,
    Inventory,
    KeyFacts,
    Member,
    OrganizationFacts,
    Person,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = timedelta(days=1)
LATELY = NOW - DAY

ADA = Person("ada", "ada@fjord.example", "Ada Berg", seen_at=LATELY)
DEE = Person("dee", "dee@fjord.example", "Dee Holm", seen_at=LATELY)
SERVICE = Person("keeper", "keeper@fjord.example", "Keeper", service=True, drilled_at=NOW - 10 * DAY)
CY = Person("cy", "cy@fjord.example", "Cy Moe", seen_at=LATELY)
EVA = Person("eva", "eva@fjord.example", "Eva Lund", seen_at=LATELY)
FJORD = AccountFacts("fjord", "Fjord Freight", "production", "Business Pro", organization="group")
GROUP = OrganizationFacts("group", "Fjord Group", ("cy", "eva"))
DOMAIN = ClaimedDomain("group", "fjord.example")
TRACKER = KeyFacts(
    "k1",
    "fjord",
    "Freight tracker",
    "Private custom integration",
    live=True,
    requester="ada@fjord.example",
    since=NOW - 200 * DAY,
    used_at=LATELY,
    grants=frozenset({"confidential_code"}),
    redirect_uris=1,
    credentials=(Credential("secret key", "one"),),
)
WELL = Inventory(
    at=NOW,
    accounts=(FJORD,),
    people=(ADA, DEE, SERVICE, CY, EVA),
    members=tuple(Member("fjord", person, is_admin=True) for person in ("ada", "dee", "keeper")),
    organizations=(GROUP,),
    domains=(DOMAIN,),
    keys=(TRACKER,),
)


def with_people(*people: Person) -> Inventory:
    """The town with some people changed, by their id, and newcomers as plain members."""
    known = {person.id: person for person in WELL.people} | {person.id: person for person in people}
    new = [Member("fjord", each.id, is_admin=False) for each in people if each not in WELL.people]
    members = {(each.account, each.person): each for each in (*new, *WELL.members)}
    return replace(WELL, people=tuple(known.values()), members=tuple(members.values()))


def with_admins(*names: str) -> Inventory:
    """The town with just these admins."""
    return replace(WELL, members=tuple(Member("fjord", name, is_admin=True) for name in names))


def with_key(key: KeyFacts) -> Inventory:
    """The town with another key in place of its own."""
    return replace(WELL, keys=(key,))


def with_account(account: AccountFacts) -> Inventory:
    """The town with its account changed."""
    return replace(WELL, accounts=(account,))
