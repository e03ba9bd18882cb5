"""How does a key arrive in production by the console, and what is offered there?"""

from urllib.parse import urlsplit

import pytest

from keysteward.actions import accounts, golive, receipts
from keysteward.rules.refusals import (
    HANDLE_NOT_GOOD,
    KEY_EXISTS,
    NO_SUCH_ACCOUNT,
    NOT_AN_ADMIN,
    NOT_THE_PRESENTER,
    OTHER_ENVIRONMENT_SILENT,
    PROMOTIONS_ARE_IN_PRODUCTION,
    WRONG_PLAN,
    Kind,
)
from tests.cast import ACME, ADA, BO, COUNCIL, PASSWORD, SMALL, STRANGE, UNKNOWN, Made, Town
from tests.web.pages.browsing import Browser, Page, Street


@pytest.fixture
def handle(town: Town, made: Made) -> str:
    """A handle of Ada's app, whose review passed."""
    town.pass_review(made)
    return town.present(made)


def option(page: Page, account: str) -> tuple[bool, str]:
    """Whether an account can be chosen, and what is said of it."""
    radio = page.by_id(f"field-account-{account}")
    said = page.by_id(f"field-account-{account}-text")
    assert radio is not None
    assert said is not None
    return "disabled" not in radio.attributes, said.text


def test_the_whole_way_by_the_console(street: Street, town: Town, made: Made) -> None:
    """From Start Go-Live Review over both origins to a key that is live in both, without a script."""
    town.call(made, 20)
    demo, at = street.signed_in(ADA), f"/apps/{made.key}"
    results = demo.send(demo.open(f"{at}/go-live"), f"{at}/reviews").location
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo)
    target = urlsplit(demo.send(demo.open(results), f"{results}/go-live").location)
    production = street.browser("production")
    form = production.open(f"{target.path}?{target.query}")
    signed_in = production.send(form, "/signin", email=ADA.email, password=PASSWORD)
    choice = production.open(signed_in.location)
    arrived = production.send(choice, "/go-live", account=ACME.production, terms="on")
    after = production.open(arrived.location)
    receipts.deliver_receipts(town.production)

    assert (form.heading, choice.heading) == ("Sign in", "Select Go-Live account")
    assert (arrived.status, arrived.location) == (303, f"{at}/after-go-live?done=promoted")
    assert "Lease signer is live" in after.main.text
    assert "managed by Acme (Business Pro)" in after.main.text
    assert "The key is live in Acme (Business Pro)." in demo.open(f"{at}/go-live").main.text


def test_every_account_is_shown_with_the_reason_why_not(
    ada_in_production: Browser, town: Town, made: Made, handle: str
) -> None:
    """Eligible ones can be chosen, the only one is chosen already; the others say what is in the way."""
    page = ada_in_production.open(f"/go-live?handle={handle}")

    assert option(page, ACME.production) == (True, "Business Pro")
    assert option(page, SMALL.production) == (
        False, "Standard The account is not the right type. Choose an account on Business Pro or higher.",
    )  # fmt: skip
    assert option(page, COUNCIL.production) == (
        False, "Business Pro Only an admin of this account may do this. Ask an admin of the account.",
    )  # fmt: skip
    assert page.checked("account") == {ACME.production}
    assert (page.fact("Integration key"), page.fact("Go Live pressed by")) == (made.key, ADA.email)


def test_a_closed_account_is_shown_with_its_state(ada_in_production: Browser, town: Town, handle: str) -> None:
    """With no eligible account left the page says who can finish."""
    accounts.change_account(town.production, ACME.production, "operator", state="suspended")
    page = ada_in_production.open(f"/go-live?handle={handle}")

    assert option(page, ACME.production)[1].startswith("Business Pro This account is suspended.")
    assert "None of your accounts can take this key" in page.main.text
    assert not page.forms("/go-live")[0].all("button")


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        ("account", "Choose the account that will manage the key."),
        ("terms", "Please confirm this before the key goes live."),
    ],
)
def test_what_is_left_out_is_said_at_its_field(
    ada_in_production: Browser, town: Town, made: Made, handle: str, left_out: str, sentence: str
) -> None:
    """The choice stays, and no key is made."""
    filled: dict[str, str | list[str] | None] = {"account": ACME.production, "terms": "on"}
    form = ada_in_production.open(f"/go-live?handle={handle}")
    page = ada_in_production.send(form, "/go-live", **(filled | {left_out: None}))

    assert (page.status, page.error_at(left_out)) == (422, sentence)
    assert page.checked("account") == {ACME.production}
    assert ada_in_production.open(f"/apps/{made.key}").status == 404


@pytest.mark.parametrize(
    ("account", "kind"),
    [(SMALL.production, WRONG_PLAN), (COUNCIL.production, NOT_AN_ADMIN), (STRANGE.production, NO_SUCH_ACCOUNT),
     (UNKNOWN, NO_SUCH_ACCOUNT)],
    ids=["wrong plan", "not an admin", "foreign", "unknown"],
)  # fmt: skip
def test_an_account_that_cannot_take_the_key_is_refused(
    ada_in_production: Browser, made: Made, handle: str, account: str, kind: Kind
) -> None:
    """A form that was made by hand gets the refusal at the accounts; another one can be chosen afterwards."""
    form = ada_in_production.open(f"/go-live?handle={handle}")
    page = ada_in_production.send(form, "/go-live", account=account, terms="on")
    after = ada_in_production.send(page, "/go-live", account=ACME.production, terms="on")

    assert page.status == kind.status
    assert kind.sentence in page.error_at("account")
    assert after.location == f"/apps/{made.key}/after-go-live?done=promoted"


