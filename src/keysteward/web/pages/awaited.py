"""Which findings, drills, transfers and requests wait for whoever opens the first page?"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from keysteward.actions import custody, drills, sealed_credentials, transfer_views
from keysteward.actions.context import Context
from keysteward.actions.sealed_credentials import ReleaseSeen
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import Account
from keysteward.rules.words import many

Need = dict[str, Any]

_SOON = timedelta(days=14)


def need(kind: str, title: str, text: str, label: str = "", href: str = "") -> Need:
    """One line of what needs somebody, as the first page takes it; `kind` is danger, warning, info or success."""
    return {"kind": kind, "title": title, "text": text, "action": {"label": label, "href": href} if label else None}


def for_visitor(ctx: Context, visitor: Visitor) -> list[Need]:
    """What goes on only with the visitor's own word, whichever account is in use."""
    asked = sealed_credentials.list_releases(ctx, visitor.actor)
    return [*_transfers(ctx, visitor), *(each for seen in asked for each in _release(seen))]


def for_admins(ctx: Context, visitor: Visitor, account: Account) -> Iterator[Need]:
    """What the admins of an account see to: the gravest findings, and drills of the visitor's own that are due."""
    grave = custody.list_grave(ctx, visitor.actor, account.id)
    if grave:
        kind = "danger" if grave[0].severity == "critical" else "warning"
        title = f"{many(len(grave), 'finding puts', 'findings put')} keys of {account.name} at risk"
        yield need(kind, title, grave[0].sentence, "Custody", "/custody")
    for seen in drills.list_drills(ctx, visitor.actor, account.id):
        if seen.may_record and seen.drill.due_at - ctx.now < _SOON:
            text = f"Due on {seen.drill.due_at:%-d %B %Y}. Hold it with the other person, and record how it went."
            kind = "warning" if seen.status == "overdue" else "info"
            yield need(kind, f"Your drill: {seen.drill.about.title}", text, "Open", f"/custody/drills/{seen.drill.id}")


def _transfers(ctx: Context, visitor: Visitor) -> Iterator[Need]:
    found = [
        each
        for each in transfer_views.list_seen(ctx, visitor.actor)
        if each.signing or each.steps & {"accept", "approve"}
    ]
    if len(found) == 1:
        at, name = found[0].transfer, found[0].case.app.name
        text = f"Nothing moves without your word. It expires on {at.expires_at:%-d %B %Y}."
        yield need("warning", f"The transfer of {name} waits for you", text, "Open", f"/transfers/{at.id}")
    elif found:
        title = f"{many(len(found), 'transfer waits', 'transfers wait')} for you"
        yield need("warning", title, "Nothing moves without your word.", "Transfers", "/transfers")


def _release(seen: ReleaseSeen) -> Iterator[Need]:
    release, name = seen.case.release, seen.case.app.name
    at = f"/custody/releases/{release.id}"
    if "download" in seen.steps:
        text = f"Once, until {release.expires_at:%-d %B %Y, %H:%M} UTC."
        yield need("success", f"You can download the sealed {release.kind} of {name}", text, "Open", at)
    elif "approve" in seen.steps:
        text = f"{release.asked.email} asks for it: {release.reason}"
        yield need("warning", f"A sealed {release.kind} of {name} is given out only with your word", text, "Open", at)
