"""How do people sign in to the console, sign out, and look at another account?"""

import pytest

from keysteward.actions import accounts, signin
from keysteward.rules.refusals import NO_ACCOUNT, NO_SUCH_ACCOUNT, TOO_MANY_ATTEMPTS, WRONG_CREDENTIALS
from tests.cast import ACME, ADA, COUNCIL, MALLORY, PASSWORD, SAM, SMALL, UNKNOWN, Town
from tests.web.pages.browsing import Browser, Street

WRONG = "That e-mail address and password do not match. Check both and try again."


def test_a_page_asks_to_sign_in_and_is_shown_afterwards(street: Street) -> None:
    """Who is not signed in signs in first, and then sees the page that was asked for, query and all."""
    browser = street.browser()
    asked = browser.ask("GET", "/apps?done=deleted")
    form = browser.open(asked.location)

    assert (asked.status, form.heading) == (303, "Sign in")
    signed_in = browser.send(form, "/signin", email=ADA.email, password=PASSWORD)
    assert (signed_in.status, signed_in.location) == (303, "/apps?done=deleted")
    assert browser.open(signed_in.location).heading == "Apps and Keys"


def test_the_cookie_carries_the_environment_in_its_name(street: Street) -> None:
    """Ports do not separate cookies, so each environment has a name of its own, and a host prefix."""
    demo, production = street.signed_in(ADA), street.signed_in(ADA, "production")

    assert set(demo.cookies) == {"__Host-ks-demo", "__Host-ks-device-demo"}
    assert set(production.cookies) == {"__Host-ks-production", "__Host-ks-device-production"}


def test_a_wrong_password_is_said_at_its_field(street: Street) -> None:
    """The address stays, the password does not, and whether the address is known is not told."""
    browser = street.browser()
    wrong = browser.sign_in(ADA, "wrong")
    stranger = browser.send(browser.open("/signin"), "/signin", email="nobody@acme.example", password="wrong")

    assert (wrong.status, wrong.error_at("password")) == (WRONG_CREDENTIALS.status, WRONG)
    assert (wrong.value("email"), wrong.value("password")) == (ADA.email, "")
    assert (stranger.status, stranger.error_at("password")) == (WRONG_CREDENTIALS.status, WRONG)
    assert browser.cookies == {}


def test_too_many_attempts_lock_an_address_for_a_while(street: Street, town: Town) -> None:
    """After ten failures even the right password waits; a quarter of an hour later it is good again."""
    browser = street.browser()
    for _ in range(town.demo.policy.sign_in_failures):
        browser.sign_in(ADA, "wrong")
    locked = browser.sign_in(ADA)
    town.clock.advance(minutes=16)

    assert (locked.status, browser.sign_in(ADA).status) == (TOO_MANY_ATTEMPTS.status, 303)
    assert locked.error_at("password").endswith("Wait 15 minutes and try again.")


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example",
        "/%0d%0aSet-Cookie:x=1\r\n", "",
    ],
)  # fmt: skip
def test_signing_in_leads_to_no_other_site(street: Street, onward: str) -> None:
    """Where to go afterwards is a path of this origin, or home."""
    browser = street.browser()
    fields = [("email", ADA.email), ("password", PASSWORD), ("next", onward)]

    assert browser.ask("POST", "/signin", fields).location == "/"


def test_who_is_signed_in_needs_no_form(ada: Browser) -> None:
    """The sign-in page sends visitors on."""
    assert ada.ask("GET", "/signin?next=/apps").location == "/apps"


def test_signing_out_ends_the_session(ada: Browser) -> None:
    """The session's cookie goes, and it is over for whoever kept it; the browser is still known."""
    kept = dict(ada.cookies)
    page = ada.send(ada.open("/"), "/signout")

    assert (page.heading, set(ada.cookies)) == ("You are signed out", {"__Host-ks-device-demo"})
    ada.cookies = kept
    assert ada.ask("GET", "/apps").location == "/signin?next=%2Fapps&reason=expired"


def test_a_form_that_comes_after_the_session_leads_back_to_its_page(ada: Browser, town: Town) -> None:
    """A session that ended is said so, and signing in leads to the page of the form."""
    page = ada.open("/apps")
    key = page.main.all("tbody")[0].all("a")[0].get("href")
    form = ada.open(key)
    town.clock.advance(hours=13)
    late = ada.send(form, f"{key}/general", name="Too late")
    again = ada.open(late.location)

    assert (late.status, again.heading) == (303, "Sign in")
    assert "Your session ended" in again.main.text
    assert again.forms("/signin")[0].all("input")[0].get("value").startswith(f"{key}?kept=")


def test_another_account_can_be_looked_at(ada: Browser) -> None:
    """The pages follow the account that was chosen, also later on."""
    page = ada.open("/apps")
    switched = ada.send(page, "/account", account=SMALL.demo)
    after = ada.open(switched.location)

    assert (switched.status, switched.location) == (303, "/apps")
    assert "Integration keys that Acme Small manages" in after.main.text
    assert "Acme Small" in ada.open("/").main.text


@pytest.mark.parametrize("account", [UNKNOWN, COUNCIL.production, "", "acc00004-de30-4000-8000-000000000000"])
def test_only_own_accounts_can_be_chosen(ada: Browser, account: str) -> None:
    """Foreign and unknown accounts get one and the same refusal."""
    page = ada.ask("POST", "/account", [("account", account)])

    assert (page.status, page.fact("Code")) == (404, NO_SUCH_ACCOUNT.code)


def test_switching_on_the_page_of_a_key_leaves_the_key(ada: Browser, street: Street) -> None:
    """The other account does not manage that key, so its list of keys is shown."""
    key = ada.open("/apps").main.all("tbody")[0].all("a")[0].get("href")
    switched = ada.send(ada.open(key), "/account", account=SMALL.demo)

    assert switched.location == "/apps"


def test_somebody_without_an_account_is_told_whom_to_ask(street: Street, town: Town) -> None:
    """Who is a member nowhere can sign in, and learns what is missing."""
    accounts.close_membership(town.demo, ACME.demo, SAM.demo, "system")
    browser = street.signed_in(SAM)
    page = browser.open("/")

    assert (page.status, page.fact("Code")) == (403, NO_ACCOUNT.code)
    assert SAM.email in page.main.text


def test_a_session_of_somebody_else_stays_apart(street: Street) -> None:
    """Two browsers, two people."""
    ada, mallory = street.signed_in(ADA), street.signed_in(MALLORY)

    assert ("Acme" in ada.open("/").main.text, "Acme" in mallory.open("/").main.text) == (True, False)


def test_a_form_from_another_site_is_refused(ada: Browser) -> None:
    """A state-changing request that another site made is refused, whatever cookies it carries."""
    forged = ada.ask("POST", "/signout", [], **{"Sec-Fetch-Site": "cross-site"})

    assert (forged.status, forged.fact("Code")) == (403, "cross-site")
    token = next(iter(ada.cookies.values()))
    assert signin.visit(ada.ctx, token).user.email == ADA.email
