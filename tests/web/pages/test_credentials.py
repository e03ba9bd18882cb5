"""Are the values of credentials shown once, and only once?"""

import re

import pytest

from keysteward.actions import credentials, keys
from keysteward.crypto.signing import generate_keypair
from keysteward.rules.keys import Settings
from keysteward.rules.refusals import ALREADY_SHOWN, KEYPAIR_EXISTS, NO_SUCH_OBJECT, TOO_MANY_SECRETS
from tests.cast import ADA, UNKNOWN, Made, Town
from tests.web.pages.browsing import Browser

SECRET = re.compile(r"kss_[\w-]+")


def settings_of(town: Town, made: Made) -> Settings:
    """What hangs on the app."""
    return keys.view(town.demo, town.actor(ADA), made.key).settings


def test_a_secret_key_is_shown_this_one_time(ada: Browser, town: Town, made: Made) -> None:
    """The answer to the form shows it, no cache keeps it, and no page shows it again."""
    at = f"/apps/{made.key}"
    page = ada.send(ada.open(at), f"{at}/secrets")
    (value,) = set(SECRET.findall(page.main.text))

    assert (page.status, page.heading) == (201, "Secret key added")
    assert page.headers["Cache-Control"] == "no-store"
    assert {secret.hint for secret in settings_of(town, made).secrets} == {made.secret[-4:], value[-4:]}
    assert value not in ada.open(at).root.text


def test_a_form_that_is_sent_again_makes_no_second_secret(ada: Browser, town: Town, made: Made) -> None:
    """A reload, a double click and the back button say that it was created, and show nothing."""
    at = f"/apps/{made.key}"
    form = ada.open(at)
    ada.send(form, f"{at}/secrets")
    again = ada.send(form, f"{at}/secrets")

    assert (again.status, again.heading) == (ALREADY_SHOWN.status, "Already created")
    assert not SECRET.search(again.main.text)
    assert len(settings_of(town, made).secrets) == 2


def test_two_forms_make_two_secrets(ada: Browser, town: Town, made: Made) -> None:
    """Each page that is loaded has a form of its own."""
    at = f"/apps/{made.key}"
    made_both = [ada.send(ada.open(at), f"{at}/secrets").status for _ in range(2)]

    assert (made_both, len(settings_of(town, made).secrets)) == ([201, 201], 3)


@pytest.mark.parametrize("nonce", ["", "short", "n" * 65])
def test_a_form_without_its_own_mark_makes_no_secret(ada: Browser, town: Town, made: Made, nonce: str) -> None:
    """Otherwise a reload of it could."""
    page = ada.ask("POST", f"/apps/{made.key}/secrets", [("nonce", nonce)])

    assert (page.status, len(settings_of(town, made).secrets)) == (ALREADY_SHOWN.status, 1)


def test_an_app_with_all_its_secrets_gets_no_more(ada: Browser, town: Town, made: Made) -> None:
    """The page stops offering the button, and a form that was kept from before is refused."""
    at = f"/apps/{made.key}"
    kept = ada.open(at)
    for _ in range(town.demo.policy.secrets_per_key - 1):
        credentials.add_secret(town.demo, town.actor(ADA), made.key)
    page = ada.send(kept, f"{at}/secrets")

    assert (page.status, "The app has 10 secret keys already." in page.notice) == (TOO_MANY_SECRETS.status, True)
    assert not page.forms(f"{at}/secrets")


def test_a_secret_key_is_deleted(ada: Browser, town: Town, made: Made) -> None:
    """It is gone at once, and deleting it again says so."""
    at, (secret,) = f"/apps/{made.key}", settings_of(town, made).secrets
    form = ada.open(at)
    page = ada.open(ada.send(form, f"{at}/secrets/{secret.id}/delete").location)
    again = ada.send(form, f"{at}/secrets/{secret.id}/delete")

    assert page.notice.startswith("Secret key deleted")
    assert settings_of(town, made).secrets == ()
    assert (again.status, "There is no such secret key here." in again.notice) == (NO_SUCH_OBJECT.status, True)


def test_a_secret_of_another_app_is_not_there(ada: Browser, town: Town, made: Made) -> None:
    """An id from elsewhere deletes nothing."""
    other = town.create_app(name="Another")
    (secret,) = settings_of(town, other).secrets
    page = ada.ask("POST", f"/apps/{made.key}/secrets/{secret.id}/delete", [])

    assert (page.status, len(settings_of(town, other).secrets)) == (NO_SUCH_OBJECT.status, 1)


def test_a_private_key_is_shown_this_one_time(ada: Browser, town: Town, made: Made) -> None:
    """The answer to Generate RSA shows both halves; the app keeps the public one."""
    at = f"/apps/{made.key}"
    form = ada.open(at)
    page = ada.send(form, f"{at}/keypairs")
    again = ada.send(form, f"{at}/keypairs")
    private, public = (block.text for block in page.main.all("pre"))

    assert (page.status, page.heading) == (201, "RSA keypair generated")
    assert (page.headers["Cache-Control"], private.startswith("-----BEGIN")) == ("no-store", True)
    kept = settings_of(town, made).keypairs
    assert public in {" ".join(pair.public_pem.split()) for pair in kept}
    assert (again.status, again.heading, len(kept)) == (ALREADY_SHOWN.status, "Already created", 2)
    assert "PRIVATE KEY" not in again.main.text + ada.open(at).main.text


def test_a_public_key_is_uploaded_and_deleted(ada: Browser, town: Town, made: Made) -> None:
    """The same one twice is a refusal at its field."""
    at, (_, pem) = f"/apps/{made.key}", generate_keypair()
    form = ada.open(at)
    added = ada.open(ada.send(form, f"{at}/keypairs/upload", public_key=pem).location)
    twice = ada.send(form, f"{at}/keypairs/upload", public_key=pem)
    (keypair,) = (each for each in settings_of(town, made).keypairs if each.public_pem == pem)
    ada.send(added, f"{at}/keypairs/{keypair.id}/delete")

    assert added.notice.startswith("Public key added")
    assert (twice.status, twice.error_at("public_key")) == (
        KEYPAIR_EXISTS.status, "The app has this public key already. Nothing needs to be done.",
    )  # fmt: skip
    assert keypair not in settings_of(town, made).keypairs


def test_a_keypair_that_there_is_not_cannot_be_deleted(ada: Browser, made: Made) -> None:
    """The refusal stands above the page of the app."""
    page = ada.ask("POST", f"/apps/{made.key}/keypairs/{UNKNOWN}/delete", [])

    assert (page.status, "There is no such keypair here." in page.notice) == (NO_SUCH_OBJECT.status, True)
