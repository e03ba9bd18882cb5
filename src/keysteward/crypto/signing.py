"""How are JWTs signed and checked?"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from joserfc.jwk import ECKey, OKPKey, RSAKey

Algorithm = Literal["RS256", "ES256", "EdDSA"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

_MOST_BYTES = 16_384
_RSA_BITS = 2_048
_RSA_MOST_BITS = 8_192
_P256_BYTES = 32

_SHA256 = hashes.SHA256()
_PKCS1 = padding.PKCS1v15()
_ECDSA = ec.ECDSA(_SHA256)
_FOREIGN_KEYS = frozenset({"jku", "jwk", "x5u", "x5c", "crit"})
_OBJECT = msgspec.json.Decoder(dict[str, Any])


class BadToken(Exception):
    """The text is no JWT that we signed, or its signature is wrong. The message is for the log."""


class BadPublicKey(Exception):
    """The PEM is no public key that we can use. The message is for whoever uploaded it."""


@dataclass(frozen=True, slots=True)
class Jwt:
    """A JWT taken apart: nothing in it is verified yet."""

    unverified_header: dict[str, Any]
    unverified_claims: dict[str, Any]
    signed: bytes
    signature: bytes


class SigningKey:
    """A private key with its id. The header of each kind of token is encoded once."""

    def __init__(self, kid: str, algorithm: Algorithm, private: PrivateKey) -> None:
        self.kid = kid
        self.algorithm: Algorithm = algorithm
        self._private = private
        self.public = private.public_key()
        self._headers: dict[str, bytes] = {}

    def sign(self, typ: str, claims: Mapping[str, object]) -> str:
        """A compact JWS with `typ`, `alg` and `kid` in its header."""
        header = self._headers.get(typ) or self._headers.setdefault(typ, self._header(typ))
        signed = header + b"." + _encode(msgspec.json.encode(claims))
        return (signed + b"." + _encode(self._signature(signed))).decode()

    def jwk(self) -> dict[str, Any]:
        """The public half as a JSON Web Key."""
        return jwk_of(self.kid, self.public)

    def sealed_form(self) -> bytes:
        """The private half as PKCS 8, to be sealed."""
        return self._private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def _header(self, typ: str) -> bytes:
        return _encode(msgspec.json.encode({"typ": typ, "alg": self.algorithm, "kid": self.kid}))

    def _signature(self, signed: bytes) -> bytes:
        if isinstance(self._private, rsa.RSAPrivateKey):
            return self._private.sign(signed, _PKCS1, _SHA256)
        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            halves = decode_dss_signature(self._private.sign(signed, _ECDSA))
            return b"".join(half.to_bytes(_P256_BYTES, "big") for half in halves)
        return self._private.sign(signed)


def new_signing_key(algorithm: Algorithm) -> SigningKey:
    """A fresh key; an RSA key takes about 60 ms, up to some hundreds."""
    return SigningKey(secrets.token_urlsafe(12), algorithm, _new_private(algorithm))


def load_signing_key(kid: str, algorithm: Algorithm, der: bytes) -> SigningKey:
    """A key that was sealed."""
    private = serialization.load_der_private_key(der, None)
    if not isinstance(private, PrivateKey):
        raise TypeError(f"signing key {kid} is of another type")
    return SigningKey(kid, algorithm, private)


def take_apart(token: str, most_bytes: int = _MOST_BYTES) -> Jwt:
    """Split and decode a compact JWS; raises BadToken where it is none."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > most_bytes or not token.isascii():
        raise BadToken("not a compact JWS")
    try:
        header, claims = (_OBJECT.decode(_decode(part)) for part in parts[:2])
        signature = _decode(parts[2])
    except (msgspec.MsgspecError, binascii.Error, ValueError, RecursionError) as error:
        raise BadToken("a part cannot be decoded") from error
    return Jwt(header, claims, f"{parts[0]}.{parts[1]}".encode(), signature)


def is_signed_by(jwt: Jwt, public: PublicKey) -> bool:
    """Whether this key made the signature; the algorithm is the key's, never the token's choice."""
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(jwt.signature, jwt.signed, _PKCS1, _SHA256)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(_as_der(jwt.signature), jwt.signed, _ECDSA)
        else:
            public.verify(jwt.signature, jwt.signed)
    except InvalidSignature:
        return False
    return True


def verify(token: str, typ: str, keys: Mapping[str, PublicKey], most_bytes: int = _MOST_BYTES) -> dict[str, Any]:
    """The claims of a token of one `typ`, signed by the key that its `kid` names; raises BadToken otherwise."""
    return verify_signer(token, typ, keys, most_bytes)[1]


