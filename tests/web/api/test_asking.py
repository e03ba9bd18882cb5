"""Who is heard by our own API, and which requests cannot be read?"""

import socket
from datetime import timedelta

import pytest

from keysteward.actions import signin
from keysteward.rules.access import READ_KEYS, WRITE_KEYS
from tests.cast import ACME, ADA, MALLORY, SAM, UNKNOWN, VERA
from tests.web.api.program import House, Program, refusal_in

KEYS = f"/accounts/{ACME.demo}/keys"


def test_nobody_is_heard_without_a_proof(house: House) -> None:
    """A request that proves nothing is told how to prove who asks."""
    answer = house.stranger().ask("GET", "/me")

    assert refusal_in(answer) == (401, "not-signed-in", "")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_of_an_integration_key_is_no_proof(house: House) -> None:
    """An access token lets an app act at the API behind the gateway; it never manages keys."""
    tokens = house.town.sign_in_with(house.town.demo, house.made, ADA)
    app = Program(house.address_of(house.town.demo), Authorization=f"Bearer {tokens.access_token}")

    assert app.refused("GET", KEYS) == (401, "not-signed-in", "")
    assert app.refused("POST", f"/keys/{house.made.key}/secrets", {}) == (401, "not-signed-in", "")


def test_a_bad_token_is_not_made_good_by_a_session(house: House) -> None:
    """Whoever sends an Authorization header is judged by it, whatever cookie comes along."""
    console = house.console()

    for proof in ("Bearer kst_nothing", "Bearer ", "Basic YWRhOmFkYQ==", "kst_nothing", "Bearer \xff"):
        answer = console.ask("GET", "/me", headers={"Authorization": proof.encode("latin-1")})
        assert refusal_in(answer) == (401, "not-signed-in", "")


def test_a_token_and_a_session_of_the_other_environment_are_no_proof(house: House) -> None:
    """What was made in demo proves nothing in production."""
    demo_program, demo_console = house.program(), house.console()

    for caller in (demo_program, demo_console):
        caller.address = house.address_of(house.town.production)
        assert caller.refused("GET", "/me") == (401, "not-signed-in", "")


def test_a_token_ends_with_its_days_and_with_its_user(house: House) -> None:
    """A personal access token is refused from the moment it expires."""
    program = house.program()
    house.town.clock.advance(days=30)

    assert program.refused("GET", "/me") == (401, "not-signed-in", "")


def test_a_session_ends_when_somebody_signs_out(house: House) -> None:
    """A session that is over proves nothing."""
    console = house.console()
    assert console.get("/me")["user"]["email"] == ADA.email
    cookie = str(console.ask("GET", "/me").request.headers["Cookie"])
    signin.sign_out(house.town.demo, cookie.partition("=")[2])

    assert console.refused("GET", "/me") == (401, "not-signed-in", "")


def test_a_page_of_another_site_changes_nothing(house: House) -> None:
    """A browser that was sent here by another site is refused, though it carries the session."""
    secrets = f"/keys/{house.made.key}/secrets"

    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert house.console().refused("POST", secrets, {}, headers=header) == (403, "cross-site", "")


@pytest.mark.parametrize("person", [SAM, VERA], ids=lambda person: person.first_name)
def test_a_member_who_is_no_admin_is_refused(house: House, person: object) -> None:
    """A member learns that the key is there, and that only admins may see and change it."""
    program = house.program(SAM if person is SAM else VERA)
    key = f"/keys/{house.made.key}"

    assert program.refused("GET", KEYS) == (403, "not-an-admin", "")
    assert program.refused("GET", key) == (403, "not-an-admin", "")
    assert program.refused("POST", f"{key}/reviews", {}) == (403, "not-an-admin", "")


def test_an_admin_of_another_account_sees_nothing(house: House) -> None:
    """A foreign key and an unknown one are refused word for word alike, and so are accounts."""
    mallory, key = house.program(MALLORY), f"/keys/{house.made.key}"
    paths = ("", "/secrets", "/keypairs", "/redirect-uris", "/origins", "/readiness", "/reviews", f"/reviews/{UNKNOWN}")
    for path in paths:
        foreign, unknown = (mallory.ask("GET", f"{of}{path}") for of in (key, f"/keys/{UNKNOWN}"))
        assert refusal_in(foreign) == refusal_in(unknown) == (404, "no-such-key", "")
        assert foreign.json() | {"trace": ""} == unknown.json() | {"trace": ""}

    assert mallory.refused("GET", KEYS) == mallory.refused("GET", f"/accounts/{UNKNOWN}/keys")
    assert mallory.refused("GET", KEYS) == (404, "no-such-account", "")
    assert mallory.refused("PATCH", key, {"name": "Mine"}) == (404, "no-such-key", "")
    assert mallory.refused("DELETE", key) == (404, "no-such-key", "")
    assert mallory.refused("POST", f"{key}/tickets", {}) == (404, "no-such-key", "")


