"""Does a custody map show who could manage which keys, with every single point of failure, the riskiest first?"""

from dataclasses import replace
from datetime import timedelta

from keysteward.rules.custody.inventory import AccountFacts, ClaimedDomain, Inventory, KeyFacts, Member, Person
from keysteward.rules.custody.maps import places
from keysteward.rules.policy import DEFAULT
from tests.rules.custody.town import NOW

ADA = Person("ada", "ada@acme.example", "Ada Admin", seen_at=NOW, since=NOW)
EVE = Person("eve", "eve@elsewhere.example", "Eve Elsewhere", seen_at=NOW, since=NOW)
ROBIN = Person("robin", "robin@acme.example", "Robin Robot", service=True, since=NOW)
GONE = Person("gone", "gone@acme.example", "Gone Girl", active=False)
HOUSES = tuple(AccountFacts(id_, id_.title(), "production", organization="group") for id_ in ("safe", "alone", "empty"))
KEYS = tuple(KeyFacts(f"key of {account.id}", account.id, "App", live=True, requester=ADA.email) for account in HOUSES)
MEMBERS = tuple(
    Member(account, person, is_admin=True)
    for account, person in (("safe", "ada"), ("safe", "robin"), ("alone", "ada"), ("empty", "gone"))
)
TOWN = Inventory(
    NOW, HOUSES, (ADA, EVE, ROBIN, GONE), MEMBERS, domains=(ClaimedDomain("group", "acme.example"),), keys=KEYS
)


def test_the_riskiest_account_comes_first() -> None:
    """Nobody is worse than one admin, and one is worse than two; whoever cannot sign in manages nothing."""
    found = places(TOWN, DEFAULT)

    assert [(place.account.id, place.marks, place.is_point_of_failure) for place in found] == [
        ("empty", ("nobody",), True),
        ("alone", ("one-admin",), True),
        ("safe", (), False),
    ]
    assert [[holder.person.id for holder in place.holders] for place in found] == [[], ["ada"], ["ada", "robin"]]


def test_people_stand_out_where_they_are_a_risk() -> None:
    """As the only admin, with an address in no claimed domain, unseen for long; a service admin reassures."""
    unseen = replace(ADA, seen_at=NOW - timedelta(days=91))
    town = replace(
        TOWN,
        people=(unseen, EVE, ROBIN),
        members=(*MEMBERS, Member("safe", "eve", is_admin=True)),
        domains=TOWN.domains,
    )
    safe = next(place for place in places(town, DEFAULT) if place.account.id == "safe")

    assert [(holder.person.id, holder.marks) for holder in safe.holders] == [
        ("ada", ("unseen",)),
        ("eve", ("outside",)),
        ("robin", ("service",)),
    ]


def test_a_requester_outside_stands_out_at_the_key() -> None:
    """Such a key comes first in its account."""
    outside = replace(KEYS[0], key="payroll", requester="somebody@elsewhere.example")
    town = replace(TOWN, keys=(*KEYS, outside))
    safe = next(place for place in places(town, DEFAULT) if place.account.id == "safe")

    assert [(held.key.key, held.marks) for held in safe.keys] == [
        ("payroll", ("requester-outside",)),
        ("key of safe", ()),
    ]


def test_closed_and_suspended_accounts_let_nobody_in() -> None:
    """Whoever is their admin."""
    for state in ("closed", "suspended"):
        town = replace(TOWN, accounts=(replace(HOUSES[0], state=state),), keys=KEYS[:1])

        (place,) = places(town, DEFAULT)
        assert (place.marks, place.holders, place.is_point_of_failure) == ((state,), (), True)
