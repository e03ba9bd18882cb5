"""Can admins seal, ask, approve, download and drill by the console, without a script?"""

from datetime import timedelta

from tests.cast import ADA, BO, ROBIN, SAM, Made, Town
from tests.recovering import REASON, add_recipient, ask, opened, pair, planned
from tests.web.pages.browsing import Browser, Node, Page, Street

SEALED, DRILLS = "/custody/sealed", "/custody/drills"


def secret_in(page: Page) -> str:
    """The value that a page shows this one time."""
    return next(node.text for node in page.main.all("code") if node.text.startswith("kss_"))


def asks(page: Page) -> list[Node]:
    """The forms that ask for something sealed."""
    return [form for form in page.main.all("form") if form.get("action").endswith("/ask")]


def test_from_a_recipient_to_the_file(street: Street, made: Made) -> None:
    """A recipient is added, the tick is on by itself, and two people later the file opens to what was shown."""
    ada, bo = street.signed_in(ADA), street.signed_in(BO)
    plain = ada.send(ada.open(f"/apps/{made.key}/authentication"), f"/apps/{made.key}/secrets")
    assert "cannot be sealed later" in plain.main.text
    added = ada.send(ada.open(SEALED), f"{SEALED}/recipients", label="Oslo", public_key=pair().public_key)
    assert added.location == f"{SEALED}?done=recipient-added"
    app = ada.open(f"/apps/{made.key}/authentication")
    assert app.checked("seal") == {"on"}
    shown = ada.send(app, f"/apps/{made.key}/secrets")
    assert "Sealed to 1 recovery recipient" in shown.main.text

    page = ada.open(SEALED)
    (form,) = asks(page)
    assert "To have them sealed, rotate" in page.main.text
    at = ada.send(page, form.get("action"), reason=REASON).location.partition("?")[0]
    assert ada.open(at).forms(f"{at}/approve") == ada.open(at).forms(f"{at}/download") == []
    bo.send(bo.open(at), f"{at}/approve")
    answer = ada.send(ada.open(at), f"{at}/download")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{at.rpartition("/")[2]}.age"'
    assert opened(_raw(answer), pair()) == secret_in(shown)
    assert "The file was downloaded" in bo.open(at).main.text


def _raw(page: Page) -> bytes:
    return "\n".join(each for each in page.root.children if isinstance(each, str)).encode()


def test_an_unticked_box_seals_nothing(ada: Browser, town: Town, made: Made) -> None:
    """It is asked, and not assumed."""
    add_recipient(town)
    page = ada.send(ada.open(f"/apps/{made.key}/authentication"), f"/apps/{made.key}/keypairs", seal=None)

    assert "cannot be sealed later" in page.main.text
    assert asks(ada.open(SEALED)) == []


def test_a_private_identity_is_not_shown_again(ada: Browser) -> None:
    """Whoever pastes one by mistake reads why, and it stands nowhere."""
    page = ada.send(ada.open(SEALED), f"{SEALED}/recipients", label="Oslo", public_key=pair().identity)

    assert (page.status, page.value("public_key"), page.value("label")) == (422, "", "Oslo")
    assert page.error_at("public_key").startswith("This is a private identity")


def test_who_is_not_concerned_sees_nothing(street: Street, town: Town, made: Made) -> None:
    """A member finds no request; a step that is not theirs is told to be somebody else's."""
    release = ask(town, made)
    sam, robin = street.signed_in(SAM), street.signed_in(ROBIN)
    at = f"/custody/releases/{release.id}"

    assert sam.open(at).status == 404
    assert robin.open(at).forms(f"{at}/approve") == []
    refused = robin.ask("POST", f"{at}/approve")
    assert (refused.status, "A service admin neither asks" in refused.main.text) == (403, True)
    assert "Lease signer" in robin.open("/custody/releases").main.text


def test_a_step_asks_who_it_is(street: Street, town: Town, made: Made) -> None:
    """Whoever signed in a while ago is led to prove it, and comes back."""
    release, bo = ask(town, made), street.signed_in(BO)
    at = f"/custody/releases/{release.id}"
    page = bo.open(at)
    town.clock.now += timedelta(minutes=11)

    assert bo.send(page, f"{at}/approve").location.startswith("/security/confirm?next=%2Fcustody%2Freleases")


def test_a_drill_is_planned_and_recorded(street: Street, made: Made) -> None:
    """Ada names herself and Bo; both say how it went."""
    ada, bo = street.signed_in(ADA), street.signed_in(BO)
    wanted = {"kind": "rehearse-transfer", "key": made.key, "first": ADA.demo, "second": BO.demo, "every_months": "6"}
    wrong = ada.send(ada.open(DRILLS), f"{DRILLS}/plan", **(wanted | {"due_at": ""}))
    assert wrong.error_at("due_at") == "Choose a day, such as 2026-12-31."
    nobody = ada.send(ada.open(DRILLS), f"{DRILLS}/plan", **(wanted | {"due_at": "2026-12-31", "key": ""}))
    assert "Choose a key that the account manages." in nobody.main.text
    at = ada.send(ada.open(DRILLS), f"{DRILLS}/plan", **(wanted | {"due_at": "2026-12-31"})).location.partition("?")[0]
    ada.send(ada.open(at), f"{at}/record", result="done", note="We knew who signs.")
    bo.send(bo.open(at), f"{at}/record", result="failed", note="Nobody knew what to rotate.")

    page = ada.open(at)
    assert ("Failed" in page.main.text, page.forms(f"{at}/record")) == (True, [])
    assert "Nobody knew what to rotate." in page.main.text
    assert "Every 6 months" in ada.open(DRILLS).main.text


def test_a_drill_is_cancelled(ada: Browser, town: Town) -> None:
    """And says by whom."""
    at = f"{DRILLS}/{planned(town).id}"
    ada.send(ada.open(at), f"{at}/cancel")

    assert f"By {ADA.email}." in ada.open(at).main.text
