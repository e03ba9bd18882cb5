"""Does the search work without JavaScript, lead to what was found, and find pages and articles too?"""

import pytest

from tests.cast import ACME, ADA, MALLORY, SAM, SMALL, STRANGE, Made, Town
from tests.peers.databases import rows
from tests.web.pages.browsing import Browser, Page, Street


def found(page: Page) -> dict[str, list[str]]:
    """What stands in each group: the titles."""
    return {
        section.all("h2")[0].text: [next(part.text for part in link.all("span") if part.get("class") == "found-title")
                                    for link in section.all("a") if link.get("class") == "found"]
        for section in page.main.all("section")
        if section.get("aria-labelledby").startswith("found-")
    }  # fmt: skip


def links(page: Page) -> list[str]:
    """Where what was found is."""
    return [link.get("href") for link in page.root.all("a") if link.get("class") == "found"]


def test_every_page_has_the_form(ada: Browser) -> None:
    """The form in the bar at the top asks `/search`, by GET, so that its answer has an address."""
    (form,) = (each for each in ada.open("/").forms("/search") if "data-search" in each.attributes)

    assert form.get("method") == "get"
    assert [field.get("name") for field in form.all("input")] == ["q"]


def test_a_key_is_found_and_opened(ada: Browser, made: Made) -> None:
    """By its name, with what matched; its link leads to its page."""
    page = ada.open("/search?q=LEASE+signer")

    assert found(page) == {"Apps and Keys": [made.app.name]}
    assert links(page) == [f"/apps/{made.key}"]
    assert ada.open(links(page)[0]).heading == made.app.name
    assert page.value("q") == "LEASE signer"


def test_people_of_another_account_are_opened_there(street: Street) -> None:
    """The account of a member becomes the account in use; one's own accounts and no others."""
    ada = street.signed_in(ADA)
    there = next(link for link in links(ada.open(f"/search?q={ADA.email}")) if SMALL.demo in link)
    page = ada.open(there)

    assert (page.status, page.heading) == (200, "Ada Admin")
    assert SMALL.name in ada.open("/").root.all("header")[0].text
    assert ada.open(f"/search/in/{STRANGE.demo}/members/{MALLORY.demo}").status == 404
    assert ada.open(f"/search/in/{SMALL.demo}/audit/events.csv").status == 404
    assert ada.open("/search/in/nothing/").status == 404


def test_a_trace_token_leads_to_its_call(ada: Browser, town: Town, made: Made) -> None:
    """On the page of its key, for whoever reads that."""
    town.call(made)
    (row,) = rows(town.demo.database, "SELECT trace, sequence FROM calls ORDER BY sequence DESC LIMIT 1")
    page = ada.open(f"/search?q={row[0]}")

    assert links(page) == [f"/apps/{made.key}/usage/calls/{row[1]}"]
    assert ada.open(links(page)[0]).status == 200


def test_a_trace_token_leads_to_its_events(ada: Browser, town: Town) -> None:
    """That the audit log says something of a request; what it says is read there, where reading is noted."""
    ada.send(ada.open("/apps/new"), "/apps", name="Lease", contact="team@acme.example")
    (row,) = rows(
        town.demo.database, "SELECT trace FROM events WHERE name = 'KeyCreated' ORDER BY sequence DESC LIMIT 1"
    )
    page = ada.open(f"/search?q={row[0]}")

    assert found(page) == {"Audit log": ["In the audit log"]}
    assert "KeyCreated" in ada.open(links(page)[0]).main.text


def test_pages_and_articles_are_found(ada: Browser) -> None:
    """Pages by their name or what they are about, for whoever finds them in the navigation; articles by their title."""
    assert found(ada.open("/search?q=custody"))["Pages"] == ["Custody"]
    assert found(ada.open("/search?q=passkeys"))["Pages"] == ["Security"]
    assert "/help/articles/consent-required" in links(ada.open("/search?q=consent"))


def test_a_page_that_is_not_for_somebody_is_not_found(street: Street) -> None:
    """Sam administers nothing."""
    assert "Pages" not in found(street.signed_in(SAM).open("/search?q=custody"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "What are you looking for?"),
        ("?q=%20", "What are you looking for?"),
        ("?q=a", "Type at least 2 characters."),
        ("?q=" + "a" * 101, "Type at most 100 characters."),
        ("?q=zzzz%00zz<b>", "Nothing found for zzzz zz<b>"),
    ],
)
def test_nothing(ada: Browser, query: str, said: str) -> None:
    """Nothing asked, too short, too long, nothing found: each says what to do next."""
    page = ada.open(f"/search{query}")

    assert page.status == 200
    assert said in page.main.text
    assert links(page) == []


def test_the_list_for_the_dialog(ada: Browser, made: Made) -> None:
    """The same as options of a list box, without the frame of a page."""
    page = ada.open("/search/found?q=lease")
    (option,) = (each for each in page.root.walk() if each.get("role") == "option")

    assert page.root.all("main") == []
    assert (option.tag, option.get("href"), option.get("tabindex")) == ("a", f"/apps/{made.key}", "-1")
    assert page.root.all("div")[0].get("data-said") == "1 result"
    assert "Nothing found for zzzz" in ada.open("/search/found?q=zzzz").root.text


def test_strangers_find_nothing(street: Street, made: Made) -> None:
    """Who is signed in elsewhere learns not even that there is something; who is not signs in first."""
    mallory = street.signed_in(MALLORY)

    assert found(mallory.open(f"/search?q={made.key}")) == {}
    assert found(mallory.open(f"/search?q={ACME.demo}")) == {}
    assert street.browser().ask("GET", "/search?q=lease").location.startswith("/signin?")