def test_somebody_else_cannot_finish_a_promotion(street: Street, handle: str) -> None:
    """Bo is an admin too, but the ticket names neither his address nor the account."""
    page = street.signed_in(BO, "production").open(f"/go-live?handle={handle}")

    assert NOT_THE_PRESENTER.sentence in option(page, ACME.production)[1]


def test_an_admin_of_the_named_account_can_finish(street: Street, town: Town, made: Made) -> None:
    """Naming the account in demo lets a colleague finish."""
    town.pass_review(made)
    handle = town.present(made, account=ACME.production)
    bo = street.signed_in(BO, "production")
    arrived = bo.send(bo.open(f"/go-live?handle={handle}"), "/go-live", account=ACME.production, terms="on")
    page = bo.open(arrived.location)

    assert arrived.status == 303
    assert "Shown under My Account Information in demo" in page.main.text


@pytest.mark.parametrize("handle", ["", "nonsense", "ksh_nonsense", "%00"])
def test_a_handle_that_is_none_is_refused(ada_in_production: Browser, handle: str) -> None:
    """The page says where to press again, and leads there."""
    page = ada_in_production.open(f"/go-live?handle={handle}")
    sent = ada_in_production.ask("POST", "/go-live", [("handle", handle), ("account", ACME.production)])

    assert (page.status, page.fact("Code")) == (HANDLE_NOT_GOOD.status, HANDLE_NOT_GOOD.code)
    assert (sent.status, sent.fact("Code")) == (HANDLE_NOT_GOOD.status, HANDLE_NOT_GOOD.code)
    links = [link.get("href") for link in page.main.all("a")]
    assert f"{ada_in_production.ctx.counterpart.origin}/apps" in links


def test_an_expired_and_a_replaced_handle_are_refused(
    ada_in_production: Browser, town: Town, made: Made, handle: str
) -> None:
    """A newer handle kills the older one, and ten minutes kill the newer."""
    newer = town.present(made)
    replaced = ada_in_production.open(f"/go-live?handle={handle}")
    town.clock.advance(minutes=10)
    expired = ada_in_production.open(f"/go-live?handle={newer}")

    assert (replaced.status, expired.status) == (HANDLE_NOT_GOOD.status, HANDLE_NOT_GOOD.status)


def test_a_page_that_is_reloaded_goes_on(ada_in_production: Browser, made: Made, handle: str) -> None:
    """Production keeps the ticket, and once the key has arrived the link leads to it."""
    first, second = (ada_in_production.open(f"/go-live?handle={handle}") for _ in range(2))
    sent = [
        ada_in_production.send(page, "/go-live", account=ACME.production, terms="on").location
        for page in (first, second)
    ]

    assert set(sent) == {f"/apps/{made.key}/after-go-live?done=promoted"}
    assert ada_in_production.ask("GET", f"/go-live?handle={handle}").location == f"/apps/{made.key}/after-go-live"


def test_a_key_that_is_in_production_already_is_said_so(
    ada_in_production: Browser, street: Street, town: Town, made: Made
) -> None:
    """Two handles of one key: the second finds it there."""
    town.pass_review(made)
    first = town.present(made)
    ticket_page = ada_in_production.open(f"/go-live?handle={first}")
    second = town.present(made)
    other = ada_in_production.open(f"/go-live?handle={second}")
    ada_in_production.send(ticket_page, "/go-live", account=ACME.production, terms="on")
    page = ada_in_production.send(other, "/go-live", account=ACME.production, terms="on")

    assert (page.status, KEY_EXISTS.sentence in page.error_at("account")) == (KEY_EXISTS.status, True)


def test_when_demo_is_silent_it_can_be_tried_again(ada_in_production: Browser, town: Town, handle: str) -> None:
    """A handle that was not exchanged stays good."""
    town.wire_is_cut = True
    silent = ada_in_production.open(f"/go-live?handle={handle}")
    town.wire_is_cut = False

    assert (silent.status, silent.fact("Code")) == (OTHER_ENVIRONMENT_SILENT.status, OTHER_ENVIRONMENT_SILENT.code)
    assert ada_in_production.open(f"/go-live?handle={handle}").heading == "Select Go-Live account"


def test_demo_promotes_nothing(ada: Browser, made: Made) -> None:
    """Both pages of production say where they are."""
    for path in ("/go-live?handle=ksh_x", f"/apps/{made.key}/after-go-live"):
        assert ada.open(path).fact("Code") == PROMOTIONS_ARE_IN_PRODUCTION.code


def test_the_account_in_use_is_the_one_that_was_chosen(street: Street, town: Town, handle: str) -> None:
    """Who looked at another account goes on in the one that has the key now."""
    browser = street.signed_in(ADA, "production")
    browser.send(browser.open("/"), "/account", account=SMALL.production)
    browser.send(browser.open(f"/go-live?handle={handle}"), "/go-live", account=ACME.production, terms="on")

    assert "Integration keys that Acme manages in production." in browser.open("/apps").main.text
