"""Is anything but a good access token of this environment taken for one?"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable

import pytest

from tests.attacks.forging import b64, compact, hs256, nobody, rs256, stranger_pem, written
from tests.attacks.scene import Scene

ACCOUNT = "/restapi/v2.1/accounts/d0000000-0000-4000-8000-00000000000a"
PLACES = ["/oauth/userinfo", ACCOUNT, ACCOUNT + "/envelopes?from_date=2026-01-01", "/management/v2/organizations"]


def parts(token: str) -> tuple[dict[str, object], dict[str, object], str]:
    """Header, claims and signature of a JWT."""
    header, claims, signature = token.split(".")
    decoded = [json.loads(urlsafe_b64decode(part + "==")) for part in (header, claims)]
    return decoded[0], decoded[1], signature


def access(scene: Scene) -> str:
    """A good one."""
    return str(scene.tokens()["access_token"])


def altered(scene: Scene, header: dict[str, object], claims: dict[str, object]) -> str:
    """A good one whose header or claims were changed, with its old signature."""
    was, said, signature = parts(access(scene))
    return f"{b64(written(was | header))}.{b64(written(said | claims))}.{signature}"


def forged(scene: Scene, header: dict[str, object], sign: Callable[[bytes], bytes]) -> str:
    """One with good claims, signed by somebody else."""
    was, said, _ = parts(access(scene))
    return compact(was | header, said, sign)


TOKENS: list[tuple[str, Callable[[Scene], str]]] = [
    ("garbage", lambda s: "garbage-garbage"),
    ("without its signature", lambda s: access(s).rpartition(".")[0] + "."),
    ("without its last part", lambda s: access(s).rpartition(".")[0]),
    ("a letter fewer", lambda s: access(s)[:-1]),
    ("padding", lambda s: access(s) + "="),
    ("signed by nobody", lambda s: forged(s, {"alg": "none"}, nobody)),
    ("signed by a stranger", lambda s: forged(s, {}, rs256(stranger_pem()))),
    ("signed by an app", lambda s: forged(s, {}, rs256(s.shop.private_pem))),
    (
        "signed by an app, and names its keypair",
        lambda s: forged(s, {"kid": s.shop.keypair}, rs256(s.shop.private_pem)),
    ),
    ("signed with our public key", lambda s: forged(s, {"alg": "HS256"}, hs256(json.dumps(jwks(s))))),
    ("without kid", lambda s: altered(s, {"kid": None}, {})),
    ("a path as kid", lambda s: altered(s, {"kid": "../../dev/null"}, {})),
    ("a list as kid", lambda s: altered(s, {"kid": ["a"]}, {})),
    ("another type", lambda s: altered(s, {"typ": "JWT"}, {})),
    ("another user", lambda s: altered(s, {}, {"sub": "d0000000-0000-4000-8000-0000000000e1"})),
    ("more scopes", lambda s: altered(s, {}, {"scope": "signature organization_read"})),
    ("a later end", lambda s: altered(s, {}, {"exp": 9_999_999_999})),
    ("an id token", lambda s: s.redeem(s.code(scope="openid")).said["id_token"]),
    ("a refresh token", lambda s: s.tokens()["refresh_token"]),
    ("a code", lambda s: s.code()),
    ("an assertion", lambda s: s.assertion()),
    ("a secret key", lambda s: s.shop.secret),
    ("a personal access token", lambda s: s.demo.token),
    ("a session", lambda s: s.session().partition("=")[2]),
    ("very long", lambda s: "x" * 20_000),
    ("deep", lambda s: compact({"alg": "RS256"}, b"[" * 6_000, nobody)),
]


@pytest.mark.parametrize("token", [case[1] for case in TOKENS], ids=[case[0] for case in TOKENS])
def test_what_is_no_access_token(scene: Scene, token: Callable[[Scene], str]) -> None:
    """401 at userinfo, at the API, at the Admin API and before the upstream."""
    header = f"Bearer {token(scene)}"
    replies = [scene.wire.ask("GET", place, Authorization=header) for place in PLACES]

    assert [reply.status for reply in replies] == [401] * 4
    assert replies[0].refusal[1] == "invalid_token"
    assert {reply.headers["WWW-Authenticate"] for reply in replies} == {'Bearer error="invalid_token"'}
    assert {reply.said["errorCode"] for reply in replies[1:3]} == {"AUTHORIZATION_INVALID_TOKEN"}


def test_one_of_the_other_environment(scene: Scene) -> None:
    """It is told apart, as facts have it, and refused all the same."""
    header = f"Bearer {scene.production_tokens['access_token']}"
    replies = [scene.wire.ask("GET", place, Authorization=header) for place in PLACES]

    assert [reply.status for reply in replies] == [401] * 4
    assert {reply.said["errorCode"] for reply in replies[1:3]} == {"USER_AUTHENTICATION_FAILED"}


def test_an_expired_one(scene: Scene) -> None:
    """Eight hours and not a second more."""
    token = access(scene)
    with scene.later(hours=8, seconds=1):
        assert not scene.is_alive(token)


CARRIERS = ["?access_token={token}", "?token={token}", "?oauth_token={token}"]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_token_in_the_address_is_none(scene: Scene, carrier: str) -> None:
    """It would end in logs (RFC 6750 §2.3, RFC 9700 §4.3.2)."""
    assert scene.wire.ask("GET", "/oauth/userinfo" + carrier.format(token="x" * 20)).status == 401
    target = ACCOUNT + carrier.format(token=access(scene))
    assert scene.wire.ask("GET", target).status == 401


def test_a_token_in_a_form_or_a_cookie_is_none(scene: Scene) -> None:
    """Only the Authorization header carries one here."""
    token = access(scene)

    assert scene.wire.ask("POST", "/oauth/userinfo", {"access_token": token}).status == 401
    assert scene.wire.ask("GET", "/oauth/userinfo", Cookie=f"access_token={token}").status == 401


SCHEMES = ["{token}", "Token {token}", "Basic {token}", "Bearer", "Bearer ", "DPoP {token}", "Bearer{token}"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_token_without_its_scheme_is_none(scene: Scene, scheme: str) -> None:
    """`Bearer`, a blank and the token."""
    header = scheme.format(token=access(scene))

    assert scene.wire.ask("GET", "/oauth/userinfo", Authorization=header).status == 401


def test_who_brings_no_token_is_asked_for_one(scene: Scene) -> None:
    """And hears of no error, for there was no token to be wrong (RFC 6750 §3, §3.1)."""
    asked = [scene.wire.ask("GET", place).headers["WWW-Authenticate"] for place in PLACES]

    assert asked == ['Bearer realm="keysteward"'] * 4


def test_a_token_that_lacks_a_scope_says_which(scene: Scene) -> None:
    """403, with the scope that would do (RFC 6750 §3.1)."""
    token = scene.redeem(scene.code(scope="openid")).said["access_token"]
    reply = scene.wire.ask("GET", ACCOUNT, Authorization=f"Bearer {token}")

    assert (reply.status, reply.headers["WWW-Authenticate"]) == (
        403, 'Bearer error="insufficient_scope", scope="signature"',
    )  # fmt: skip


def test_a_session_opens_no_api(scene: Scene) -> None:
    """A browser that is signed in is no app."""
    for place in PLACES:
        assert scene.wire.ask("GET", place, Cookie=scene.session()).status == 401


def test_an_access_token_opens_no_console(scene: Scene) -> None:
    """A token that was issued to an app manages no keys, not even its own."""
    header = f"Bearer {access(scene)}"

    assert scene.wire.ask("GET", f"/api/v1/keys/{scene.shop.key}", Authorization=header).status == 401
    assert scene.wire.ask("GET", "/apps", Authorization=header).status == 303


def jwks(scene: Scene) -> dict[str, object]:
    """Our public keys, as everybody may know them."""
    return scene.wire.ask("GET", "/oauth/jwks").said
