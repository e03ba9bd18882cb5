"""What finds somebody who looks for a key, a person, an account or a call?

Only what they may see anyway. To everybody else it is as absent as what does not exist.
"""

from collections.abc import Iterable
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.rules import search as rules
from keysteward.rules.access import (
    HANDLE_ACCOUNTS,
    READ_ALL_AUDIT,
    READ_APPS,
    READ_AUDIT,
    READ_KEYS,
    READ_MEMBERS,
    READ_ORGANIZATIONS,
    Actor,
    may,
)
from keysteward.rules.accounts import Account, Organization, Standing
from keysteward.rules.calls import Call
from keysteward.rules.keys import App
from keysteward.rules.people import may_read
from keysteward.rules.search import Asked, Field, Found, Hit, HitKind, match_of, rank
from keysteward.store import accounts, approvals, search
from keysteward.store.database import Connection
from keysteward.store.search import Seen

MOST = 5
"""So many of each kind are shown."""


class _Reach(NamedTuple):
    """What somebody may see: their accounts, and of which of them what. `everywhere` is for operators."""

    standings: tuple[Standing, ...]
    organizations: tuple[Organization, ...]
    keys: tuple[str, ...]
    members: tuple[str, ...]
    calls: tuple[str, ...]
    audit: tuple[str, ...]
    operates: bool
    audits_all: bool

    def name_of(self, account: str) -> str:
        """What an account is called, if it is one of theirs."""
        return next((each.account.name for each in self.standings if each.account.id == account), "")


def find(ctx: Context, actor: Actor, unverified_text: str) -> Found:
    """The best of each kind that somebody may see. Looking changes nothing, and nothing is kept of it."""
    wanted = rules.asked(unverified_text)
    with ctx.database.reading() as tx:
        reach = _reach(ctx, tx, actor)
        apps, all_apps = search.find_apps(tx, wanted, reach.keys, MOST + 1) if reach.keys else ([], True)
        people, all_people = search.find_members(tx, wanted, reach.members, MOST + 1) if reach.members else ([], True)
        others, all_others = search.find_accounts(tx, wanted, MOST + 1) if reach.operates else ([], True)
        seen = Seen(reach.keys, reach.calls)
        calls = search.find_calls(tx, wanted.trace, seen, MOST + 1) if wanted.trace and any(seen) else []
        traced = _traced(tx, wanted, reach)
    kinds = (
        _best(wanted, (_app(wanted, reach, each) for each in apps)),
        _best(wanted, (_member(wanted, each) for each in people)),
        _best(wanted, (_account(wanted, each, reach) for each in _accounts(reach, others))),
        _best(wanted, (_organization(wanted, each) for each in reach.organizations)),
        [_call(each, manager, reach) for each, manager in calls],
        [_events(trace, account, reach) for trace, account in traced],
    )
    hits = tuple(hit for found in kinds for hit in found[:MOST])
    more: frozenset[HitKind] = frozenset(found[0].kind for found in kinds if len(found) > MOST)
    return Found(wanted, hits, more, all_apps and all_people and all_others)


def _reach(ctx: Context, tx: Connection, actor: Actor) -> _Reach:
    active = tuple(each for each in accounts.list_standings_of_user(tx, actor.user) if each.is_active)
    administered = accounts.list_organizations_of_admin(tx, actor.user) if may(actor, READ_ORGANIZATIONS) else []
    settles = approvals.is_operator(tx, actor.user)

    def readable(permission: str) -> tuple[str, ...]:
        allowed = active if may(actor, permission) else ()
        return tuple(each.account.id for each in allowed if may_read(each, permission, ctx.policy))

    return _Reach(
        standings=active,
        organizations=tuple(administered),
        keys=readable(READ_KEYS),
        members=readable(READ_MEMBERS),
        calls=readable(READ_APPS),
        audit=readable(READ_AUDIT),
        operates=settles and may(actor, HANDLE_ACCOUNTS),
        audits_all=settles and may(actor, READ_ALL_AUDIT),
    )


def _traced(tx: Connection, wanted: Asked, reach: _Reach) -> list[tuple[str, str]]:
    """That the audit log says something of a request; what it says is read there, for that is a deed."""
    if not wanted.trace or not (reach.audits_all or reach.audit):
        return []
    return search.find_traced(tx, wanted.trace, None if reach.audits_all else reach.audit, MOST + 1)


def _accounts(reach: _Reach, others: list[Account]) -> list[Account]:
    own = [each.account for each in reach.standings]
    known = {each.id for each in own}
    return [*own, *(each for each in others if each.id not in known)]


def _best(wanted: Asked, hits: Iterable[Hit | None]) -> list[Hit]:
    return sorted((hit for hit in hits if hit is not None), key=lambda hit: rank(wanted, hit))


def _app(wanted: Asked, reach: _Reach, app: App) -> Hit | None:
    fields: tuple[tuple[Field, str], ...] = (("key", app.key), ("name", app.name), ("contact", app.contact))
    match = match_of(wanted, fields)
    if match is None:
        return None
    state = "deleted" if app.deleted_at else "stopped" if app.stopped_at else ""
    name = reach.name_of(app.account)
    return Hit("key", app.key, app.name, app.key, match, app.account, name, app.key, state)


def _member(wanted: Asked, member: Standing) -> Hit | None:
    user, account = member.user, member.account
    match = match_of(wanted, (("id", user.id), ("email", user.email), ("name", user.name)))
    if match is None:
        return None
    state = "" if member.is_active else "closed"
    return Hit("user", user.id, user.name or user.email, user.email, match, account.id, account.name, state=state)


def _account(wanted: Asked, account: Account, reach: _Reach) -> Hit | None:
    fields: tuple[tuple[Field, str], ...] = (
        ("id", account.id), ("number", str(account.number)), ("name", account.name),
    )  # fmt: skip
    match = match_of(wanted, fields)
    if match is None:
        return None
    name = reach.name_of(account.id)
    says = f"Account {account.number} · {account.plan}"
    state = "" if account.state == "open" else account.state
    return Hit("account", account.id, account.name, says, match, account.id, name, state=state)


def _organization(wanted: Asked, organization: Organization) -> Hit | None:
    match = match_of(wanted, (("id", organization.id), ("name", organization.name)))
    return match and Hit("organization", organization.id, organization.name, organization.description, match)


def _call(call: Call, manager: str, reach: _Reach) -> Hit:
    """A call is shown with its key to who reads that, and with its account to the others."""
    says = f"{call.status} · {call.at:%-d %b %Y, %H:%M:%S} UTC"
    is_keys = manager in reach.keys
    account = manager if is_keys else call.account
    match = rules.Match("trace", call.trace)
    key = call.key if is_keys else ""
    return Hit("call", str(call.sequence), f"{call.operation}", says, match, account, reach.name_of(account), key)


def _events(trace: str, account: str, reach: _Reach) -> Hit:
    name = reach.name_of(account)
    return Hit("events", trace, "In the audit log", name or account, rules.Match("trace", trace), account, name)
