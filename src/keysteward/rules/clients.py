"""How does a client say who it is, and when do we believe it?"""

import base64
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, unquote_plus

from keysteward.rules.refusals import INVALID_CLIENT, MISSING_PARAMETER, TWO_PROOFS, Refusal

Method = Literal["basic", "post", "assertion", "none"]

JWT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CLIENT_FIELDS = frozenset({"client_id", "client_secret", "client_assertion", "client_assertion_type"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client said of itself: unverified."""

    unverified_key: str
    unverified_secret: str | None = field(repr=False)
    method: Method
    unverified_assertion: str = field(default="", repr=False)


def shows_client(authorization: str | None, form: dict[str, str]) -> bool:
    """Whether a request says who its client is; one of the JWT grant need not (RFC 7523 §3.1)."""
    is_basic = authorization is not None and authorization[:6].lower() == "basic "
    return is_basic or not _CLIENT_FIELDS.isdisjoint(form)


def read_credentials(authorization: str | None, form: dict[str, str]) -> Credentials:
    """Read HTTP Basic, else an assertion, else `client_id` and `client_secret` of the form, else `client_id` alone.

    Both halves of Basic are percent-decoded where they are encoded (RFC 6749 §2.3.1; some clients encode the hyphen).
    A plus in a secret is a plus: no secret holds a blank, and most clients do not encode at all.
    """
    if authorization is not None and authorization[:6].lower() == "basic ":
        return _from_basic(authorization[6:], form)
    key = form.get("client_id")
    if "client_assertion" in form or "client_assertion_type" in form:
        return _from_assertion(form, key)
    if not key:
        raise Refusal(MISSING_PARAMETER, name="client_id")
    secret = form.get("client_secret")
    return Credentials(key, secret, "post" if secret is not None else "none")


def _from_assertion(form: dict[str, str], key: str | None) -> Credentials:
    """A JWT that the client signed (RFC 7523 §2.2); it names the key, which the form may name too."""
    if form.get("client_assertion_type") != JWT_ASSERTION or not form.get("client_assertion"):
        raise Refusal(INVALID_CLIENT, method="assertion", detail="client_assertion or its type is missing or unknown")
    if "client_secret" in form:
        raise Refusal(TWO_PROOFS)
    return Credentials(key or "", None, "assertion", form["client_assertion"])


def _from_basic(encoded: str, form: dict[str, str]) -> Credentials:
    """HTTP Basic. Some clients send the same key and secret in the form too; anything else beside it is refused."""
    form_key = form.get("client_id")
    try:
        key, separator, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise Refusal(INVALID_CLIENT, method="basic", detail="Basic is not base64 of UTF-8") from None
    credentials = Credentials(unquote_plus(key), unquote(secret), "basic")
    if not separator or (form_key is not None and form_key != credentials.unverified_key):
        raise Refusal(INVALID_CLIENT, method="basic", detail="Basic has no colon, or names another key than the form")
    if "client_assertion" in form or form.get("client_secret", secret) not in {secret, credentials.unverified_secret}:
        raise Refusal(TWO_PROOFS)
    return credentials
