"""Does the token endpoint answer in the words that clients know?"""

import json

import pytest
import requests

from keysteward.actions import keys
from keysteward.rules.grants import JWT_BEARER
from tests.cast import ADA, CALLBACK, CHALLENGE, SAM, UNKNOWN, VERIFIER
from tests.web.oauth.conftest import FORM, Door, basic_header


def test_a_code_is_answered_with_tokens(door: Door) -> None:
    """Eight hours, a refresh token, the scopes as they were asked; an id token only for openid."""
    status, body = door.redeem(door.town.code(door.ctx, door.made, SAM, scope="signature extended"))

    assert (status, body["token_type"], body["expires_in"]) == (200, "Bearer", 28_800)
    assert body["scope"] == "signature extended"
    assert body.keys() == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}


def test_openid_brings_an_id_token(door: Door) -> None:
    """It carries the nonce of the request."""
    status, body = door.redeem(door.town.code(door.ctx, door.made, SAM, scope="openid", nonce="n-1"))

    assert status == 200
    assert body["id_token"].count(".") == 2


def test_the_form_and_basic_are_the_same_client(door: Door) -> None:
    """Basic, the form, and Basic with every character percent-encoded."""
    encoded = "".join(f"%{byte:02X}" for byte in door.made.key.encode())
    statuses = [
        door.redeem(door.town.code(door.ctx, door.made, SAM))[0],
        door.token(
            grant_type="authorization_code", code=door.town.code(door.ctx, door.made, SAM), client_id=door.made.key,
            client_secret=door.made.secret, redirect_uri=CALLBACK,
        )[0],
        door.token(
            basic=(encoded, door.made.secret), grant_type="authorization_code",
            code=door.town.code(door.ctx, door.made, SAM),
        )[0],
    ]  # fmt: skip

    assert statuses == [200, 200, 200]


def test_a_public_client_needs_its_verifier(door: Door) -> None:
    """Without a secret the code is bound by a challenge, and its verifier redeems it."""
    bound = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = door.town.code(door.ctx, door.made, SAM, **bound)
    asked = {"grant_type": "authorization_code", "code": code, "client_id": door.made.key}
    without = door.token(**asked)
    answered = door.token(**asked, code_verifier=VERIFIER)

    assert (without[0], without[1]["error"]) == (400, "invalid_grant")
    assert answered[0] == 200


def test_a_refresh_token_rotates(door: Door) -> None:
    """The new one works; the used one is refused."""
    _, first = door.redeem(door.town.code(door.ctx, door.made, SAM))
    asked = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    basic = (door.made.key, door.made.secret)
    status, second = door.token(basic=basic, **asked)
    again = door.token(basic=basic, **asked)

    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert (again[0], again[1]["error"]) == (400, "invalid_grant")


def test_the_jwt_grant_answers_for_an_hour(door: Door) -> None:
    """No refresh token, and an hour whatever the assertion says."""
    door.town.consent(door.ctx, door.made, SAM)
    now = door.ctx.machine_clock()
    status, body = door.assert_for(SAM, exp=int(now) + 4_000)

    assert (status, body["expires_in"], body["scope"]) == (200, 3_600, "signature")
    assert "refresh_token" not in body


REFUSED = [
    ("nobody consented", {}, {"error": "consent_required"}),
    ("no such user", {"sub": UNKNOWN}, {"error": "invalid_grant", "error_description": "user_not_found"}),
    ("a mangled user", {"sub": "sam"}, {"error": "invalid_grant", "error_description": "invalid_subject"}),
    ("no such key", {"iss": UNKNOWN}, {"error": "invalid_grant", "error_description": "issuer_not_found"}),
    ("another server", {"aud": "other.example"}, {"error": "invalid_grant", "error_description": "issuer_not_found"}),
    ("expired", {"exp": 1_000_000_000, "iat": 999_999_000},
     {"error": "invalid_grant", "error_description": "expired_grant"}),
    ("no expiry", {"exp": None}, {"error": "invalid_grant", "error_description": "no_valid_keys_or_signatures"}),
]  # fmt: skip


