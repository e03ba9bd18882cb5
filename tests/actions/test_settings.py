"""What hangs on an app: secrets, keypairs, redirect URIs and origins?"""

import pytest

from keysteward.actions import addresses, credentials, keys
from keysteward.actions.context import Context
from keysteward.crypto.hashing import has_shape
from keysteward.crypto.signing import generate_keypair
from keysteward.rules.keys import Settings
from keysteward.rules.refusals import (
    ALREADY_THERE,
    BAD_ORIGIN,
    BAD_PUBLIC_KEY,
    BAD_REDIRECT_URI,
    INVALID_FIELD,
    KEYPAIR_EXISTS,
    NO_SUCH_OBJECT,
    TOO_MANY_KEYPAIRS,
    TOO_MANY_SECRETS,
)
from tests.cast import ADA, CALLBACK, UNKNOWN, Made, Town, refused, rsa_keypair
from tests.peers.databases import kept_in
from tests.racing import at_once


@pytest.fixture
def bare(town: Town, demo: Context) -> str:
    """The key of an app without settings."""
    return keys.create(demo, town.actor(ADA), "10000001", keys.Draft("Bare", "team@acme.example")).key


def settings(town: Town, key: str) -> Settings:
    """What hangs on an app now."""
    return keys.view(town.demo, town.actor(ADA), key).settings


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_secret_is_shown_once(town: Town, demo: Context, bare: str) -> None:
    """The value is answered when it is made; what is kept knows its last characters only."""
    new = credentials.add_secret(demo, town.actor(ADA), bare)

    assert has_shape("kss_", new.value)
    assert settings(town, bare).secrets == (new.secret,)
    assert (new.secret.hint, new.secret.created_by) == (new.value[-4:], ADA.email)
    assert new.secret.id.encode() in kept_in(demo)
    assert new.value.encode() not in kept_in(demo)
    assert new.value not in repr(keys.view(demo, town.actor(ADA), bare))


def test_an_app_has_at_most_ten_secrets(town: Town, demo: Context, bare: str) -> None:
    """Of thirty that ask at once ten are served, and deleting one makes room."""
    made, codes = at_once(lambda _: credentials.add_secret(demo, town.actor(ADA), bare), 30)

    assert (len(made), codes) == (10, ["too-many-secrets"] * 20)
    credentials.delete_secret(demo, town.actor(ADA), bare, made[0].secret.id)
    credentials.add_secret(demo, town.actor(ADA), bare)
    with refused(TOO_MANY_SECRETS):
        credentials.add_secret(demo, town.actor(ADA), bare)


def test_a_secret_of_another_app_is_unknown(town: Town, demo: Context, bare: str, made: Made) -> None:
    """A secret is deleted through its own app, and once."""
    secret = credentials.add_secret(demo, town.actor(ADA), bare).secret.id
    for key, name in ((made.key, secret), (bare, UNKNOWN), (bare, "")):
        with refused(NO_SUCH_OBJECT):
            credentials.delete_secret(demo, town.actor(ADA), key, name)
    credentials.delete_secret(demo, town.actor(ADA), bare, secret)

    with refused(NO_SUCH_OBJECT):
        credentials.delete_secret(demo, town.actor(ADA), bare, secret)


# ── keypairs ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_generated_private_key_is_not_kept(town: Town, demo: Context, bare: str) -> None:
    """The private half is answered when it is made; the database has the public half only."""
    new = credentials.add_generated_keypair(demo, town.actor(ADA), bare)

    assert new.private_pem.startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert settings(town, bare).keypairs == (new.keypair,)
    assert new.keypair.id.encode() in kept_in(demo)
    assert b"PRIVATE KEY" not in kept_in(demo)


def test_an_app_has_at_most_five_keypairs(town: Town, demo: Context, bare: str) -> None:
    """The sixth is refused, and deleting one makes room."""
    pems = [generate_keypair()[1] for _ in range(6)]
    made = [credentials.add_public_key(demo, town.actor(ADA), bare, pem) for pem in pems[:5]]

    with refused(TOO_MANY_KEYPAIRS):
        credentials.add_public_key(demo, town.actor(ADA), bare, pems[5])
    with refused(TOO_MANY_KEYPAIRS):
        credentials.add_generated_keypair(demo, town.actor(ADA), bare)
    credentials.delete_keypair(demo, town.actor(ADA), bare, made[0].id)
    assert credentials.add_public_key(demo, town.actor(ADA), bare, pems[5]).public_pem == pems[5]


def test_a_public_key_is_uploaded_once(town: Town, demo: Context, bare: str, made: Made) -> None:
    """The same key again, in whatever form, is there already; another app may have it too."""
    _, pem = rsa_keypair()
    added, codes = at_once(lambda _: credentials.add_public_key(demo, town.actor(ADA), bare, pem), 20)

    assert (len(added), codes) == (1, ["keypair-exists"] * 19)
    with refused(KEYPAIR_EXISTS):
        credentials.add_public_key(demo, town.actor(ADA), bare, pem.replace("\n", "\r\n"))
    assert settings(town, made.key).keypairs[0].thumbprint == added[0].thumbprint


@pytest.mark.parametrize("which", ["private", "garbage", "empty"])
def test_what_is_no_public_key_is_refused(town: Town, demo: Context, bare: str, which: str) -> None:
    """A private key and garbage are refused, naming the field."""
    pem = {"private": rsa_keypair()[0], "garbage": "-----BEGIN PUBLIC KEY-----\nx", "empty": ""}[which]

    with refused(BAD_PUBLIC_KEY, "public_key"):
        credentials.add_public_key(demo, town.actor(ADA), bare, pem)
    assert settings(town, bare).keypairs == ()


