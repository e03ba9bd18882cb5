"""What was somebody told, what have they read, and which mails do they want?

An inbox shows what is somebody's own, and what concerns the accounts and organizations that they administer now.
Whoever is no admin there any more sees it no more.
"""

from collections.abc import Collection
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.rules.access import READ_NOTICES, Actor, demand_permission
from keysteward.rules.accounts import Organization, Standing
from keysteward.rules.audit_log import needle_of
from keysteward.rules.events import Erasure
from keysteward.rules.listing import Part
from keysteward.rules.listing import Wanted as Listed
from keysteward.rules.notice_kinds import NOTICE_KINDS
from keysteward.rules.notices import may_mute, without_person
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, Refusal
from keysteward.store import accounts, audit, notices
from keysteward.store.database import Connection, lock
from keysteward.store.notices import Received as Received  # noqa: PLC0414 — pages show it
from keysteward.store.notices import Scope
from keysteward.store.notices import Wanted as Wanted  # noqa: PLC0414 — doors ask with it

COUNTED = 100
"""More unread notices than this are not counted: people read 99+."""


class Page(NamedTuple):
    """A page of an inbox, how many are unread in all of it, and whether another page follows."""

    received: list[Received]
    unread: int
    has_more: bool


def list_notices(ctx: Context, actor: Actor, wanted: Wanted, number: int = 1, size: int = 50) -> Page:
    """One page of the actor's inbox, the first is 1: unread notices first, then the newest."""
    demand_permission(actor, READ_NOTICES)
    if wanted.kind and wanted.kind not in NOTICE_KINDS:
        raise Refusal(INVALID_FIELD, field="kind", reason=f"choose among {', '.join(NOTICE_KINDS)}.")
    with ctx.database.reading() as tx:
        scope = _scope(tx, actor.user)
        found = notices.list_received(tx, scope, wanted, size + 1, (number - 1) * size)
        return Page(found[:size], notices.count_unread(tx, scope, COUNTED), len(found) > size)


def list_part(ctx: Context, actor: Actor, wanted: Listed) -> tuple[Part[Received], int]:
    """A page of the actor's inbox, narrowed by `kind`, `key`, `unread` and words, and how many are unread in all."""
    demand_permission(actor, READ_NOTICES)
    with ctx.database.reading() as tx:
        scope = _scope(tx, actor.user)
        return notices.list_part(tx, scope, wanted), notices.count_unread(tx, scope, COUNTED)


def list_keys(ctx: Context, actor: Actor) -> list[tuple[str, str]]:
    """The keys that notices of the actor's inbox are about, each with its name."""
    with ctx.database.reading() as tx:
        return notices.list_keys(tx, _scope(tx, actor.user))


def mark_read(ctx: Context, actor: Actor, notice: str) -> Received:
    """Mark one notice as read; reading twice changes nothing."""
    demand_permission(actor, READ_NOTICES)
    with ctx.database.writing() as tx:
        scope = _scope(tx, actor.user)
        notices.mark_read(tx, scope, ctx.now, notice)
        found = notices.find_received(tx, scope, notice)
        if found is None:
            raise Refusal(NO_SUCH_OBJECT, thing="notice")
        return found


def mark_all_read(ctx: Context, actor: Actor) -> int:
    """Mark every notice of the actor's inbox as read; return how many were not."""
    demand_permission(actor, READ_NOTICES)
    with ctx.database.writing() as tx:
        return notices.mark_read(tx, _scope(tx, actor.user), ctx.now)


def list_muted(ctx: Context, actor: Actor) -> set[str]:
    """The kinds of which the actor wants no mails."""
    with ctx.database.reading() as tx:
        return notices.list_muted(tx, actor.user)


def mute(ctx: Context, actor: Actor, kinds: Collection[str]) -> None:
    """Say of which kinds the actor wants no mails; those that guard keys and people always go out."""
    wanted = [kind for kind in NOTICE_KINDS if kind in kinds]
    if len(wanted) < len(set(kinds)) or not all(may_mute(kind) for kind in wanted):
        raise Refusal(INVALID_FIELD, field="kinds", reason="these mails cannot be turned off.")
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        notices.mute(tx, actor.user, wanted)
        audit.record(tx, ctx.event("NoticeMailsChosen", actor.email, fields=" ".join(wanted)))


def count_unread(tx: Connection, user: str, standings: Collection[Standing], own: Collection[Organization]) -> int:
    """How many notices are unread, for the header of every page: one look into one index."""
    return notices.count_unread(tx, _scope_of(user, standings, own), COUNTED)


def forget_person(tx: Connection, user: str, erasure: Erasure) -> None:
    """Empty somebody's inbox, and take their address and names out of what others were told, within a deed."""
    if user:
        notices.forget_person(tx, user)
    for word in filter(None, (erasure.address, *erasure.names)):
        for notice in notices.list_saying(tx, needle_of(word)):
            facts = without_person(notice.facts, erasure.of_moment(notice.at))
            if facts != notice.facts:
                notices.change_facts(tx, notice.id, facts)


def _scope(tx: Connection, user: str) -> Scope:
    return _scope_of(user, accounts.list_standings_of_user(tx, user), accounts.list_organizations_of_admin(tx, user))


def _scope_of(user: str, standings: Collection[Standing], own: Collection[Organization]) -> Scope:
    administered = (each.account.id for each in standings if each.is_admin)
    return Scope(user, tuple(administered), tuple(each.id for each in own))
