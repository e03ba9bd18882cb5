"""Are the values of credentials shown once, and only once?"""

import re
from datetime import UTC, datetime, timedelta

import pytest

from keysteward.actions import credentials, keys, tokens
from keysteward.crypto.signing import generate_keypair
from keysteward.rules.keys import Settings
from keysteward.rules.refusals import ALREADY_SHOWN, INVALID_FIELD, KEYPAIR_EXISTS, NO_SUCH_OBJECT, TOO_MANY_SECRETS
from keysteward.rules.usage import asker
from tests.cast import ADA, SAM, UNKNOWN, Made, Town
from tests.polling import until
from tests.web.pages.browsing import Browser

SECRET = re.compile(r"kss_[\w-]+")


def settings_of(town: Town, made: Made) -> Settings:
    """What hangs on the app."""
    return keys.view(town.demo, town.actor(ADA), made.key).settings


def test_a_secret_key_is_shown_this_one_time(ada: Browser, town: Town, made: Made) -> None:
    """The answer to the form shows it, no cache keeps it, and no page shows it again."""
    at = f"/apps/{made.key}"
    page = ada.send(ada.open(f"{at}/authentication"), f"{at}/secrets")
    (value,) = set(SECRET.findall(page.main.text))

    assert (page.status, page.heading) == (201, "Secret key added")
    assert page.headers["Cache-Control"] == "no-store"
    assert {secret.hint for secret in settings_of(town, made).secrets} == {made.secret[-4:], value[-4:]}
    assert value not in ada.open(f"{at}/authentication").root.text


def test_a_form_that_is_sent_again_makes_no_second_secret(ada: Browser, town: Town, made: Made) -> None:
    """A reload, a double click and the back button say that it was created, and show nothing."""
    at = f"/apps/{made.key}"
    form = ada.open(f"{at}/authentication")
    ada.send(form, f"{at}/secrets")
    again = ada.send(form, f"{at}/secrets")

    assert (again.status, again.heading) == (ALREADY_SHOWN.status, "Already created")
    assert not SECRET.search(again.main.text)
    assert len(settings_of(town, made).secrets) == 2


def test_two_forms_make_two_secrets(ada: Browser, town: Town, made: Made) -> None:
    """Each page that is loaded has a form of its own."""
    at = f"/apps/{made.key}"
    made_both = [ada.send(ada.open(f"{at}/authentication"), f"{at}/secrets").status for _ in range(2)]

    assert (made_both, len(settings_of(town, made).secrets)) == ([201, 201], 3)


@pytest.mark.parametrize("nonce", ["", "short", "n" * 65])
def test_a_form_without_its_own_mark_makes_no_secret(ada: Browser, town: Town, made: Made, nonce: str) -> None:
    """Otherwise a reload of it could."""
    page = ada.ask("POST", f"/apps/{made.key}/secrets", [("nonce", nonce)])

    assert (page.status, len(settings_of(town, made).secrets)) == (ALREADY_SHOWN.status, 1)


def test_an_app_with_all_its_secrets_gets_no_more(ada: Browser, town: Town, made: Made) -> None:
    """The page stops offering the button, and a form that was kept from before is refused."""
    at = f"/apps/{made.key}"
    kept = ada.open(f"{at}/authentication")
    for _ in range(town.demo.policy.secrets_per_key - 1):
        credentials.add_secret(town.demo, town.actor(ADA), made.key)
    page = ada.send(kept, f"{at}/secrets")

    assert (page.status, "The app has 10 secret keys already." in page.notice) == (TOO_MANY_SECRETS.status, True)
    assert not page.forms(f"{at}/secrets")


def test_a_secret_key_is_deleted(ada: Browser, town: Town, made: Made) -> None:
    """It is gone at once, and deleting it again says so."""
    at, (secret,) = f"/apps/{made.key}", settings_of(town, made).secrets
    form = ada.open(f"{at}/authentication")
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
    form = ada.open(f"{at}/authentication")
    page = ada.send(form, f"{at}/keypairs")
    again = ada.send(form, f"{at}/keypairs")
    private, public = (block.text for block in page.main.all("pre"))

    assert (page.status, page.heading) == (201, "RSA keypair generated")
    assert (page.headers["Cache-Control"], private.startswith("-----BEGIN")) == ("no-store", True)
    kept = settings_of(town, made).keypairs
    assert public in {" ".join(pair.public_pem.split()) for pair in kept}
    assert (again.status, again.heading, len(kept)) == (ALREADY_SHOWN.status, "Already created", 2)
    assert "PRIVATE KEY" not in again.main.text + ada.open(f"{at}/authentication").main.text


def test_a_public_key_is_uploaded_and_deleted(ada: Browser, town: Town, made: Made) -> None:
    """The same one twice is a refusal at its field."""
    at, (_, pem) = f"/apps/{made.key}", generate_keypair()
    form = ada.open(f"{at}/authentication")
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