@pytest.mark.parametrize(("claims", "body"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_an_assertion_is_refused_in_docusign_words(door: Door, claims: dict[str, object], body: dict[str, str]) -> None:
    """Each way an assertion fails has the status, error and description that clients look for."""
    assert door.assert_for(SAM, **claims) == (400, body)


def test_a_wrong_secret(door: Door) -> None:
    """In Basic it is 401 with a challenge, in the form 400."""
    asked = {"grant_type": "authorization_code", "code": door.town.code(door.ctx, door.made, SAM)}
    wrong = {"Authorization": basic_header(door.made.key, "kss_wrong")}
    basic = door.ask("POST", "/oauth/token", asked, **wrong)
    form = door.token(**asked, client_id=door.made.key, client_secret="wrong")

    assert (basic.status_code, basic.json()["error"]) == (401, "invalid_client")
    assert basic.headers["WWW-Authenticate"].startswith("Basic ")
    assert (form[0], form[1]["error"]) == (400, "invalid_client")


ODD: list[tuple[str, bytes, str, str]] = [
    ("nothing", b"", FORM, "invalid_request"),
    ("no client", b"grant_type=authorization_code&code=x", FORM, "invalid_request"),
    ("no such grant", b"grant_type=password&client_id=x", FORM, "unsupported_grant_type"),
    ("a doubled parameter", b"grant_type=refresh_token&grant_type=refresh_token&client_id=x", FORM, "invalid_request"),
    ("JSON", b'{"grant_type":"refresh_token"}', "application/json", "invalid_request"),
    ("not UTF-8", b"grant_type=%FF%FE&client_id=x", FORM, "invalid_request"),
    ("a zero byte", b"grant_type=refresh_token&client_id=a%00b", FORM, "invalid_request"),
    ("too large", b"grant_type=" + b"x" * 300_000, FORM, "invalid_request"),
    ("too many fields", b"&".join(b"a%d=1" % number for number in range(300)), FORM, "invalid_request"),
    ("no assertion", f"grant_type={JWT_BEARER}".encode(), FORM, "invalid_request"),
    ("a mangled assertion", f"grant_type={JWT_BEARER}&assertion=a.b.c".encode(), FORM, "invalid_request"),
]


@pytest.mark.parametrize(("body", "kind", "error"), [case[1:] for case in ODD], ids=[case[0] for case in ODD])
def test_odd_requests_are_refused(door: Door, body: bytes, kind: str, error: str) -> None:
    """Whatever comes is answered 400 in JSON, without a trace of our insides."""
    answer = door.ask("POST", "/oauth/token", body, **{"Content-Type": kind})

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert "Traceback" not in answer.text


def test_non_ascii_basic_is_refused(door: Door) -> None:
    """Bytes that are no base64 are a client that could not be authenticated."""
    answer = door.ask("POST", "/oauth/token", {"grant_type": "refresh_token"}, Authorization="Basic é")

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_stopped_key_gets_nothing(door: Door) -> None:
    """Stopping a key stops its grants, and its access tokens at userinfo."""
    door.town.consent(door.ctx, door.made, SAM)
    token = door.assert_for(SAM)[1]["access_token"]
    keys.stop(door.ctx, door.town.actor(ADA), door.made.key)

    assert door.assert_for(SAM)[1] == {"error": "invalid_grant", "error_description": "issuer_not_found"}
    assert userinfo(door, token).status_code == 401


def test_userinfo_says_who_and_where(door: Door) -> None:
    """Strings, real booleans, and a base URI without path."""
    _, tokens = door.redeem(door.town.code(door.ctx, door.made, SAM))
    facts = userinfo(door, tokens["access_token"]).json()

    assert (facts["sub"], facts["email"], facts["name"]) == (SAM.demo, SAM.email, "Sam Sender")
    assert [account["is_default"] for account in facts["accounts"]][:1] == [True]
    assert {account["base_uri"] for account in facts["accounts"]} == {door.ctx.origin}
    assert not facts["created"].endswith("Z")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer nonsense", "Basic eDp5", "nonsense"])
def test_userinfo_refuses_what_is_no_token(door: Door, authorization: str) -> None:
    """401 with a Bearer challenge and an id to refer to; who brings no token is told of none (RFC 6750 §3.1)."""
    headers = {"Authorization": authorization} if authorization else {}
    answer = door.ask("GET", "/oauth/userinfo", **headers)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    said = 'error="invalid_token"' if authorization == "Bearer nonsense" else 'realm="keysteward"'
    assert answer.headers["WWW-Authenticate"] == f"Bearer {said}"
    assert answer.json().keys() == {"error", "error_description", "reference_id"}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"])
def test_discovery_is_true(door: Door, path: str) -> None:
    """Every address it names lies at this origin and answers."""
    facts = door.ask("GET", path).json()
    named = {name: url for name, url in facts.items() if name.endswith(("_endpoint", "_uri"))}
    statuses = {name: door.ask("GET", url.removeprefix(door.ctx.origin)).status_code for name, url in named.items()}

    assert facts["issuer"] == door.ctx.origin + "/"
    assert statuses == {
        "authorization_endpoint": 400, "token_endpoint": 405, "userinfo_endpoint": 401, "jwks_uri": 200,
        "revocation_endpoint": 405, "introspection_endpoint": 405, "end_session_endpoint": 200,
    }  # fmt: skip


def test_an_unknown_address_speaks_oauth(door: Door) -> None:
    """404 and 405 below /oauth are JSON with an error."""
    unknown, wrong_method = door.ask("GET", "/oauth/nothing"), door.ask("GET", "/oauth/token")

    assert (unknown.status_code, unknown.json()["error"]) == (404, "not_found")
    assert (wrong_method.status_code, wrong_method.headers["Allow"]) == (405, "POST")
    assert json.loads(wrong_method.text)["error"] == "invalid_request"


def userinfo(door: Door, token: str) -> requests.Response:
    """Ask who a token's user is."""
    return door.ask("GET", "/oauth/userinfo", Authorization=f"bearer {token}")
