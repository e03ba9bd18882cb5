"""Does the help explain whatever was refused or found, with the reader's own values and nobody else's?"""

import re

import pytest

from keysteward.rules.golive import REVIEW
from keysteward.rules.refusals import ALL
from keysteward.rules.troubleshooting.library import ARTICLES
from tests.cast import ADA, CALLBACK, MALLORY, Made
from tests.web.pages.browsing import Browser, Street


def test_every_refusal_and_finding_has_its_page(street: Street) -> None:
    """Whoever follows a code finds what it means, how it comes about and how it is mended, signed in or not."""
    browser = street.browser()
    paths = [f"/help/refusals/{kind.code}" for kind in ALL] + [f"/help/findings/{rule.code}" for rule in REVIEW]

    for path in paths:
        page = browser.open(path)
        assert page.status == 200, path
        assert page.by_id("means-title") is not None
        assert [node for node in page.main.all("li") if node.get("class").startswith("cause")] != []


def test_every_article_has_its_page(street: Street) -> None:
    """An article that no refusal leads to renders under its title too."""
    browser = street.browser()
    alone = [each for each in ARTICLES if not each.explains]

    assert [each.code for each in alone if browser.open(f"/help/articles/{each.code}").heading != each.title] == []


@pytest.mark.parametrize("path", ["/help/refusals/nothing", "/help/findings/nothing", "/help/articles/nothing"])
def test_what_is_not_there_is_not_found(street: Street, path: str) -> None:
    """A code that nobody knows has no page."""
    assert street.browser().open(path).status == 404


def test_a_reader_finds_their_key_s_own_values(ada: Browser, made: Made) -> None:
    """An admin who names their key reads its values, with what is so for it first; others read names."""
    page = ada.open(f"/help/refusals/redirect-uri-not-registered?key={made.key}")

    assert CALLBACK in page.main.text
    assert f"Diagnose {made.app.name}" in page.main.text
    assert "Not so for Lease signer" in page.main.text
    assert CALLBACK not in ada.open("/help/refusals/redirect-uri-not-registered").main.text


def test_nobody_learns_of_a_key_that_is_not_theirs(street: Street, made: Made) -> None:
    """A stranger who names a key reads what they would read of a key that is not there."""
    mallory, path = street.signed_in(MALLORY), "/help/refusals/consent-required?key="
    foreign, unknown = (mallory.open(path + key) for key in (made.key, "00000000-0000-4000-8000-000000000000"))

    assert foreign.main.text == unknown.main.text
    assert made.app.name not in foreign.main.text
    assert street.browser().open(path + made.key).status == 200


def test_the_help_is_searched_without_a_script(street: Street) -> None:
    """The words of an error lead to its article; unknown words say what to do instead."""
    browser = street.browser()
    found, none = browser.open("/help?q=no_valid_keys_or_signatures"), browser.open("/help?q=zzzz")

    assert [form.get("method") for form in found.forms("/help")] == ["get"]
    assert "/help/articles/no-valid-keys-or-signatures" in [link.get("href") for link in found.main.all("a")]
    assert "Nothing is said about that" in none.main.text


def test_the_list_says_the_numbers_of_this_environment(street: Street) -> None:
    """Nobody reads “within hours hours”: what the policy says stands in the list as in the article."""
    said = [node.text for node in street.browser().open("/help").main.all("p")]

    assert any("less than 15 minutes after the one before" in each for each in said)
    assert [each for each in said if re.search(r"\b(\w+) \1\b", each)] == []


def test_a_problem_s_type_leads_to_its_page(street: Street) -> None:
    """The `type` of an RFC 9457 problem is the address of its article, and the list's anchors still stand."""
    answer = street.ask("GET", "/api/v1/me")
    browser = street.browser()
    path = answer.json()["type"].removeprefix(browser.ctx.origin)

    assert path == "/help/refusals/not-signed-in"
    assert browser.open(path).heading == "You are not signed in"
    assert browser.open("/help/refusals").by_id("not-signed-in") is not None


def test_a_signed_in_admin_chooses_among_their_keys(street: Street, made: Made) -> None:
    """The select lists the keys of the account in use."""
    page = street.signed_in(ADA).open("/help/articles/consent-required")

    assert [option.get("value") for option in page.main.all("option")] == [made.key]
