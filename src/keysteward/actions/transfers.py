"""How does a key get from one production account to another, step by step?

The source starts, the destination accepts, both confirm in writing; then the key moves (`actions/moving.py`). What
stops a step stands in `rules/transfers.py`, and how an organization stands in, in `actions/stand_ins.py`.
"""

from dataclasses import replace
from datetime import timedelta

from keysteward.actions import moving
from keysteward.actions import transfer_notices as notices
from keysteward.actions.context import Context
from keysteward.actions.keys import managed
from keysteward.actions.mailing import demand_few_strangers
from keysteward.actions.transfer_cases import act_of, case_of, demand_production, demand_step, locked_case
from keysteward.crypto.transfer_papers import write_word
from keysteward.rules.access import TRANSFER_KEYS, Actor, demand_permission
from keysteward.rules.accounts import Account
from keysteward.rules.approvals import checked_lines
from keysteward.rules.events import Name
from keysteward.rules.keys import App
from keysteward.rules.refusals import (
    CONFLICT,
    INVALID_FIELD,
    KEY_RETIRED,
    OFFERED_TOO_OFTEN,
    TRANSFER_PENDING,
    Refusal,
)
from keysteward.rules.signin import demand_fresh, demand_fresh_person
from keysteward.rules.transfer_words import Word, is_said, statement_of
from keysteward.rules.transfers import Case, Ending, Side, Transfer, views
from keysteward.rules.words import is_guid, new_guid
from keysteward.store import accounts, audit, replacements, transfers
from keysteward.store.database import Connection, lock

_HOUR = timedelta(hours=1)


def start(ctx: Context, actor: Actor, key: str, destination: str) -> Transfer:
    """Offer a key to another production account, named by its GUID; the admins of both are told."""
    seen = _seen_source(ctx, actor, key)
    demand_production(ctx)
    demand_fresh_person(actor, ctx.now, ctx.policy)
    end_overdue(ctx, seen.key)
    with ctx.database.writing() as tx:
        target = destination_of(tx, destination, seen.account)
        lock(tx, "account", seen.account, target.id)
        lock(tx, "user", actor.user)
        lock(tx, "key", seen.key)
        app, standing = managed(tx, actor, key, TRANSFER_KEYS)
        if app.account != seen.account:
            raise Refusal(CONFLICT)
        case = case_of(ctx, tx, _new(ctx, actor, app, target, standing.account), actor.user)
        demand_step("start", case)
        began(ctx, tx, actor, case)
        notices.tell_start(ctx, tx, case)
    return case.transfer


def accept(ctx: Context, actor: Actor, transfer: str) -> None:
    """Agree to look at what is offered: only now both sides see each other, and what moves."""
    demand_permission(actor, TRANSFER_KEYS)
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, transfer, actor, "destination")
        demand_step("accept", case)
        transfers.take_step(tx, transfer, transfers.ACCEPTED, act_of(ctx, actor))
        notices.tell_acceptance(ctx, tx, case)
        recorded(ctx, tx, "TransferAccepted", actor, case, "destination")


def confirm(ctx: Context, actor: Actor, transfer: str, side: Side, unverified_statement: str) -> bool:
    """Confirm for a side in writing, after a fresh sign-in; say whether the key moved with it.

    The sentence is the one that the transfer shows; it is kept signed.
    """
    demand_permission(actor, TRANSFER_KEYS)
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, transfer, actor, side)
        demand_step("confirm", case)
        statement = _demand_said(case, unverified_statement)
        act = act_of(ctx, actor)
        word = Word(
            transfer, case.app.key, side, case.source.id, case.destination.id, act.by, act.email, statement, act.at
        )
        paper = write_word(word, ctx.paper_key, ctx.issuer)
        transfers.take_step(tx, transfer, side, act, statement, paper)
        notices.tell_confirmation(ctx, tx, case, side)
        recorded(ctx, tx, "TransferConfirmed", actor, case, side)
    return moving.move_if_ready(ctx, transfer)


