"""Can a program create an app, configure it and let it go?"""

import pytest

from keysteward.actions import accounts
from keysteward.crypto.signing import generate_keypair
from tests.cast import ACME, ADA, CALLBACK, UNKNOWN, rsa_keypair
from tests.web.api.program import House, refusal_in

NEW = {"name": "Invoices", "contact": "team@acme.example"}
KEYS = f"/accounts/{ACME.demo}/keys"
ALONE: dict[str, object] = {"replaces": None, "replaced_by": []}  # beside what a change answers


def test_an_app_is_created_with_its_integration_key(house: House) -> None:
    """A program gets a key of its own, where it is, its version, and finds it in the account's list."""
    ada = house.program()
    answer = ada.ask("POST", KEYS, NEW | {"grants": ["jwt", "jwt", "public_code"]})
    made = answer.json()

    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert answer.headers["Location"] == f"/api/v1/keys/{made['key']}"
    assert (made["account"], made["name"], made["grants"]) == (ACME.demo, "Invoices", ["jwt", "public_code"])
    assert (made["state"], made["created_by"]) == ("active", ADA.email)
    assert ada.get(f"/keys/{made['key']}") == made | ALONE
    assert made in ada.get(KEYS)["keys"]


def test_an_account_is_named_by_its_number_too(house: House) -> None:
    """The short number of an account stands for its GUID."""
    ada = house.program()
    number = ada.get("/me")["accounts"][0]["number"]

    assert ada.get(f"/accounts/{number}/keys") == ada.get(KEYS)


def test_production_creates_no_keys(house: House) -> None:
    """Integration keys are created in demo and come to production by promotion."""
    ada = house.program(ctx=house.town.production)

    assert ada.refused("POST", f"/accounts/{ACME.production}/keys", NEW) == (409, "keys-start-in-demo", "")


def test_a_suspended_account_changes_nothing(house: House) -> None:
    """Only an open account creates keys and changes them; they can still be read."""
    accounts.change_account(house.town.demo, ACME.demo, "operator", state="suspended")
    ada, key = house.program(), f"/keys/{house.made.key}"

    assert ada.refused("POST", KEYS, NEW) == (403, "account-not-open", "")
    assert ada.refused("POST", f"{key}/secrets", {}) == (403, "account-not-open", "")
    assert ada.refused("POST", f"{key}/reviews", {}) == (403, "account-not-open", "")
    assert ada.get(key)["key"] == house.made.key


def test_a_change_leaves_the_rest_as_it_is(house: House) -> None:
    """What a PATCH does not name stays; the version moves on."""
    ada, key = house.program(), f"/keys/{house.made.key}"
    before = ada.get(key)
    answer = ada.ask("PATCH", key, {"privacy_url": "https://acme.example/privacy", "pkce_required": True})

    expected = before | {"privacy_url": "https://acme.example/privacy", "pkce_required": True, "version": 2}
    assert answer.json() | ALONE == ada.get(key) == expected
    assert answer.headers["ETag"] == '"2"'


def test_a_grant_can_be_taken_away_and_a_link_emptied(house: House) -> None:
    """An empty list and an empty text are values."""
    ada, key = house.program(), f"/keys/{house.made.key}"
    ada.ask("PATCH", key, {"terms_url": "https://acme.example/terms"})
    changed = ada.ask("PATCH", key, {"grants": [], "terms_url": ""}).json()

    assert (changed["grants"], changed["terms_url"]) == ([], "")


