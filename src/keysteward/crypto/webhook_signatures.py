"""How does a receiver know that a webhook came from us? By a signature as Standard Webhooks wants it."""

import base64
import hashlib
import hmac
import secrets

_PREFIX = "whsec_"
_BYTES = 32


def new_signing_secret() -> str:
    """256 random bits, as the libraries for receivers take them: `whsec_` and base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signature(secret: str, message: str, epoch_seconds: int, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, timestamp and body, joined by full stops."""
    signed = f"{message}.{epoch_seconds}.".encode() + body
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