def test_a_token_does_no_more_than_it_was_made_for(house: House) -> None:
    """A token without the permission is refused, though its user is an admin; one with it is not."""
    reader = house.program(permissions=frozenset({READ_KEYS}))
    writer = house.program(permissions=frozenset({WRITE_KEYS}))
    key = f"/keys/{house.made.key}"

    assert reader.get(key)["key"] == house.made.key
    assert reader.refused("POST", f"{key}/secrets", {}) == (403, "token-lacks-permission", "")
    assert reader.refused("POST", f"{key}/reviews", {}) == (403, "token-lacks-permission", "")
    assert reader.refused("POST", f"{key}/tickets", {}) == (403, "token-lacks-permission", "")
    assert writer.refused("GET", key) == (403, "token-lacks-permission", "")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(b"{", "not JSON", id="cut off"),
        pytest.param(b"[]", "array", id="a list"),
        pytest.param(b"null", "null", id="null"),
        pytest.param(b'{"name": "\xff"}', "not JSON", id="not UTF-8"),
        pytest.param(b'{"name": "\\ud800"}', "not JSON", id="a lone surrogate"),
        pytest.param(b'{"name": "\\u0000"}', "$.name", id="a zero byte"),
        pytest.param(b'{"name": "\\u0085"}', "$.name", id="a control character"),
        pytest.param(b'{"name": "Invoices\\n"}', "$.name", id="a line end"),
        pytest.param(b'{"name": "  "}', "$.name", id="only spaces"),
        pytest.param(b'{"name": ""}', "$.name", id="nothing"),
        pytest.param(b'{"name": null}', "$.name", id="null for a text"),
        pytest.param(b'{"name": %s}' % (b"9" * 5_000), "$.name", id="a huge number"),
        pytest.param(b'{"name": "%s"}' % (b"x" * 101), "$.name", id="too long"),
        pytest.param(b'{"pkce_required": 1}', "$.pkce_required", id="a number for yes"),
        pytest.param(b'{"contact": "ada"}', "$.contact", id="no address"),
        pytest.param(b'{"contact": "a@b.example\\n"}', "$.contact", id="an address with a line end"),
        pytest.param(b'{"grants": ["password"]}', "$.grants[0]", id="an unknown grant"),
        pytest.param(b'{"key": "x"}', "unknown field", id="an unknown field"),
        pytest.param(b'{"a":' + b"[" * 100_000, "", id="a deep well"),
    ],
)
def test_what_cannot_be_read_is_refused_and_changes_nothing(house: House, body: bytes, why: str) -> None:
    """Broken JSON and values of the wrong kind are 400 with the place in the sentence, never 500."""
    program, key = house.program(), f"/keys/{house.made.key}"
    before = program.get(key)
    answer = program.ask("PATCH", key, data=body, headers={"Content-Type": "application/json"})

    assert refusal_in(answer) == (400, "malformed", "")
    assert why in answer.json()["title"]
    assert program.get(key) == before


def test_a_body_of_another_type_is_refused(house: House) -> None:
    """JSON is what bodies are made of."""
    headers = {"Content-Type": "text/xml"}
    answer = house.program().ask("POST", KEYS, data=b"<key/>", headers=headers)

    assert refusal_in(answer) == (415, "unsupported-media-type", "")


def test_a_large_body_is_refused(house: House) -> None:
    """A body of more than a quarter of a megabyte is not read to its end."""
    answer = house.program().ask("POST", KEYS, {"name": "x" * 300_000, "contact": "a@b.example"})

    assert refusal_in(answer) == (413, "too-large", "")


@pytest.mark.parametrize("key", ["x", "%00", "%FF", "%ED%A0%80", "9" * 400, UNKNOWN + "0"], ids=range(6))
def test_a_key_that_can_be_none_is_an_unknown_one(house: House, key: str) -> None:
    """Whatever stands where a key should is no key of this account."""
    assert house.program().refused("GET", f"/keys/{key}") == (404, "no-such-key", "")
    assert house.program().refused("GET", f"/accounts/{key}/keys") == (404, "no-such-account", "")


def test_a_key_is_found_in_any_letter_case(house: House) -> None:
    """GUIDs are case-insensitive in paths."""
    assert house.program().get(f"/keys/{house.made.key.upper()}")["key"] == house.made.key


def test_an_unknown_address_is_not_found_before_anybody_signs_in(house: House) -> None:
    """What is not there is not there for anybody."""
    assert house.stranger().refused("GET", "/nothing") == (404, "no-such-address", "")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/me", "GET, HEAD"),
        (f"/keys/{UNKNOWN}", "DELETE, GET, HEAD, PATCH"),
        (f"/keys/{UNKNOWN}/stop", "DELETE, PUT"),
        ("/receipts", "POST"),
    ],
)
def test_an_unsupported_method_is_told_the_supported_ones(house: House, path: str, allowed: str) -> None:
    """Allow names every method of the address (RFC 9110 §15.5.6)."""
    for method in ("OPTIONS", "TRACE", "LINK"):
        answer = house.stranger().ask(method, path)
        assert refusal_in(answer) == (405, "method-not-allowed", "")
        assert answer.headers["Allow"] == allowed


def test_a_header_that_is_not_http_closes_nothing_for_others(house: House) -> None:
    """A line that is no HTTP is answered 400 by the server, and the next program is served."""
    host, _, port = house.address_of(house.town.demo).removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nCookie: \x00\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")

    assert house.program().get("/me")["environment"] == "demo"


def test_answers_are_kept_by_no_cache(house: House) -> None:
    """Some answers hold secrets, so none is stored on the way."""
    assert house.program().ask("GET", "/me").headers["Cache-Control"] == "no-store"


def test_times_are_those_of_the_environment(house: House) -> None:
    """The clock that programs see is the clock that dates everything."""
    house.town.clock.now += timedelta(days=1)

    assert house.program().get("/me")["now"] == "2026-11-21T09:30:00Z"
