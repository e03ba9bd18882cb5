"""Does an organization's admin find what is at risk in its accounts, and from there the page that mends it?"""

import pytest

from keysteward.actions import custody, leavers
from tests.cast import ADA, BO, CY, MALLORY, ORGANIZATION, ROBIN, Made, Town
from tests.web.pages.browsing import Browser, Street

OURS = ORGANIZATION["production"]
PAGE = f"/organizations/{OURS}/custody"
ALONE = "Cy Council (cy@acme.example) alone can stand in for the accounts of Acme Group."
NOBODY = "Acme has no active admin: nobody can manage its keys."


@pytest.fixture
def live(town: Town, made: Made) -> Made:
    """Ada's app in production, judged."""
    live = town.go_live(made)
    judge(town)
    return live


@pytest.fixture
def cy(street: Street, live: Made) -> Browser:
    """Cy, signed in in production."""
    return street.signed_in(CY, "production")


def judge(town: Town) -> None:
    """Judge all of production."""
    for _ in custody.judge_all(town.production):
        pass


def leave(town: Town) -> None:
    """All admins of Acme leave."""
    for person in (ADA, BO, ROBIN):
        leavers.report(town.production, leavers.Operating("Olga"), person.production, "Left.")
    judge(town)


def test_what_is_its_own_is_settled_here(cy: Browser) -> None:
    """It gets an owner, is accepted until a day, and is opened again; a wrong day is said."""
    page = cy.open(PAGE)
    (accepting,) = [form for form in page.main.all("form") if form.get("action").endswith("/accept")]
    at = accepting.get("action").removesuffix("/accept")
    assert ALONE in page.main.text
    assert cy.send(page, f"{at}/accept", until="soon", reason="A drill.").status == 422

    page = cy.open(cy.send(page, f"{at}/assign", owner=CY.production).location)
    assert (page.notice, "Cy Council sees to it" in page.main.text) == ("Saved who sees to it", True)
    page = cy.open(cy.send(page, f"{at}/accept", until="2027-03-01", reason="Eva comes in May.").location)
    assert ALONE not in page.main.text
    page = cy.open(f"{PAGE}?status=accepted")
    assert "Accepted until 1 March 2027 by cy@acme.example Eva comes in May." in page.main.text
    page = cy.open(cy.send(page, f"{at}/reopen").location)
    assert (page.notice, ALONE in page.main.text) == ("Finding open again", True)
    assert cy.open(cy.ask("POST", f"{at}/reopen", []).location).status == 200


def test_a_finding_leads_to_the_page_that_mends_it(town: Town, cy: Browser, live: Made) -> None:
    """Nobody is left: the finding leads to a stand-in for the key, which is named there, and so is the finding."""
    leave(town)
    page = cy.open(PAGE)
    (link,) = [
        each.get("href")
        for each in page.main.all("a")
        if each.text.startswith("Stand in for Lease signer") and NOBODY in each.text
    ]
    standing_in = cy.open(link)

    assert link == f"/organizations/{OURS}/stand-in?key={live.key}"
    assert standing_in.value("key") == live.key
    assert f"What this mends {NOBODY}" in standing_in.main.text


def test_a_transfer_that_mends_nothing_says_nothing_of_it(street: Street, live: Made) -> None:
    """Whoever moves a key that nothing puts at risk reads of no finding, before it begins or on it."""
    ada = street.signed_in(ADA, "production")

    assert "What this mends" not in ada.open(f"/apps/{live.key}/transfer").main.text


def test_findings_are_narrowed(cy: Browser) -> None:
    """By what is chosen; whatever else stands in the address narrows nothing, and there is always a page."""
    assert ALONE in cy.open(f"{PAGE}?severity=medium&owner=nobody").main.text
    assert "Nothing here" in cy.open(f"{PAGE}?severity=low&account=x").main.text
    for odd in ("page=0", "page=99999999999999999999", "page=-1", "page=9", "status=odd&severity=odd&owner=%00"):
        assert cy.open(f"{PAGE}?{odd}").status == 200


def test_it_is_for_admins_of_the_organization(street: Street, live: Made) -> None:
    """For everybody else there is no such organization."""
    for stranger in (ADA, MALLORY):
        assert street.signed_in(stranger, "production").open(PAGE).status == 404
