"""What was done about the thing that a page shows?

HISTORIES names each such page with what the audit log is asked for it. Everybody sees there what they see in the log.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from keysteward.actions import audit_log
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.audit_log import Question, Scope
from keysteward.rules.events import Entry, shown
from keysteward.rules.refusals import Refusal
from keysteward.web.pages.words import history

_MOST = 10


class History(NamedTuple):
    """A page with the name in its path that tells its thing from others, and whether operators look at everything."""

    path: str
    name: str
    is_everywhere: bool = False


HISTORIES: tuple[History, ...] = (
    History("/apps/{key}/reviews/{id}", "id"),
    History("/transfers/{id}", "id"),
    History("/replacements/{id}", "id"),
    History("/custody/releases/{id}", "id"),
    History("/custody/drills/{id}", "id"),
    History("/webhooks/{id}", "id"),
    History("/organizations/{organization}", "organization"),
    History("/accounts/{account}", "account", is_everywhere=True),
    History("/reviews/{id}", "id", is_everywhere=True),
)


def find(path: str, names: Mapping[str, Any]) -> History | None:
    """The history of the page at a path, if it has one."""
    return next((each for each in HISTORIES if _is_at(each, path, names)), None)


def load(ctx: Context, visitor: Visitor, of: History, names: Mapping[str, Any]) -> dict[str, Any] | None:
    """What history_parts.html takes: the newest events, where they are seen first; None where there are none."""
    words = str(names[of.name]).lower()
    for scope, place in _scopes(visitor, of, names):
        question = Question(scope, key=str(names.get("key", "")).lower(), words=words)
        if entries := _entries(ctx, visitor, question):
            more = f"/audit?{urlencode({**place, 'words': words})}" if place is not None else ""
            return {"events": [history(shown(each)) for each in entries], "more": more}
    return None


def _is_at(of: History, path: str, names: Mapping[str, Any]) -> bool:
    try:
        return of.path.format(**names) == path and of.path.count("{") == len(names)
    except KeyError:
        return False


def _scopes(visitor: Visitor, of: History, names: Mapping[str, Any]) -> Iterator[tuple[Scope, dict[str, str] | None]]:
    """Where to look, and what the address of the audit log says for it; None where no address does."""
    if of.is_everywhere:
        yield Scope(), {"everywhere": "yes"}
        return
    own = visitor.standing.account.id if visitor.standing else ""
    follows = "key" in names  # the account in use follows the key that is looked at
    for standing in sorted(visitor.standings, key=lambda each: each.account.id != own):
        is_there = follows or standing.account.id == own
        yield Scope(standing.account.id), ({} if is_there else None)
    for organization in visitor.administers:
        yield Scope(organization=organization.id), {"organization": organization.id}


def _entries(ctx: Context, visitor: Visitor, question: Question) -> list[Entry]:
    try:
        return audit_log.list_newest(ctx, visitor.actor, question, _MOST)
    except Refusal:
        return []
