"""How does somebody ask for work that takes long, find it again, and take along what came of it?

Of one kind somebody has one under way at a time: who asks again is led to that. What came of it is theirs alone, and
whether they may have it is asked once more when they take it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from keysteward.actions import audit_log, personal_data
from keysteward.actions.context import Context
from keysteward.actions.operators import demand_operator
from keysteward.actions.organization_custody import administered
from keysteward.actions.people import reader
from keysteward.rules.access import READ_ALL_AUDIT, READ_CUSTODY, Actor, demand_permission
from keysteward.rules.audit_log import Question, Scope, place_of
from keysteward.rules.custody.what_if import Change
from keysteward.rules.events import Event, Name
from keysteward.rules.refusals import NO_SUCH_OBJECT, NO_SUCH_USER, Refusal
from keysteward.rules.shapes import known
from keysteward.rules.words import is_guid, new_guid
from keysteward.rules.works import Work, WorkKind, has_file, is_over
from keysteward.store import audit, works
from keysteward.store.database import Connection, lock

_MOST_SHOWN = 50
_NOWHERE = Scope()


class Begun(NamedTuple):
    """What comes of asking: the work, and whether it is new or was under way before."""

    work: Work
    is_new: bool


# ── to ask ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def ask_audit_export(ctx: Context, actor: Actor, question: Question) -> Begun:
    """Ask for all events that a question is about, as CSV."""
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        question = audit_log.allowed(ctx, tx, actor, question)
        place = Scope(*place_of(question.scope))
        work = _new(ctx, actor, "audit-export", msgspec.to_builtins(question), place)
        return _begun(ctx, tx, actor, work)


def ask_verification(ctx: Context, actor: Actor) -> Begun:
    """Ask for a proof that nobody edited the audit log; operators do."""
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        demand_operator(tx, actor, READ_ALL_AUDIT)
        return _begun(ctx, tx, actor, _new(ctx, actor, "audit-verification", {}))


def ask_custody_audit(ctx: Context, actor: Actor, organization: str) -> Begun:
    """Ask for everything in an organization to be judged anew; its admins do."""
    demand_permission(actor, READ_CUSTODY)
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        own = administered(tx, actor, organization)
        return _begun(ctx, tx, actor, _new(ctx, actor, "custody-audit", {}, Scope(organization=own.id)))


def ask_what_if(ctx: Context, actor: Actor, account: str, changes: Iterable[Change]) -> Begun:
    """Ask what would become of the keys of an account if many left; for a few, `foresight.what_if` answers at once."""
    asked = {"changes": [list(change) for change in changes]}
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        own = reader(ctx, tx, actor, account, READ_CUSTODY).account
        return _begun(ctx, tx, actor, _new(ctx, actor, "what-if", asked, Scope(own.id)))


def ask_what_if_of_organization(ctx: Context, actor: Actor, organization: str, changes: Iterable[Change]) -> Begun:
    """Likewise for all accounts of an organization."""
    asked = {"changes": [list(change) for change in changes]}
    demand_permission(actor, READ_CUSTODY)
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        own = administered(tx, actor, organization)
        return _begun(ctx, tx, actor, _new(ctx, actor, "what-if", asked, Scope(organization=own.id)))


def ask_own_export(ctx: Context, actor: Actor) -> Begun:
    """Ask for all that is held on oneself; it is noted as the export is that one waits for."""
    personal_data.demand_own(ctx, actor)
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        work = _new(ctx, actor, "person-export", {"user": actor.user})
        return _begun(ctx, tx, actor, work, lambda: personal_data.note_own(ctx, tx, actor))


def ask_export(ctx: Context, actor: Actor, user: str) -> Begun:
    """Ask for all that is held on somebody, as an operator; likewise."""
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        personal_data.demand_other(ctx, tx, actor)
        if not is_guid(user):
            raise Refusal(NO_SUCH_USER)
        work = _new(ctx, actor, "person-export", {"user": user, "by_operator": True})
        return _begun(ctx, tx, actor, work, lambda: personal_data.note_other(ctx, tx, actor, user))


# ── to find it again ────────────────────────────────────────────────────────────────────────────────────────────────
def list_works(ctx: Context, actor: Actor) -> list[Work]:
    """What somebody asked for, the newest first."""
    with ctx.database.reading() as tx:
        return works.list_of(tx, actor.user, _MOST_SHOWN)


def view(ctx: Context, actor: Actor, work: str) -> Work:
    """A piece of work of one's own."""
    with ctx.database.reading() as tx:
        return _own(tx, actor, work)


