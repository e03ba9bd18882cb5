"""Does an assertion with one odd thing get a token?"""

import json
import time
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.attacks.forging import (
    Signer,
    b64,
    compact,
    doubled,
    es256,
    hs256,
    nobody,
    ps256,
    rs256,
    stranger_ec,
    stranger_pem,
    written,
)
from tests.attacks.scene import JWT_BEARER, UNKNOWN, Scene

MALFORMED = (400, "invalid_request", "The assertion is malformed.")
NO_SIGNATURE = (400, "invalid_grant", "no_valid_keys_or_signatures")
NO_ISSUER = (400, "invalid_grant", "issuer_not_found")
NO_USER = (400, "invalid_grant", "user_not_found")
BAD_SUBJECT = (400, "invalid_grant", "invalid_subject")
EXPIRED = (400, "invalid_grant", "expired_grant")
NO_CONSENT = (400, "consent_required", "")
BAD_SCOPE = (400, "invalid_scope", "The scope is missing or malformed.")

Refusal = tuple[int, str, str]
NOW = time.time

CLAIMS: list[tuple[str, Callable[[Scene], dict[str, object]], Refusal]] = [
    ("no issuer", lambda s: {"iss": ...}, NO_ISSUER),
    ("an unknown issuer", lambda s: {"iss": UNKNOWN}, NO_ISSUER),
    ("an issuer in capitals", lambda s: {"iss": s.shop.key.upper()}, NO_ISSUER),
    ("an issuer in full-width digits", lambda s: {"iss": "\uff10" * 8 + s.shop.key[8:]}, NO_ISSUER),
    ("an issuer with a zero byte", lambda s: {"iss": s.shop.key + "\x00"}, NO_ISSUER),
    ("a blank behind the issuer", lambda s: {"iss": s.shop.key + " "}, NO_ISSUER),
    ("a list of issuers", lambda s: {"iss": [s.shop.key]}, NO_ISSUER),
    ("a number as issuer", lambda s: {"iss": 7}, NO_ISSUER),
    ("the server as issuer", lambda s: {"iss": s.issuer}, NO_ISSUER),
    ("SQL as issuer", lambda s: {"iss": "' OR '1'='1"}, NO_ISSUER),
    ("another app as issuer", lambda s: {"iss": s.rival.key}, NO_SIGNATURE),
    ("no audience", lambda s: {"aud": ...}, NO_ISSUER),
    ("the other environment", lambda s: {"aud": s.production.host}, NO_ISSUER),
    ("another server", lambda s: {"aud": "account.example.com"}, NO_ISSUER),
    ("our host without its port", lambda s: {"aud": "localhost"}, NO_ISSUER),
    ("our host with another port", lambda s: {"aud": s.demo.host + "0"}, NO_ISSUER),
    ("our host in capitals", lambda s: {"aud": s.demo.host.upper()}, NO_ISSUER),
    ("our host with a trailing dot", lambda s: {"aud": s.demo.host.replace(":", ".:")}, NO_ISSUER),
    ("our host over http", lambda s: {"aud": f"http://{s.demo.host}"}, NO_ISSUER),
    ("another path of ours", lambda s: {"aud": f"https://{s.demo.host}/oauth/auth"}, NO_ISSUER),
    ("a user name before our host", lambda s: {"aud": f"https://evil@{s.demo.host}"}, NO_ISSUER),
    ("our host as a user name", lambda s: {"aud": f"https://{s.demo.host}@evil.example"}, NO_ISSUER),
    ("our host with a Cyrillic letter", lambda s: {"aud": s.demo.host.replace("o", "\u043e", 1)}, NO_ISSUER),
    ("a blank behind our host", lambda s: {"aud": s.demo.host + " "}, NO_ISSUER),
    ("two audiences", lambda s: {"aud": [s.demo.host, s.production.host]}, NO_ISSUER),
    ("our host twice", lambda s: {"aud": [s.demo.host, s.demo.host]}, NO_ISSUER),
    ("an empty list of audiences", lambda s: {"aud": []}, NO_ISSUER),
    ("a list in the list", lambda s: {"aud": [[s.demo.host]]}, NO_ISSUER),
    ("an object as audience", lambda s: {"aud": {s.demo.host: True}}, NO_ISSUER),
    ("no expiry", lambda s: {"exp": ...}, NO_SIGNATURE),
    ("null as expiry", lambda s: {"exp": None}, NO_SIGNATURE),
    ("a negative expiry", lambda s: {"exp": -1}, NO_SIGNATURE),
    ("an expiry of yes", lambda s: {"exp": True}, NO_SIGNATURE),
    ("an expiry in words", lambda s: {"exp": str(int(NOW()) + 600)}, NO_SIGNATURE),
    ("a list as expiry", lambda s: {"exp": [int(NOW()) + 600]}, NO_SIGNATURE),
    ("an expiry in milliseconds", lambda s: {"exp": int(NOW() + 600) * 1000}, NO_SIGNATURE),
    ("a huge expiry", lambda s: {"exp": 10**300}, NO_SIGNATURE),
    ("an expiry of zero", lambda s: {"exp": 0, "iat": ...}, EXPIRED),
    ("expired", lambda s: {"exp": int(NOW()) - 61, "iat": int(NOW()) - 600}, EXPIRED),
    ("a life of more than two hours", lambda s: {"exp": int(NOW()) + 7_400}, NO_SIGNATURE),
    ("a life of years", lambda s: {"exp": int(NOW()) + 10**8}, NO_SIGNATURE),
    ("a long life from long ago", lambda s: {"iat": int(NOW()) - 7_000, "exp": int(NOW()) + 600}, NO_SIGNATURE),
    ("a long life without beginning", lambda s: {"iat": ..., "exp": int(NOW()) + 7_400}, NO_SIGNATURE),
    ("issued in the future", lambda s: {"iat": int(NOW()) + 90, "exp": int(NOW()) + 600}, NO_SIGNATURE),
    ("a negative beginning", lambda s: {"iat": -1}, NO_SIGNATURE),
    ("a beginning in words", lambda s: {"iat": "now"}, NO_SIGNATURE),
    ("good from the future on", lambda s: {"nbf": int(NOW()) + 90}, NO_SIGNATURE),
    ("good from words on", lambda s: {"nbf": "now"}, NO_SIGNATURE),
    ("a user of the other environment", lambda s: {"sub": "b0000000-0000-4000-8000-0000000000e4"}, NO_USER),
    ("an unknown user", lambda s: {"sub": UNKNOWN}, NO_USER),
    ("the app as user", lambda s: {"sub": s.shop.key}, NO_USER),
    ("an address as user", lambda s: {"sub": "sam@northwind.example"}, BAD_SUBJECT),
    ("a user in capitals", lambda s: {"sub": s.sam.upper()}, BAD_SUBJECT),
    ("a user in full-width digits", lambda s: {"sub": "\uff10" * 8 + s.sam[8:]}, BAD_SUBJECT),
    ("a user with a zero byte", lambda s: {"sub": s.sam + "\x00"}, BAD_SUBJECT),
    ("a list of users", lambda s: {"sub": [s.sam]}, BAD_SUBJECT),
    ("a number as user", lambda s: {"sub": 4}, BAD_SUBJECT),
    ("an empty user", lambda s: {"sub": ""}, BAD_SUBJECT),
    ("SQL as user", lambda s: {"sub": "' OR '1'='1"}, BAD_SUBJECT),
    ("somebody who never consented", lambda s: {"sub": "d0000000-0000-4000-8000-0000000000e2"}, NO_CONSENT),
    ("nobody, without an authorization", lambda s: {"sub": ...}, NO_CONSENT),
    ("null as user", lambda s: {"sub": None}, NO_CONSENT),
    ("a scope nobody consented to", lambda s: {"scope": "signature user_write"}, NO_CONSENT),
    ("an admin scope", lambda s: {"scope": "organization_read"}, NO_CONSENT),
    ("no scope", lambda s: {"scope": ...}, BAD_SCOPE),
    ("an empty scope", lambda s: {"scope": ""}, BAD_SCOPE),
    ("a list of scopes", lambda s: {"scope": ["signature"]}, BAD_SCOPE),
    ("a number as scope", lambda s: {"scope": 1}, BAD_SCOPE),
    ("a tab between scopes", lambda s: {"scope": "signature\textended"}, BAD_SCOPE),
    ("a quote in the scope", lambda s: {"scope": 'signature"'}, BAD_SCOPE),
    ("a Cyrillic scope", lambda s: {"scope": "sign\u0430ture"}, BAD_SCOPE),
    ("a number as id", lambda s: {"jti": 7}, MALFORMED),
    ("a list as id", lambda s: {"jti": ["a"]}, MALFORMED),
    ("an empty id", lambda s: {"jti": ""}, MALFORMED),
    ("an object as id", lambda s: {"jti": {}}, MALFORMED),
]


