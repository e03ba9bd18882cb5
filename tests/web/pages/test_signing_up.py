"""Can a stranger open a demo account in the console, where policy lets them, and is everybody else told where to go?"""

from tests.cast import MALLORY, PASSWORD, Town
from tests.mails import link_to
from tests.signing_up import NINA, asked, let_everybody_in
from tests.web.pages.browsing import Street


def test_from_the_sign_in_page_to_an_account_of_ones_own(town: Town, street: Street) -> None:
    """The link on the sign-in page, the form, the mail, the password; then the sign-in, and Home of the new account."""
    let_everybody_in(town.demo)
    nina = street.browser()
    assert "/sign-up" in [link.get("href") for link in nina.open("/signin").main.all("a")]
    told = nina.send(nina.open("/sign-up"), "/sign-up", email=NINA, account="Parcels")
    assert f"A link that opens the account Parcels is on its way to {NINA}." in told.main.text

    page = nina.open(f"/sign-up/open?link={link_to(town.demo, NINA)}")
    assert "Open Parcels" in page.main.text
    opened = nina.send(page, "/sign-up/open", first_name="Nina", last_name="New", password=PASSWORD)
    assert "Parcels is open, and you are its only admin" in opened.main.text
    nina.send(nina.open("/signin"), "/signin", email=NINA, password=PASSWORD)
    assert "Parcels" in nina.open("/").root.text
    assert nina.open("/apps/new").status == 200


def test_what_is_wrong_stands_at_its_field(town: Town, street: Street) -> None:
    """What was typed stays, but for the password."""
    let_everybody_in(town.demo)
    nina = street.browser()
    form = nina.send(nina.open("/sign-up"), "/sign-up", email="nina", account="Parcels")
    assert (form.status, "Give an address" in form.error_at("email")) == (422, True)
    assert "Parcels" in [each.value for each in form.main.all("input")]

    page = nina.open(f"/sign-up/open?link={asked(town.demo)}")
    refused = nina.send(page, "/sign-up/open", first_name="Nina", last_name="", password="short")
    assert "characters" in refused.error_at("password")
    assert {"Nina", "short"} & {each.value for each in refused.main.all("input")} == {"Nina"}


def test_who_has_a_user_signs_in_to_open_it(town: Town, street: Street) -> None:
    """A stranger's browser is led to the sign-in; signed in, one press opens the account."""
    let_everybody_in(town.demo)
    link = asked(town.demo, MALLORY.email, "Second home")
    assert "sign in as" in street.browser().open(f"/sign-up/open?link={link}").main.text

    mallory = street.signed_in(MALLORY)
    page = mallory.open(f"/sign-up/open?link={link}")
    home = mallory.open(mallory.send(page, "/sign-up/open/user").location)
    assert "The account is open" in home.root.text
    assert "Second home" in home.root.text


def test_where_nobody_comes_alone_the_page_says_who_helps(town: Town, street: Street) -> None:
    """No link on the sign-in page; who knows the address is told whom to ask, in production too."""
    let_everybody_in(town.production)
    for environment in ("demo", "production"):
        nina = street.browser(environment)
        assert "/sign-up" not in [link.get("href") for link in nina.open("/signin").main.all("a")]
        page = nina.open("/sign-up")
        assert (page.status, "Ask an admin of an account to invite you" in page.root.text) == (403, True)
