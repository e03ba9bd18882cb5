"""Who has to do with a transfer, and how does it stand for them? Deeds and views ask this before the rules."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.refusals import CONFLICT, NO_SUCH_OBJECT, TRANSFERS_ARE_IN_PRODUCTION, Refusal, demand
from keysteward.rules.transfers import STEPS, Act, Case, Person, Side, Step, Transfer, status_of, views
from keysteward.rules.words import is_guid
from keysteward.store import accounts, keys, organizations, transfers
from keysteward.store.database import Connection, lock


def demand_production(ctx: Context) -> None:
    """Refuse transfers in demo."""
    if ctx.environment != "production":
        raise Refusal(TRANSFERS_ARE_IN_PRODUCTION)


def case_of(ctx: Context, tx: Connection, transfer: Transfer, user: str | None = None, side: Side = "source") -> Case:
    """A transfer with all that is asked of it now; `user` is who looks at it or takes a step."""
    app = keys.find(tx, transfer.key)
    source = accounts.find_account(tx, transfer.source)
    destination = accounts.find_account(tx, transfer.destination)
    if app is None or source is None or destination is None:
        raise no_such_transfer()
    return Case(
        transfer=transfer,
        app=app,
        source=source,
        destination=destination,
        now=ctx.now,
        policy=ctx.policy,
        person=_person(tx, transfer, user) if user else None,
        side=side,
        signers={each.side: _person(tx, transfer, each.act.by) for each in transfer.confirmations},
        approver=_person(tx, transfer, transfer.approved.by) if transfer.approved else None,
        admin_removed_at=organizations.find_removal(tx, transfer.organization),
    )


def seen_case(ctx: Context, tx: Connection, actor: Actor, transfer: str, side: Side = "source") -> Case:
    """The same for somebody who sees it; for all others there is no such transfer."""
    found = transfers.find(tx, transfer) if is_guid(transfer) else None
    if found is None:
        raise no_such_transfer()
    case = case_of(ctx, tx, found, actor.user, side)
    if case.person is None or not views(case, case.person):
        raise no_such_transfer()
    return case


def locked_case(ctx: Context, tx: Connection, transfer: str, actor: Actor | None, side: Side = "source") -> Case:
    """The same, with everybody and everything that it rests on held still until the deed is done."""
    seen = transfers.find(tx, transfer) if is_guid(transfer) else None
    if seen is None:
        raise no_such_transfer()
    hold(tx, seen, actor.user if actor else None)
    if actor is not None:
        return seen_case(ctx, tx, actor, transfer, side)
    found = transfers.find(tx, transfer)
    if found is None or _hands(found) != _hands(seen):
        raise Refusal(CONFLICT)  # somebody signed meanwhile, and is not held still
    return case_of(ctx, tx, found)


def hold(tx: Connection, transfer: Transfer, user: str | None) -> None:
    """Lock the organization, both accounts, who signed, who acts and the key."""
    if transfer.organization is not None:
        lock(tx, "organization", transfer.organization)
    lock(tx, "account", *{transfer.source, transfer.destination})
    lock(tx, "user", *_hands(transfer) | ({user} if user else set()))
    lock(tx, "key", transfer.key)


def _hands(transfer: Transfer) -> set[str]:
    signed = {each.act.by for each in transfer.confirmations}
    return signed | {transfer.started.by} | ({transfer.approved.by} if transfer.approved else set())


def demand_step(step: Step, case: Case) -> None:
    """Refuse a step that something stops."""
    values = {
        "status": status_of(case),
        "plan": case.policy.least_plan,
        "state": case.destination.state if case.source.state == "open" else case.source.state,
        "days": case.policy.restore_days if case.app.deleted_at else case.policy.former_admin_life.days,
        "hours": case.policy.stand_in_wait // timedelta(hours=1),
    }
    demand(STEPS[step], case, **values)


def act_of(ctx: Context, actor: Actor) -> Act:
    """What somebody does now."""
    return Act(actor.user, actor.email, ctx.now)


def no_such_transfer() -> Refusal:
    """What everybody is told who has nothing to do with a transfer."""
    return Refusal(NO_SUCH_OBJECT, thing="transfer")


def _person(tx: Connection, transfer: Transfer, user: str) -> Person:
    administers: Mapping[str, datetime] = organizations.list_administered(tx, user) if _is_active(tx, user) else {}
    in_source = accounts.find_standing(tx, user, transfer.source)
    return Person(user, in_source, accounts.find_standing(tx, user, transfer.destination), administers)


def _is_active(tx: Connection, user: str) -> bool:
    found = accounts.find_user(tx, user)
    return found is not None and found.state == "active"
