"""How does the record of a key that retired become a signed text, to be checked by either side later?"""

from collections.abc import Mapping

import msgspec

from keysteward.crypto.signing import BadToken, PublicKey, SigningKey, verify
from keysteward.rules.replacement_records import Record
from keysteward.rules.shapes import known

RECORD = "keysteward-replacement+jwt"
_MOST_BYTES = 65_536


def write_record(record: Record, key: SigningKey, issuer: str) -> str:
    """The record of a replacement, dated by what happened last: either side keeps it."""
    at = record.ended_at or record.retired_at
    return key.sign(RECORD, {"iss": issuer, "iat": int(at.timestamp()), "paper": record})


def read_record(paper: str, keys: Mapping[str, PublicKey]) -> Record:
    """A verified record; raises BadToken. It is good for ever, so it has no expiry."""
    claims = verify(paper, RECORD, keys, _MOST_BYTES)
    try:
        return msgspec.convert(claims.get("paper"), known(Record))
    except msgspec.ValidationError as error:
        raise BadToken(f"the paper has another shape: {error}") from error
