"""Does each thing show what was done about it, to those who may read that?"""

from keysteward.rules.refusals import NOT_AN_ADMIN
from tests.approving import OLIVE, employ, let_wait
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, SAM, Made, Town
from tests.recovering import ask, planned
from tests.transferring import accepted
from tests.web.pages.browsing import Browser, Node, Page, Street


def history_of(page: Page) -> list[str]:
    """What the page says was done, newest first."""
    card = page.by_id("history")
    return [each.text for each in _events(card)] if card else []


def _events(card: Node) -> list[Node]:
    return [item for part in card.all("ol") for item in part.all("li")]


def log_of(page: Page) -> str:
    """Where the history says that the audit log has all of it."""
    card = page.by_id("history")
    assert card
    return next((link.get("href") for link in card.all("a")), "")


def test_a_review_shows_what_was_done_about_it(street: Street, ada: Browser, town: Town, made: Made) -> None:
    """To its developer and to an operator, each with their own way to the audit log, which has the same."""
    employ(town)
    waiting = let_wait(town, made)
    hers = ada.open(f"/apps/{made.key}/reviews/{waiting.id}")
    olive = street.signed_in(OLIVE)
    case = olive.open(f"/reviews/{waiting.id}")

    assert [each.partition(" ")[0] for each in history_of(hers)] == ["Go-Live", "Go-Live"]
    assert log_of(hers) == f"/audit?words={waiting.id}"
    assert log_of(case) == f"/audit?everywhere=yes&words={waiting.id}"
    assert len(ada.open(log_of(hers)).main.all("tbody")[0].all("tr")) == len(history_of(hers))
    assert history_of(case)


def test_a_transfer_shows_each_side_its_own(street: Street, town: Town, made: Made) -> None:
    """Acme sees what was done in Acme; Strange reads nothing of that, nor of who did it."""
    transfer = accepted(town, town.go_live(made))
    ada, mallory = street.signed_in(ADA, "production"), street.signed_in(MALLORY, "production")
    hers, theirs = (history_of(each.open(f"/transfers/{transfer.id}")) for each in (ada, mallory))

    assert any("Transfer started" in each and ADA.email in each for each in hers)
    shown = ada.open(f"/transfers/{transfer.id}").root.all("span")
    assert transfer.id in [each.text for each in shown if each.get("data-copy") == "id"]
    assert not any(ADA.email in each for each in theirs)


def test_custody_shows_what_was_done(street: Street, ada: Browser, town: Town, made: Made) -> None:
    """A request for a sealed credential and a drill; whoever is no admin reads nothing of them."""
    release, drill = ask(town, made), planned(town)
    sam = street.signed_in(SAM)

    assert history_of(ada.open(f"/custody/releases/{release.id}"))
    assert history_of(ada.open(f"/custody/drills/{drill.id}"))
    assert sam.open(f"/custody/drills/{drill.id}").status == 404


def test_an_account_and_an_organization_show_theirs(street: Street, town: Town, made: Made) -> None:
    """To an operator, and to an admin of the organization."""
    employ(town)
    olive, cy = street.signed_in(OLIVE), street.signed_in(CY)
    here = f"/organizations/{ORGANIZATION['demo']}"

    assert any("App created" in each for each in history_of(olive.open(f"/accounts/{ACME.demo}")))
    assert log_of(olive.open(f"/accounts/{ACME.demo}")) == f"/audit?everywhere=yes&words={ACME.demo}"
    assert cy.open(here).status == 200


def test_the_history_of_an_app_is_filtered(ada: Browser, made: Made) -> None:
    """By kind, hand and time; what cannot be asked is said at its field, and the audit log asks the same."""
    at = f"/apps/{made.key}/history"
    ada.ask("POST", f"/apps/{made.key}/stop", [])
    whole, stopped, wrong = ada.open(at), ada.open(f"{at}?kind=KeyStopped"), ada.open(f"{at}?since=nonsense")

    assert ("App created" in whole.main.text, "Stopped" in whole.main.text) == (True, True)
    assert ("App created" in _rows(stopped), "Stopped" in _rows(stopped)) == (False, True)
    assert (wrong.status, "such as 2026-11-20T09:00" in wrong.error_at("since")) == (400, True)
    assert f"/audit?key={made.key}&kind=KeyStopped" in [link.get("href") for link in stopped.main.all("a")]


def _rows(page: Page) -> str:
    return page.main.all("tbody")[0].text


def test_the_custody_of_an_app_says_who_can_manage_it(street: Street, ada: Browser, made: Made) -> None:
    """The admins with their last sign-in, the ways back with what closes them; a member reads nothing of it."""
    page = ada.open(f"/apps/{made.key}/custody")
    sam = street.signed_in(SAM).open(f"/apps/{made.key}/custody")

    managers = page.by_id("managers")
    assert managers
    assert (ADA.first_name in managers.text, BO.email in managers.text) == (True, True)
    assert "Only production keys are transferred." in page.main.text
    assert sam.status in {404, NOT_AN_ADMIN.status}
