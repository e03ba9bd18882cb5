"""Which ways back are open, why are the others not, and what would happen if?"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.custody.inventory import ClaimedDomain, Inventory, OrganizationFacts
from keysteward.rules.custody.ways import outlook
from keysteward.rules.custody.what_if import Change, Effect, applied, what_if
from keysteward.rules.policy import DEFAULT
from tests.rules.custody.test_audit import SPOILT
from tests.rules.custody.town import DAY, FJORD, GROUP, NOW, TRACKER, WELL, with_account, with_admins, with_key

IN_AN_HOUR = f"{NOW + timedelta(hours=1):%-d %B %Y, %H:%M}"
CLOSED = replace(FJORD, state="closed", closed_at=NOW - 90 * DAY)
WHY: dict[str, tuple[Inventory, str, str]] = {
    "all is well": (WELL, "", ""),
    "nobody": (with_admins(), "Fjord Freight has no active admin who could start it.", ""),
    "closed 90 days ago": (with_account(CLOSED), "", ""),
    "closed 91 days ago": (
        with_account(replace(CLOSED, closed_at=NOW - 91 * DAY)),
        "Fjord Freight closed more than 90 days ago: its former admins can sign no more.",
        "",
    ),
    "closed, who knows when": (
        with_account(replace(CLOSED, closed_at=None)),
        "Fjord Freight is closed, and nobody said when: its former admins can sign for 90 days.",
        "",
    ),
    "closed with nobody left": (
        replace(with_admins(), accounts=(CLOSED,)),
        "Fjord Freight is closed, and none of its former admins can sign in.",
        "",
    ),
    "suspended": (
        with_account(replace(FJORD, state="suspended")),
        "Fjord Freight is suspended: no key moves out of it.",
        "Fjord Freight is suspended: no key moves out of it.",
    ),
    "demo": (
        with_account(replace(FJORD, environment="demo")),
        "Only production keys are transferred.",
        "Only production keys are transferred.",
    ),
    "no organization": (
        with_account(replace(FJORD, organization="")),
        "",
        "Fjord Freight belongs to no organization.",
    ),
    "no organization admin": (
        replace(WELL, organizations=(OrganizationFacts("group", "Fjord Group"),)),
        "",
        "The organization has no admin who can sign in.",
    ),
    "an admin was removed": (
        replace(WELL, organizations=(replace(GROUP, admin_removed_at=NOW - timedelta(hours=71)),)),
        "",
        f"An admin of the organization was removed: it stands in from {IN_AN_HOUR} UTC on.",
    ),
    "the domain lapsed": (
        replace(WELL, domains=(ClaimedDomain("group", "fjord.example", "lapsed"),)),
        "",
        "The organization has no claimed domain that DNS proves.",
    ),
    "a stranger asked": (
        with_key(replace(TRACKER, requester="x@elsewhere.example")),
        "",
        "The requester's address (x@elsewhere.example) is in none of the organization's domains.",
    ),
    "nobody knows who asked": (
        with_key(replace(TRACKER, requester="")),
        "",
        "Nobody knows who asked for the Go-Live review.",
    ),
}


@pytest.mark.parametrize("case", WHY, ids=str)
def test_ways_back(case: str) -> None:
    """Each way says everything that closes it; a replacement is always open."""
    inventory, transfer, stand_in = WHY[case]
    found = outlook(inventory, inventory.keys[0], DEFAULT)

    assert [" ".join(way.why_not) for way in found.ways] == [transfer, stand_in, ""]
    assert [way.is_open for way in found.ways] == [not transfer, not stand_in, True]


def test_who_can_manage() -> None:
    """The active admins of an open account can, and nobody else."""
    assert outlook(WELL, TRACKER, DEFAULT).sentence == (
        "3 admins can manage Freight tracker: Ada Berg (ada@fjord.example), Dee Holm (dee@fjord.example), "
        "Keeper (keeper@fjord.example)."
    )
    assert outlook(with_account(CLOSED), TRACKER, DEFAULT).sentence == "Nobody can manage Freight tracker."


OUTCOMES: dict[str, tuple[Inventory, list[Change], list[Effect]]] = {
    "the only admin leaves": (with_admins("ada"), [Change("leaves", "ADA@fjord.example")], ["unmanageable"]),
    "one of two leaves": (with_admins("ada", "dee"), [Change("leaves", "dee")], ["one admin left"]),
    "both leave": (with_admins("ada", "dee"), [Change("leaves", "ada"), Change("leaves", "dee")], ["unmanageable"]),
    "one of three leaves": (WELL, [Change("leaves", "dee")], []),
    "the requester of three leaves": (WELL, [Change("leaves", "ada")], ["touched"]),
    "the account closes": (WELL, [Change("closes", "fjord")], ["unmanageable"]),
    "the domain lapses, and admins are there": (WELL, [Change("lapses", "FJORD.example")], []),
    "the domain lapses, and nobody is there": (with_admins(), [Change("lapses", "fjord.example")], ["no way back"]),
    "the organization's admins leave": (
        with_admins(),
        [Change("leaves", "cy"), Change("leaves", "eva")],
        ["no way back"],
    ),
}


@pytest.mark.parametrize("case", OUTCOMES, ids=str)
def test_what_if(case: str) -> None:
    """Every key that would be worse off is named with the gravest effect, before it happens."""
    inventory, changes, effects = OUTCOMES[case]

    assert [each.effect for each in what_if(inventory, changes, DEFAULT).consequences] == effects


def test_what_if_about_strangers() -> None:
    """Whoever and whatever is not in the inventory is said to be unknown."""
    changes = [Change("leaves", "x@y.example"), Change("closes", "nowhere"), Change("lapses", "y.example")]

    assert what_if(WELL, changes, DEFAULT) == ((), tuple(changes))


def test_what_if_names_the_causes() -> None:
    """A consequence names each change that has to do with the key, and the ways that would then be open."""
    answer = what_if(with_admins("ada"), [Change("leaves", "ada"), Change("leaves", "eva")], DEFAULT)

    (found,) = answer.unmanageable
    assert found.because == (Change("leaves", "ada"), Change("leaves", "eva"))
    assert {way.name: way.is_open for way in found.ways} == {
        "transfer": False,
        "stand-in": True,
        "replacement": True,
    }


some_changes = st.lists(
    st.sampled_from(
        [Change("leaves", each) for each in ("ada", "dee", "keeper", "cy", "eva")]
        + [Change("closes", "fjord"), Change("lapses", "fjord.example")]
    ),
    max_size=5,
)


@given(st.sampled_from([inventory for inventory, _ in SPOILT.values()]), some_changes)
def test_what_if_tells_every_key_that_is_lost(inventory: Inventory, changes: list[Change]) -> None:
    """A key is named as unmanageable exactly when somebody could manage it before, and nobody could afterwards."""
    after = applied(inventory, changes)
    lost = {
        (key.key, key.account)
        for key in inventory.keys
        if outlook(inventory, key, DEFAULT).is_manageable and not outlook(after, key, DEFAULT).is_manageable
    }

    told = what_if(inventory, changes, DEFAULT).unmanageable
    assert {(each.key.key, each.account) for each in told} == lost
