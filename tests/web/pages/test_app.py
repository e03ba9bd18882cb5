"""What does the page of an app show, and how is the app set anew?"""

from urllib.parse import urlsplit

import pytest

from keysteward.actions import callers, keys
from keysteward.rules.keys import GRANTS, App, Settings
from keysteward.rules.refusals import (
    ALREADY_THERE,
    BAD_ORIGIN,
    BAD_PUBLIC_KEY,
    BAD_REDIRECT_URI,
    BAD_TOKEN,
    KEY_DELETED,
    KEY_NOT_DELETED,
    NO_SUCH_OBJECT,
    TOO_LATE_TO_RESTORE,
)
from tests.cast import ADA, CALLBACK, SAM, Made, Town, refused
from tests.web.pages.browsing import Browser

PAGES = {
    "general": "",
    "links": "/redirect-uris",
    "redirect-uris": "/redirect-uris",
    "origins": "/redirect-uris",
    "keypairs/upload": "/authentication",
}
"""Below the app's address, the page on which each form stands."""


def app_of(town: Town, made: Made) -> App:
    """The app as it is kept."""
    return keys.view(town.demo, town.actor(ADA), made.key).app


def settings_of(town: Town, made: Made) -> Settings:
    """What hangs on it."""
    return keys.view(town.demo, town.actor(ADA), made.key).settings


def test_the_page_shows_every_setting(ada: Browser, town: Town, made: Made) -> None:
    """Facts, grants, secrets by their last characters, keypairs by thumbprint, addresses and who changed them."""
    at, settings = f"/apps/{made.key}", settings_of(town, made)
    overview, proofs, addresses = ada.open(at), ada.open(f"{at}/authentication"), ada.open(f"{at}/redirect-uris")

    assert overview.fact("Integration Key") == made.key
    assert (overview.value("name"), overview.value("contact")) == ("Lease signer", "team@acme.example")
    assert proofs.checked("grants") == set(GRANTS)
    for shown in (settings.secrets[0].hint, settings.keypairs[0].thumbprint, "Every grant is registered"):
        assert shown in proofs.main.text
    for shown in ("Secret key added", ADA.email, settings.secrets[0].hint):
        assert shown in overview.main.text
    assert CALLBACK in addresses.main.text
    assert not any(made.secret in page.root.text for page in (overview, proofs, addresses))


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("authentication", "/authentication#grants"),
        ("secrets", "/authentication#secrets"),
        ("keypairs", "/authentication#keypairs"),
        ("additional", "/redirect-uris"),
        ("cors", "/redirect-uris#cors"),
        ("history", "/history"),
    ],
)
def test_an_old_address_leads_to_where_its_section_stands_now(
    ada: Browser, made: Made, section: str, path: str
) -> None:
    """Mails and notices of before named a section of the one page: what has its id leads on, and there it is."""
    at = f"/apps/{made.key}"
    place = ada.open(at).by_id(section)
    assert place

    assert f"{at}{path}" in [link.get("href") for link in place.all("a")]
    assert not urlsplit(path).fragment or ada.open(f"{at}{path}").by_id(urlsplit(path).fragment)


@pytest.mark.parametrize("section", ["general", "danger", "stop", "revoke", "delete"])
def test_what_stays_on_the_overview_keeps_its_place(ada: Browser, made: Made, section: str) -> None:
    """Addresses of before find it there."""
    assert ada.open(f"/apps/{made.key}").by_id(section)


def test_name_and_contact_are_set_anew(ada: Browser, town: Town, made: Made) -> None:
    """What was typed is kept, trimmed, and said to be saved."""
    at = f"/apps/{made.key}"
    saved = ada.send(ada.open(at), f"{at}/general", name="  Lease   signer 2 ", contact="new@acme.example")
    page = ada.open(saved.location)

    assert (saved.status, page.notice) == (303, "Saved")
    assert (page.heading, page.value("contact")) == ("Lease signer 2", "new@acme.example")
    assert app_of(town, made).name == "Lease signer 2"


