"""Is a signature believed only where the right key made it, over the right kind of text?"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from keysteward.crypto.signing import (
    Algorithm,
    BadToken,
    SigningKey,
    is_client_signature,
    is_signed_by,
    load_public_key,
    load_signing_key,
    new_signing_key,
    public_keys_of,
    public_pem,
    take_apart,
    verify,
)
from tests.cast import rsa_keypair

TYP = "at+jwt"
CLAIMS: dict[str, Any] = {"iss": "https://demo.test/", "sub": "ada", "exp": 4_102_444_800, "scope": "signature ünïcode"}


@pytest.fixture(scope="module")
def rsa() -> SigningKey:
    """An RS256 key."""
    return new_signing_key("RS256")


@pytest.fixture(scope="module")
def edwards() -> SigningKey:
    """An EdDSA key."""
    return new_signing_key("EdDSA")


@pytest.fixture(params=["RS256", "ES256", "EdDSA"])
def key(request: pytest.FixtureRequest, rsa: SigningKey, edwards: SigningKey) -> SigningKey:
    """A key of each algorithm."""
    return {"RS256": rsa, "EdDSA": edwards}.get(request.param) or new_signing_key(request.param)


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header: Mapping[str, object], claims: Mapping[str, object], signature: bytes = b"") -> str:
    """A compact JWS with any header and any signature."""
    return ".".join((b64(json.dumps(header).encode()), b64(json.dumps(claims).encode()), b64(signature)))


def resigned(key: SigningKey, header: dict[str, object]) -> str:
    """A token that this very key signed, under another header."""
    private = load_signing_key(key.kid, key.algorithm, key.sealed_form())._private
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    extra = {name: value for name, value in header.items() if name != "alg"}
    return jwt.encode(CLAIMS, pem, key.algorithm, headers=extra)


def refuses(token: str, key: SigningKey) -> str:
    """Expect that a token is not believed; answer with the reason for the log."""
    with pytest.raises(BadToken) as caught:
        verify(token, TYP, {key.kid: key.public})
    return str(caught.value)


def test_another_library_verifies_what_we_sign(key: SigningKey) -> None:
    """PyJWT finds our signature good and reads the same header and claims."""
    token = key.sign(TYP, CLAIMS)

    assert jwt.decode(token, public_pem(key.public), [key.algorithm]) == CLAIMS
    assert jwt.get_unverified_header(token) == {"typ": TYP, "alg": key.algorithm, "kid": key.kid}


def test_another_library_reads_our_jwk(key: SigningKey) -> None:
    """The published JWK verifies our signature, names its use and holds no private part."""
    jwk = key.jwk()
    decoded = jwt.decode(key.sign(TYP, CLAIMS), jwt.PyJWK(jwk).key, [key.algorithm])

    assert decoded == CLAIMS
    assert (jwk["kid"], jwk["use"], jwk["alg"]) == (key.kid, "sig", key.algorithm)
    assert {"d", "p", "q", "dp", "dq", "qi"}.isdisjoint(jwk)


def test_we_verify_what_another_library_signs(key: SigningKey) -> None:
    """A token that PyJWT signed under our key verifies."""
    assert verify(resigned(key, {"typ": TYP, "kid": key.kid}), TYP, {key.kid: key.public}) == CLAIMS


def test_what_we_sign_we_verify(key: SigningKey) -> None:
    """Claims come back as they were signed."""
    assert verify(key.sign(TYP, CLAIMS), TYP, {key.kid: key.public}) == CLAIMS


def test_a_sealed_key_signs_on(key: SigningKey) -> None:
    """A key that was put away and loaded again is the same key."""
    again = load_signing_key(key.kid, key.algorithm, key.sealed_form())

    assert verify(again.sign(TYP, CLAIMS), TYP, {key.kid: key.public}) == CLAIMS


def test_another_typ_is_refused(key: SigningKey) -> None:
    """A token of one kind is none of another: a ticket opens no API."""
    assert refuses(key.sign("keysteward-ticket+jwt", CLAIMS), key) == "typ or alg is another"
    assert refuses(key.sign("JWT", CLAIMS), key) == "typ or alg is another"


def test_a_missing_typ_is_refused(key: SigningKey) -> None:
    """A token must say which kind it is."""
    token = forged({"alg": key.algorithm, "kid": key.kid}, CLAIMS)

    assert refuses(token, key) == "typ or alg is another"


def test_another_kid_is_refused(key: SigningKey) -> None:
    """A key that we do not have verifies nothing."""
    assert refuses(forged({"typ": TYP, "alg": key.algorithm, "kid": "x"}, CLAIMS), key) == "no key has this kid"
    assert refuses(forged({"typ": TYP, "alg": key.algorithm}, CLAIMS), key) == "no key has this kid"
    assert refuses(forged({"typ": TYP, "alg": key.algorithm, "kid": [key.kid]}, CLAIMS), key) == "no key has this kid"


@pytest.mark.parametrize(
    "alg", ["none", "NONE", "", "HS256", "RS384", "PS256", "ES384", "es256", "eddsa", "rs256", None, 1]
)
def test_another_alg_is_refused(key: SigningKey, alg: object) -> None:
    """The algorithm is the key's, never the token's choice."""
    header = {"typ": TYP, "alg": alg, "kid": key.kid}

    assert refuses(forged(header, CLAIMS), key) == "typ or alg is another"


def test_the_public_key_is_no_shared_secret(rsa: SigningKey) -> None:
    """A token signed with HMAC under the published key is refused, whichever algorithm it claims."""
    pem = public_pem(rsa.public).encode()
    for alg in ("HS256", "RS256"):
        signed = forged({"typ": TYP, "alg": alg, "kid": rsa.kid}, CLAIMS).rpartition(".")[0]
        mac = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
        assert refuses(f"{signed}.{b64(mac)}", rsa) in {"typ or alg is another", "the signature is wrong"}


def test_the_key_of_another_algorithm_is_refused(rsa: SigningKey, edwards: SigningKey) -> None:
    """A kid that leads to a key of another type verifies nothing."""
    token = edwards.sign(TYP, CLAIMS)

    with pytest.raises(BadToken):
        verify(token, TYP, {edwards.kid: rsa.public})


def test_a_critical_extension_is_refused(key: SigningKey) -> None:
    """A well signed token that demands what we do not know is refused (RFC 7515 §4.1.11)."""
    token = resigned(key, {"typ": TYP, "kid": key.kid, "crit": ["exp"]})

    assert refuses(token, key) == "the signature is wrong"


def test_a_changed_claim_is_refused(key: SigningKey) -> None:
    """A signature holds for the claims that were signed, and no others."""
    header, _, signature = key.sign(TYP, CLAIMS).split(".")

    assert refuses(f"{header}.{b64(json.dumps(CLAIMS | {'sub': 'mallory'}).encode())}.{signature}", key) == (
        "the signature is wrong"
    )


@pytest.mark.parametrize("signature", [b"", b"\0", b"\0" * 64, b"\0" * 256, b"\xff" * 256, b"\0" * 1024])
def test_a_made_up_signature_is_refused(key: SigningKey, signature: bytes) -> None:
    """No constant passes for a signature."""
    header = {"typ": TYP, "alg": key.algorithm, "kid": key.kid}

    assert refuses(forged(header, CLAIMS, signature), key) == "the signature is wrong"


def test_a_token_has_one_spelling(key: SigningKey) -> None:
    """Other base64 for the same bytes is refused: padding, the other alphabet, stray bits, spaces."""
    token = key.sign(TYP, CLAIMS)
    head, _, signature = token.rpartition(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    stray = alphabet[alphabet.index(signature[-1]) ^ 1]
    spellings = [
        f"{token}==", f"{token}\n", f" {token}",
        f"{head}.{signature[:-1]}{stray}", f"{head}.{signature[:9]} {signature[9:]}",
    ]  # fmt: skip
    if {"-", "_"} & set(signature):
        spellings.append(f"{head}.{signature.replace('-', '+').replace('_', '/')}")

    for spelling in spellings:
        assert base64.urlsafe_b64decode(spelling.strip().rpartition(".")[2].rstrip("=") + "==")
        with pytest.raises(BadToken):
            verify(spelling, TYP, {key.kid: key.public})


UNREADABLE = [
    "",
    ".",
    "..",
    "...",
    "a.b",
    "a.b.c",
    "a.b.c.d",
    "e30.e30",
    "e30.e30.e30.e30",
    "W10.e30.",
    "e30.W10.",
    "e30.bnVsbA.",
    "e30.eyJhIjox.",
    "e30.e30.é",
    "e30.e30." + "A" * 16_384,
]


@pytest.mark.parametrize("token", UNREADABLE)
def test_what_is_no_jws_is_refused(token: str) -> None:
    """Three parts of base64url, two of them JSON objects, of moderate size: nothing else is taken apart."""
    with pytest.raises(BadToken):
        take_apart(token)


@given(st.one_of(st.text(), st.lists(st.binary(max_size=8).map(b64), min_size=3, max_size=3).map(".".join)))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    """Whatever text comes, the answer is its parts or BadToken."""
    try:
        parts = take_apart(text)
    except BadToken:
        return
    assert text.startswith(parts.signed.decode() + ".")


def test_an_assertion_is_believed_where_this_key_signed_it() -> None:
    """The signature of another key is none."""
    private_pem, pem = rsa_keypair()
    other = public_pem(new_signing_key("RS256").public)
    assertion = take_apart(jwt.encode({"iss": "app"}, private_pem, "RS256"))

    assert is_client_signature(assertion, load_public_key(pem))
    assert not is_client_signature(assertion, load_public_key(other))


@pytest.mark.parametrize("algorithm", ["RS384", "PS256"])
def test_an_assertion_is_rs256(algorithm: str) -> None:
    """The app's own key under another algorithm is refused."""
    private_pem, pem = rsa_keypair()

    assert not is_client_signature(take_apart(jwt.encode({"iss": "app"}, private_pem, algorithm)), load_public_key(pem))