def cancel(ctx: Context, actor: Actor, transfer: str, unverified_reason: str) -> None:
    """End a transfer before the key moves: either side may, until the very moment."""
    demand_permission(actor, TRANSFER_KEYS)
    reason = checked_lines(unverified_reason, "reason", least=0)
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, transfer, actor)
        demand_step("cancel", case)
        side: Side = "source" if case.person and "source" in views(case, case.person) else "destination"
        stopped(ctx, tx, case, Ending("cancelled", act_of(ctx, actor), reason))
        recorded(ctx, tx, "TransferCancelled", actor, case, side, reason=reason)


def end_overdue(ctx: Context, key: str) -> None:
    """Let a transfer whose time is up make room for another."""
    with ctx.database.reading() as tx:
        pending = transfers.find_pending(tx, key)
    if pending is not None and ctx.now >= pending.expires_at:
        moving.expire(ctx, pending.id)


def destination_of(tx: Connection, unverified_destination: str, source: str) -> Account:
    """The account that is to take a key, by its GUID; not the one that has it."""
    named = unverified_destination.strip().lower()
    found = accounts.find_account(tx, named) if is_guid(named) else None
    if found is None:
        reason = "give the GUID of the production account; its admins find it in Apps and Keys, as API Account ID."
        raise Refusal(INVALID_FIELD, field="destination", reason=reason)
    if found.id == source:
        raise Refusal(INVALID_FIELD, field="destination", reason="this account manages the key already.")
    return found


def began(ctx: Context, tx: Connection, actor: Actor, case: Case) -> None:
    """Write a new transfer and its event, where nothing is under way with the key, nor was called off too often."""
    if replacements.is_retired(tx, case.app.key):
        raise Refusal(KEY_RETIRED)
    if not transfers.save(tx, case.transfer):
        raise Refusal(TRANSFER_PENDING)
    if transfers.count_called_off(tx, case.app.key, ctx.now - _HOUR) >= ctx.policy.links_per_hour:
        raise Refusal(OFFERED_TOO_OFTEN)
    demand_few_strangers(ctx, tx, case.source.id)
    recorded(ctx, tx, "TransferStarted", actor, case, "source", hand=case.transfer.hand)


def stopped(ctx: Context, tx: Connection, case: Case, ending: Ending) -> None:
    """End a transfer without moving anything, and tell everybody."""
    if not transfers.end(tx, case.transfer.id, ending):
        raise Refusal(CONFLICT)
    notices.tell_end(ctx, tx, replace(case, transfer=replace(case.transfer, ending=ending)))


def recorded(ctx: Context, tx: Connection, name: Name, actor: Actor, case: Case, side: Side, **data: str) -> None:
    """Write the event of a step, in the account of the side that took it: the other may not know that one's people."""
    account = case.source if side == "source" else case.destination
    said = {"transfer": case.transfer.id, "side": side, **data}
    if side == "source":
        said["destination"] = case.destination.id
    audit.record(tx, ctx.event(name, actor.email, key=case.app.key, account=account.id, **said))


def _seen_source(ctx: Context, actor: Actor, key: str) -> App:
    with ctx.database.reading() as tx:
        return managed(tx, actor, key, TRANSFER_KEYS)[0]


def _new(ctx: Context, actor: Actor, app: App, destination: Account, source: Account) -> Transfer:
    return Transfer(
        id=new_guid(),
        key=app.key,
        source=source.id,
        destination=destination.id,
        hand="admin" if source.state != "closed" else "former admin",
        started=act_of(ctx, actor),
        expires_at=ctx.now + ctx.policy.transfer_life,
    )


def _demand_said(case: Case, unverified_statement: str) -> str:
    expected = statement_of(case.side, case.app, case.source, case.destination)
    if not is_said(unverified_statement, expected):
        raise Refusal(INVALID_FIELD, field="statement", reason=f"type this sentence: {expected}")
    return expected
