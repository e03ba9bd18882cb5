"""Does the setup page let the first person in, and nobody afterwards?"""

from contextlib import ExitStack
from pathlib import Path

from keysteward.actions import setup
from tests.cast import Town
from tests.web.pages.browsing import Street

FIRST = {
    "account": "Acme", "first_name": "Fay", "last_name": "First", "email": "fay@acme.example",
    "password": "correct horse battery",
}  # fmt: skip


def test_the_first_person_comes_in(tmp_path: Path) -> None:
    """With the printed code the account is opened and its admin is signed in; then the page leads to sign-in."""
    with ExitStack() as doors:
        town = Town(tmp_path)
        doors.callback(town.close)
        browser = Street(town, doors).browser()
        code = str(setup.make_code(town.demo))
        form = browser.open("/setup")
        wrong = browser.send(form, "/setup", **FIRST, code="0000")
        done = browser.send(wrong, "/setup", **FIRST, code=code)

        assert (form.heading, wrong.status) == ("Set up demo", 403)
        assert wrong.error_at("code").startswith("That is not the code that was printed last.")
        assert (wrong.value("account"), wrong.value("password")) == ("Acme", "")
        assert (done.status, done.location) == (303, "/setup/addresses")
        assert browser.open("/apps").heading == "Apps and Keys"
        assert browser.ask("GET", "/setup").location == "/setup/addresses"
        assert browser.__class__(browser._address, town.demo).ask("GET", "/setup").location == "/signin"
        assert browser.send(form, "/setup", **FIRST, code=code).location == "/signin"
