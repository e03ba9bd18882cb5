"""Whom does a request for a token say that it comes from? Nothing of it is verified: it only tells requests apart."""

import base64
import binascii
from typing import NamedTuple
from urllib.parse import parse_qsl

import msgspec

from keysteward.rules.clients import read_credentials
from keysteward.rules.refusals import Refusal
from keysteward.rules.shapes import known

_MOST_FIELDS = 200


class Claimed(NamedTuple):
    """A key and a user, each empty where the request names none."""

    unverified_key: str = ""
    unverified_user: str = ""


class _Claims(msgspec.Struct):
    iss: str = ""
    sub: str = ""


def claimed_by(authorization: str | None, unverified_body: bytes) -> Claimed:
    """Whom a form names: the issuer and subject of its assertion, else the client."""
    try:
        form = dict(parse_qsl(unverified_body.decode(), max_num_fields=_MOST_FIELDS))
        if "assertion" in form:
            said = _claims(form["assertion"])
            return Claimed(said.iss.lower(), said.sub.lower())
        client = read_credentials(authorization, form)
    except (ValueError, Refusal):
        return Claimed()  # its door says what is wrong with it
    return Claimed((client.unverified_key or _claims(client.unverified_assertion).iss).lower())


def _claims(unverified_token: str) -> _Claims:
    part = unverified_token.split(".")[1:2]
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode("".join(part) + "=="), type=known(_Claims))
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return _Claims()
