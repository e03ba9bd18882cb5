"""How does what was said in a transfer become a signed text, to be checked by either side later?"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from keysteward.crypto.signing import BadToken, PublicKey, SigningKey, take_apart, verify
from keysteward.rules.shapes import known
from keysteward.rules.transfer_words import Record, Word

WORD = "keysteward-transfer-word+jwt"
RECORD = "keysteward-transfer+jwt"
_MOST_BYTES = 65_536

Paper = TypeVar("Paper", Word, Record)


def write_word(word: Word, key: SigningKey, issuer: str) -> str:
    """One side's word, signed when it was said."""
    return key.sign(WORD, {"iss": issuer, "iat": int(word.at.timestamp()), "paper": word})


def kept_word(paper: str) -> Word:
    """A word that we signed and kept ourselves."""
    return _converted(take_apart(paper, _MOST_BYTES).unverified_claims.get("paper"), Word)


def write_record(record: Record, key: SigningKey, issuer: str) -> str:
    """The record of a transfer that moved its key: either side keeps it."""
    return key.sign(RECORD, {"iss": issuer, "iat": int(record.moved_at.timestamp()), "paper": record})


def read_record(paper: str, keys: Mapping[str, PublicKey]) -> Record:
    """A verified record; raises BadToken. It is good for ever, so it has no expiry."""
    return _converted(verify(paper, RECORD, keys, _MOST_BYTES).get("paper"), Record)


def _converted(paper: object, kind: type[Paper]) -> Paper:
    try:
        return msgspec.convert(paper, known(kind))
    except msgspec.ValidationError as error:
        raise BadToken(f"the paper has another shape: {error}") from error