def cancel(ctx: Context, actor: Actor, work: str) -> Work:
    """Let nothing come of it; cancelling what is over changes nothing."""
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        found = _own(tx, actor, work)
        if not is_over(found) and works.end(tx, found.id, None, ending="cancelled", ended_at=ctx.now):
            works.forget_pieces(tx, found.id)
            audit.record(tx, _told(ctx, "WorkCancelled", actor, found))
        return _own(tx, actor, work)


def take(ctx: Context, actor: Actor, work: str) -> tuple[Work, Iterator[bytes]]:
    """Take along what came of it, piece by piece, for whoever asked and still may; every time is on record."""
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        found = _own(tx, actor, work)
        if not has_file(found, ctx.now):
            raise Refusal(NO_SUCH_OBJECT, thing="result")
        demand(ctx, tx, actor, found)
        if found.kind == "audit-export":
            audit_log.recorded(ctx, tx, "AuditExported", actor, question_of(found))
        else:
            audit.record(tx, _told(ctx, "WorkTaken", actor, found))
        count = works.count_pieces(tx, found.id)
    return found, _pieces(ctx, found, count)


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def demand(ctx: Context, tx: Connection, actor: Actor, work: Work) -> None:
    """Refuse whoever may not have what came of it any more."""
    if work.kind == "audit-export":
        audit_log.allowed(ctx, tx, actor, question_of(work))
    elif work.kind == "audit-verification":
        demand_operator(tx, actor, READ_ALL_AUDIT)
    elif work.kind == "person-export":
        _demand_export(ctx, tx, actor, work)
    elif work.organization:
        demand_permission(actor, READ_CUSTODY)
        administered(tx, actor, work.organization)
    else:
        reader(ctx, tx, actor, work.account, READ_CUSTODY)


def question_of(work: Work) -> Question:
    """What an export of the audit log is about."""
    return msgspec.convert(work.asked, type=known(Question))


def changes_of(work: Work) -> tuple[Change, ...]:
    """What may happen, all of it together."""
    return tuple(Change(*each) for each in work.asked["changes"])


def _demand_export(ctx: Context, tx: Connection, actor: Actor, work: Work) -> None:
    if work.asked.get("by_operator"):
        personal_data.demand_other(ctx, tx, actor)
    else:
        personal_data.demand_own(ctx, actor)


def _own(tx: Connection, actor: Actor, work: str) -> Work:
    found = works.find(tx, work.lower())
    if found is None or found.user != actor.user:
        raise Refusal(NO_SUCH_OBJECT, thing="piece of work")
    return found


def _new(ctx: Context, actor: Actor, kind: WorkKind, asked: dict[str, Any], place: Scope = _NOWHERE) -> Work:
    return Work(new_guid(), kind, actor.user, *place, asked, ctx.now)


def _begun(ctx: Context, tx: Connection, actor: Actor, work: Work, note: Callable[[], object] | None = None) -> Begun:
    """The work, noted as asked; or what they asked for before, while that is under way."""
    under_way = works.find_under_way(tx, work.user, work.kind)
    if under_way is not None:
        return Begun(under_way, is_new=False)
    works.save(tx, work)
    if note is None:
        audit.record(tx, _told(ctx, "WorkAsked", actor, work))
    else:
        note()
    return Begun(work, is_new=True)


def _told(ctx: Context, name: Name, actor: Actor, work: Work) -> Event:
    said = {"work": work.id, "work_kind": work.kind, "organization": work.organization}
    return ctx.event(name, actor.email, account=work.account, **{key: value for key, value in said.items() if value})


def _pieces(ctx: Context, work: Work, count: int) -> Iterator[bytes]:
    """Each from a short transaction of its own: whoever reads slowly holds none open."""
    for number in range(count):
        with ctx.database.reading() as tx:
            sealed = works.find_piece(tx, work.id, number)
        if sealed is None:
            raise Refusal(NO_SUCH_OBJECT, thing="result")
        yield ctx.sealer.open(sealed, label(work, number))


def label(work: Work, number: int) -> str:
    """What binds a sealed piece to its place."""
    return f"work {work.id} {number}"
