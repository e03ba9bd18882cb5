"""Is every list narrowed, sorted and turned by its address, and downloaded as it is shown?"""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from keysteward.actions import addresses, profiles
from keysteward.rules.accounts import SEND
from keysteward.web import pages
from keysteward.web.pages.lists import Table
from tests.approving import OLIVE, employ, let_wait
from tests.cast import ACME, ADA, MALLORY, SAM, Made, Person, Town
from tests.old_fashioned import admitted, bring_to
from tests.web.pages.browsing import Browser, Node, Page, Street

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "lists.md"
LISTS = [
    (ADA, "/apps"),
    (ADA, "/members"),
    (ADA, "/notices"),
    (ADA, "/custody"),
    (ADA, "/legacy"),
    (ADA, "/members/profiles"),
    (OLIVE, "/accounts"),
    (OLIVE, "/reviews"),
]


@pytest.fixture
def busy(town: Town, made: Made) -> Made:
    """A town in which every list has something to show."""
    employ(town)
    let_wait(town, made)
    addresses.add_redirect_uri(town.demo, town.actor(ADA), made.key, "https://parcels.example/back")
    profiles.make(town.demo, town.actor(ADA), ACME.demo, profiles.Draft("Leases only", frozenset({SEND})))
    bring_to(town.demo, ("measure", ""))
    admitted(town.demo, made)
    return made


