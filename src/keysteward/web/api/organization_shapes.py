"""Which shapes do an organization's authorizations have?"""

from typing import Annotated

from msgspec import Meta, Struct

from keysteward.web.api.shapes import Instant, Request

Scope = Annotated[
    str, Meta(pattern=r"^[!#-\[\]-~]+\Z", max_length=100, extra_json_schema={"examples": ["impersonation"]})
]


class NewAuthorization(Request):
    """What an organization is to allow an app; it stands in the place of what it allowed before."""

    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=20)]


class Authorization(Struct):
    """What an organization allows an app. `publisher` manages its key; `given_by` is the GUID of a user."""

    key: str
    name: str
    publisher: str
    scopes: list[str]
    given_at: Instant
    given_by: str


class Authorizations(Struct):
    """The apps that an organization allows something, newest first."""

    authorizations: list[Authorization]
