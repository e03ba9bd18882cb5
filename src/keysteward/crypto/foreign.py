"""Did a foreign provider sign this token, with a key that it publishes?"""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from keysteward.crypto.signing import BadToken, Jwt, PublicKey, is_client_signature, take_apart

_KINDS: dict[str, type[RSAKey | ECKey]] = {"RS256": RSAKey, "ES256": ECKey}
_TYPES = {"RS256": "RSA", "ES256": "EC"}
_LEAST_BITS, _MOST_BITS = 2_048, 8_192
_MOST_KEYS = 50
_ID_TOKEN_TYPES = (None, "JWT", "jwt")


def verify_foreign(token: str, jwks: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of an id token that one key of the set signed, RS256 or ES256; raises BadToken with the reason.

    The kid chooses the key; without one the set must hold a single key that fits. Keys in the token are never used.
    """
    jwt = take_apart(token)
    header = jwt.unverified_header
    if header.get("alg") not in _KINDS:
        raise BadToken("it is signed neither with RS256 nor with ES256")
    if header.get("typ") not in _ID_TOKEN_TYPES:
        raise BadToken("it is another kind of token")
    if not is_client_signature(jwt, _chosen(jwt, jwks)):
        raise BadToken("its signature is wrong")
    return jwt.unverified_claims


def _chosen(jwt: Jwt, jwks: Mapping[str, Any]) -> PublicKey:
    algorithm, kid = str(jwt.unverified_header["alg"]), jwt.unverified_header.get("kid")
    listed = jwks.get("keys")
    keys = [each for each in listed[:_MOST_KEYS] if isinstance(each, dict)] if isinstance(listed, list) else []
    fitting = [each for each in keys if _fits(each, algorithm) and (kid is None or each.get("kid") == kid)]
    if len(fitting) != 1:
        raise BadToken("no published key signed it" if not fitting else "it does not say which key signed it")
    return _loaded(fitting[0], algorithm)


def _fits(jwk: Mapping[str, Any], algorithm: str) -> bool:
    is_for_signing = jwk.get("use", "sig") == "sig" and jwk.get("alg", algorithm) == algorithm
    return jwk.get("kty") == _TYPES[algorithm] and is_for_signing


def _loaded(jwk: Mapping[str, Any], algorithm: str) -> PublicKey:
    wanted = {name: jwk[name] for name in ("kty", "n", "e", "crv", "x", "y") if isinstance(jwk.get(name), str)}
    try:
        public = _KINDS[algorithm].import_key(wanted).public_key
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadToken("the key that signed it cannot be read") from error
    if isinstance(public, rsa.RSAPublicKey) and _LEAST_BITS <= public.key_size <= _MOST_BITS:
        return public
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return public
    raise BadToken("the key that signed it is too weak, or of another curve")
