"""Does a form that came after its session come back to whoever filled it in, and to nobody else?"""

from urllib.parse import parse_qs, urlsplit

import pytest

from keysteward.actions import housekeeping, keys
from keysteward.rules.kept_forms import LIFE, MOST_BYTES
from tests.cast import ADA, BO, PASSWORD, Made, Town
from tests.peers.databases import rows
from tests.web.pages.browsing import Browser, Page, Street, submission

OPEN = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq<&>\n-----END PUBLIC KEY-----"


def sign_in_again(browser: Browser, sent: Page, email: str = ADA.email) -> Page:
    """Sign in where a form that was sent led, and go on."""
    form = browser.open(sent.location)
    assert (sent.status, form.heading) == (303, "Sign in")
    return browser.open(browser.send(form, "/signin", email=email, password=PASSWORD).location)


def test_what_was_typed_comes_back(ada: Browser, town: Town, made: Made) -> None:
    """The form is filled in as it was sent; nothing is done before somebody presses its button."""
    at = f"/apps/{made.key}"
    page = ada.open(at)
    town.clock.advance(hours=13)
    late = ada.send(page, f"{at}/general", name='Leases <"&> more', contact="new@acme.example")
    again = sign_in_again(ada, late)
    before = keys.view(town.demo, town.actor(ADA), made.key).app.name

    assert "Your form is as you left it" in again.main.text
    assert (again.value("name"), again.value("contact")) == ('Leases <"&> more', "new@acme.example")
    saved = ada.send(again, f"{at}/general")
    assert (before, saved.location) == ("Lease signer", f"{at}?done=saved")
    assert keys.view(town.demo, town.actor(ADA), made.key).app.name == 'Leases <"&> more'


def test_the_sign_in_page_says_that_it_waits(ada: Browser, town: Town) -> None:
    """Whoever signs in knows that nothing is lost."""
    page = ada.open("/apps/new")
    town.clock.advance(hours=13)
    asked = ada.open(ada.send(page, "/apps", name="Mine", contact="me@acme.example").location)

    assert "What you had filled in waits for you" in asked.main.text


def test_a_browser_that_dropped_its_cookie_finds_it_too(ada: Browser, town: Town) -> None:
    """Who typed it stands in the form itself: the cookie of a session goes when the session ends."""
    page = ada.open("/apps/new")
    town.clock.advance(hours=13)
    ada.cookies.clear()
    again = sign_in_again(ada, ada.send(page, "/apps", name="Mine", contact="me@acme.example"))

    assert (again.heading, again.value("name")) == ("Add Integration Key", "Mine")


def test_nobody_else_sees_it(ada: Browser, town: Town) -> None:
    """Another person who signs in there sees the page as it is, and that something is not for them."""
    page = ada.open("/apps/new")
    town.clock.advance(hours=13)
    again = sign_in_again(ada, ada.send(page, "/apps", name="Mine alone", contact="me@acme.example"), BO.email)

    assert "What you had filled in was not kept" in again.main.text
    assert (again.value("name"), "Mine alone" in again.main.text) == ("", False)


def test_it_is_gone_after_half_an_hour(ada: Browser, town: Town) -> None:
    """Also from the database, whatever becomes of it."""
    page = ada.open("/apps/new")
    town.clock.advance(hours=13)
    late = ada.send(page, "/apps", name="Mine", contact="me@acme.example")
    town.clock.now += LIFE
    again = sign_in_again(ada, late)
    housekeeping.forget_what_expired(town.demo)

    assert "What you had filled in was not kept" in again.main.text
    assert rows(town.demo.database, "SELECT * FROM kept_forms") == []


def test_it_is_kept_sealed(ada: Browser, town: Town) -> None:
    """A copy of the database says nothing of what was typed."""
    page = ada.open("/apps/new")
    town.clock.advance(hours=13)
    ada.send(page, "/apps", name="Mine alone", contact="me@acme.example")

    assert "Mine alone" not in str(rows(town.demo.database, "SELECT * FROM kept_forms"))


@pytest.mark.parametrize("hand", ["", "nonsense", f"{ADA.demo}.{'0' * 32}", f".{'0' * 32}"])
def test_what_nobody_signed_is_not_kept(ada: Browser, town: Town, hand: str) -> None:
    """Strangers fill no database: only forms that a page of ours was made with are kept."""
    page = ada.open("/apps/new")
    town.clock.advance(hours=13)
    late = ada.send(page, "/apps", name="Mine", contact="me@acme.example", typed_by=hand)

    assert late.location == "/signin?next=%2Fapps%2Fnew&reason=expired"
    assert rows(town.demo.database, "SELECT * FROM kept_forms") == []


def test_another_site_keeps_nothing(ada: Browser, town: Town) -> None:
    """A form that another site sends is refused before anything is looked at."""
    page = ada.open("/apps/new")
    town.clock.advance(hours=13)
    fields = submission(page, "/apps", name="Forged", contact="me@acme.example")
    forged = ada.ask("POST", "/apps", fields, **{"Sec-Fetch-Site": "cross-site"})

    assert (forged.status, rows(town.demo.database, "SELECT * FROM kept_forms")) == (403, [])


