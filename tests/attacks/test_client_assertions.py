"""Can a client be pretended by a JWT with one odd thing (private_key_jwt)?"""

import time
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.attacks.forging import Signer, compact, doubled, hs256, nobody, rs256, stranger_pem
from tests.attacks.scene import CLIENT_ASSERTION, UNKNOWN, Scene

REFUSED = (400, "invalid_client", "The client could not be authenticated.")
NOW = time.time

CLAIMS: list[tuple[str, Callable[[Scene], dict[str, object]]]] = [
    ("no issuer", lambda s: {"iss": ...}),
    ("no subject", lambda s: {"sub": ...}),
    ("another subject", lambda s: {"sub": s.sam}),
    ("another issuer", lambda s: {"iss": s.rival.key}),
    ("another app in both", lambda s: {"iss": s.rival.key, "sub": s.rival.key}),
    ("an unknown app", lambda s: {"iss": UNKNOWN, "sub": UNKNOWN}),
    ("the app in capitals", lambda s: {"iss": s.shop.key.upper(), "sub": s.shop.key.upper()}),
    ("a list of issuers", lambda s: {"iss": [s.shop.key]}),
    ("no audience", lambda s: {"aud": ...}),
    ("the other environment", lambda s: {"aud": s.production.origin + "/oauth/token"}),
    ("the app as audience", lambda s: {"aud": s.shop.key}),
    ("two audiences", lambda s: {"aud": [s.issuer, s.production.origin]}),
    ("no expiry", lambda s: {"exp": ...}),
    ("expired", lambda s: {"exp": int(NOW()) - 61, "iat": int(NOW()) - 300}),
    ("an expiry in words", lambda s: {"exp": "tomorrow"}),
    ("a life of years", lambda s: {"exp": int(NOW()) + 10**8}),
    ("issued in the future", lambda s: {"iat": int(NOW()) + 90, "exp": int(NOW()) + 300}),
    ("good from the future on", lambda s: {"nbf": int(NOW()) + 90}),
    ("no id", lambda s: {"jti": ...}),
    ("an empty id", lambda s: {"jti": ""}),
    ("a number as id", lambda s: {"jti": 1}),
]


def proof(assertion: str, kind: str = CLIENT_ASSERTION) -> dict[str, str]:
    """The two fields of a form."""
    return {"client_assertion": assertion, "client_assertion_type": kind}


def refusal(scene: Scene, fields: dict[str, str]) -> tuple[int, str, str]:
    """What is said to a client with this proof and a good code, which stays good."""
    code = scene.code()
    found = scene.token({"grant_type": "authorization_code", "code": code} | fields).refusal
    assert scene.redeem(code).status == 200
    return found


@pytest.mark.parametrize("claims", [case[1] for case in CLAIMS], ids=[case[0] for case in CLAIMS])
def test_an_odd_claim(scene: Scene, claims: Callable[[Scene], dict[str, object]]) -> None:
    """One word for all that is wrong, and the code is not touched (RFC 7523 §3, OpenID Connect Core §9)."""
    assertion = scene.assertion(claims=scene.client_claims(**claims(scene)))

    assert refusal(scene, proof(assertion)) == REFUSED


SIGNERS: list[tuple[str, dict[str, object], Callable[[Scene], Signer]]] = [
    ("nobody", {"alg": "none"}, lambda s: nobody),
    ("a stranger", {}, lambda s: rs256(stranger_pem())),
    ("another app", {}, lambda s: rs256(s.rival.private_pem)),
    ("the secret key", {"alg": "HS256"}, lambda s: hs256(s.shop.secret)),
    ("a foreign kid", {"kid": "none-of-these"}, lambda s: rs256(s.shop.private_pem)),
    ("a key inside", {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}, lambda s: rs256(s.shop.private_pem)),
    ("a key set elsewhere", {"jku": "https://evil.example/"}, lambda s: rs256(s.shop.private_pem)),
    ("another algorithm's name", {"alg": "PS256"}, lambda s: rs256(s.shop.private_pem)),
]


