"""What is a table of a file, and which fields do several of them have?"""

from typing import Annotated

from msgspec import Meta, Struct


def said(sentence: str, *examples: str, enum: tuple[str, ...] = ()) -> Meta:
    """What the reference says of a field."""
    extra = {"examples": list(examples)} if examples else {"enum": list(enum)} if enum else None
    return Meta(description=sentence, extra_json_schema=extra)


class Shape(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a table of the file may hold: nothing but its fields."""


Moment = Annotated[
    str | None,
    Meta(extra_json_schema={"title": "a moment", "examples": ["3 days", "2 hours ago", "2026-11-20T09:30:00Z"]}),
]
Guid = Annotated[
    str | None, said("Its GUID. Left out, one is made from the environment and the name: the same every time.")
]
UserName = Annotated[str, said("Who: the e-mail address or GUID of a declared user.", "ada@acme.example")]
AppName = Annotated[str, said("The app: its integration key or its name.", "Lease signer")]
Scopes = Annotated[list[str], said("The scopes, each by its name.")]
