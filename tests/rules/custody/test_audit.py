"""Does the custody audit find what puts keys at risk, and nothing else?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.custody.audit import CUSTODY, judge, unjudged, worst
from keysteward.rules.custody.findings import SEVERITIES, Severity
from keysteward.rules.custody.inventory import (
    FACTS,
    ClaimedDomain,
    Credential,
    DrillFacts,
    Fact,
    Inventory,
    KeyFacts,
    Member,
    OrganizationFacts,
    Person,
)
from keysteward.rules.custody.score import scores_of
from keysteward.rules.policy import DEFAULT
from tests.rules.custody.town import (
    ADA,
    DAY,
    DEE,
    FJORD,
    NOW,
    SERVICE,
    TRACKER,
    WELL,
    with_account,
    with_admins,
    with_key,
    with_people,
)

LEAVER = Person("bo", "bo@fjord.example", "Bo Dahl", active=False)
CREW = tuple(Person(f"p{number}", f"p{number}@fjord.example", seen_at=NOW) for number in range(3))
DEMO = replace(FJORD, id="lab", name="Fjord Lab", environment="demo")
PRODUCT = replace(TRACKER, integration_type="Public integration", name="Signer for Contoso")


def second_account(inventory: Inventory, key: KeyFacts) -> Inventory:
    """A further production account of the same organization, with a key of its own."""
    harbor = replace(FJORD, id="harbor", name="Harbor")
    members = tuple(replace(member, account="harbor") for member in inventory.members)
    return replace(
        inventory,
        accounts=(FJORD, harbor),
        members=(*inventory.members, *members),
        keys=(TRACKER, replace(key, key="k2", account="harbor")),
    )


def in_demo(inventory: Inventory) -> Inventory:
    """The same town as a developer account, whose key is not live."""
    return replace(
        inventory,
        accounts=(replace(FJORD, environment="demo"),),
        keys=tuple(replace(key, live=False) for key in inventory.keys),
    )


def shared_keypair() -> Inventory:
    """A keypair that demo and production both know."""
    pair = Credential("keypair", "t", fingerprint="thumbprint")
    return replace(
        WELL,
        accounts=(FJORD, DEMO),
        keys=(
            replace(TRACKER, credentials=(*TRACKER.credentials, pair)),
            replace(TRACKER, account="lab", credentials=(pair,)),
        ),
        members=(*WELL.members, *(replace(each, account="lab") for each in WELL.members)),
    )


def with_drill(drill: DrillFacts) -> Inventory:
    """The town with a drill."""
    return replace(WELL, drills=(drill,))


SPOILT: dict[str, tuple[Inventory, set[tuple[str, Severity]]]] = {
    "all is well": (WELL, set()),
    "nobody": (with_admins(), {("no-admin", "critical")}),
    "one person": (with_admins("ada"), {("only-admin-is-a-person", "critical"), ("no-service-admin", "medium")}),
    "one service admin": (with_admins("keeper"), {("too-few-admins", "high")}),
    "persons only": (with_admins("ada", "dee"), {("no-service-admin", "medium")}),
    "an invited successor counts for nothing": (
        replace(with_admins("ada"), members=(Member("fjord", "ada", True), Member("fjord", "dee", True, active=False))),
        {("only-admin-is-a-person", "critical"), ("no-service-admin", "medium")},
    ),
    "no drill": (
        with_people(replace(SERVICE, drilled_at=NOW - 91 * DAY)),
        {("service-admin-without-drill", "medium")},
    ),
    "a drill 90 days ago": (with_people(replace(SERVICE, drilled_at=NOW - 90 * DAY)), set()),
    "a service admin signed in": (
        with_people(replace(SERVICE, seen_at=NOW)),
        {("service-admin-signed-in", "critical")},
    ),
    "a service admin signed in for a drill": (with_people(replace(SERVICE, seen_at=SERVICE.drilled_at)), set()),
    "a drill on its last day": (with_drill(DrillFacts("d", "fjord", "Try it", NOW + DAY)), set()),
    "a drill after its day": (with_drill(DrillFacts("d", "fjord", "Try it", NOW)), {("drill-overdue", "medium")}),
    "a drill long after it": (
        with_drill(DrillFacts("d", "fjord", "Try it", NOW - 31 * DAY)),
        {("drill-overdue", "high")},
    ),
    "a drill that failed": (
        with_drill(DrillFacts("d", "fjord", "Try it", NOW, NOW, TRACKER.key, failed=True)),
        {("drill-failed", "high")},
    ),
    "a drill that went well": (with_drill(DrillFacts("d", "fjord", "Try it", NOW, NOW)), set()),
    "a failed drill of a key that is gone": (
        with_drill(DrillFacts("d", "fjord", "Try it", NOW, NOW, "gone", failed=True)),
        set(),
    ),
    "one phone for both": (
        with_people(replace(SERVICE, second_factors=frozenset({"x"})), replace(ADA, second_factors=frozenset({"x"}))),
        {("shared-second-factor", "medium")},
    ),
    "six admins": (
        replace(
            with_people(*CREW),
            members=(*WELL.members, *(Member("fjord", person.id, is_admin=True) for person in CREW)),
        ),
        {("too-many-admins", "low")},
    ),
    "away 90 days": (with_people(replace(ADA, seen_at=NOW - 90 * DAY)), set()),
    "away 91 days": (with_people(replace(ADA, seen_at=NOW - 91 * DAY)), {("unseen-admin", "medium")}),
    "away 181 days": (with_people(replace(ADA, seen_at=NOW - 181 * DAY)), {("unseen-admin", "high")}),
    "away for ever": (with_people(replace(ADA, seen_at=None, since=NOW - 400 * DAY)), {("unseen-admin", "high")}),
    "nobody signs in": (
        replace(
            with_people(replace(ADA, seen_at=NOW - 91 * DAY), replace(DEE, seen_at=NOW - 92 * DAY)),
            members=(Member("fjord", "ada", True), Member("fjord", "dee", True)),
        ),
        {("nobody-signs-in", "high"), ("unseen-admin", "medium"), ("no-service-admin", "medium")},
    ),
    "a sender in production": (with_people(CREW[0]), {("others-in-production", "low")}),
    "a lone developer, eased in demo": (
        in_demo(with_admins("ada")),
        {("only-admin-is-a-person", "high"), ("no-service-admin", "low"), ("lone-developer", "low")},
    ),
    "closed": (with_account(replace(FJORD, state="closed")), {("account-closed", "critical")}),
    "unused for 91 days": (with_key(replace(TRACKER, used_at=NOW - 91 * DAY)), {("unused-key", "medium")}),
    "unused for 90 days": (with_key(replace(TRACKER, used_at=NOW - 90 * DAY)), set()),
    "never used": (with_key(replace(TRACKER, used_at=None)), {("unused-key", "medium")}),
    "new and never used": (with_key(replace(TRACKER, used_at=None, since=NOW - DAY)), set()),
    "ends in 91 days": (with_key(replace(TRACKER, credentials=(Credential("secret key", "", NOW + 91 * DAY),))), set()),
    "ends in 90 days": (
        with_key(replace(TRACKER, credentials=(Credential("secret key", "", NOW + 90 * DAY),))),
        {("credential-ends", "low")},
    ),
    "ends in 30 days": (
        with_key(replace(TRACKER, credentials=(Credential("secret key", "", NOW + 30 * DAY),))),
        {("credential-ends", "medium")},
    ),
    "ended": (
        with_key(replace(TRACKER, credentials=(Credential("secret key", "", NOW - DAY),))),
        {("credential-ends", "high")},
    ),
    "one ends, another lasts": (
        with_key(replace(TRACKER, credentials=(Credential("secret key", "", NOW), Credential("secret key")))),
        set(),
    ),
    "no secret key": (with_key(replace(TRACKER, credentials=())), {("live-but-unconfigured", "medium")}),
    "no redirect URI": (with_key(replace(TRACKER, redirect_uris=0)), {("live-but-unconfigured", "medium")}),
    "no grant": (with_key(replace(TRACKER, grants=frozenset())), {("live-but-unconfigured", "medium")}),
    "a review ends": (
        in_demo(with_key(replace(TRACKER, review_ends_at=NOW + 14 * DAY))),
        {("review-ends", "low")},
    ),
    "a review ends later": (in_demo(with_key(replace(TRACKER, review_ends_at=NOW + 15 * DAY))), set()),
    "one keypair in both": (
        shared_keypair(),
        {("same-credential-twice", "critical"), ("same-credential-twice", "high")},
    ),
    "legacy": (with_key(replace(TRACKER, legacy_calls=3, legacy_people=2)), {("legacy-calls", "high")}),
    "the requester left": (
        replace(with_key(replace(TRACKER, requester=LEAVER.email)), people=(*WELL.people, LEAVER)),
        {("leaver-is-needed", "high")},
    ),
    "the impersonated left": (
        replace(with_key(replace(TRACKER, impersonates=("bo",))), people=(*WELL.people, LEAVER)),
        {("leaver-is-needed", "high")},
    ),
    "a stranger asked": (
        with_key(replace(TRACKER, requester="x@elsewhere.example")),
        {("requester-outside-domains", "medium")},
    ),
    "a stranger asked, and a contact is on record": (
        with_key(replace(TRACKER, requester="x@elsewhere.example", recovery_contacts=(ADA.email,))),
        set(),
    ),
    "a sub-domain is another domain": (
        with_key(replace(TRACKER, requester="ada@lab.fjord.example")),
        {("requester-outside-domains", "medium")},
    ),
    "the domain lapsed": (
        replace(WELL, domains=(ClaimedDomain("group", "fjord.example", "lapsed"),)),
        {("domain-lapsed", "high")},
    ),
    "one organization admin": (
        replace(WELL, organizations=(OrganizationFacts("group", "Fjord Group", ("cy",)),)),
        {("organization-admin-alone", "medium")},
    ),
    "no organization admin": (
        replace(WELL, organizations=(OrganizationFacts("group", "Fjord Group"),)),
        {("organization-admin-alone", "high")},
    ),
    "two accounts": (second_account(WELL, TRACKER), {("several-accounts", "low")}),
    "a partner's key": (
        with_key(replace(TRACKER, integration_type="Third-party integration key")),
        {("customers-own-key", "medium")},
    ),
    "clones of a product": (
        replace(WELL, keys=(PRODUCT, replace(PRODUCT, key="k2", name="Signer (Litware)"))),
        {("customer-clones", "medium")},
    ),
    "two keys of a product": (
        replace(WELL, keys=(PRODUCT, replace(PRODUCT, key="k2", name="Signer"))),
        {("product-has-several-keys", "medium")},
    ),
    "two products": (replace(WELL, keys=(PRODUCT, replace(PRODUCT, key="k2", name="Sealer"))), set()),
    "a customer manages the product's key": (
        replace(
            with_key(PRODUCT),
            people=(*WELL.people, replace(CREW[0], email="eve@customer.example")),
            members=(*WELL.members, Member("fjord", CREW[0].id, is_admin=True)),
        ),
        {("customers-see-the-key", "medium")},
    ),
}


@pytest.mark.parametrize("case", SPOILT, ids=str)
def test_what_is_found(case: str) -> None:
    """Each spoilt place gives its finding and no other, and every boundary lies where it is promised."""
    inventory, expected = SPOILT[case]

    assert {(finding.code, finding.severity) for finding in judge(inventory, DEFAULT)} == expected


def test_every_rule_is_broken_by_some_case() -> None:
    """No rule of CUSTODY is without an example of what breaks it."""
    assert {code for _, found in SPOILT.values() for code, _ in found} == {rule.code for rule in CUSTODY}


def test_a_finding_is_complete() -> None:
    """A finding names the keys that hang on it, who mends it, how, where, and where the rule comes from."""
    (finding, *_) = judge(with_admins("ada"), DEFAULT)

    assert finding.keys == ("k1",)
    assert finding.sentence == (
        "Ada Berg (ada@fjord.example) is the only admin of Fjord Freight. When they leave, nobody can manage its keys."
    )
    assert (finding.who, finding.button, finding.path) == ("An admin of the account", "Members", "/members")
    assert finding.source == "Manage your integration keys: account management practices"


def test_no_rules() -> None:
    """An audit without rules is a mistake, not a pass."""
    with pytest.raises(ValueError, match="without rules"):
        judge(WELL, DEFAULT, ())


def test_the_gravest_comes_first() -> None:
    """Findings are in the order of their severity, and the worst is the first."""
    found = judge(replace(with_admins("ada"), keys=(replace(TRACKER, legacy_calls=1),)), DEFAULT)

    assert [finding.severity for finding in found] == sorted((each.severity for each in found), key=SEVERITIES.index)
    assert worst(found) == "critical"
    assert worst(()) is None


spoilt = st.sampled_from([inventory for inventory, _ in SPOILT.values()])


@given(spoilt, st.frozensets(st.sampled_from(list(FACTS))))
def test_what_is_not_said_is_not_judged(inventory: Inventory, says: frozenset[Fact]) -> None:
    """A rule gives findings only where its facts are said; every other rule is listed as not judged."""
    silent = replace(inventory, says=says)

    found = {finding.code for finding in judge(silent, DEFAULT)}
    left_out = {each.rule.code for each in unjudged(silent)}
    assert found.isdisjoint(left_out)
    assert left_out == {rule.code for rule in CUSTODY if not rule.needs <= says}


@given(spoilt)
def test_a_finding_has_one_name(inventory: Inventory) -> None:
    """No two findings have the same name, and judging again finds the same."""
    found = judge(inventory, DEFAULT)

    assert len({finding.name for finding in found}) == len(found)
    assert judge(inventory, DEFAULT) == found


@given(spoilt, st.integers(0, 20))
def test_a_score_only_falls(inventory: Inventory, left: int) -> None:
    """Every score lies between 0 and 100, and no finding less makes any of them lower."""
    found = judge(inventory, DEFAULT)
    all_found, fewer = scores_of(inventory, found), scores_of(inventory, found[left:])

    for more, less in ((fewer.keys, all_found.keys), (fewer.accounts, all_found.accounts)):
        assert all(0 <= less[each] <= more[each] <= 100 for each in less)
    assert 0 <= all_found.whole <= fewer.whole <= 100


def test_scores() -> None:
    """A key loses 40 for a critical finding and 8 for a medium one; account and organization have the mean."""
    inventory = replace(with_admins("ada"), keys=(TRACKER, replace(TRACKER, key="k2", name="Other", legacy_calls=1)))
    scores = scores_of(inventory, judge(inventory, DEFAULT))

    assert scores.keys == {"k1": 52, "k2": 32}
    assert (scores.accounts, scores.organizations, scores.whole) == ({"fjord": 42}, {"group": 42}, 42)