@pytest.mark.parametrize(("header", "signer"), [case[1:] for case in SIGNERS], ids=[case[0] for case in SIGNERS])
def test_a_signature_that_is_not_the_app_s(
    scene: Scene, header: dict[str, object], signer: Callable[[Scene], Signer]
) -> None:
    """Only a keypair of the app proves it."""
    assertion = scene.assertion(header, scene.client_claims(), signer(scene))

    assert refusal(scene, proof(assertion)) == REFUSED


FIELDS: list[tuple[str, Callable[[Scene, str], dict[str, str]]]] = [
    ("no type", lambda s, a: {"client_assertion": a}),
    ("only a type", lambda s, a: {"client_assertion_type": CLIENT_ASSERTION}),
    ("an empty assertion", lambda s, a: proof("")),
    ("the type of SAML", lambda s, a: proof(a, "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")),
    ("the type in capitals", lambda s, a: proof(a, CLIENT_ASSERTION.upper())),
    ("the type of the grant", lambda s, a: proof(a, "urn:ietf:params:oauth:grant-type:jwt-bearer")),
    ("another client in the form", lambda s, a: proof(a) | {"client_id": s.rival.key}),
    ("a secret beside it", lambda s, a: proof(a) | s.shop.form),
    ("no JWT", lambda s, a: proof("a.b.c-a.b.c-a.b.c")),
    ("a JWT and more", lambda s, a: proof(a + ".AAAA")),
    ("padding", lambda s, a: proof(a + "=")),
]


@pytest.mark.parametrize("fields", [case[1] for case in FIELDS], ids=[case[0] for case in FIELDS])
def test_odd_fields(scene: Scene, fields: Callable[[Scene, str], dict[str, str]]) -> None:
    """The assertion is good; what stands around it is not."""
    status, error, _ = refusal(scene, fields(scene, scene.assertion(claims=scene.client_claims())))

    assert (status, error) in {(400, "invalid_client"), (400, "invalid_request")}


def test_a_doubled_issuer(scene: Scene) -> None:
    """Never by its first value (RFC 7519 §4)."""
    claims = doubled("iss", scene.shop.key, scene.client_claims(iss=scene.rival.key))

    assert refusal(scene, proof(scene.assertion(claims=claims))) == REFUSED


def test_it_is_good_once(scene: Scene) -> None:
    """Whoever saw it pass cannot be that client again (OpenID Connect Core §9)."""
    fields = proof(scene.assertion(claims=scene.client_claims()))
    form = {"grant_type": "authorization_code", "code": scene.code()}

    assert scene.token(form | fields).status == 200
    assert refusal(scene, fields) == REFUSED


def test_an_id_of_a_grant_is_used_for_a_client_too(scene: Scene) -> None:
    """One list of used ids for an app, whatever it used them for."""
    token_id = str(uuid4())
    assert scene.assert_with(scene.assertion(claims=scene.claims(jti=token_id))).status == 200

    assert refusal(scene, proof(scene.assertion(claims=scene.client_claims(jti=token_id)))) == REFUSED


def test_an_assertion_for_a_user_proves_no_client(scene: Scene) -> None:
    """And one for the client gets no user's token."""
    for_user = scene.assertion(claims=scene.claims(jti=str(uuid4())))
    for_client = scene.assertion(claims=scene.client_claims(scope="signature"))

    assert refusal(scene, proof(for_user)) == REFUSED
    assert scene.assert_with(for_client).refusal == (400, "invalid_grant", "user_not_found")


def test_a_removed_keypair_proves_nothing(scene: Scene) -> None:
    """From the answer that it is deleted on."""
    path = f"/keys/{scene.shop.key}/keypairs"
    pair = scene.demo.make(path)
    assert scene.demo.ask("DELETE", f"{path}/{pair['id']}").status_code == 204
    assertion = compact({"alg": "RS256"}, scene.client_claims(), rs256(pair["private_key"]))

    assert refusal(scene, proof(assertion)) == REFUSED


def test_a_client_is_proved(scene: Scene) -> None:
    """The suite would notice a server that believes nobody: any good `aud`, with and without `client_id`."""
    for audience in (scene.issuer, scene.demo.host, scene.demo.origin + "/oauth/token"):
        fields = proof(scene.assertion({"kid": scene.shop.keypair}, scene.client_claims(aud=audience)))
        form = {"grant_type": "authorization_code", "code": scene.code(), "client_id": scene.shop.key}
        assert scene.token(form | fields).status == 200