@pytest.mark.parametrize("alg", ["none", "HS256", "RS384", "rs256", None])
def test_an_assertion_says_rs256(alg: str | None) -> None:
    """A good RS256 signature over a header that says something else is refused."""
    private_pem, pem = rsa_keypair()
    private = serialization.load_pem_private_key(private_pem.encode(), None)
    assert isinstance(private, RSAPrivateKey)
    signed = forged({"typ": "JWT", "alg": alg}, {"iss": "app"}).rpartition(".")[0]
    signature = private.sign(signed.encode(), PKCS1v15(), SHA256())

    assert not is_client_signature(take_apart(f"{signed}.{b64(signature)}"), load_public_key(pem))


def test_an_assertion_with_a_critical_extension_is_refused() -> None:
    """What we do not know is not passed over."""
    private_pem, pem = rsa_keypair()
    assertion = take_apart(jwt.encode({"iss": "app"}, private_pem, "RS256", {"crit": ["x"], "x": 1}))

    assert not is_client_signature(assertion, load_public_key(pem))


def test_only_ed25519_keys_of_a_set_are_taken(rsa: SigningKey, edwards: SigningKey) -> None:
    """From the other environment's set we take what papers are signed with, and pass over the rest."""
    odd: list[dict[str, object]] = [{}, {"kty": "OKP"}, {"kty": "OKP", "crv": "X25519", "kid": "x"}, rsa.jwk()]
    found = public_keys_of({"keys": [*odd, edwards.jwk()]})

    assert list(found) == [edwards.kid]
    assert verify(edwards.sign(TYP, CLAIMS), TYP, found) == CLAIMS
    assert public_keys_of({}) == {}


def test_a_kept_public_key_is_loaded_once() -> None:
    """The same PEM is the same object, and still verifies."""
    _, pem = rsa_keypair()

    assert load_public_key(pem) is load_public_key(pem)


@pytest.mark.parametrize("size", [0, 63, 65, 128])
def test_an_es256_signature_has_64_bytes(size: int) -> None:
    """What is shorter or longer is no signature, and no reason to fail."""
    key = new_signing_key("ES256")
    jwt_of_key = take_apart(key.sign(TYP, CLAIMS))

    assert is_signed_by(jwt_of_key, key.public)
    assert not is_signed_by(replace(jwt_of_key, signature=b"\x01" * size), key.public)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_new_keys_differ(algorithm: Algorithm) -> None:
    """Each new key has its own id, and verifies nothing of another's."""
    one, other = new_signing_key(algorithm), new_signing_key(algorithm)

    assert one.kid != other.kid
    assert not is_signed_by(take_apart(one.sign(TYP, CLAIMS)), other.public)