def test_too_much_is_not_kept_and_said_so(ada: Browser, town: Town, made: Made) -> None:
    """Before signing in, while the way back still leads to it."""
    at = f"/apps/{made.key}"
    page = ada.open(at)
    town.clock.advance(hours=13)
    late = ada.send(page, f"{at}/general", name="x" * (MOST_BYTES + 1))

    assert "too long to be kept" in ada.open(late.location).main.text


def test_only_so_many_wait(ada: Browser, town: Town) -> None:
    """A sixth form of one user takes the place of the first."""
    page = ada.open("/apps/new")
    town.clock.advance(hours=13)
    for number in range(7):
        town.clock.advance(seconds=1)
        ada.send(page, "/apps", name=f"Number {number}", contact="me@acme.example")

    assert rows(town.demo.database, "SELECT count(*) FROM kept_forms") == [(5,)]


def test_a_long_text_comes_back(ada: Browser, town: Town, made: Made) -> None:
    """Also where it was folded away, which stands open then."""
    at = f"/apps/{made.key}"
    page = ada.open(f"{at}/authentication")
    town.clock.advance(hours=13)
    sent = ada.send(page, f"{at}/keypairs/upload", public_key=OPEN, expires="", expires_on="", reason="Ours")
    again = sign_in_again(ada, sent)

    assert again.value("public_key").replace("\r\n", "\n") == OPEN
    form = again.forms(f"{at}/keypairs/upload")[0]
    folded = [node for node in again.main.all("details") if form in list(node.walk())]
    assert [("open" in node.attributes) for node in folded] == [True]


def test_a_private_key_is_not_kept(ada: Browser, town: Town, made: Made) -> None:
    """What looks like a secret is left out wherever it was typed, and the page says so."""
    at = f"/apps/{made.key}"
    page = ada.open(f"{at}/authentication")
    town.clock.advance(hours=13)
    private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"
    sent = ada.send(page, f"{at}/keypairs/upload", public_key=private, expires="", expires_on="", reason="Ours")
    again = sign_in_again(ada, sent)

    assert again.value("public_key") == ""
    assert "Type passwords and secrets anew" in again.main.text


def test_ticks_come_back_as_they_were(ada: Browser, town: Town, made: Made) -> None:
    """Both what was ticked and what was not."""
    at = f"/apps/{made.key}"
    page = ada.open(f"{at}/authentication")
    town.clock.advance(hours=13)
    sent = ada.send(page, f"{at}/authentication", grants=["jwt", "implicit"], require_pkce="on")
    again = sign_in_again(ada, sent)

    assert again.checked("grants") == {"jwt", "implicit"}
    assert again.checked("require_pkce") == {"on"}


def test_a_fresh_sign_in_keeps_it_too(ada: Browser, town: Town) -> None:
    """Whoever is asked who they are finds the form filled in afterwards."""
    page = ada.open("/members/profiles")
    town.clock.advance(minutes=11)
    asked = ada.send(page, "/members/profiles", name="Readers", permissions=["account:key:read"])
    form = ada.open(asked.location)
    again = ada.open(ada.send(form, "/security/confirm", password=PASSWORD).location)

    assert "Then you find what you had filled in" in form.main.text
    assert (again.heading, again.value("name")) == ("Permission profiles", "Readers")
    assert again.checked("permissions") == {"account:key:read"}


def test_a_form_without_a_place_is_shown_to_be_copied(ada: Browser, town: Town, made: Made) -> None:
    """Where the page has no such form any more, the words stand above it."""
    at = f"/apps/{made.key}"
    page = ada.open(f"{at}/redirect-uris")
    town.clock.advance(hours=13)
    late = ada.send(page, f"{at}/redirect-uris", redirect_uri="https://new.example/back")
    town.clock.advance(seconds=1)
    ada.sign_in(ADA)
    keys.delete(town.demo, town.actor(ADA), made.key)
    (onward,) = parse_qs(urlsplit(late.location).query)["next"]
    again = ada.open(onward)

    assert "What you had filled in" in again.main.text
    assert "https://new.example/back" in again.main.text


def test_a_form_made_for_somebody_else_is_refused(street: Street, town: Town, made: Made) -> None:
    """Two people in one browser: what one had open is not done in the name of the other."""
    browser = street.signed_in(ADA)
    at = f"/apps/{made.key}"
    page = browser.open(at)
    browser.send(browser.open("/"), "/signout")
    browser.sign_in(BO)
    sent = browser.send(page, f"{at}/general", name="By whom?")

    assert (sent.status, sent.fact("Code")) == (409, "form-of-another")
    assert keys.view(town.demo, town.actor(ADA), made.key).app.name == "Lease signer"