def test_a_change_over_another_version_is_refused(house: House) -> None:
    """If-Match says which version the change was made from; somebody else's change in between stops it."""
    ada, key = house.program(), f"/keys/{house.made.key}"
    seen = ada.ask("GET", key).headers["ETag"]
    first = ada.ask("PATCH", key, {"name": "First"}, headers={"If-Match": seen})

    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    assert ada.refused("PATCH", key, {"name": "Second"}, headers={"If-Match": seen}) == (412, "changed-meanwhile", "")
    assert ada.get(key)["name"] == "First"
    assert ada.ask("PATCH", key, {"name": "Third"}, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("tag", ["", "W/1", '"1", "2"', '"-1"', '"9999999999"', "\xe9"], ids=range(6))
def test_an_if_match_that_is_no_version_is_refused(house: House, tag: str) -> None:
    """A header that cannot be compared is said to be wrong."""
    key, headers = f"/keys/{house.made.key}", {"If-Match": tag.encode("latin-1")}
    refused = house.program().refused("PATCH", key, {"name": "New"}, headers=headers)

    assert refused == (400, "malformed", "If-Match")


@pytest.mark.parametrize("link", ["https://[", "https://", "https://exa mple.com"])
def test_a_link_must_lead_somewhere(house: House, link: str) -> None:
    """A link that is no address is refused with the name of its field."""
    answer = house.program().ask("PATCH", f"/keys/{house.made.key}", {"terms_url": link})

    assert refusal_in(answer) in {(422, "invalid-field", "terms_url"), (400, "malformed", "")}


def test_a_key_is_stopped_and_started(house: House) -> None:
    """Both deeds can be repeated without harm, and each answer carries the version that is in force."""
    ada, stop = house.program(), f"/keys/{house.made.key}/stop"

    for method, state, version in (("PUT", "stopped", 2), ("PUT", "stopped", 2), ("DELETE", "active", 3)):
        answer = ada.ask(method, stop)
        assert (answer.json()["state"], answer.headers["ETag"]) == (state, f'"{version}"')
        assert answer.json() | ALONE == ada.get(f"/keys/{house.made.key}")


def test_a_deleted_key_comes_back_within_its_days(house: House) -> None:
    """Deleting says until when the key can be restored; until then nothing else can be done with it."""
    ada, key = house.program(), f"/keys/{house.made.key}"
    deleted = ada.ask("DELETE", key).json()

    assert (deleted["state"], deleted["restorable_until"]) == ("deleted", "2026-12-05T09:30:00Z")
    assert ada.get(key) == deleted | ALONE
    assert ada.refused("DELETE", key) == (409, "key-deleted", "")
    assert ada.refused("PATCH", key, {"name": "New"}) == (409, "key-deleted", "")
    assert ada.refused("POST", f"{key}/secrets", {}) == (409, "key-deleted", "")
    restored = ada.ask("POST", f"{key}/restorations").json()
    assert (restored["state"], restored["restorable_until"]) == ("active", None)
    assert ada.refused("POST", f"{key}/restorations", {}) == (409, "key-not-deleted", "")


def test_a_key_deleted_long_ago_is_gone(house: House) -> None:
    """After 15 days a key stays deleted."""
    ada, key = house.program(), f"/keys/{house.made.key}"
    ada.ask("DELETE", key)
    house.town.clock.advance(days=15, seconds=1)

    assert ada.refused("POST", f"{key}/restorations", {}) == (409, "too-late-to-restore", "")


def test_revoking_tokens_kills_those_that_were_issued(house: House) -> None:
    """An access token of before is refused at the API."""
    token = house.town.sign_in_with(house.town.demo, house.made, ADA).access_token
    userinfo = f"{house.address_of(house.town.demo)}/oauth/userinfo"
    ada, headers = house.program(), {"Authorization": f"Bearer {token}"}
    assert ada._session.get(userinfo, headers=headers, timeout=30).status_code == 200
    answer = ada.ask("POST", f"/keys/{house.made.key}/token-revocations")

    assert (answer.status_code, answer.content) == (204, b"")
    assert ada._session.get(userinfo, headers=headers, timeout=30).status_code == 401


def test_a_secret_key_is_shown_once(house: House) -> None:
    """Its value stands in the answer that made it and nowhere else."""
    ada, secrets = house.program(), f"/keys/{house.made.key}/secrets"
    made = ada.make(secrets, {})
    value = made.pop("value")
    assert made.pop("sealed_to") == 0
    listed = ada.ask("GET", secrets)

    assert value.startswith("kss_")
    assert made in listed.json()["secrets"]
    assert made["hint"] == value[-4:]
    assert all(value not in ada.ask("GET", path).text for path in (secrets, f"/keys/{house.made.key}", KEYS))


def test_a_secret_key_is_deleted_once(house: House) -> None:
    """A secret key that is gone, another app's and one that never was get the same refusal."""
    ada, secrets = house.program(), f"/keys/{house.made.key}/secrets"
    other = f"/keys/{house.town.create_app().key}/secrets"
    made = ada.make(secrets, {})["id"]

    assert ada.refused("DELETE", f"{other}/{made}") == (404, "no-such-object", "")
    assert ada.ask("DELETE", f"{secrets}/{made.upper()}").status_code == 204
    for gone in (made, UNKNOWN, "x", "%00"):
        assert ada.refused("DELETE", f"{secrets}/{gone}") == (404, "no-such-object", "")


def test_an_app_has_a_bounded_number_of_secret_keys(house: House) -> None:
    """The eleventh secret key is refused."""
    ada, secrets = house.program(), f"/keys/{house.made.key}/secrets"
    for _ in range(9):
        ada.make(secrets, {})

    assert ada.refused("POST", secrets, {}) == (409, "too-many-secrets", "")


def test_a_generated_private_key_is_shown_once(house: House) -> None:
    """The private half stands in the answer that made it; the public half stays."""
    ada, keypairs = house.program(), f"/keys/{house.made.key}/keypairs"
    made = ada.make(keypairs, {})
    private = made.pop("private_key")
    assert made.pop("sealed_to") == 0

    assert private.startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert made in ada.get(keypairs)["keypairs"]
    assert private not in ada.ask("GET", keypairs).text
    assert ada.ask("DELETE", f"{keypairs}/{made['id']}").status_code == 204
    assert ada.refused("DELETE", f"{keypairs}/{made['id']}") == (404, "no-such-object", "")


def test_a_public_key_is_uploaded(house: House) -> None:
    """What was made elsewhere has no private half here; the same key twice is refused."""
    ada, keypairs = house.program(), f"/keys/{house.made.key}/keypairs"
    public = generate_keypair()[1]
    made = ada.make(keypairs, {"public_key": public})

    assert (made["private_key"], made["public_key"]) == (None, public)
    assert ada.refused("POST", keypairs, {"public_key": public}) == (409, "keypair-exists", "")


def test_a_private_key_is_not_taken(house: House) -> None:
    """Who uploads the wrong half is told to keep it."""
    keypairs, body = f"/keys/{house.made.key}/keypairs", {"public_key": rsa_keypair()[0]}

    assert house.program().refused("POST", keypairs, body) == (422, "bad-public-key", "public_key")


def test_redirect_uris_are_added_and_removed(house: House) -> None:
    """They are compared exactly and kept in their order."""
    ada, path = house.program(), f"/keys/{house.made.key}/redirect-uris"
    uri = "http://localhost:3000/cb?a=1&b=%20"
    house.town.clock.advance(seconds=1)

    assert ada.make(path, {"uri": uri}) == {"uri": uri}
    assert ada.get(path) == {"redirect_uris": [CALLBACK, uri]}
    assert ada.refused("POST", path, {"uri": uri}) == (409, "already-there", "")
    assert ada.ask("DELETE", path, params={"uri": uri}).status_code == 204
    assert ada.refused("DELETE", path, params={"uri": uri}) == (404, "no-such-object", "")
    assert ada.get(path) == {"redirect_uris": [CALLBACK]}


@pytest.mark.parametrize("uri", ["http://example.com/", "https://[", "https://*.example.com/", "/cb", "https://a/#b"])
def test_an_unsafe_redirect_uri_is_refused(house: House, uri: str) -> None:
    """The refusal names the field."""
    path = f"/keys/{house.made.key}/redirect-uris"

    assert house.program().refused("POST", path, {"uri": uri}) == (422, "bad-redirect-uri", "uri")


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "missing-parameter"), ("?uri=", "missing-parameter"), ("?uri=a&uri=b", "doubled-parameter")],
)
def test_which_redirect_uri_to_remove_is_said_once(house: House, query: str, code: str) -> None:
    """Without the parameter, or with two, nothing is removed."""
    refused = house.program().refused("DELETE", f"/keys/{house.made.key}/redirect-uris{query}")

    assert refused == (400, code, "uri")


def test_origins_are_added_and_removed(house: House) -> None:
    """An origin is kept in the form that browsers send."""
    ada, path = house.program(), f"/keys/{house.made.key}/origins"

    assert ada.make(path, {"origin": "https://App.example.com/"}) == {"origin": "https://app.example.com"}
    assert ada.get(path) == {"origins": ["https://app.example.com"]}
    assert ada.refused("POST", path, {"origin": "https://app.example.com"}) == (409, "already-there", "")
    assert ada.ask("DELETE", path, params={"origin": "https://app.example.com"}).status_code == 204
    assert ada.get(path) == {"origins": []}


@pytest.mark.parametrize("origin", ["https://[", "http://example.com", "https://example.com/path", "null"])
def test_what_is_no_origin_is_refused(house: House, origin: str) -> None:
    """The refusal names the field."""
    path = f"/keys/{house.made.key}/origins"

    assert house.program().refused("POST", path, {"origin": origin}) == (422, "bad-origin", "origin")
