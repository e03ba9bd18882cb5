"""What may a file declare of the programs that an account or an organization tells, and lets speak?"""

from typing import Annotated

from msgspec import Meta

from keysteward.rules.webhooks import KINDS_TOLD
from keysteward.twin.declared.fields import Moment, Shape, said
from keysteward.twin.declared.shapes_custody import ProfileName


class Webhook(Shape):
    """An address that is told of notices. `declared.json` names its signing secret, which every twin makes anew.

    It is not asked while the file is applied, and told of what happens afterwards.
    """

    url: Annotated[str, said("Its https address.", "https://hooks.acme.example/keysteward")]
    kinds: Annotated[
        list[Annotated[str, Meta(extra_json_schema={"enum": list(KINDS_TOLD)})]],
        said("The [kinds of notices](webhooks.md) that it is told of. Left out, all."),
    ] = []
    by: Annotated[
        str | None, said("The admin who made it, of the account or the organization. Left out, the first.")
    ] = None
    created: Annotated[Moment, said("When. Left out, when the file is applied.")] = None


class ScimToken(Shape):
    """A token of an organization's identity provider; `declared.json` names its value."""

    name: Annotated[str, said("Its name.", "Entra ID")]
    by: Annotated[str | None, said("The organization admin who made it. Left out, the first.")] = None
    created: Annotated[
        Moment, said("When. Left out, right after the one before it; the first when the organization was created.")
    ] = None


class Directory(Shape):
    """What an organization lets its identity provider say of its people, by SCIM."""

    account: Annotated[
        str | None,
        said("Where new users belong: an account of the organization, by name or GUID. Left out, nobody chose yet."),
    ] = None
    profile: ProfileName = "DS Sender"
    tokens: Annotated[list[str | ScimToken], said("Its tokens, two at most: text alone is the name.")] = []