@pytest.mark.parametrize(("claims", "refusal"), [case[1:] for case in CLAIMS], ids=[case[0] for case in CLAIMS])
def test_an_odd_claim(scene: Scene, claims: Callable[[Scene], dict[str, object]], refusal: Refusal) -> None:
    """The signature is good, one claim is not: Docusign's words for it, and no token."""
    assertion = scene.assertion(claims=scene.claims(**claims(scene)))

    assert scene.assert_with(assertion).refusal == refusal


HEADERS: list[tuple[str, Callable[[Scene], dict[str, object]]]] = [
    ("a foreign kid", lambda s: {"kid": s.rival.keypair}),
    ("an unknown kid", lambda s: {"kid": str(uuid4())}),
    ("an empty kid", lambda s: {"kid": ""}),
    ("SQL as kid", lambda s: {"kid": "' UNION SELECT public_pem FROM keypairs --"}),
    ("a path as kid", lambda s: {"kid": "../../../../dev/null"}),
    ("a file as kid", lambda s: {"kid": "file:///dev/null"}),
    ("a command as kid", lambda s: {"kid": "$(sleep 5)|id"}),
    ("a number as kid", lambda s: {"kid": 0}),
    ("a list as kid", lambda s: {"kid": [s.shop.keypair]}),
    ("an object as kid", lambda s: {"kid": {"a": 1}}),
    ("a zero byte in the kid", lambda s: {"kid": s.shop.keypair + "\x00"}),
    ("a key set elsewhere", lambda s: {"jku": "https://evil.example/jwks"}),
    ("a key set of ours", lambda s: {"jku": s.demo.origin + "/oauth/jwks"}),
    ("a certificate elsewhere", lambda s: {"x5u": "https://evil.example/c.pem"}),
    ("a certificate inside", lambda s: {"x5c": ["MIIB"]}),
    ("a key inside", lambda s: {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}),
    ("something critical", lambda s: {"crit": ["exp"], "exp": 1}),
    ("nothing critical", lambda s: {"crit": []}),
    ("an unencoded payload", lambda s: {"crit": ["b64"], "b64": False}),
    ("no algorithm", lambda s: {"alg": None}),
    ("the algorithm none", lambda s: {"alg": "none"}),
    ("the algorithm None", lambda s: {"alg": "None"}),
    ("a shared secret's algorithm", lambda s: {"alg": "HS256"}),
    ("a longer hash", lambda s: {"alg": "RS512"}),
    ("an older hash", lambda s: {"alg": "RS1"}),
    ("another padding", lambda s: {"alg": "PS256"}),
    ("a curve's algorithm", lambda s: {"alg": "ES256"}),
    ("the algorithm in small letters", lambda s: {"alg": "rs256"}),
    ("the algorithm in full-width letters", lambda s: {"alg": "\uff32\uff33256"}),
    ("a list of algorithms", lambda s: {"alg": ["RS256"]}),
]


