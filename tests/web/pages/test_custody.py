"""Does an admin see what puts keys at risk, settle it, and ask what if somebody leaves?"""

from keysteward.actions import custody
from keysteward.store.custody import Unit
from tests.cast import ACME, ADA, BO, ROBIN, SAM, Made, Town
from tests.web.pages.browsing import Browser, Page, Street

NOT_USED = "Lease signer has never been used in 91 days."


def neglected(town: Town) -> str:
    """Nobody did anything for 91 days; answer with the id of a finding."""
    town.clock.advance(days=91)
    custody.judge(town.demo, Unit("account", ACME.demo))
    lives = custody.view(town.demo, town.actor(ADA), ACME.demo).lives
    return next(life.id for life in lives if life.code == "unused-key")


def done(browser: Browser, page: Page, form: str, **typed: str) -> Page:
    """Send a form, and go where it leads."""
    return browser.open(browser.send(page, form, **typed).location)


def test_findings_are_shown_and_settled(town: Town, made: Made, street: Street) -> None:
    """A finding says who can mend it and how; it gets an owner, is accepted until a day, and is opened again."""
    finding = neglected(town)
    ada = street.signed_in(ADA)
    page, form = ada.open("/custody"), f"/custody/findings/{finding}"
    assert NOT_USED in page.main.text
    assert "An admin of the account: Stop it; if nobody asks for it in 15 days, delete it." in page.main.text

    page = done(ada, page, f"{form}/assign", owner=BO.demo)
    assert (page.notice, "Bo Leaver sees to it" in page.main.text) == ("Saved who sees to it", True)
    page = done(ada, page, f"{form}/accept", until="2027-03-01", reason="For the fair.")
    assert "Accepted until 1 March 2027 by ada@acme.example For the fair." in page.main.text
    page = done(ada, page, f"{form}/reopen")
    assert page.notice == "Finding open again"
    for until in ("2030-01-01", "soon"):
        assert ada.send(page, f"{form}/accept", until=until, reason="For ever.").status == 422


def test_who_can_manage_a_key_is_shown(made: Made, ada: Browser) -> None:
    """Who can, and each way back with what closes it; where nothing is wrong, it says so."""
    text = ada.open("/custody").main.text

    assert "Nothing puts these keys at risk" in text
    assert "3 admins can manage Lease signer" in text
    assert "Only production keys are transferred." in text
    assert "Replacement: open A new key goes through Go-Live, and the old one retires." in text


def test_what_if_people_leave(made: Made, ada: Browser) -> None:
    """A list, typed or uploaded; every key that would be lost is named, and on whom none rests."""
    page = ada.open("/custody")
    typed = ada.send(
        page, "/custody/what-if", leavers=f"{ADA.email}\n{BO.email}\n{ROBIN.email}\nx@y.example", file=None
    )
    boundary, head = "x", 'Content-Disposition: form-data; name="file"; filename="leavers.csv"'
    body = f"--x\r\n{head}\r\n\r\nemail\r\n{ADA.email}\r\n{BO.email}\r\n\r\n--x--\r\n"
    uploaded = ada.ask(
        "POST", "/custody/what-if", body, **{"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )
    nothing = ada.send(page, "/custody/what-if", leavers="", file=None)
    odd = ada.send(page, "/custody/what-if", leavers="a,b", file=None)

    assert "Nobody could manage the key. Lease signer" in typed.main.text
    assert "None of these keys rests on: x@y.example." in typed.main.text
    assert "One admin alone could manage the key. Lease signer" in uploaded.main.text
    assert (nothing.status, nothing.error_at("leavers")) == (422, "Write one address a line, or choose a list.")
    assert odd.error_at("leavers").startswith("The list, line 1, column 1: no heading is known.")


def test_custody_is_for_admins(street: Street) -> None:
    """A member learns who the admins are."""
    page = street.signed_in(SAM).open("/custody")

    assert (page.status, ADA.email in page.main.text) == (403, True)
