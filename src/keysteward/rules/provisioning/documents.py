"""What is said of a user in SCIM (RFC 7643 §4.1), and what of it is kept?

A document is the user as a provider sees it: plain JSON. One is read from what a provider sends, made of what we know,
and turned into a `Wanted` that says what its user is to become.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from keysteward.rules.accounts import User
from keysteward.rules.consent import lies_in
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import INVALID_FIELD, OUTSIDE_CLAIMED_DOMAINS, Refusal
from keysteward.rules.words import is_email

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
Document = Mapping[str, Any]
"""A user in SCIM: `userName`, `externalId`, `displayName`, `name`, `emails` and `active`, those that are known."""

NAMES: Mapping[str, str] = {
    each.lower(): each for each in ("userName", "externalId", "displayName", "name", "emails", "active")
}
PARTS: Mapping[str, Mapping[str, str]] = {
    "name": {"givenname": "givenName", "familyname": "familyName"},
    "emails": {"value": "value", "type": "type", "primary": "primary"},
}
TEXTS = frozenset({"userName", "externalId", "displayName"})
_USUAL_TYPE = "work"
_MOST_TEXT = 256
_MOST_NAME = 100
_MOST_VALUES = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """What a provider said of a user that stands nowhere else. `is_primary` is None where it did not say."""

    user_name: str
    external_id: str = ""
    display_name: str = ""
    email_type: str = _USUAL_TYPE
    is_primary: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user is to be by a provider's word."""

    kept: Kept
    email: str
    first_name: str
    last_name: str
    is_active: bool


def kept_of(user: User, kept: Kept | None) -> Kept:
    """What is kept of a user, whom a provider may never have mentioned: then their address is their name."""
    return kept or Kept(user.email)


def document_of(user: User, kept: Kept | None) -> Document:
    """A user as providers see them."""
    said = kept_of(user, kept)
    name = {"givenName": user.first_name, "familyName": user.last_name}
    document: dict[str, Any] = {
        "userName": said.user_name,
        "externalId": said.external_id,
        "displayName": said.display_name,
        "name": {part: value for part, value in name.items() if value},
        "emails": [{"value": user.email, "type": said.email_type, "primary": said.is_primary}],
        "active": user.state == "active",
    }
    return {attribute: value for attribute, value in document.items() if value not in ("", {})}


def version_of(document: Document) -> str:
    """The entity tag of a document: it changes when anything in it does, whoever changed it (RFC 7644 §3.14)."""
    said = msgspec.json.encode(document, order="deterministic")
    return f'W/"{hashlib.sha256(said).hexdigest()[:32]}"'


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def read_document(unverified: Mapping[str, Any]) -> dict[str, Any]:
    """What a provider says of a user, without what is not kept; names come in any letter case (RFC 7643 §2.1)."""
    found: dict[str, Any] = {}
    for name, value in unverified.items():
        attribute = NAMES.get(name.lower())
        if attribute is not None and value is not None:
            found[attribute] = read_attribute(attribute, value)
    return found


def read_attribute(attribute: str, value: object) -> Any:  # noqa: ANN401 — each attribute has its own shape
    """The value of one attribute; refuses what has another shape."""
    if attribute in TEXTS:
        return _text(attribute, value)
    if attribute == "active":
        return _truth(attribute, value)
    if attribute == "name":
        return _parts(attribute, value)
    listed = value if isinstance(value, list) else [value]
    if len(listed) > _MOST_VALUES:
        raise Refusal(INVALID_FIELD, field=attribute, reason=f"send at most {_MOST_VALUES} values.")
    return [_parts(attribute, each) for each in listed]


def read_part(attribute: str, part: str, value: object) -> str | bool:
    """The value of a part of an attribute."""
    field = f"{attribute}.{part}"
    return _truth(field, value) if part == "primary" else _text(field, value)


def _parts(attribute: str, value: object) -> dict[str, str | bool]:
    if attribute == "emails" and isinstance(value, str):
        return {"value": value.strip()}
    if not isinstance(value, Mapping):
        raise Refusal(INVALID_FIELD, field=attribute, reason="send an object.")
    known = ((PARTS[attribute].get(name.lower()), each) for name, each in value.items())
    return {part: read_part(attribute, part, each) for part, each in known if part and each is not None}


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise Refusal(INVALID_FIELD, field=field, reason="send text.")
    return value.strip()


def _truth(field: str, value: object) -> bool:
    """A boolean, or one spelled as text: some providers send "False"."""
    spelled = {"true": True, "false": False}
    found = value if isinstance(value, bool) else spelled.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise Refusal(INVALID_FIELD, field=field, reason="send true or false.")
    return found


# ── what it asks for ────────────────────────────────────────────────────────────────────────────────────────────────
def wanted_of(document: Document, host_names: Iterable[str], *, moves: bool = False) -> Wanted:
    """What a user is to become. Of several addresses the primary one counts, or that for work.

    Where none is said, the name is the address, and where somebody `moves` their new name is.
    """
    domains = tuple(host_names)
    user_name = _within(str(document.get("userName", "")), "userName", domains)
    email = _chosen(document.get("emails") or [])
    address = user_name if moves else str(email.get("value") or user_name)
    first, last = _name(document, address)
    return Wanted(
        Kept(
            user_name,
            _shortened(document, "externalId"),
            _shortened(document, "displayName"),
            checked_text(str(email.get("type") or _USUAL_TYPE), "emails.type", most=_MOST_NAME),
            bool(email.get("primary", True)),
        ),
        _within(address, "emails.value", domains),
        first,
        last,
        bool(document.get("active", True)),
    )


def _chosen(emails: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    given = [each for each in emails if each.get("value")]
    preferred = (each for each in given if each.get("primary") is True)
    at_work = (each for each in given if str(each.get("type", "")).lower() == _USUAL_TYPE)
    return next(preferred, None) or next(at_work, None) or next(iter(given), {})


def _name(document: Document, address: str) -> tuple[str, str]:
    """First and last name; where none is said, the name that is shown, or else what the address begins with."""
    said = document.get("name") or {}
    first = str(said.get("givenName") or document.get("displayName") or address.partition("@")[0])
    last = str(said.get("familyName", ""))
    return (
        checked_text(first, "name.givenName", most=_MOST_NAME),
        checked_text(last, "name.familyName", least=0, most=_MOST_NAME),
    )


def _shortened(document: Document, attribute: str) -> str:
    return checked_text(str(document.get(attribute, "")), attribute, least=0, most=_MOST_TEXT)


def _within(address: str, field: str, host_names: tuple[str, ...]) -> str:
    if not is_email(address):
        raise Refusal(INVALID_FIELD, field=field, reason="send an address such as ada@example.com.")
    if not lies_in(address, host_names):
        raise Refusal(OUTSIDE_CLAIMED_DOMAINS, address=address, field=field)
    return address