def test_a_keypair_of_another_app_is_unknown(town: Town, demo: Context, bare: str, made: Made) -> None:
    """A keypair is deleted through its own app, and once."""
    keypair = settings(town, made.key).keypairs[0].id
    with refused(NO_SUCH_OBJECT):
        credentials.delete_keypair(demo, town.actor(ADA), bare, keypair)
    credentials.delete_keypair(demo, town.actor(ADA), made.key, keypair)

    with refused(NO_SUCH_OBJECT):
        credentials.delete_keypair(demo, town.actor(ADA), made.key, keypair)


# ── redirect URIs and origins ───────────────────────────────────────────────────────────────────────────────────────
def test_redirect_uris_are_kept_as_they_were_given(town: Town, demo: Context, bare: str) -> None:
    """They are listed in the order they came, spaces around them gone, and otherwise untouched."""
    given = ["https://b.example/Callback?x=%20", "http://localhost:3000/a", "com.example.app:/cb"]
    for uri in given:
        addresses.add_redirect_uri(demo, town.actor(ADA), bare, f" {uri}\n")
        town.clock.advance(seconds=1)

    assert list(settings(town, bare).redirect_uris) == given


def test_a_redirect_uri_is_registered_once(town: Town, demo: Context, made: Made) -> None:
    """The same address again is there already; another spelling is another address."""
    with refused(ALREADY_THERE):
        addresses.add_redirect_uri(demo, town.actor(ADA), made.key, CALLBACK)
    addresses.add_redirect_uri(demo, town.actor(ADA), made.key, CALLBACK + "/")

    assert set(settings(town, made.key).redirect_uris) == {CALLBACK, CALLBACK + "/"}


def test_an_unsafe_redirect_uri_is_refused(town: Town, demo: Context, made: Made) -> None:
    """What is wrong with it is said, and nothing is registered."""
    with refused(BAD_REDIRECT_URI, "uri"):
        addresses.add_redirect_uri(demo, town.actor(ADA), made.key, "http://app.example.com")

    assert settings(town, made.key).redirect_uris == (CALLBACK,)


def test_production_is_stricter_with_localhost(town: Town, production: Context, made: Made) -> None:
    """An address that demo takes is refused where production would send real codes to it."""
    live = town.go_live(made)

    with refused(BAD_REDIRECT_URI, "uri"):
        addresses.add_redirect_uri(production, town.actor(ADA, production), live.key, "http://localhost:3000/cb")


def test_an_app_has_at_most_a_hundred_redirect_uris(town: Town, demo: Context, bare: str) -> None:
    """The hundred and first is refused, naming the field."""
    for number in range(100):
        addresses.add_redirect_uri(demo, town.actor(ADA), bare, f"https://app.example.com/{number}")

    with refused(INVALID_FIELD, "uri"):
        addresses.add_redirect_uri(demo, town.actor(ADA), bare, CALLBACK)


def test_a_redirect_uri_is_removed_exactly(town: Town, demo: Context, made: Made) -> None:
    """Only what is registered can be removed, and once."""
    with refused(NO_SUCH_OBJECT):
        addresses.remove_redirect_uri(demo, town.actor(ADA), made.key, CALLBACK.upper())
    addresses.remove_redirect_uri(demo, town.actor(ADA), made.key, CALLBACK)

    assert settings(town, made.key).redirect_uris == ()
    with refused(NO_SUCH_OBJECT):
        addresses.remove_redirect_uri(demo, town.actor(ADA), made.key, CALLBACK)


def test_origins_come_and_go(town: Town, demo: Context, bare: str) -> None:
    """An origin is kept as browsers send it, once, and removed by that name."""
    addresses.add_origin(demo, town.actor(ADA), bare, "https://APP.example.com/")
    with refused(ALREADY_THERE):
        addresses.add_origin(demo, town.actor(ADA), bare, "https://app.example.com")
    assert settings(town, bare).origins == ("https://app.example.com",)

    addresses.remove_origin(demo, town.actor(ADA), bare, "https://app.example.com")
    with refused(NO_SUCH_OBJECT):
        addresses.remove_origin(demo, town.actor(ADA), bare, "https://app.example.com")
    with refused(BAD_ORIGIN, "origin"):
        addresses.add_origin(demo, town.actor(ADA), bare, "https://app.example.com/path")


def test_an_app_has_at_most_a_hundred_origins(town: Town, demo: Context, bare: str) -> None:
    """The hundred and first is refused, naming the field."""
    for number in range(100):
        addresses.add_origin(demo, town.actor(ADA), bare, f"https://app{number}.example.com")

    with refused(INVALID_FIELD, "origin"):
        addresses.add_origin(demo, town.actor(ADA), bare, "https://app.example.com")


def test_an_origin_that_no_app_could_list_is_not_looked_up(demo: Context) -> None:
    """Whoever sends long origins fills no memory: the event loop knows the answer without asking."""
    assert not addresses.is_origin_known(demo.without_waiting, "https://" + "a" * 300)


def test_every_change_leaves_its_event(town: Town, demo: Context, made: Made) -> None:
    """Whoever looks at an app sees what was done to it, by whom, newest first."""
    names = [event.name for event in keys.view(demo, town.actor(ADA), made.key).events]

    assert names == ["SecretAdded", "KeypairAdded", "RedirectUriAdded", "KeyCreated"]
