"""How does somebody write a JWT by hand, as no library would?"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from keysteward.crypto.signing import generate_keypair

Signer = Callable[[bytes], bytes]

_SHA256 = hashes.SHA256()


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def written(value: object) -> bytes:
    """A value as JSON; bytes stay as they are, for what no JSON library would write."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def compact(header: object, claims: object, sign: Signer) -> str:
    """A compact JWS of whatever stands in its two parts."""
    signed = f"{b64(written(header))}.{b64(written(claims))}"
    return f"{signed}.{b64(sign(signed.encode()))}"


def doubled(name: str, first: object, members: dict[str, object]) -> bytes:
    """A JSON object whose first member stands there twice, with the value of `members` last."""
    return b"{" + json.dumps({name: first})[1:-1].encode() + b"," + json.dumps(members)[1:].encode()


def rs256(pem: str) -> Signer:
    """An RSA signature as RFC 7518 has it."""
    return lambda signed: _rsa(pem).sign(signed, padding.PKCS1v15(), _SHA256)


def ps256(pem: str) -> Signer:
    """An RSA signature of another kind, with the same key."""
    return lambda signed: _rsa(pem).sign(signed, padding.PSS(padding.MGF1(_SHA256), 32), _SHA256)


def es256(private: ec.EllipticCurvePrivateKey) -> Signer:
    """An ECDSA signature, as two numbers of 32 bytes."""

    def sign(signed: bytes) -> bytes:
        halves = decode_dss_signature(private.sign(signed, ec.ECDSA(_SHA256)))
        return b"".join(half.to_bytes(32, "big") for half in halves)

    return sign


def hs256(secret: str) -> Signer:
    """A keyed hash, with something that is no secret as its key."""
    return lambda signed: hmac.new(secret.encode(), signed, hashlib.sha256).digest()


def nobody(signed: bytes) -> bytes:
    """No signature at all."""
    del signed
    return b""


@cache
def stranger_pem() -> str:
    """A private key that no app knows."""
    return generate_keypair()[0]


@cache
def stranger_ec() -> ec.EllipticCurvePrivateKey:
    """The same on a curve."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def _rsa(pem: str) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
