"""What does a consent cover, and for whom?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.consent import (
    ADMIN_API_SCOPES,
    Allowed,
    Consents,
    authorizing,
    checked_scopes,
    for_users,
    lies_in,
    needed_by,
    sentence_for_users,
)
from keysteward.rules.refusals import INVALID_FIELD
from keysteward.rules.tokens import SENTENCES
from tests.cast import refused

NOTHING = frozenset[str]()
SIGNATURE, BOTH = frozenset({"signature"}), frozenset({"signature", "impersonation"})
EPOCH = 7

scopes = st.frozensets(st.sampled_from(["signature", "extended", "impersonation", "openid", "own.a", "own.b"]))
allowances = st.builds(Allowed, scopes, st.integers(0, 9))

COVERED: list[tuple[str, Consents, frozenset[str], bool]] = [
    ("by the user", Consents(Allowed(SIGNATURE)), SIGNATURE, True),
    ("by the user, who allowed more", Consents(Allowed(BOTH)), SIGNATURE, True),
    ("by nobody", Consents(), SIGNATURE, False),
    ("by an organization", Consents(Allowed(), (Allowed(BOTH),)), BOTH, True),
    ("by one of two organizations", Consents(Allowed(), (Allowed(SIGNATURE), Allowed(BOTH))), BOTH, True),
    ("by no organization alone", Consents(Allowed(), (Allowed(SIGNATURE), Allowed(BOTH - SIGNATURE))), BOTH, False),
    ("by pieces of two hands", Consents(Allowed(SIGNATURE), (Allowed(BOTH - SIGNATURE),)), BOTH, False),
    ("in the epoch of a withdrawal", Consents(Allowed(SIGNATURE, EPOCH)), SIGNATURE, True),
    ("before a withdrawal", Consents(Allowed(SIGNATURE, EPOCH + 1)), SIGNATURE, False),
    ("in the epoch of a revocation", Consents(Allowed(), (Allowed(BOTH, EPOCH),)), BOTH, True),
    ("before a revocation", Consents(Allowed(), (Allowed(BOTH, EPOCH + 1),)), BOTH, False),
    ("before the user disconnected it", Consents(Allowed(NOTHING, EPOCH + 1), (Allowed(BOTH),)), BOTH, False),
    ("after the user disconnected it", Consents(Allowed(NOTHING, EPOCH), (Allowed(BOTH),)), BOTH, True),
    ("for nothing", Consents(Allowed(BOTH), (Allowed(BOTH),)), NOTHING, False),
    ("by an organization that withdrew", Consents(Allowed(), (Allowed(NOTHING, EPOCH),)), NOTHING, False),
]


@pytest.mark.parametrize(("consents", "needed", "is_covered"), [case[1:] for case in COVERED],
                         ids=[case[0] for case in COVERED])  # fmt: skip
def test_one_consent_covers_all_or_none_does(consents: Consents, needed: frozenset[str], is_covered: bool) -> None:
    """What is asked is covered by the user's own consent or by one organization's, as it stood at the epoch."""
    assert consents.cover(needed, EPOCH) == is_covered


@given(own=allowances, others=st.lists(allowances), needed=scopes, epoch=st.integers(0, 9))
def test_cover_is_always_of_one_hand(own: Allowed, others: list[Allowed], needed: frozenset[str], epoch: int) -> None:
    """Whatever is covered stands in one consent whole, no younger than the token, and no withdrawal followed."""
    consents = Consents(own, tuple(others))
    if consents.cover(needed, epoch):
        assert epoch >= own.least_epoch
        assert any(needed <= each.scopes and epoch >= each.least_epoch for each in (own, *others))
    elif needed and epoch >= own.least_epoch:
        assert not any(needed <= each.scopes and epoch >= each.least_epoch for each in (own, *others))


def test_an_organization_cannot_allow_the_admin_api_for_a_user() -> None:
    """Whatever speaks of organizations, accounts and users is left out; the rest stays."""
    assert for_users(SENTENCES) == {"signature", "extended", "impersonation", "openid", "email", "profile", "cors"}
    assert for_users(ADMIN_API_SCOPES) == NOTHING


def test_every_scope_of_the_admin_api_that_is_named_is_kept_from_users() -> None:
    """A scope that the consent page explains with an organization or an account is none for users."""
    of_organizations = {scope for scope, said in SENTENCES.items() if "organization" in said or "accounts" in said}

    assert of_organizations <= ADMIN_API_SCOPES


ADDRESSES = [
    ("sam@acme.example", True),
    ("sam@ACME.Example", True),
    ("sam@acme.example.", True),
    ("sam@\uff41cme.example", True),
    ("sam@sub.acme.example", False),
    ("sam@acme.example.evil.test", False),
    ("sam@notacme.example", False),
    ("sam@acme.examplE.org", False),
    ("sam@\u0430cme.example", False),
    ("sam", False),
    ("@acme.example", False),
    ("sam@", False),
    ("acme.example", False),
    ("sam@acme.example@evil.test", False),
    ("sam@xn--mnchen-3ya.example", True),
    ("sam@münchen.example", True),
    ("sam@MÜNCHEN.example", True),
    ("sam@munchen.example", False),
    ("sam@straße.example", False),
    ("", False),
]


@pytest.mark.parametrize(("address", "is_in"), ADDRESSES, ids=range(len(ADDRESSES)))
def test_an_address_lies_in_exactly_its_domain(address: str, is_in: bool) -> None:
    """The whole of what stands behind the last @, whatever its case and alphabet; nothing above or below it."""
    assert lies_in(address, ["acme.example", "münchen.example", "strasse.example"]) == is_in


def test_no_domain_holds_no_address() -> None:
    """An organization without an active domain covers nobody."""
    assert not lies_in("sam@acme.example", [])


def test_who_is_away_is_impersonated() -> None:
    """A token of the JWT grant needs impersonation beside its scopes, and no other does."""
    assert needed_by(["signature"], impersonates=True) == BOTH
    assert needed_by(["signature"], impersonates=False) == SIGNATURE


AUTHORIZED = {"one": Allowed(BOTH, 3), "two": Allowed(SIGNATURE, 9), "gone": Allowed(NOTHING, 1)}


@pytest.mark.parametrize(
    ("asked", "epoch", "named", "found"),
    [
        (SIGNATURE, 9, None, {"one", "two"}),
        (BOTH, 9, None, {"one"}),
        (SIGNATURE, 8, None, {"one"}),
        (SIGNATURE, 2, None, set()),
        (SIGNATURE, 9, frozenset({"two", "three"}), {"two"}),
        (SIGNATURE, 9, NOTHING, set()),
        (NOTHING, 9, None, {"one", "two"}),
    ],
)
def test_an_application_token_sees_whom_it_names(
    asked: frozenset[str], epoch: int, named: frozenset[str] | None, found: set[str]
) -> None:
    """An organization is seen while it allows all scopes of a token that names it and is not older than its word."""
    assert authorizing(AUTHORIZED, asked, epoch, named) == found


@pytest.mark.parametrize("text", ["", "   ", "sig\x00nature", 'a"b', "ä"])
def test_scopes_that_are_none_are_refused(text: str) -> None:
    """At least one, of legal characters."""
    with refused(INVALID_FIELD, "more"):
        checked_scopes(text, "more")


def test_scopes_are_read_with_any_blanks() -> None:
    """Line ends and doubled blanks separate too."""
    assert checked_scopes(" signature\n impersonation  signature", "more") == BOTH


def test_every_scope_has_a_sentence_about_others() -> None:
    """Whoever allows something for others reads nothing about themselves."""
    assert [scope for scope in SENTENCES if " you" in sentence_for_users(scope) and scope in for_users(SENTENCES)] == [
        "extended"
    ]
