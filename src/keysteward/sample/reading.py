"""What did the client write, and is it of the right shape?"""

import re
from typing import Any, TypeVar

import msgspec

from keysteward.rules.shapes import known
from keysteward.sample.refusals import BAD_BODY, BAD_PARAMETER, Refusal

Shape = TypeVar("Shape")

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")

MOST_VALUES = 250_000  # a body of nothing but braces would fill gigabytes and hold up every other call


def read_json(body: bytes, shape: type[Shape]) -> Shape:
    """Read a JSON object; an empty body is an empty object, numbers and booleans are taken as their texts."""
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise Refusal(BAD_BODY, f"Send at most {MOST_VALUES:,} values in one body.")
    try:
        value = as_texts(msgspec.json.decode(body or b"{}"))
    except (ValueError, RecursionError):
        raise Refusal(BAD_BODY, "Send one JSON object in UTF-8.") from None
    return fit(value, shape)


def fit(value: object, shape: type[Shape]) -> Shape:
    """Take a value for what it should be, or refuse with the place where it is something else."""
    try:
        return msgspec.convert(value, known(shape))
    except msgspec.ValidationError as error:
        raise Refusal(BAD_BODY, f"{error}.") from None  # names types and places, never values


def as_texts(value: Any) -> Any:  # noqa: ANN401  # whatever JSON can say
    """Replace every number and boolean by its text, as Docusign's JSON has them."""
    if isinstance(value, dict):
        return {name: as_texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_texts(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def read_guid(text: str, name: str) -> str:
    """Read a GUID in any case, and answer with it in lower case."""
    guid = text.strip().lower()
    if not GUID.fullmatch(guid):
        raise Refusal(BAD_PARAMETER, f"'{name}' must be a GUID.")
    return guid


def read_number(text: str, name: str, *, least: int = 0) -> int:
    """Read a whole number of at most nine digits."""
    digits = text.strip()
    if not WHOLE_NUMBER.fullmatch(digits) or int(digits) < least:
        raise Refusal(BAD_PARAMETER, f"'{name}' must be a whole number of at least {least}.")
    return int(digits)
