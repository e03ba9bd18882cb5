"""How does an app say with its private key who it is and for whom it asks?"""

from collections.abc import Mapping

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

_HEADER = {"typ": "JWT", "alg": "RS256"}


class BadPrivateKey(Exception):
    """The PEM is no RSA private key. The message is for whoever has it."""


def sign_assertion(private_pem: str, claims: Mapping[str, str | int]) -> str:
    """An assertion of the JWT grant, as the SDKs make it."""
    try:
        key = RSAKey.import_key(private_pem)
        return jwt.encode(_HEADER, dict(claims), key, algorithms=["RS256"])
    except (JoseError, ValueError, TypeError) as error:
        raise BadPrivateKey("it holds no RSA private key") from error