@pytest.mark.parametrize(
    ("form", "field", "value", "sentence"),
    [
        ("general", "name", "", "Fill it in."),
        ("general", "contact", "nobody", "Give an address such as team@example.com."),
        ("links", "privacy_url", "http://acme.example/privacy", "Give a full https address."),
        ("links", "terms_url", "javascript:alert(1)", "Give a full https address."),
        ("redirect-uris", "redirect_uri", "nonsense",
         "This redirect URI cannot be used: it is not an absolute address. " + BAD_REDIRECT_URI.next_step),
        ("redirect-uris", "redirect_uri", CALLBACK, "The app has this redirect URI already. Nothing needs to be done."),
        ("origins", "origin", "https://*.acme.example",
         "This origin cannot be used: it holds spaces or a wildcard. Give scheme, host and port only: https://example.com."),
        ("keypairs/upload", "public_key", "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----",
         f"That is not a public key that we can use: it is not PEM. {BAD_PUBLIC_KEY.next_step}"),
    ],
)  # fmt: skip
def test_a_refused_setting_is_shown_with_what_was_typed(
    ada: Browser, town: Town, made: Made, form: str, field: str, value: str, sentence: str
) -> None:
    """The sentence stands at its field and in the summary; nothing is saved."""
    at, before = f"/apps/{made.key}", keys.view(town.demo, town.actor(ADA), made.key)
    page = ada.send(ada.open(at + PAGES[form]), f"{at}/{form}", **{field: value})

    assert page.status == (ALREADY_THERE.status if value == CALLBACK else 422)
    assert (page.error_at(field), page.value(field)) == (sentence, value)
    assert page.main.all("ul")[0].all("a")[0].get("href") == f"#field-{field}"
    assert keys.view(town.demo, town.actor(ADA), made.key) == before


def test_both_fields_of_a_refused_form_keep_what_was_typed(ada: Browser, made: Made) -> None:
    """The good field comes back too."""
    at = f"/apps/{made.key}"
    page = ada.send(ada.open(at), f"{at}/general", name="Another name", contact="nobody")

    assert (page.value("name"), page.value("contact"), page.heading) == ("Another name", "nobody", "Lease signer")


def test_a_private_key_that_was_pasted_by_mistake_is_not_shown_again(ada: Browser, made: Made) -> None:
    """It is refused by name, and no copy of it travels back."""
    at = f"/apps/{made.key}"
    page = ada.send(ada.open(f"{at}/authentication"), f"{at}/keypairs/upload", public_key=made.private_pem)

    assert "it is a private key" in page.error_at("public_key")
    assert page.value("public_key") == ""


def test_grants_are_chosen(ada: Browser, town: Town, made: Made) -> None:
    """Unticked grants go, all of them where none is ticked, and PKCE can be required."""
    at = f"/apps/{made.key}/authentication"
    form = ada.open(at)
    ada.send(form, at, grants=["jwt", "public_code"], require_pkce="on")
    some, page = app_of(town, made), ada.open(at)
    ada.send(page, at, grants=None, require_pkce=None)
    none = app_of(town, made)

    assert (sorted(some.grants), some.pkce_required) == (["jwt", "public_code"], True)
    assert (page.checked("grants"), page.checked("require_pkce")) == ({"jwt", "public_code"}, {"on"})
    assert (none.grants, none.pkce_required) == (frozenset(), False)


def test_a_grant_that_there_is_not_is_refused(ada: Browser, town: Town, made: Made) -> None:
    """A form that was made by hand cannot register one."""
    at = f"/apps/{made.key}/authentication"
    page = ada.send(ada.open(at), at, grants=["jwt", "password"])

    assert (page.status, page.checked("grants")) == (422, {"jwt"})
    assert page.main.all("ul")[0].text.startswith("Choose among")
    assert app_of(town, made).grants == set(GRANTS)


def test_links_are_set_and_taken_away(ada: Browser, town: Town, made: Made) -> None:
    """An empty link is no link."""
    at = f"/apps/{made.key}"
    ada.send(ada.open(f"{at}/redirect-uris"), f"{at}/links", privacy_url="https://acme.example/privacy", terms_url="")
    page = ada.open(f"{at}/redirect-uris")
    ada.send(page, f"{at}/links", privacy_url="")

    assert page.value("privacy_url") == "https://acme.example/privacy"
    assert app_of(town, made).privacy_url == ""


