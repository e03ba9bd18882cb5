"""What does Apps and Keys show, and how does an app begin?"""

import pytest

from keysteward.actions import accounts, keys
from keysteward.rules.keys import INTEGRATION_TYPES
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    KEYS_START_IN_DEMO,
    NOT_AN_ADMIN,
    TOO_MANY_KEYS,
    WRONG_TYPE,
)
from tests.cast import ACME, ADA, BO, MALLORY, SAM, SMALL, UNKNOWN, VERA, Made, Person, Town, rsa_keypair
from tests.web.pages.browsing import Browser, Page, Street

NEW = {"name": "Parcel tracker", "contact": "parcels@acme.example", "integration_type": "Public integration"}


def row(page: Page, key: str) -> str:
    """What the list says of a key."""
    return next(line.text for line in page.main.all("tr") if key in line.text)


def test_the_list_says_what_code_needs_beside_a_key(ada: Browser, made: Made) -> None:
    """User, account and base URI stand above the keys."""
    page = ada.open("/apps")

    assert page.fact("User ID") == ADA.demo
    assert page.fact("API Account ID") == ACME.demo
    assert page.fact("Account Base URI") == ada.ctx.origin
    assert "Not ready, 0 of 20" in row(page, made.key)


def test_the_list_says_where_each_key_stands(ada: Browser, town: Town, made: Made) -> None:
    """Status and actions follow the key: calls, review, stop."""
    town.call(made, 20)
    ready = ada.open("/apps")
    review = town.review(made)
    keys.stop(town.demo, town.actor(ADA), made.key)
    passed = ada.open("/apps")

    assert ready.forms(f"/apps/{made.key}/reviews")
    assert "Ready" in row(ready, made.key)
    assert "Review Passed Stopped" in row(passed, made.key)
    assert not passed.forms(f"/apps/{made.key}/reviews")
    links = [link.get("href") for link in passed.main.all("a")]
    assert f"/apps/{made.key}/reviews/{review.id}#go-live" in links


def test_an_app_is_created_with_a_key_of_its_own(ada: Browser, town: Town) -> None:
    """Name, contact and type are kept; the page of the new app says so."""
    made = ada.send(ada.open("/apps/new"), "/apps", **NEW)
    page = ada.open(made.location)

    assert (made.status, page.heading) == (303, "Parcel tracker")
    assert page.notice.startswith("App created")
    assert page.fact("Integration type") == "Public integration"
    key = page.fact("Integration Key")
    assert keys.view(town.demo, town.actor(ADA), key).app.contact == "parcels@acme.example"
    assert "Parcel tracker" in row(ada.open("/apps"), key)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Fill it in."),
        ("name", "n" * 101, "Use at most 100 characters."),
        ("name", "bell \x07", "Leave out control characters."),
        ("contact", "parcels", "Give an address such as team@example.com."),
        ("contact", "Ada <ada@acme.example>", "Give an address such as team@example.com."),
        ("integration_type", "Secret integration", f"Choose among {', '.join(INTEGRATION_TYPES)}."),
        ("integration_type", None, f"Choose among {', '.join(INTEGRATION_TYPES)}."),
    ],
)
def test_a_refused_app_is_shown_with_what_was_typed(ada: Browser, field: str, value: str | None, sentence: str) -> None:
    """The sentence stands at its field, and nothing that was typed is lost."""
    page = ada.send(ada.open("/apps/new"), "/apps", **(NEW | {field: value}))

    assert (page.status, page.heading, page.error_at(field)) == (422, "Add Integration Key", sentence)
    for other in {"name", "contact"} - {field}:
        assert page.value(other) == NEW[other]
    assert sentence in page.main.all("ul")[0].text
    assert "Parcel tracker" not in ada.open("/apps").main.text


def test_what_was_typed_is_shown_as_text_and_never_as_markup(ada: Browser) -> None:
    """Neither a refused form nor a created app lets markup through."""
    name = "<script>alert(1)</script>\"'&"
    refused = ada.send(ada.open("/apps/new"), "/apps", name=name, contact="<b>")
    created = ada.open(ada.send(refused, "/apps", contact="team@acme.example").location)

    assert (refused.value("name"), refused.value("contact"), created.heading) == (name, "<b>", name)
    assert {script.text for script in created.root.all("script")} == {""}


