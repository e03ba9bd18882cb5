"""Does somebody ask for long work in the console, leave it, find it again, and take along what came of it?"""

import pytest
import requests

from keysteward.actions import custody, leases, working
from tests.approving import OLIVE, employ
from tests.cast import ADA, BO, CY, ORGANIZATION, SAM, Made, Town
from tests.web.pages.browsing import Browser, Street

OURS = ORGANIZATION["demo"]
CUSTODY = f"/organizations/{OURS}/custody"


def do(town: Town) -> None:
    """The job does what waits."""
    while working.do_next(town.demo, leases.keep(town.demo, "a worker", ["work"])["work"]):
        pass


def taken(street: Street, browser: Browser, path: str) -> requests.Response:
    """A download, as it arrives."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return street.ask("GET", path, Cookie=cookies)


def test_events_are_gathered_while_one_leaves(street: Street, ada: Browser, town: Town, made: Made) -> None:
    """The page says how far it is and looks again by itself; the list finds it; the file is what was asked for."""
    page = ada.open(f"/audit?key={made.key}")
    went = ada.send(page, "/audit/export")
    waiting = ada.open(went.location)
    assert (waiting.heading, waiting.notice.startswith("It is under way")) == ("Audit log as CSV", True)
    assert ("Waiting" in waiting.main.text, bool(waiting.main.all("progress"))) == (True, True)
    at = went.location.partition("?")[0]
    again = ada.open(ada.ask("POST", "/audit/export", []).location)
    assert again.notice.startswith("One of these is under way already")

    do(town)
    over = ada.open(at)
    assert ("Done" in over.main.text, over.main.all("progress")) == (True, [])
    assert [link.get("href") for link in ada.open("/work").main.all("a")] == [at, f"{at}/file"]
    answer = taken(street, ada, f"{at}/file")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert {line.split(",")[5] for line in answer.text.splitlines()[1:]} == {made.key}


def test_nobody_else_sees_it(street: Street, ada: Browser, town: Town, made: Made) -> None:
    """Its address is no page for anybody else, and their list is empty."""
    at = ada.ask("POST", "/audit/export", []).location.partition("?")[0]
    do(town)
    bo = street.signed_in(BO)

    assert (bo.open(at).status, taken(street, bo, f"{at}/file").status_code) == (404, 404)
    assert "Nothing asked for" in bo.open("/work").main.text


def test_it_is_cancelled(ada: Browser, town: Town, made: Made) -> None:
    """Nothing comes of it, and there is nothing to download."""
    at = ada.ask("POST", "/audit/export", []).location.partition("?")[0]
    ada.send(ada.open(at), f"{at}/cancel")
    do(town)
    page = ada.open(at)

    assert "Nothing comes of it" in page.main.text
    assert ada.open(f"{at}/file").status == 404


def test_an_operator_verifies_the_whole_log(street: Street, town: Town, made: Made) -> None:
    """From the audit log of the whole environment; nobody else may."""
    employ(town)
    olive, ada = street.signed_in(OLIVE), street.signed_in(ADA)
    page = olive.open("/audit?everywhere=yes")
    at = olive.send(page, "/audit/verify").location.partition("?")[0]
    do(town)

    assert "Nothing was changed, put in or taken out." in olive.open(at).main.text
    assert ada.ask("POST", "/audit/verify", []).status == 403


def test_an_organization_is_audited_and_asked_what_if(street: Street, town: Town, made: Made) -> None:
    """Both from its custody page; an empty list is said at its field."""
    cy = street.signed_in(CY)
    page = cy.open(CUSTODY)
    audit = cy.send(page, f"{CUSTODY}/audit").location.partition("?")[0]
    empty = cy.ask("POST", f"{CUSTODY}/what-if", [("leavers", "")])
    asked = cy.ask("POST", f"{CUSTODY}/what-if", [("leavers", f"{ADA.email}\n{BO.email}")]).location.partition("?")[0]
    do(town)

    assert (empty.status, "Write one address a line" in empty.main.text) == (422, True)
    assert "judged. Open findings:" in cy.open(audit).main.text
    assert cy.open(asked).heading == "What if these people leave"


def test_people_take_their_data_along_later(street: Street, town: Town, made: Made) -> None:
    """Sam from Security, an operator from People."""
    employ(town)
    sam, olive = street.signed_in(SAM), street.signed_in(OLIVE)
    own = sam.ask("POST", "/security/personal-data/prepare", []).location.partition("?")[0]
    other = olive.ask("POST", f"/people/{SAM.demo}/data/prepare", []).location.partition("?")[0]
    do(town)

    for browser, at in ((sam, own), (olive, other)):
        answer = taken(street, browser, f"{at}/file")
        assert (answer.status_code, answer.json()["user"]) == (200, SAM.demo)
    assert sam.ask("POST", f"/people/{SAM.demo}/data/prepare", []).status == 403


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def judged(town: Town, made: Made) -> Made:
    """Ada's app, judged."""
    for _ in custody.judge_all(town.demo):
        pass
    return made


def test_the_custody_map_says_the_same_as_its_table(street: Street, town: Town, judged: Made) -> None:
    """Both pictures and the table name the account, its key and each admin; everything is a link."""
    page = street.signed_in(CY).open(CUSTODY)
    wide, narrow = (node for node in page.main.all("svg") if "map" in node.get("class").split())
    (table,) = [node for node in page.main.all("table") if "whoever could manage them" in node.text]

    for said in (wide.text, narrow.text, table.text):
        assert all(name in said for name in ("Acme", "Ada Admin", "Bo", "Robin", "Service admin"))
    assert all(link.get("href").startswith("/") for link in wide.all("a"))
    assert (wide.get("role"), bool(wide.get("aria-label"))) == ("group", True)


def test_a_life_line_is_a_picture_and_a_list(ada: Browser, town: Town, made: Made) -> None:
    """The picture says itself in a sentence; the list below has every moment."""
    (life,) = [node for node in ada.open(f"/apps/{made.key}").main.all("section") if node.get("id") == "life"]
    (picture,) = [node for node in life.all("svg") if node.get("role") == "img"]

    assert picture.get("aria-label").startswith("Created on ")
    assert "What is to come" in life.text
    assert [node.text.split(" …")[0] for node in life.all("span") if node.get("class") == "strong"][-1] == "Created"
