"""How does an old key retire once another replaces it, and how does it come back?

Retiring stops the key at once. For a while the same people can bring it back; then it is final
(`actions/retiring.py`). An organization that acts for a lost admin asks first, waits, and may be called off.
"""

from dataclasses import replace
from typing import NamedTuple

from keysteward.actions import domains
from keysteward.actions import retiring as settling
from keysteward.actions.contacts_on_record import claimed_address
from keysteward.actions.context import Context
from keysteward.actions.domains import Confirmed
from keysteward.actions.replacement_cases import (
    Pair,
    demand_production,
    demand_step,
    locked_case,
    seen_case,
)
from keysteward.actions.retiring import change_key, recorded, retired, tell
from keysteward.rules import replacement_letters as letters
from keysteward.rules.access import HANDLE_ACCOUNTS, TRANSFER_KEYS, WRITE_KEYS, Actor, demand_permission
from keysteward.rules.approvals import checked_lines
from keysteward.rules.refusals import KEY_NOT_RETIRED, KEY_RETIRED, Refusal
from keysteward.rules.replacements import Case, Ended, Hand, Retirement, is_admin_of_it
from keysteward.rules.signin import demand_fresh, demand_fresh_person
from keysteward.rules.transfers import Act, domain_of
from keysteward.rules.words import new_guid
from keysteward.store import accounts, organizations, replacements
from keysteward.store.database import Connection, bump_epoch

_PERMISSIONS: dict[Hand, str] = {"admin": WRITE_KEYS, "stand-in": TRANSFER_KEYS, "operator": HANDLE_ACCOUNTS}


class Wish(NamedTuple):
    """With which hand somebody retires a key, why, and whether they know what still uses it."""

    hand: Hand = "admin"
    reason: str = ""
    despite_use: bool = False


class _StandIn(NamedTuple):
    """On whose address an organization stands in, and that DNS shows its domain now."""

    address: str
    domain: Confirmed


def retire(ctx: Context, actor: Actor, successor: str, wish: Wish) -> Retirement:
    """Retire the key that another replaces: at once, or for an organization that stands in after its wait."""
    demand_permission(actor, _PERMISSIONS[wish.hand])
    demand_production(ctx)
    demand_fresh_person(actor, ctx.now, ctx.policy)
    wish = wish._replace(reason=checked_lines(wish.reason, "reason", least=0))
    _make_room(ctx, actor, successor)
    stand_in = _confirmed(ctx, actor, successor, wish) if wish.hand == "stand-in" else None
    with ctx.database.writing() as tx:
        pair, seen = locked_case(ctx, tx, actor, successor)
        demand_step("retire", replace(seen, hand=wish.hand, despite_use=wish.despite_use))
        if stand_in is not None:
            domains.demand_active(ctx, tx, stand_in.domain)
        asked = _new(ctx, tx, actor, pair, wish, stand_in)
        if not replacements.save_retirement(tx, asked):
            raise Refusal(KEY_RETIRED)
        _begin(ctx, tx, pair, asked)
    return asked


def approve(ctx: Context, actor: Actor, successor: str) -> None:
    """Agree as a second organization admin that a key is retired, after a fresh sign-in."""
    demand_permission(actor, TRANSFER_KEYS)
    demand_production(ctx)
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        pair, case = locked_case(ctx, tx, actor, successor)
        demand_step("approve", case)
        asked = _under_way(case)
        replacements.note_approval(tx, asked.id, _act(ctx, actor))
        tell(ctx, tx, pair, asked, letters.approved(pair.old, asked, actor.email, ctx.now))
        recorded(ctx, tx, "RetirementApproved", actor.email, pair, asked)


def bring_back(ctx: Context, actor: Actor, successor: str, unverified_reason: str) -> None:
    """Take a retirement back while that is possible; one that has not happened yet is called off."""
    demand_production(ctx)
    demand_fresh_person(actor, ctx.now, ctx.policy)
    reason = checked_lines(unverified_reason, "reason", least=0)
    with ctx.database.writing() as tx:
        pair, case = locked_case(ctx, tx, actor, successor)
        demand_step("bring back", case)
        asked = _under_way(case)
        demand_permission(actor, _needed(case, asked))
        is_back = asked.retired_at is not None
        ended = Ended("brought back" if is_back else "called off", _act(ctx, actor), reason)
        replacements.end_retirement(tx, asked.id, ended)
        tell(ctx, tx, pair, asked, letters.ended(pair.old, asked, ended))
        recorded(ctx, tx, "KeyBroughtBack" if is_back else "RetirementEnded", actor.email, pair, asked, reason=reason)
        if is_back:
            change_key(tx, replace(pair.old, stopped_at=pair.old.stopped_at if asked.was_stopped else None))
            bump_epoch(tx)


def _make_room(ctx: Context, actor: Actor, successor: str) -> None:
    """Let a retirement whose time is up make room for another."""
    with ctx.database.reading() as tx:
        _, case, _ = seen_case(ctx, tx, actor, successor)
    if case.retirement is not None:
        settling.expire(ctx, case.retirement)


def _confirmed(ctx: Context, actor: Actor, successor: str, wish: Wish) -> _StandIn:
    """That an organization may stand in: it claims the domain of somebody on record, and DNS shows it just now."""
    with ctx.database.reading() as tx:
        pair, case, _ = seen_case(ctx, tx, actor, successor)
        demand_step("retire", replace(case, hand="stand-in", despite_use=wish.despite_use))
        organization = pair.account.organization or ""
        address = claimed_address(tx, pair.old, organization)
    return _StandIn(address, domains.confirm(ctx, organization, domain_of(address)))


def _new(ctx: Context, tx: Connection, actor: Actor, pair: Pair, wish: Wish, stand_in: _StandIn | None) -> Retirement:
    asked = Retirement(
        new_guid(), pair.old.key, pair.new.key, wish.hand, _act(ctx, actor), wish.reason,
    )  # fmt: skip
    now = asked.asked.at
    if stand_in is None:
        return replace(asked, retired_at=now, was_stopped=pair.old.stopped_at is not None)
    organization = pair.account.organization
    return replace(
        asked,
        waits_until=now + ctx.policy.stand_in_wait,
        expires_at=now + ctx.policy.transfer_life,
        organization=organization,
        requester=stand_in.address,
        needs_second=organizations.has_another_admin(tx, organization or "", actor.user),
    )


def _begin(ctx: Context, tx: Connection, pair: Pair, asked: Retirement) -> None:
    """Stop the key at once, or say that an organization wants to."""
    if asked.retired_at is not None:
        retired(ctx, tx, pair, asked, asked.asked.email)
        return
    organization = accounts.find_organization(tx, asked.organization or "")
    name = organization.name if organization else ""
    tell(ctx, tx, pair, asked, letters.asked(pair.old, pair.new, asked, name))
    recorded(ctx, tx, "RetirementAsked", asked.asked.email, pair, asked, hand=asked.hand, reason=asked.reason)


def _needed(case: Case, asked: Retirement) -> str:
    """Which permission a program needs to take a retirement back."""
    is_admin = case.person is not None and is_admin_of_it(case.person)
    return WRITE_KEYS if is_admin else _PERMISSIONS[asked.hand]


def _under_way(case: Case) -> Retirement:
    if case.retirement is None:
        raise Refusal(KEY_NOT_RETIRED)
    return case.retirement


def _act(ctx: Context, actor: Actor) -> Act:
    return Act(actor.user, actor.email, ctx.now)