@pytest.mark.parametrize(
    ("form", "field", "value"),
    [
        ("redirect-uris", "redirect_uri", "https://acme.example/cb?a=1&b=%20"),
        ("origins", "origin", "https://acme.example:444"),
    ],
)
def test_an_address_is_added_and_deleted(
    ada: Browser, town: Town, made: Made, form: str, field: str, value: str
) -> None:
    """Each press leads back to the section, where the address stands or is gone; deleting it twice is a refusal."""
    at = f"/apps/{made.key}"
    added = ada.send(ada.open(at + PAGES[form]), f"{at}/{form}", **{field: value})
    page = ada.open(added.location)
    held = settings_of(town, made)
    deleted = ada.send(page, f"{at}/{form}/delete", **{field: value})
    again = ada.ask("POST", f"{at}/{form}/delete", [(field, value)])

    assert (added.status, page.by_id(urlsplit(added.location).fragment) is not None) == (303, True)
    assert value in held.redirect_uris + held.origins
    assert (deleted.status, again.status) == (303, NO_SUCH_OBJECT.status)
    assert value not in settings_of(town, made).redirect_uris + settings_of(town, made).origins
    assert "There is no such" in again.notice


def test_refusals_of_addresses_carry_the_codes_of_their_fields() -> None:
    """The page ties a refusal to its input by the field that the refusal names."""
    assert (BAD_REDIRECT_URI.field, BAD_ORIGIN.field) == ("uri", "origin")


def test_a_key_is_stopped_and_started(ada: Browser, town: Town, made: Made) -> None:
    """While it is stopped the page says so first and offers to start it; pressing twice changes nothing."""
    at = f"/apps/{made.key}"
    form = ada.open(at)
    stopped = ada.open(ada.send(form, f"{at}/stop").location)
    twice = ada.send(form, f"{at}/stop")
    works = app_of(town, made).works
    started = ada.open(ada.send(stopped, f"{at}/start").location)

    assert (works, twice.status) == (False, 303)
    assert "This key is stopped in demo" in stopped.main.text
    assert not stopped.forms(f"{at}/stop")
    assert (started.notice.startswith("Key started"), app_of(town, made).works) == (True, True)


def test_all_tokens_are_revoked(ada: Browser, town: Town, made: Made) -> None:
    """Access tokens of before are dead once the button was pressed."""
    token = town.sign_in_with(town.demo, made, SAM).access_token
    callers.recognize(town.demo, token)
    at = f"/apps/{made.key}"
    page = ada.open(ada.send(ada.open(at), f"{at}/revoke-tokens").location)

    assert page.notice.startswith("All tokens revoked")
    with refused(BAD_TOKEN):
        callers.recognize(town.demo, token)


def test_a_key_is_deleted_and_restored(ada: Browser, town: Town, made: Made) -> None:
    """The list has the way back; the app's page changes nothing meanwhile."""
    at = f"/apps/{made.key}"
    listed = ada.open(ada.send(ada.open(at), f"{at}/delete").location)
    gone = ada.open(at)
    refused_change = ada.ask("POST", f"{at}/redirect-uris", [("redirect_uri", "https://acme.example/late")])
    restored = ada.open(ada.send(listed, f"{at}/restore").location)

    assert listed.notice.startswith("Key deleted")
    assert "Restore until 5 December 2026" in listed.main.text
    assert [button.text for button in gone.main.all("button")] == ["Restore this key"]
    assert (refused_change.status, KEY_DELETED.sentence in refused_change.notice) == (409, True)
    assert (restored.notice.startswith("Key restored"), app_of(town, made).works) == (True, True)


def test_a_key_that_was_deleted_too_long_ago_stays_away(ada: Browser, town: Town, made: Made) -> None:
    """After 15 days no button is offered, and a form that is kept from before is refused."""
    at = f"/apps/{made.key}"
    listed = ada.open(ada.send(ada.open(at), f"{at}/delete").location)
    town.clock.advance(days=15, seconds=1)
    ada.sign_in(ADA)
    late = ada.send(listed, f"{at}/restore")

    assert (late.status, "cannot come back" in late.notice) == (TOO_LATE_TO_RESTORE.status, True)
    assert "It was deleted more than 15 days ago and cannot come back." in ada.open(at).main.text
    assert not ada.open("/apps").forms(f"{at}/restore")


def test_a_key_that_is_there_needs_no_restoring(ada: Browser, made: Made) -> None:
    """The refusal says that nothing needs to be done."""
    page = ada.ask("POST", f"/apps/{made.key}/restore", [])

    assert (page.status, KEY_NOT_DELETED.sentence in page.notice) == (409, True)


def test_what_was_done_is_said_in_words_of_ours_only(ada: Browser, made: Made) -> None:
    """An address cannot put words into the page."""
    page = ada.open(f"/apps/{made.key}?done=%3Cb%3Eyou+won%3C%2Fb%3E")

    assert (page.notice, "you won" in page.root.text) == ("", False)