@pytest.mark.parametrize("header", [case[1] for case in HEADERS], ids=[case[0] for case in HEADERS])
def test_an_odd_header(scene: Scene, header: Callable[[Scene], dict[str, object]]) -> None:
    """A good signature beside a header that tries to choose the key or the algorithm (RFC 8725 §3.1, §3.10)."""
    assert scene.assert_with(scene.assertion(header(scene))).refusal == NO_SIGNATURE


SIGNERS: list[tuple[str, str, Callable[[Scene], Signer]]] = [
    ("nobody, and says so", "none", lambda s: nobody),
    ("nobody, and says RS256", "RS256", lambda s: nobody),
    ("a stranger", "RS256", lambda s: rs256(stranger_pem())),
    ("another app", "RS256", lambda s: rs256(s.rival.private_pem)),
    ("the public key as a secret", "HS256", lambda s: hs256(public_pem(s))),
    ("the public key as a secret, and says RS256", "RS256", lambda s: hs256(public_pem(s))),
    ("the secret key as a secret", "HS256", lambda s: hs256(s.shop.secret)),
    ("an empty secret", "HS256", lambda s: hs256("")),
    ("the own key with another padding", "PS256", lambda s: ps256(s.shop.private_pem)),
    ("the own key with another padding, and says RS256", "RS256", lambda s: ps256(s.shop.private_pem)),
    ("a stranger's curve", "ES256", lambda s: es256(stranger_ec())),
    ("zeros", "RS256", lambda s: lambda signed: bytes(256)),
    ("zeros of a curve", "ES256", lambda s: lambda signed: bytes(64)),
    ("a signature one byte too short", "RS256", lambda s: lambda signed: rs256(s.shop.private_pem)(signed)[:-1]),
    ("a signature one byte too long", "RS256", lambda s: lambda signed: rs256(s.shop.private_pem)(signed) + b"\0"),
    ("a signature of something else", "RS256", lambda s: lambda signed: rs256(s.shop.private_pem)(signed + b".")),
]


