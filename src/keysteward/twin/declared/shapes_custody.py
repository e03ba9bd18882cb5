"""What may a file declare of who comes and leaves, of findings, and of keys on their way? Every field, as ever."""

from typing import Annotated, Literal

from msgspec import Meta

from keysteward.rules.custody.audit import CUSTODY
from keysteward.rules.organizations import Side, Wish
from keysteward.rules.people import GRANTABLE
from keysteward.rules.transfers import End, Hand
from keysteward.twin.declared.fields import AppName, Moment, Shape, UserName, said

Codes = Annotated[str, Meta(extra_json_schema={"enum": sorted(rule.code for rule in CUSTODY)})]
AccountName = Annotated[str, said("The account, by name or GUID.", "Acme")]
ProfileName = Annotated[
    str,
    said(
        "The permission profile: DS Admin, which makes an admin, DS Sender, DS Viewer or Developer, or the name of one "
        "of the account's own.",
        "DS Admin",
    ),
]


class Profile(Shape):
    """A permission profile of an account's own. It never makes an admin."""

    name: Annotated[str, said("Its name.", "Leases only")]
    permissions: Annotated[
        list[Annotated[str, Meta(extra_json_schema={"enum": list(GRANTABLE)})]], said("What it allows.")
    ] = []


class Invitation(Shape):
    """Somebody who was invited to an account and has not come yet. The link is in a mail: see `/_dev/outbox`."""

    email: Annotated[str, said("Their address.", "zoe@acme.example")]
    profile: ProfileName = "DS Sender"
    service: Annotated[bool, said("Whether a service admin is asked for.")] = False
    by: Annotated[str | None, said("The admin of the account who invited them. Left out, its first active one.")] = None
    created: Annotated[Moment, said("When. Left out, when the file is applied.")] = None


class Finding(Shape):
    """What an account's admins say of a finding of the custody audit. Where it is not found, nothing is said."""

    finding: Annotated[Codes, said("The code of its rule.", "only-admin-is-a-person")]
    subject: Annotated[
        str,
        said("What it is about: an account, user, app or domain of the file. Left out, the account itself."),
    ] = ""
    accepted_until: Annotated[
        str | None,
        said(
            "Until when it is accepted: an instant, or a time counted from when the file is applied. One that is over "
            "says nothing.",
            "90 days",
        ),
    ] = None
    reason: Annotated[str, said("Why it is accepted.")] = "Declared in a file."
    by: Annotated[str | None, said("The admin who accepted it. Left out, the first active one.")] = None
    owner: Annotated[str | None, said("The admin who sees to it, by address or GUID.")] = None


class LinkedAccount(Shape):
    """An account that joined an organization after it was created."""

    account: AccountName
    linked: Annotated[Moment, said("When. Left out, when the organization was created.")] = None
    by: Annotated[str | None, said("The admin of the account who agreed. Left out, its first.")] = None


class OrganizationAdmin(Shape):
    """Somebody who became an admin of an organization after it was created."""

    user: UserName
    created: Annotated[Moment, said("When. Left out, when the organization was created.")] = None


class AccountRequest(Shape):
    """What an organization or an account asked, and the other side has yet to answer."""

    account: AccountName
    wish: Annotated[Wish, said("What is asked: to join, or to leave.")] = "link"
    side: Annotated[Side, said("Who asked; only an organization asks to link.")] = "organization"
    by: Annotated[str | None, said("The admin of that side who asked. Left out, its first.")] = None
    created: Annotated[Moment, said("When. Left out, when the file is applied.")] = None


class Departure(Shape):
    """Somebody left. An operator closes the user, and so does an organization whose domain their address lies in.

    Of others an organization ends the memberships in its own accounts.
    """

    user: UserName
    organization: Annotated[str | None, said("Whose word it is, by name or GUID. Left out, an operator's.")] = None
    by_provider: Annotated[bool, said("Whether its identity provider said so, not an admin of it.")] = False
    by: Annotated[
        str | None,
        said(
            "Who said so: the organization admin, by address or GUID, or the name of the operator or of the provider. "
            "Left out, the first such admin who did not leave, or `operator`, or `identity provider`."
        ),
    ] = None
    reason: Annotated[str, said("Why.")] = "Declared in a file."
    created: Annotated[Moment, said("When. Left out, when the file is applied.")] = None
    brought_back: Annotated[bool | str, said("Whether this was taken back, or when it was.")] = False
    brought_back_by: Annotated[
        str | None, said("Who took it back: an admin of the organization, or an operator. Left out, who had said it.")
    ] = None


class Step(Shape):
    """Who took a step of a transfer, and when."""

    by: Annotated[str | None, said("Who, by address or GUID. Left out, the first who may.")] = None
    at: Annotated[Moment, said("When. Left out, a minute after what came before it.")] = None


Taken = bool | Step


class Ended(Shape):
    """How a transfer ended."""

    how: Annotated[End, said("What became of it.")] = "moved"
    by: Annotated[
        str | None, said("Who cancelled or vetoed it. Left out, whoever started it, or the first who may veto.")
    ] = None
    reason: Annotated[str, said("Why, where somebody cancelled or vetoed it.")] = ""
    at: Annotated[
        Moment,
        said("When. Left out, as soon as it could: a stand-in moves after its waiting, what expires does in its time."),
    ] = None


class Transfer(Shape):
    """A key on its way from one production account to another.

    The app's `account` is where it was promoted; the transfers that moved it say where it is now. Its `by` administers
    the first.
    """

    app: AppName
    to: Annotated[str, said("The account that is to have it, by name or GUID.", "Acme Group")]
    hand: Annotated[Hand, said("Who started it: an admin of its account, one of before it closed, or a stand-in.")] = (
        "admin"
    )
    by: Annotated[str | None, said("Who started it. Left out, the first who may.")] = None
    started: Annotated[
        Moment, said("When. Left out, a day before the file is applied, and five days before where somebody stands in.")
    ] = None
    accepted: Annotated[Taken, said("Whether, by whom and when the destination accepted.")] = False
    source_confirmed: Annotated[Taken, said("Whether the source confirmed in writing.")] = False
    destination_confirmed: Annotated[Taken, said("Whether the destination did.")] = False
    approved: Annotated[Taken, said("Whether a second organization admin approved a stand-in.")] = False
    ended: Annotated[
        Literal["moved", "cancelled", "vetoed", "expired"] | Ended | None,
        said("How it ended: a word alone is how. One that moved took every step. Left out, it is under way."),
    ] = None
