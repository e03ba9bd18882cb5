"""Who may read the audit log, and what is written of that?

Reading is a deed: what somebody asks is an event, once, however many pages they turn; so is every download.
"""

from collections.abc import Iterator
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.operators import demand_operator
from keysteward.actions.people import reader
from keysteward.rules.access import (
    READ_ALL_AUDIT,
    READ_AUDIT,
    READ_ORGANIZATION_AUDIT,
    Actor,
    demand_permission,
    may,
)
from keysteward.rules.audit_log import Question, Scope, is_same_reading, place_of
from keysteward.rules.events import Entry, Name
from keysteward.rules.refusals import NO_SUCH_ACCOUNT, NO_SUCH_ORGANIZATION, Refusal
from keysteward.store import accounts, approvals, audit, audit_log
from keysteward.store.database import Connection, lock

_AT_ONCE = 1_000


class Page(NamedTuple):
    """Events, newest first. The next page begins before the number `before`; None on the last one."""

    question: Question
    entries: list[Entry]
    before: int | None


def read(ctx: Context, actor: Actor, question: Question, before: int | None, most: int) -> Page:
    """A page of the audit log."""
    with ctx.database.reading() as tx:
        question = allowed(ctx, tx, actor, question)
        is_noted = _is_noted(ctx, tx, actor, question)
    if not is_noted:
        _note_reading(ctx, actor, question)
    with ctx.database.reading() as tx:
        return Page(question, *audit_log.search(tx, spelled(tx, question), before, most))


def list_newest(ctx: Context, actor: Actor, question: Question, most: int) -> list[Entry]:
    """The newest events about a thing whose own page somebody opens: part of looking at it, and no event of its own."""
    with ctx.database.reading() as tx:
        question = allowed(ctx, tx, actor, question)
        return audit_log.search(tx, spelled(tx, question), None, most).entries


def start_download(ctx: Context, actor: Actor, question: Question) -> Question:
    """Note that somebody takes events along; return the question for `list_parts`."""
    with ctx.database.writing() as tx:
        question = allowed(ctx, tx, actor, question)
        recorded(ctx, tx, "AuditExported", actor, question)
        return spelled(tx, question)


def list_parts(ctx: Context, question: Question) -> Iterator[list[Entry]]:
    """Everything that is asked for, newest first, some hundred events at a time; `start_download` comes first."""
    before: int | None = None
    while True:
        with ctx.database.reading() as tx:
            found = audit_log.search(tx, question, before, _AT_ONCE)
        yield found.entries
        before = found.before
        if before is None:
            return


def _note_reading(ctx: Context, actor: Actor, question: Question) -> None:
    with ctx.database.writing() as tx:
        lock(tx, "record", f"reading {actor.user}")
        question = allowed(ctx, tx, actor, question)
        if not _is_noted(ctx, tx, actor, question):
            recorded(ctx, tx, "AuditRead", actor, question)


def _is_noted(ctx: Context, tx: Connection, actor: Actor, question: Question) -> bool:
    newest = audit_log.find_newest_reading(tx, actor.email)
    return newest is not None and is_same_reading(newest, question, ctx.now)


def recorded(ctx: Context, tx: Connection, name: Name, actor: Actor, question: Question) -> None:
    """Within a deed: note that somebody reads events, or takes them along."""
    account, organization = place_of(question.scope)
    said = {"organization": organization, "filters": question.said()}
    told = {field: value for field, value in said.items() if value}
    audit.record(tx, ctx.event(name, actor.email, account=account, **told))


def allowed(ctx: Context, tx: Connection, actor: Actor, question: Question) -> Question:
    """The question with its scope by GUID; refuses whoever may not see that."""
    scope = question.scope
    if scope.organization:
        return question._replace(scope=_of_organization(tx, actor, scope))
    if not scope.account:
        demand_operator(tx, actor, READ_ALL_AUDIT)
        return question
    if may(actor, READ_ALL_AUDIT) and approvals.is_operator(tx, actor.user):
        found = accounts.find_account(tx, scope.account)
        if found is None:
            raise Refusal(NO_SUCH_ACCOUNT)
        return question._replace(scope=Scope(found.id))
    own = reader(ctx, tx, actor, scope.account, READ_AUDIT)
    return question._replace(scope=Scope(own.account.id))


def _of_organization(tx: Connection, actor: Actor, scope: Scope) -> Scope:
    """Its admins see what was done in the organization, and in an account since it was linked."""
    demand_permission(actor, READ_ORGANIZATION_AUDIT)
    organization = scope.organization.lower()
    if actor.user not in accounts.list_organization_admins(tx, organization):
        raise Refusal(NO_SUCH_ORGANIZATION)
    if not scope.account:
        return Scope("", organization)
    found = accounts.find_account(tx, scope.account)
    if found is None or found.organization != organization:
        raise Refusal(NO_SUCH_ACCOUNT)
    return Scope(found.id, organization)


def spelled(tx: Connection, question: Question) -> Question:
    """The question with addresses as they stand in the history: the way somebody writes theirs, and whose they are."""
    actors = question.actors
    for typed in actors[:1]:
        known = accounts.find_user_by_email(tx, typed)
        actors = tuple({typed, typed.lower(), known[0].email if known else typed})
    named = accounts.find_user_by_email(tx, question.user) if "@" in question.user else None
    return question._replace(actors=actors, user=named[0].id if named else question.user)