def test_a_secret_key_is_made_until_a_date(ada: Browser, town: Town, made: Made) -> None:
    """Expiry and reason stand beside it; the last day that was chosen counts to its end."""
    at = f"/apps/{made.key}"
    told = {"expires": "date", "expires_on": "2027-01-31", "reason": "The yearly rotation."}
    page = ada.send(ada.open(f"{at}/authentication"), f"{at}/secrets", **told)
    assert page.status == 201

    end = datetime(2027, 2, 1, tzinfo=UTC)
    kept = {(secret.expires_at, secret.reason) for secret in settings_of(town, made).secrets}
    assert kept == {(None, ""), (end, "The yearly rotation.")}
    text = ada.open(f"{at}/authentication").main.text
    assert "Expires 1 Feb 2027, 00:00 UTC" in text
    assert "The yearly rotation." in text
    town.clock.advance(days=100)
    ada.sign_in(ADA)
    assert "Refused since 1 Feb 2027, 00:00 UTC" in ada.open(f"{at}/authentication").main.text


@pytest.mark.parametrize("days", ["30", "90", "180", "365"])
def test_a_keypair_is_made_for_some_days(ada: Browser, town: Town, made: Made, days: str) -> None:
    """As many as were chosen."""
    at = f"/apps/{made.key}"
    assert ada.send(ada.open(f"{at}/authentication"), f"{at}/keypairs", expires=days).status == 201

    end = town.clock.now + timedelta(days=int(days))
    assert end in {pair.expires_at for pair in settings_of(town, made).keypairs}


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"expires": "date", "expires_on": "soon"}, "Last day: give a date such as 2027-01-31."),
        ({"expires": "date", "expires_on": "2026-11-01"}, "expires_at: choose a moment within the next 3,660 days."),
        ({"expires": "date", "expires_on": "9999-12-31"}, "Last day: give a date such as 2027-01-31."),
        ({"expires": "never"}, "Expires: choose one of the list."),
    ],
    ids=["no date", "past", "end of time", "no choice"],
)  # fmt: skip
def test_an_expiry_that_cannot_be(ada: Browser, town: Town, made: Made, told: dict[str, str], sentence: str) -> None:
    """The page says so, and nothing is made."""
    at = f"/apps/{made.key}"
    page = ada.send(ada.open(f"{at}/authentication"), f"{at}/secrets", **told)

    assert (page.status, sentence in page.notice) == (INVALID_FIELD.status, True)
    assert len(settings_of(town, made).secrets) == 1


def test_a_leaked_secret_key_is_replaced(ada: Browser, town: Town, made: Made) -> None:
    """The other one is shown this one time, and the page tells every admin what dies when."""
    at, (secret,) = f"/apps/{made.key}", settings_of(town, made).secrets
    form = ada.open(f"{at}/authentication")
    page = ada.send(form, f"{at}/secrets/{secret.id}/leak", dies="60", reason="It stood in a log.")
    again = ada.send(form, f"{at}/secrets/{secret.id}/leak", dies="0")

    assert (page.status, len(set(SECRET.findall(page.main.text)))) == (201, 1)
    assert (again.status, len(settings_of(town, made).secrets)) == (ALREADY_SHOWN.status, 2)
    text = ada.open(f"{at}/authentication").main.text
    assert f"The secret key known by {secret.hint} leaked" in text
    assert "It dies 20 Nov 2026, 10:30 UTC" in text
    assert not ada.open(f"{at}/authentication").forms(f"{at}/secrets/{secret.id}/leak")
    town.clock.advance(hours=1)
    assert "It is dead since 20 Nov 2026, 10:30 UTC" in ada.open(f"{at}/authentication").main.text
    town.clock.advance(days=30)
    ada.sign_in(ADA)
    assert "leaked It is dead" not in ada.open(f"{at}/authentication").main.text


def test_a_leaked_keypair_is_replaced(ada: Browser, town: Town, made: Made) -> None:
    """Likewise; its private half is shown this one time."""
    at, (pair,) = f"/apps/{made.key}", settings_of(town, made).keypairs
    page = ada.send(ada.open(f"{at}/authentication"), f"{at}/keypairs/{pair.id}/leak", dies="0")

    assert (page.status, page.heading) == (201, "RSA keypair generated")
    assert {each.expires_at for each in settings_of(town, made).keypairs} == {None, town.clock.now}


def test_who_still_uses_the_old_one_is_shown(ada: Browser, town: Town, made: Made) -> None:
    """Every program with its address, and since when nobody does."""
    at, demo = f"/apps/{made.key}", town.demo
    code = town.code(demo, made, SAM)
    tokens.exchange_code(demo, made.credentials, code, None, None, asker("192.0.2.1", "lease-signer/1.0", "Python"))
    town.clock.advance(minutes=5)
    credentials.add_secret(demo, town.actor(ADA), made.key)
    until(lambda: "Still used by" in ada.open(f"{at}/authentication").main.text)
    said = ada.open(f"{at}/authentication").main.text

    assert "Used 5 min ago by SDK Python, lease-signer/1.0 Still used by 1 program" in said
    assert "SDK Python, lease-signer/1.0 192.0.2.1 Authorization code 1" in said