@pytest.mark.parametrize(("alg", "signer"), [case[1:] for case in SIGNERS], ids=[case[0] for case in SIGNERS])
def test_a_signature_that_is_not_the_app_s(scene: Scene, alg: str, signer: Callable[[Scene], Signer]) -> None:
    """Whoever signed it, it was none of the app's keypairs (RFC 7523 §3)."""
    assert scene.assert_with(scene.assertion({"alg": alg}, None, signer(scene))).refusal == NO_SIGNATURE


TEXTS: list[tuple[str, Callable[[Scene], str]]] = [
    ("one part", lambda s: "a"),
    ("two parts", lambda s: s.assertion().rpartition(".")[0]),
    ("four parts", lambda s: s.assertion() + ".a"),
    ("five parts, as if encrypted", lambda s: s.assertion() + ".a.b"),
    ("empty parts", lambda s: ".."),
    ("padding", lambda s: s.assertion() + "="),
    ("a blank behind", lambda s: s.assertion() + " "),
    ("a line end inside", lambda s: s.assertion().replace(".", ".\n", 1)),
    ("plain base64", lambda s: s.assertion().replace("_", "/").replace("-", "+") + "+/=="),
    ("another spelling of its last letter", lambda s: respelled(s.assertion())),
    ("not ASCII", lambda s: s.assertion() + "\u00e9"),
    ("JSON", lambda s: json.dumps({"payload": "e30", "signatures": []})),
    ("too long", lambda s: s.assertion(claims=s.claims(more="x" * 20_000))),
    ("a header that is a list", lambda s: compact([], s.claims(), rs256(s.shop.private_pem))),
    ("a header that is null", lambda s: compact(b"null", s.claims(), rs256(s.shop.private_pem))),
    ("claims that are a list", lambda s: s.assertion(claims=b"[]")),
    ("claims that are text", lambda s: s.assertion(claims=b'"iss"')),
    ("claims that are nothing", lambda s: s.assertion(claims=b" ")),
    ("claims and something behind", lambda s: s.assertion(claims=written(s.claims()) + b"{}")),
    ("claims with a byte order mark", lambda s: s.assertion(claims=b"\xef\xbb\xbf" + written(s.claims()))),
    ("claims in UTF-16", lambda s: s.assertion(claims=json.dumps(s.claims()).encode("utf-16"))),
    (
        "claims that are no UTF-8",
        lambda s: s.assertion(claims=written(s.claims()).replace(b"RS", b"\xff\xfe") + b"\xff"),
    ),
    ("claims that lie deep", lambda s: s.assertion(claims=b'{"a":' + b"[" * 6_000 + b"]" * 6_000 + b"}")),
    ("claims with an infinite number", lambda s: s.assertion(claims=written(s.claims())[:-1] + b',"a":Infinity}')),
    ("claims with NaN", lambda s: s.assertion(claims=written(s.claims())[:-1] + b',"a":NaN}')),
    ("claims with a comment", lambda s: s.assertion(claims=b"/**/" + written(s.claims()))),
    ("claims with single quotes", lambda s: s.assertion(claims=str(s.claims()).encode())),
]