def test_an_account_with_all_its_keys_gets_no_more(ada: Browser, town: Town) -> None:
    """The refusal stands above the form, for no field is wrong."""
    form = ada.open("/apps/new")
    for number in range(town.demo.policy.keys_per_account - 1):
        keys.create(town.demo, town.actor(ADA), ACME.demo, keys.Draft(f"App {number}", "team@acme.example"))
    page = ada.send(form, "/apps", **NEW)

    assert (page.status, page.value("name")) == (TOO_MANY_KEYS.status, "Parcel tracker")
    assert "The account has 100 integration keys already." in page.notice
    assert not any("/apps/new" in link.get("href") for link in ada.open("/apps").main.all("a"))


def test_a_closed_account_gets_no_key(ada: Browser, town: Town) -> None:
    """Only an open account creates apps."""
    form = ada.open("/apps/new")
    accounts.change_account(town.demo, ACME.demo, "operator", state="suspended")
    page = ada.send(form, "/apps", **NEW)

    assert (page.status, "This account is suspended." in page.notice) == (ACCOUNT_NOT_OPEN.status, True)


def test_production_creates_no_keys_and_says_where_they_begin(ada_in_production: Browser) -> None:
    """Neither the form nor what somebody sends without it."""
    form = ada_in_production.open("/apps/new")
    sent = ada_in_production.ask("POST", "/apps", list(NEW.items()))

    assert (form.status, form.fact("Code")) == (KEYS_START_IN_DEMO.status, KEYS_START_IN_DEMO.code)
    assert sent.status == KEYS_START_IN_DEMO.status
    assert "Create the app in demo" in sent.notice


@pytest.mark.parametrize("person", [SAM, VERA], ids=["a sender", "a viewer"])
@pytest.mark.parametrize("path", ["/apps", "/apps/new"])
def test_who_is_no_admin_learns_who_can_help(street: Street, person: Person, path: str) -> None:
    """The page names the admins of the account, and shows no key."""
    page = street.signed_in(person).open(path)

    assert (page.status, page.fact("Code")) == (403, NOT_AN_ADMIN.code)
    for admin in (ADA, BO):
        assert admin.email in page.fact("Admins of Acme")
    assert "Lease signer" not in page.main.text


def test_who_is_no_admin_changes_nothing(street: Street, town: Town, made: Made) -> None:
    """A form that was made by hand is refused, and names the admins of the account that manages the key."""
    browser = street.signed_in(SAM)
    page = browser.ask("POST", f"/apps/{made.key}/general", [("name", "Mine"), ("contact", "sam@acme.example")])

    assert (page.status, page.fact("Code")) == (403, NOT_AN_ADMIN.code)
    assert ADA.email in page.fact("Admins of Acme")
    assert browser.ask("POST", "/apps", list(NEW.items())).status == 403
    assert keys.view(town.demo, town.actor(ADA), made.key).app.name == "Lease signer"


@pytest.mark.parametrize(
    "below",
    [
        "", "/authentication", "/redirect-uris", "/custody", "/history", "/go-live", f"/reviews/{UNKNOWN}",
        "/after-go-live",
    ],
)  # fmt: skip
def test_a_foreign_key_looks_as_one_that_is_not_there(street: Street, made: Made, below: str) -> None:
    """Pages answer alike, word for word but for the trace id and the path."""
    mallory = street.signed_in(MALLORY)
    foreign, unknown = (mallory.open(f"/apps/{key}{below}") for key in (made.key, UNKNOWN))

    assert (foreign.status, foreign.main.text) == (unknown.status, unknown.main.text)
    assert foreign.status in {404, 409}
    assert "Lease signer" not in foreign.root.text


