"""How does a key change its holder, and what becomes of a transfer that nobody finishes?

`move` is the one transaction in which the holder changes; all that was ever asked is asked there again.
"""

from datetime import datetime, timedelta

from keysteward.actions import domains, retiring
from keysteward.actions import transfer_notices as notices
from keysteward.actions.context import Context
from keysteward.actions.transfer_cases import case_of, demand_step, locked_case
from keysteward.crypto.transfer_papers import kept_word, write_record
from keysteward.rules.refusals import CONFLICT, KEY_RETIRED, Refusal
from keysteward.rules.transfer_words import Record
from keysteward.rules.transfers import Act, Case, Ending, domain_of, is_open_to, status_of
from keysteward.store import audit, keys, reminders, replacements, sealed_credentials, transfers
from keysteward.store.database import Connection, bump_epoch

_SYSTEM = "system"
_REMINDED = (timedelta(days=3), timedelta(days=1))
_WAITS_FOR_PEOPLE = ("to be accepted", "to be confirmed", "to be approved")


def move(ctx: Context, transfer: str) -> None:
    """Give the key to the destination, once: settings, secrets, keypairs, consents and tokens go with it.

    Credentials that are older expire after a while; until then everything works as before. Where an organization
    stands in, DNS shows once more that it holds its domain.
    """
    confirmed = _confirmed_domain(ctx, transfer)
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, transfer, None)
        demand_step("move", case)
        if confirmed is not None:
            domains.demand_active(ctx, tx, confirmed)
        _call_off_retirement(ctx, tx, case.app.key)
        rotate_by = ctx.now + ctx.policy.moved_credentials_life
        ending = Ending("moved", Act(_SYSTEM, _SYSTEM, ctx.now), "")
        record = write_record(_record(ctx, case), ctx.paper_key, ctx.issuer)
        is_done = transfers.end(tx, case.transfer.id, ending, record)
        if not is_done or not transfers.move_key(tx, case.app.key, case.source.id, case.destination.id):
            raise Refusal(CONFLICT)
        _let_expire(tx, case, ctx.now + ctx.policy.clock_skew, rotate_by)
        sealed_credentials.remove_of_key(tx, case.app.key)
        notices.tell_move(ctx, tx, case, rotate_by)
        _recorded(ctx, tx, case)
        bump_epoch(tx)


def _call_off_retirement(ctx: Context, tx: Connection, key: str) -> None:
    """A retired key stays where it is; one whose retirement still waits for its time has somebody to manage it now."""
    if replacements.is_retired(tx, key):
        raise Refusal(KEY_RETIRED)
    waiting = replacements.find_retirement(tx, key)
    if waiting and waiting.ended is None:
        retiring.call_off(ctx, tx, waiting, "The key moved to another account.")


def _confirmed_domain(ctx: Context, transfer: str) -> domains.Confirmed | None:
    with ctx.database.reading() as tx:
        found = transfers.find(tx, transfer)
    if found is None or found.organization is None:
        return None
    return domains.confirm(ctx, found.organization, domain_of(found.requester))


def move_if_ready(ctx: Context, transfer: str) -> bool:
    """Move the key if nothing stops it now; whether it did."""
    with ctx.database.reading() as tx:
        found = transfers.find(tx, transfer)
        is_ready = found is not None and is_open_to("move", case_of(ctx, tx, found))
    if is_ready:
        try:
            move(ctx, transfer)
        except Refusal:  # somebody was faster, or DNS does not confirm the domain: the page of the transfer says so
            return False
    return is_ready


def expire(ctx: Context, transfer: str) -> bool:
    """End a transfer whose time is up, once; whether it was."""
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, transfer, None)
        if case.transfer.ending is not None or status_of(case) != "expired":
            return False
        transfers.end(tx, transfer, Ending("expired", Act(_SYSTEM, _SYSTEM, ctx.now), ""))
        ended = transfers.find(tx, transfer) or case.transfer
        notices.tell_end(ctx, tx, case_of(ctx, tx, ended))
        said = {"transfer": transfer, "destination": case.destination.id}
        event = ctx.event("TransferExpired", _SYSTEM, key=case.app.key, account=case.source.id, **said)
        audit.record(tx, event)
    return True


def settle_due(ctx: Context) -> int:
    """Expire what is over, move what is ready, remind of what is about to expire; return how many that were."""
    with ctx.database.reading() as tx:
        found = [case_of(ctx, tx, each) for each in transfers.list_pending(tx)]
        told = {each.transfer.id: reminders.list_of(tx, each.transfer.id) for each in found}
    return sum(_settle(ctx, case, told[case.transfer.id]) for case in found)


def _settle(ctx: Context, case: Case, told: set[str]) -> bool:
    transfer, status = case.transfer, status_of(case)
    if status == "expired":
        return expire(ctx, transfer.id)
    if status in _WAITS_FOR_PEOPLE:
        about = _due_reminder(case)
        return about is not None and about not in told and _remind(ctx, transfer.id, about)
    return status == "ready" and move_if_ready(ctx, transfer.id)


def _due_reminder(case: Case) -> str | None:
    left = case.transfer.expires_at - case.now
    due = [each for each in _REMINDED if left <= each]
    return f"transfer-{min(due).days}" if due else None


def _remind(ctx: Context, transfer: str, about: str) -> bool:
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, transfer, None)
        status = status_of(case)
        if status not in _WAITS_FOR_PEOPLE or not reminders.save(tx, about, transfer, case.app.key, ctx.now):
            return False
        notices.tell_reminder(ctx, tx, case, status)
        said = {"transfer": transfer, "why": about}
        audit.record(tx, ctx.event("TransferReminded", _SYSTEM, key=case.app.key, account=case.source.id, **said))
    return True


def _let_expire(tx: Connection, case: Case, before: datetime, at: datetime) -> None:
    """Let what is older than the move expire; where a seed plays a move of long ago, newer ones are there already."""
    settings = keys.load_settings(tx, case.app.key)
    dated = [(each.id, each.created_at) for each in settings.secrets]
    dated += [(each.id, each.created_at) for each in settings.keypairs]
    for credential, created_at in dated:
        if created_at <= before:
            keys.expire(tx, credential, at)


def _record(ctx: Context, case: Case) -> Record:
    transfer, now = case.transfer, ctx.now
    return Record(
        transfer=transfer.id,
        key=case.app.key,
        name=case.app.name,
        source=case.source.id,
        source_name=case.source.name,
        destination=case.destination.id,
        destination_name=case.destination.name,
        hand=transfer.hand,
        started_at=transfer.started.at,
        moved_at=now,
        policy_version=ctx.policy.version,
        confirmations=tuple(kept_word(each.paper) for each in transfer.confirmations),
        approved_by=transfer.approved.email if transfer.approved else "",
        rotate_by=now + ctx.policy.moved_credentials_life,
    )


def _recorded(ctx: Context, tx: Connection, case: Case) -> None:
    signed = {f"for_{each.side}": each.act.email for each in case.transfer.confirmations}
    said = {"transfer": case.transfer.id, "source": case.source.id, "hand": case.transfer.hand, **signed}
    event = ctx.event("KeyMoved", _SYSTEM, key=case.app.key, account=case.destination.id, **said)
    audit.record(tx, event)