@pytest.mark.parametrize("text", [case[1] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_what_is_no_signed_jwt(scene: Scene, text: Callable[[Scene], str]) -> None:
    """An assertion is one compact JWS with two JSON objects, or it is malformed (RFC 7523 §3.1)."""
    assert scene.assert_with(text(scene)).refusal == MALFORMED


def test_a_claim_that_was_changed_after_signing(scene: Scene) -> None:
    """The signature covers every claim."""
    header, _, signature = scene.assertion().split(".")
    changed = b64(written(scene.claims(sub="d0000000-0000-4000-8000-0000000000e1")))

    assert scene.assert_with(f"{header}.{changed}.{signature}").refusal == NO_SIGNATURE


def test_a_header_that_was_changed_after_signing(scene: Scene) -> None:
    """And the header."""
    _, claims, signature = scene.assertion().split(".")
    header = b64(written({"alg": "RS256", "typ": "JWT", "kid": scene.shop.keypair}))

    assert scene.assert_with(f"{header}.{claims}.{signature}").refusal == NO_SIGNATURE


DOUBLED: list[tuple[str, str, Callable[[Scene], object], Refusal]] = [
    ("issuer", "iss", lambda s: s.shop.key, NO_SIGNATURE),
    ("subject", "sub", lambda s: s.sam, NO_CONSENT),
    ("audience", "aud", lambda s: s.demo.host, NO_ISSUER),
    ("expiry", "exp", lambda s: int(NOW()) + 600, EXPIRED),
    ("scope", "scope", lambda s: "signature", NO_CONSENT),
]
LAST: dict[str, Callable[[Scene], object]] = {
    "iss": lambda s: s.rival.key,
    "sub": lambda s: "d0000000-0000-4000-8000-0000000000e2",
    "aud": lambda s: s.production.host,
    "exp": lambda s: 1,
    "scope": lambda s: "user_write",
}


@pytest.mark.parametrize(
    ("name", "first", "refusal"), [case[1:] for case in DOUBLED], ids=[case[0] for case in DOUBLED]
)
def test_a_doubled_claim_never_counts_by_its_first_value(
    scene: Scene, name: str, first: Callable[[Scene], object], refusal: Refusal
) -> None:
    """It is refused, or its last value counts, and that one is not good (RFC 7519 §4)."""
    claims = scene.claims(**{name: LAST[name](scene)})
    reply = scene.assert_with(scene.assertion(claims=doubled(name, first(scene), claims)))

    assert reply.refusal in (refusal, MALFORMED)


def test_a_doubled_algorithm_never_counts_by_its_first_value(scene: Scene) -> None:
    """The same for the header (RFC 7515 §4)."""
    header = doubled("alg", "RS256", {"alg": "none"})
    reply = scene.assert_with(compact(header, scene.claims(), rs256(scene.shop.private_pem)))

    assert reply.refusal in (NO_SIGNATURE, MALFORMED)


def test_an_assertion_with_an_id_is_good_once(scene: Scene) -> None:
    """Whoever saw it pass cannot use it again (RFC 7523 §3, item 7)."""
    assertion = scene.assertion(claims=scene.claims(jti=str(uuid4())))

    assert scene.assert_with(assertion).status == 200
    assert scene.assert_with(assertion).refusal == (400, "invalid_grant", "The assertion was used before.")


def test_an_id_that_was_used_is_used_in_another_assertion_too(scene: Scene) -> None:
    """The id counts, not the text around it."""
    claims = scene.claims(jti=str(uuid4()))

    assert scene.assert_with(scene.assertion(claims=claims)).status == 200
    assert scene.assert_with(scene.assertion({"typ": "jwt"}, claims)).refusal[:2] == (400, "invalid_grant")


def test_a_removed_keypair_signs_nothing(scene: Scene) -> None:
    """From the answer that it is deleted on."""
    path = f"/keys/{scene.shop.key}/keypairs"
    pair = scene.demo.make(path)
    assertion = scene.assertion(None, None, rs256(pair["private_key"]))
    assert scene.assert_with(assertion).status == 200
    assert scene.demo.ask("DELETE", f"{path}/{pair['id']}").status_code == 204

    assert scene.assert_with(assertion).refusal == NO_SIGNATURE


def test_our_own_tokens_are_no_assertions(scene: Scene) -> None:
    """An access token and an id token are signed by us, and we are no app."""
    tokens = scene.redeem(scene.code(scope="openid")).said

    assert scene.assert_with(tokens["access_token"]).refusal == NO_ISSUER
    assert scene.assert_with(tokens["id_token"]).refusal == NO_ISSUER


def test_an_assertion_in_the_query_is_none(scene: Scene) -> None:
    """It belongs in the form."""
    target = f"/oauth/token?assertion={scene.assertion()}"

    assert scene.wire.ask("POST", target, {"grant_type": JWT_BEARER}).refusal == MALFORMED


def test_two_assertions(scene: Scene) -> None:
    """One form, one assertion."""
    pairs = [("grant_type", JWT_BEARER), ("assertion", scene.assertion()), ("assertion", scene.assertion())]

    assert scene.token(pairs).refusal[:2] == (400, "invalid_request")


GOOD: list[tuple[str, Callable[[Scene], dict[str, object]]]] = [
    ("just expired", lambda s: {"exp": int(NOW()) - 30}),
    ("a clock that is ahead", lambda s: {"iat": int(NOW()) + 30, "nbf": int(NOW()) + 30}),
    ("parts of seconds", lambda s: {"iat": NOW(), "exp": NOW() + 600.5}),
    ("a list of one audience", lambda s: {"aud": [s.demo.host]}),
    ("claims that nobody knows", lambda s: {"evil": {"deep": [1, {"a": None}]}}),
]


@pytest.mark.parametrize("claims", [case[1] for case in GOOD], ids=[case[0] for case in GOOD])
def test_what_is_odd_and_good(scene: Scene, claims: Callable[[Scene], dict[str, object]]) -> None:
    """The suite would notice a server that refuses everything."""
    reply = scene.assert_with(scene.assertion(claims=scene.claims(**claims(scene))))

    assert (reply.status, reply.said["expires_in"]) == (200, 3_600)


def public_pem(scene: Scene) -> str:
    """The public half of the shop's keypair, as everybody may know it."""
    (pair,) = [
        each for each in scene.demo.get(f"/keys/{scene.shop.key}/keypairs")["keypairs"]
        if each["id"] == scene.shop.keypair
    ]  # fmt: skip
    return str(pair["public_key"])


def respelled(text: str) -> str:
    """The same bytes, with other bits behind the last of them."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + letters[letters.index(text[-1]) ^ 1]