@pytest.mark.parametrize(
    "below",
    [
        "/general", "/authentication", "/links", "/secrets", f"/secrets/{UNKNOWN}/delete", "/keypairs",
        "/keypairs/upload", f"/keypairs/{UNKNOWN}/delete", "/redirect-uris", "/redirect-uris/delete", "/origins",
        "/origins/delete", "/stop", "/start", "/revoke-tokens", "/delete", "/restore", "/reviews",
        f"/reviews/{UNKNOWN}/go-live",
    ],
)  # fmt: skip
def test_a_form_for_a_foreign_key_is_answered_as_for_none(street: Street, town: Town, made: Made, below: str) -> None:
    """Forms that were made by hand find nothing, whatever they ask, and change nothing."""
    mallory, before = street.signed_in(MALLORY), keys.view(town.demo, town.actor(ADA), made.key)
    _, public_pem = rsa_keypair()
    fields = [
        ("name", "Mine"), ("contact", "mallory@strange.example"), ("redirect_uri", "https://strange.example"),
        ("origin", "https://strange.example"), ("nonce", "n" * 36), ("public_key", public_pem),
    ]  # fmt: skip
    foreign, unknown = (mallory.ask("POST", f"/apps/{key}{below}", fields) for key in (made.key, UNKNOWN))

    assert (foreign.status, foreign.heading) == (404, "There is nothing at this address")
    assert (unknown.status, unknown.main.text) == (foreign.status, foreign.main.text)
    assert keys.view(town.demo, town.actor(ADA), made.key) == before


@pytest.mark.parametrize("key", ["nonsense", "..%2f..", "%00", "a%0d%0ab", "%F0%9F%94%91", UNKNOWN.upper()])
def test_a_key_that_is_none_is_not_found(ada: Browser, key: str) -> None:
    """Whatever stands in the path."""
    page = ada.open(f"/apps/{key}")

    assert (page.status, page.heading) == (404, "There is nothing at this address")


def test_a_key_is_found_in_any_letter_case(ada: Browser, made: Made) -> None:
    """GUIDs in paths are case-insensitive."""
    assert ada.open(f"/apps/{made.key.upper()}").heading == "Lease signer"


def test_the_account_in_use_follows_the_key(ada: Browser, town: Town) -> None:
    """Who opens a key of another account of theirs looks at that account from then on."""
    other = town.create_app(firm=SMALL, name="Small app")
    before = ada.open("/apps").main.text
    page = ada.open(f"/apps/{other.key}")

    assert ("Small app" in before, page.fact("Management account")) == (False, "Acme Small")
    assert "Small app" in ada.open("/apps").main.text


def test_the_address_of_a_form_leads_to_its_page(ada: Browser, made: Made) -> None:
    """Reloading a refused form by its address shows the page it belongs to."""
    at = f"/apps/{made.key}"

    assert ada.ask("GET", f"{at}/redirect-uris/delete").location == f"{at}/redirect-uris"
    assert ada.ask("GET", f"{at}/secrets").location == f"{at}/authentication"
    assert ada.ask("GET", f"{at}/reviews").location == f"{at}/go-live"
    assert ada.ask("GET", f"{at}/settings-sheet").location == f"{at}/after-go-live"


def test_an_unknown_page_is_a_page(street: Street) -> None:
    """People are answered in their own words, signed in or not."""
    page = street.browser().open("/nothing/here")

    assert (page.status, page.heading) == (404, "There is nothing at this address")


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", "{}", 415, WRONG_TYPE.code),
        ("application/x-www-form-urlencoded", "name=a&name=b", 400, "doubled-parameter"),
        ("application/x-www-form-urlencoded", "name=%ff", 400, "malformed"),
        ("application/x-www-form-urlencoded", "name=%00", 400, "malformed"),
        ("application/x-www-form-urlencoded", "&".join("a=1" for _ in range(300)), 400, "malformed"),
        ("application/x-www-form-urlencoded", "name=" + "a" * 300_000, 413, "too-large"),
    ],
    ids=["JSON", "a field twice", "no UTF-8", "a zero byte", "too many fields", "too large"],
)
def test_a_body_that_is_no_form_is_refused(
    ada: Browser, made: Made, content_type: str, body: str, status: int, code: str
) -> None:
    """Each in its own way, as a page, and nothing is changed."""
    page = ada.ask("POST", f"/apps/{made.key}/general", body, **{"Content-Type": content_type})

    assert (page.status, page.fact("Code")) == (status, code)
    assert ada.open(f"/apps/{made.key}").heading == "Lease signer"
