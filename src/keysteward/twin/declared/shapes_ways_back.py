"""What may a file declare of ways back to keys: contacts, sealed copies, drills, and keys that replace others?"""

from typing import Annotated, Literal

from msgspec import Meta

from keysteward.rules.drills import MOST_MONTHS, DrillKind, Result
from keysteward.rules.replacements import Hand
from keysteward.twin.declared.fields import AppName, Moment, Shape, said
from keysteward.twin.declared.shapes_custody import Taken


class RecoveryContact(Shape):
    """Somebody who is told when the account loses its last admin, and can ask for help. They manage nothing."""

    email: Annotated[str, said("Their address.", "recovery@acme.example")]
    confirmed: Annotated[
        bool | str,
        said("Whether they agreed, or when: a minute after they were named. Else the link is in `/_dev/outbox`."),
    ] = True
    by: Annotated[str | None, said("The admin of the account who named them. Left out, its first.")] = None
    created: Annotated[Moment, said("When. Left out, when the account was opened.")] = None


class RecoveryRecipient(Shape):
    """Who can open what the account seals: the public key of a pair whose private identity never comes here."""

    public_key: Annotated[
        str,
        said(
            "The public key, of age or SSH.",
            "age1h24m4qvs5j5fhvt4upcdej7sc4arlgn4pa07uez0quyjzzu3dgsqpl35ph",
        ),
    ]
    label: Annotated[str, said("What it is called.", "The safe in Bonn")] = "Recovery"
    by: Annotated[str | None, said("The admin of the account who added it. Left out, its first.")] = None
    created: Annotated[Moment, said("When. Left out, when the account was opened.")] = None


class DrillResult(Shape):
    """How a drill went, in the word of one of the two."""

    result: Annotated[Result, said("What came of it.")]
    note: Annotated[str, said("What they noted.")] = ""
    by: Annotated[str | None, said("Who says so. Left out, the first of the two who has not yet.")] = None
    at: Annotated[Moment, said("When. Left out, on its day, or when the file is applied if that comes first.")] = None


class Drill(Shape):
    """A dated task: two people try whether a way back works.

    One that both have recorded is over, and planned anew where it is repeated: the entry of that one says what became
    of it.
    """

    kind: Annotated[DrillKind, said("What is tried.")]
    first: Annotated[str, said("One of the two, by address or GUID: a member of the account.", "ada@acme.example")]
    second: Annotated[str, said("The other.", "bo@acme.example")]
    due_at: Annotated[
        str, said("Its day: an instant, or a time counted from `created`.", "14 days", "2027-03-01T00:00:00Z")
    ]
    subject: Annotated[
        str,
        said(
            "What it is about: the app, by its integration key or its name; the service admin, by address or GUID; "
            "nothing for reach-second-admin."
        ),
    ] = ""
    every_months: Annotated[
        Annotated[int, Meta(ge=0, le=MOST_MONTHS)], said("After how many months it is repeated; 0 is never.")
    ] = 0
    by: Annotated[str | None, said("The admin of the account who planned it. Left out, its first.")] = None
    created: Annotated[
        Moment, said("When it was planned. Left out, when the file is applied, and 30 days ago where it is over.")
    ] = None
    results: Annotated[
        list[Literal["done", "failed"] | DrillResult], said("What the two recorded: a word alone is the result.")
    ] = []
    cancelled: Annotated[bool | str, said("Whether it was cancelled, or when.")] = False
    cancelled_by: Annotated[str | None, said("The admin who cancelled it. Left out, who planned it.")] = None


class Replaced(Shape):
    """Which key an app replaces, by the word of whoever created it."""

    app: Annotated[str, said("The old app, by its integration key or its name; any integration key will do.")]
    remark: Annotated[str, said("Why.", "Nobody is left at Acme.")] = ""


class Retirement(Shape):
    """The old key of a replacement on its way out: waiting for its time, retired, or gone for good."""

    app: AppName
    successor: Annotated[
        str | None, said("The app in its place, which `replaces` it in demo. Left out, the first that does.")
    ] = None
    hand: Annotated[Hand, said("Who retires it: an admin of its account, a stand-in, or an operator.")] = "admin"
    by: Annotated[str | None, said("Who, by address or GUID. Left out, the first who may.")] = None
    asked: Annotated[
        Moment, said("When. Left out, a day before the file is applied, and five days before where somebody stands in.")
    ] = None
    reason: Annotated[str, said("Why.")] = ""
    approved: Annotated[Taken, said("Whether a second organization admin approved a stand-in.")] = False
    retired: Annotated[
        bool | str,
        said("Whether, or when, the wait of a stand-in was over. What an admin or an operator retires is so at once."),
    ] = False
    final: Annotated[
        bool | str,
        said("Whether it is gone for good, or since when: as soon as nobody can bring it back, its key is deleted."),
    ] = False