def rows(browser: Browser, path: str) -> list[list[str]]:
    """The lines of a CSV file."""
    answer = browser.ask("GET", path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8; header=present")
    text = "".join(each for each in answer.root.children if isinstance(each, str))
    return list(csv.reader(StringIO(text)))


def tools(page: Page, path: str) -> Node:
    """The form above the list that is searched."""
    return next(form for form in page.forms(path) if form.get("role") == "search")


def link(page: Page, text: str) -> str:
    """Where a link of the list leads."""
    return next(each.get("href") for each in page.main.all("a") if each.text == text)


def names(page: Page) -> list[str]:
    """What stands first in each row."""
    return [row.all("a")[0].text for row in page.main.all("tr")[1:]]


def sorts_of(form: Node) -> list[str]:
    """What a list may be sorted by."""
    return [each.get("value") for each in form.all("option") if each.get("value").startswith("-")]


def three(town: Town) -> None:
    """Apps of three names beside the one that is there."""
    for name in ("=1+1", "Parcel tracker", "apple pie"):
        town.create_app(name=name)


def test_apps_are_narrowed_and_sorted_by_the_address(town: Town, made: Made, ada: Browser) -> None:
    """The fields show what applies, every link keeps it, the head says the order, and the file has the same rows."""
    three(town)
    page = ada.open("/apps?sort=name")
    assert names(page) == ["=1+1", "apple pie", "Lease signer", "Parcel tracker"]
    backwards = ada.open(link(page, "App"))
    assert names(backwards) == names(page)[::-1]
    (head,) = [each for each in backwards.main.all("th") if each.get("aria-sort")]
    assert (head.text, head.get("aria-sort")) == ("App", "descending")

    found = ada.open("/apps?q=E+P&sort=-name&state=working")
    assert names(found) == ["apple pie"]
    (words,) = [each for each in tools(found, "/apps").all("input") if each.get("name") == "q"]
    assert words.get("value") == "E P"
    kept = {"q": "E P", "sort": "created_at", "state": "working"}
    assert dict(parse_qsl(urlsplit(link(found, "Created")).query)) == kept
    assert names(ada.open(link(found, "Show everything"))) == names(backwards)
    assert [row[0] for row in rows(ada, link(found, "CSV of this list"))] == ["App", "apple pie"]
    assert [row[0] for row in rows(ada, "/apps?sort=name&csv=apps")][1] == "'=1+1"


def test_where_nothing_fits_a_link_leads_back(made: Made, ada: Browser) -> None:
    """The order stays, words and filters go."""
    page = ada.open("/apps?q=nobody+has+this&state=stopped&sort=-created_at")

    assert "Nothing fits" in page.main.text
    assert link(page, "Show everything") == "/apps?sort=-created_at"


def test_pages_are_turned(town: Town, made: Made, ada: Browser) -> None:
    """Each says which rows it has; behind the end stands the last one, and the file has all."""
    for number in range(60):
        town.create_app(name=f"App {number:02}")
    first = ada.open("/apps?q=App&sort=name")
    second = ada.open(link(first, "Next page"))

    assert "1–50 of 60" in first.main.text
    assert "51–60 of 60" in second.main.text
    assert names(first) + names(second) == [f"App {number:02}" for number in range(60)]
    assert names(ada.open(link(second, "Previous page"))) == names(first)
    assert names(ada.open("/apps?q=App&sort=name&page=9999")) == names(second)
    assert [row[0] for row in rows(ada, link(second, "CSV of this list"))[1:]] == names(first) + names(second)


@pytest.mark.parametrize(("person", "path"), LISTS, ids=[path for _, path in LISTS])
def test_every_list_takes_what_it_offers(street: Street, busy: Made, person: Person, path: str) -> None:
    """Each order and each value of a filter is answered; what is unknown is named, and never an error."""
    browser = street.signed_in(person)
    page = browser.open(path)
    form = tools(page, path)
    prefix = next(each.get("name") for each in form.all("input") if each.get("type") == "search").removesuffix("q")
    for sort in sorts_of(form):
        for said in (sort, sort.removeprefix("-")):
            answer = browser.open(f"{path}?{prefix}sort={said}&{prefix}page=2")
            assert (answer.status, "Not understood" in answer.main.text) == (200, False)
            assert len(rows(browser, link(answer, "CSV of this list"))) == len(
                rows(browser, f"{path}?csv={name(form)}")
            )
    for select in form.all("select"):
        for option in select.all("option"):
            assert browser.open(f"{path}?{select.get('name')}={option.get('value')}").status == 200
    filters = {select.get("name") for select in form.all("select")} | {f"{prefix}page", f"{prefix}q"}
    odd = browser.open(f"{path}?" + "&".join(f"{each}={'x' * 101}" for each in sorted(filters)))
    (sentence,) = [each.text for each in odd.main.all("p") if each.text.startswith("Not understood")]
    assert set(re.findall(r"[\w-]+", sentence.partition(":")[2])) == filters


def name(form: Node) -> str:
    """What a list is called."""
    return form.get("aria-label").lower().replace(" ", "-")


def test_a_file_is_for_whoever_sees_the_list(street: Street, town: Town, busy: Made) -> None:
    """Others are refused as they are on the page, and get rows of their own accounts only."""
    sam = street.signed_in(SAM)
    for path in ("/apps?csv=apps", "/members?csv=members", "/custody?csv=findings"):
        assert sam.open(path).status == 403
    assert sam.open("/accounts?csv=operated-accounts").status == sam.open("/reviews?csv=reviews").status == 403
    mallory = street.signed_in(MALLORY)
    assert rows(mallory, "/apps?csv=apps")[1:] == []
    assert ADA.email not in str(rows(mallory, "/members?csv=members"))


def test_the_guide_names_what_lists_take() -> None:
    """Every list with its name in an address, its filters and what it is sorted by; no more and no less."""
    lines = [line.split("|") for line in GUIDE.read_text().splitlines() if re.match(r"\| [^|]*\| `/", line)]
    said = {row[3].strip(" `"): [set(re.findall(r"`(\w+)`", row[place])) for place in (4, 5)] for row in lines}
    modules = [
        module
        for name, module in sys.modules.items()
        if name.startswith(f"{pages.__name__}.") and not name.endswith(".style")
    ]
    found: dict[str, list[set[str]]] = {}
    for table in (value for module in modules for value in flat(vars(module).values()) if isinstance(value, Table)):
        filters, sorts = found.setdefault(table.name, [set(), set()])
        filters.update(each.name for each in table.choices)
        sorts.update(each.name for each in table.columns if each.sorts)

    assert said == found


def flat(values: Iterable[object]) -> Iterator[object]:
    """Values, and what stands in mappings among them."""
    for each in values:
        yield from each.values() if isinstance(each, dict) else [each]