def verify_signer(
    token: str, typ: str, keys: Mapping[str, PublicKey], most_bytes: int = _MOST_BYTES
) -> tuple[str, dict[str, Any]]:
    """The id of the key that signed a token, and the claims; likewise."""
    jwt = take_apart(token, most_bytes)
    kid = str(jwt.unverified_header.get("kid"))
    public = keys.get(kid)
    if public is None:
        raise BadToken("no key has this kid")
    if jwt.unverified_header.get("typ") != typ or jwt.unverified_header.get("alg") != algorithm_of(public):
        raise BadToken("typ or alg is another")
    if "crit" in jwt.unverified_header or not is_signed_by(jwt, public):
        raise BadToken("the signature is wrong")
    return kid, jwt.unverified_claims


def is_client_signature(jwt: Jwt, public: PublicKey) -> bool:
    """Whether this key of a client made the signature. A token that brings a key along, or its address, is bad."""
    header = jwt.unverified_header
    if header.get("alg") != algorithm_of(public) or not _FOREIGN_KEYS.isdisjoint(header):
        return False
    return is_signed_by(jwt, public)


def jwk_of(kid: str, public: PublicKey) -> dict[str, Any]:
    """A public key as a JSON Web Key."""
    algorithm = algorithm_of(public)
    kinds: dict[Algorithm, Callable[[str], RSAKey | ECKey | OKPKey]] = {
        "RS256": RSAKey.import_key,
        "ES256": ECKey.import_key,
        "EdDSA": OKPKey.import_key,
    }
    return {**kinds[algorithm](public_pem(public)).as_dict(private=False), "kid": kid, "use": "sig", "alg": algorithm}


def algorithm_of(public: PublicKey) -> Algorithm:
    """The one algorithm that we use with a key."""
    if isinstance(public, rsa.RSAPublicKey):
        return "RS256"
    return "ES256" if isinstance(public, ec.EllipticCurvePublicKey) else "EdDSA"


def public_keys_of(jwks: Mapping[str, Any]) -> dict[str, PublicKey]:
    """The Ed25519 keys of a JWK set, by their kid; others are passed over."""
    found: dict[str, PublicKey] = {}
    for jwk in jwks.get("keys", ()):
        if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519" and isinstance(jwk.get("kid"), str):
            public = OKPKey.import_key(jwk).public_key
            if isinstance(public, ed25519.Ed25519PublicKey):
                found[jwk["kid"]] = public
    return found


def generate_keypair() -> tuple[str, str]:
    """A fresh RSA keypair as PEM: private (shown once, kept nowhere) and public."""
    private = _new_rsa()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return pem.decode(), public_pem(private.public_key())


def checked_public_key(unverified_pem: str) -> str:
    """The PEM of an uploaded RSA or P-256 public key, in one form; raises BadPublicKey with the reason."""
    if "PRIVATE KEY" in unverified_pem:
        raise BadPublicKey("it is a private key; keep that to yourself and upload the public half.")
    try:
        public = serialization.load_pem_public_key(unverified_pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise BadPublicKey("it is not PEM.") from None
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return public_pem(public)
    if not isinstance(public, rsa.RSAPublicKey):
        raise BadPublicKey("it is neither RSA nor of the curve P-256.")
    if not _RSA_BITS <= public.key_size <= _RSA_MOST_BITS:
        raise BadPublicKey(f"it has {public.key_size} bits.")
    return public_pem(public)


@lru_cache(maxsize=10_000)
def load_public_key(pem: str) -> PublicKey:
    """A public key that we keep; loaded once."""
    public = serialization.load_pem_public_key(pem.encode())
    if not isinstance(public, PublicKey):
        raise TypeError("a kept public key is of another type")
    return public


def public_pem(public: PublicKey) -> str:
    """A public key as PEM."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def thumbprint(pem: str) -> str:
    """SHA-256 of the public key, base64url: how people and tickets name it."""
    der = load_public_key(pem).public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return _encode(hashlib.sha256(der).digest()).decode()


def half_hash(token: str) -> str:
    """The left half of a token's SHA-256, base64url: how an id token names what came with it (`at_hash`)."""
    return _encode(hashlib.sha256(token.encode()).digest()[:16]).decode()


def _as_der(signature: bytes) -> bytes:
    if len(signature) != 2 * _P256_BYTES:
        raise InvalidSignature
    halves = (signature[:_P256_BYTES], signature[_P256_BYTES:])
    return encode_dss_signature(*(int.from_bytes(half, "big") for half in halves))


def _new_private(algorithm: Algorithm) -> PrivateKey:
    if algorithm == "RS256":
        return _new_rsa()
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else ed25519.Ed25519PrivateKey.generate()


def _new_rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=_RSA_BITS)


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encode(data) != text.encode():  # or one token would have many spellings
        raise ValueError("not base64url as RFC 7515 spells it")
    return data
