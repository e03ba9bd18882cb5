"""Are clones, several keys of a product and keys that customers see found, and nothing that only looks so?"""

from dataclasses import replace

import pytest

from keysteward.rules.custody.audit import judge
from keysteward.rules.custody.findings import Finding
from keysteward.rules.custody.inventory import ClaimedDomain, Inventory, KeyFacts, Member, Person
from keysteward.rules.custody.owners import customer_of
from keysteward.rules.policy import DEFAULT, Policy
from tests.rules.custody.town import FJORD, LATELY, TRACKER, WELL

GUARDED = {"customer-clones", "product-has-several-keys", "customers-see-the-key"}
SOLD = replace(TRACKER, integration_type="Public integration")
EMBEDDED = replace(TRACKER, integration_type="Embedded integration")
EVE = Person("eve", "eve@customer.example", "Eve Customer", seen_at=LATELY)
LAB = Person("lab", "lab@lab.fjord.example", "Lab Fjord", seen_at=LATELY)
SISTER = Person("sis", "sis@fjord.co.example", "Sis Fjord", seen_at=LATELY)


def named(kind: KeyFacts, *names: str) -> Inventory:
    """The town with a key of each name."""
    return replace(WELL, keys=tuple(replace(kind, key=f"k{at}", name=name) for at, name in enumerate(names)))


def with_member(person: Person, *, is_admin: bool = False, is_developer: bool = False) -> Inventory:
    """The town with a key of a product, and one member more."""
    member = Member("fjord", person.id, is_admin=is_admin, is_developer=is_developer)
    return replace(named(SOLD, "Signer"), people=(*WELL.people, person), members=(*WELL.members, member))


def guards(inventory: Inventory, policy: Policy = DEFAULT) -> list[Finding]:
    """What the guardrails say."""
    return [finding for finding in judge(inventory, policy) if finding.code in GUARDED]


def codes(inventory: Inventory, policy: Policy = DEFAULT) -> list[str]:
    """Which of them say something."""
    return [finding.code for finding in guards(inventory, policy)]


FOUND: dict[str, tuple[Inventory, str]] = {
    "two customers of what is sold": (named(SOLD, "Signer for Contoso", "Signer (Litware)"), "customer-clones"),
    "three of what calls itself private": (
        named(TRACKER, "Signer - Contoso", "Signer - Litware", "Signer - Northwind"),
        "customer-clones",
    ),
    "the same product by name": (named(SOLD, "Signer", "signer (EU)"), "product-has-several-keys"),
    "the same product as it was said": (
        named(replace(TRACKER, product="Signer"), "Left", "Right"),
        "product-has-several-keys",
    ),
    "embedded": (named(EMBEDDED, "Signer", "Signer - staging"), "product-has-several-keys"),
    "a customer is admin": (with_member(EVE, is_admin=True), "customers-see-the-key"),
    "a customer is developer": (with_member(EVE, is_developer=True), "customers-see-the-key"),
}


@pytest.mark.parametrize("case", FOUND, ids=str)
def test_what_is_found(case: str) -> None:
    """Each is one finding, of medium severity, with the keys that it is about."""
    inventory, code = FOUND[case]
    (finding,) = guards(inventory)

    assert (finding.code, finding.severity) == (code, "medium")
    assert finding.keys == tuple(key.key for key in inventory.keys)


INNOCENT: dict[str, Inventory] = {
    "two products": named(SOLD, "Signer", "Sealer"),
    "one product": named(SOLD, "Signer for Contoso"),
    "private apps of one name": named(TRACKER, "Tracker (EU)", "Tracker (US)", "Tracker (UK)", "Tracker v2"),
    "two private apps for somebody": named(TRACKER, "Import for Sales", "Import for Finance"),
    "a key that is not live": replace(
        named(SOLD, "Signer", "Signer 2"),
        keys=(replace(SOLD, name="Signer"), replace(SOLD, key="k2", name="Signer", live=False)),
    ),
    "in demo": replace(
        named(SOLD, "Signer for Contoso", "Signer for Litware"), accounts=(replace(FJORD, environment="demo"),)
    ),
    "an admin from a sub-domain": with_member(LAB, is_admin=True),
    "an admin from another domain of ours": replace(
        with_member(SISTER, is_admin=True), domains=(*WELL.domains, ClaimedDomain("group", "fjord.co.example"))
    ),
    "a service admin from elsewhere": with_member(replace(EVE, service=True), is_admin=True),
    "a sender of a customer": with_member(EVE),
    "a customer who was closed": with_member(replace(EVE, active=False), is_admin=True),
    "a private app that a customer sees": replace(with_member(EVE, is_admin=True), keys=(TRACKER,)),
}


@pytest.mark.parametrize("case", INNOCENT, ids=str)
def test_what_only_looks_so(case: str) -> None:
    """None of these is a finding."""
    assert codes(INNOCENT[case]) == []


def test_developers_are_refused_by_policy() -> None:
    """Where the policy lets nobody see keys without managing them, no customer does."""
    assert codes(with_member(EVE, is_developer=True), replace(DEFAULT, developers="refused")) == []


def test_a_product_in_several_accounts() -> None:
    """Keys of one product in two accounts of an organization are a finding of the organization, once."""
    harbor = replace(FJORD, id="harbor", name="Harbor")
    members = tuple(replace(each, account="harbor") for each in WELL.members)
    keys = (replace(SOLD, name="Signer"), replace(SOLD, key="k2", account="harbor", name="Signer"))
    inventory = replace(WELL, accounts=(FJORD, harbor), members=(*WELL.members, *members), keys=keys)
    (finding,) = guards(inventory)

    assert (finding.code, finding.account, finding.organization, finding.keys) == (
        "product-has-several-keys", "", "group", ("k1", "k2"),
    )  # fmt: skip
    assert "Signer has production keys in 2 accounts (Fjord Freight, Harbor)" in finding.sentence
    assert (
        guards(replace(inventory, accounts=(replace(FJORD, organization=""), replace(harbor, organization="")))) == []
    )


@pytest.mark.parametrize(
    ("name", "customer"),
    [
        ("Signer for Contoso", "Contoso"),
        ("Signer (Litware GmbH)", "Litware GmbH"),
        ("Signer – Northwind", "Northwind"),
        ("Signer | Fabrikam", "Fabrikam"),
        ("Signer for Europe and Asia", ""),
        ("Signer - v2.1", ""),
        ("Signer (production)", ""),
        ("Signer", ""),
        ("Form filler for all customers", ""),
    ],
)
def test_whose_key_a_name_says_it_is(name: str, customer: str) -> None:
    """What tells customers apart is a name; places, stages and versions are none."""
    assert customer_of(replace(TRACKER, name=name)) == customer
