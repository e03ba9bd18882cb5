"""What is the code of an authenticator app at a moment (RFC 6238: SHA-1, six digits, thirty seconds)?"""

import base64
import hmac
import secrets
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

_SECRET_BYTES = 20
_DIGITS = 6
_STEP_SECONDS = 30
_NEIGHBOURS = (0, -1, 1)  # a clock may be half a minute wrong, and a code takes a while to type


def new_totp_secret() -> bytes:
    """The random secret that an authenticator app and we share."""
    return secrets.token_bytes(_SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """The code of one step, counted from 1970."""
    # the algorithm that every app has; a code is no collision, so SHA-1's weakness does not matter (RFC 6238 §1.2)
    return HOTP(secret, _DIGITS, SHA1()).generate(step).decode()  # noqa: S303


def step_at(machine_seconds: float) -> int:
    """The step that a moment lies in."""
    return int(machine_seconds) // _STEP_SECONDS


def steps_of(secret: bytes, unverified_code: str, machine_seconds: float) -> list[int]:
    """The steps around a moment whose code this is, the nearest first; usually one or none."""
    now = step_at(machine_seconds)
    typed = unverified_code.encode()
    return [now + each for each in _NEIGHBOURS if hmac.compare_digest(code_at(secret, now + each).encode(), typed)]


def in_letters(secret: bytes) -> str:
    """A secret as people type it into an app: base32."""
    return base64.b32encode(secret).decode()


def app_address(secret: bytes, email: str, issuer: str) -> str:
    """The otpauth address that an app reads from a QR code."""
    query = urlencode({"secret": in_letters(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(email)}?{query}"
