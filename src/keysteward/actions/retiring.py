"""What becomes of keys that retire when nobody asks: a wait is over, a time is up, a key is gone for good?"""

from dataclasses import replace

from keysteward.actions import domains, notices
from keysteward.actions.context import Context
from keysteward.actions.domains import Confirmed
from keysteward.actions.replacement_cases import (
    Pair,
    case_of,
    demand_same_account,
    demand_step,
    find_pair,
    hands,
    hold,
)
from keysteward.rules import replacement_letters as letters
from keysteward.rules.events import Name
from keysteward.rules.keys import App
from keysteward.rules.notices import Notice
from keysteward.rules.refusals import CONFLICT, Refusal
from keysteward.rules.replacements import Case, Ended, Retirement, final_at, is_open_to, status_of
from keysteward.rules.retirement_reminders import reminder_of
from keysteward.rules.transfers import Act, domain_of
from keysteward.store import audit, keys, reminders, replacements
from keysteward.store.database import Connection, bump_epoch

_SYSTEM = "system"


def take_effect(ctx: Context, retirement: Retirement) -> bool:
    """Retire a key for an organization whose wait is over; DNS shows once more that it holds its domain."""
    confirmed = _confirmed_domain(ctx, retirement)
    with ctx.database.writing() as tx:
        pair, case, asked = _locked(ctx, tx, retirement)
        demand_step("take effect", case.by("stand-in"))
        domains.demand_active(ctx, tx, confirmed)
        was_stopped = pair.old.stopped_at is not None
        if not replacements.take_effect(tx, asked.id, ctx.now, was_stopped=was_stopped):
            raise Refusal(CONFLICT)
        retired(ctx, tx, pair, replace(asked, retired_at=ctx.now, was_stopped=was_stopped), _SYSTEM)
    return True


def expire(ctx: Context, retirement: Retirement) -> bool:
    """End what an organization asked for and nobody finished in time, once; whether it was."""
    if retirement.expires_at is None or ctx.now < retirement.expires_at:
        return False
    with ctx.database.writing() as tx:
        pair, case, asked = _locked(ctx, tx, retirement)
        if asked.ended is not None or status_of(case) != "expired":
            return False
        ended = Ended("expired", Act(_SYSTEM, _SYSTEM, ctx.now))
        replacements.end_retirement(tx, asked.id, ended)
        tell(ctx, tx, pair, asked, letters.ended(pair.old, asked, ended))
        recorded(ctx, tx, "RetirementEnded", _SYSTEM, pair, asked)
    return True


def finish(ctx: Context, retirement: Retirement) -> bool:
    """Delete a retired key once nobody can bring it back any more: its GUID is never used again."""
    with ctx.database.writing() as tx:
        pair, case, asked = _locked(ctx, tx, retirement)
        demand_step("finish", case)
        ended = Ended("final", Act(_SYSTEM, _SYSTEM, ctx.now))
        if not replacements.end_retirement(tx, asked.id, ended):
            raise Refusal(CONFLICT)
        tell(ctx, tx, pair, asked, letters.ended(pair.old, asked, ended))
        recorded(ctx, tx, "KeyRetiredForGood", _SYSTEM, pair, asked)
        change_key(tx, replace(pair.old, deleted_at=pair.old.deleted_at or ctx.now, least_epoch=bump_epoch(tx)))
    return True


def remind(ctx: Context, retirement: Retirement) -> bool:
    """Tell everybody concerned of an end that comes near, once; whether they were told."""
    with ctx.database.writing() as tx:
        pair, case, asked = _locked(ctx, tx, retirement)
        due = reminder_of(case)
        if due is None or not reminders.save(tx, due[0], asked.id, pair.old.key, ctx.now):
            return False
        tell(ctx, tx, pair, asked, letters.reminder(pair.old, asked, due[1], ctx.now))
        recorded(ctx, tx, "RetirementReminded", _SYSTEM, pair, asked, why=due[0])
    return True


def settle_due(ctx: Context) -> int:
    """Take every next step whose time has come; return how many that were."""
    with ctx.database.reading() as tx:
        found = replacements.list_retirements_under_way(tx)
        due = [case for each in found if (case := _case(ctx, tx, each)) is not None]
    return sum(_settle(ctx, case) for case in due)


def remind_due(ctx: Context) -> int:
    """Remind of every end that comes near; return of how many."""
    with ctx.database.reading() as tx:
        found = replacements.list_retirements_under_way(tx)
        due = [each for each in found if _is_due(ctx, tx, each)]
    return sum(_try_to_remind(ctx, each) for each in due)


def _settle(ctx: Context, case: Case) -> bool:
    retirement, status = case.retirement, status_of(case)
    if retirement is None:
        return False
    try:
        if status == "expired":
            return expire(ctx, retirement)
        if status == "ready":  # DNS is asked only where nothing else stops it
            return is_open_to("take effect", case.by("stand-in")) and take_effect(ctx, retirement)
        return status == "final" and finish(ctx, retirement)
    except Refusal:  # somebody was faster, or DNS does not confirm the domain: the page of the replacement says so
        return False


def _is_due(ctx: Context, tx: Connection, retirement: Retirement) -> bool:
    case = _case(ctx, tx, retirement)
    due = reminder_of(case) if case else None
    return due is not None and due[0] not in reminders.list_of(tx, retirement.id)


def _try_to_remind(ctx: Context, retirement: Retirement) -> bool:
    try:
        return remind(ctx, retirement)
    except Refusal:  # somebody took a step meanwhile, so it is another case at the next look
        return False


def _case(ctx: Context, tx: Connection, retirement: Retirement) -> Case | None:
    pair = find_pair(tx, retirement.successor)
    return case_of(ctx, tx, pair) if pair else None


def _confirmed_domain(ctx: Context, retirement: Retirement) -> Confirmed:
    return domains.confirm(ctx, retirement.organization or "", domain_of(retirement.requester))


def _locked(ctx: Context, tx: Connection, retirement: Retirement) -> tuple[Pair, Case, Retirement]:
    seen = find_pair(tx, retirement.successor)
    if seen is None:
        raise Refusal(CONFLICT)
    hold(tx, seen, retirement, None)
    pair = find_pair(tx, retirement.successor)
    case = case_of(ctx, tx, pair) if pair else None
    asked = case.retirement if case else None
    if pair is None or case is None or asked is None or asked.id != retirement.id:
        raise Refusal(CONFLICT)
    demand_same_account(seen, pair)
    if hands(asked) != hands(retirement):
        raise Refusal(CONFLICT)  # somebody approved meanwhile, and is not held still
    return pair, case, asked


def call_off(ctx: Context, tx: Connection, retirement: Retirement, why: str) -> None:
    """End a retirement that has not happened yet, in the transaction of a deed that leaves it no ground."""
    pair = find_pair(tx, retirement.successor)
    ended = Ended("called off", Act(_SYSTEM, _SYSTEM, ctx.now), why)
    if pair is None or not replacements.end_retirement(tx, retirement.id, ended):
        raise Refusal(CONFLICT)
    tell(ctx, tx, pair, retirement, letters.ended(pair.old, retirement, ended))
    recorded(ctx, tx, "RetirementEnded", _SYSTEM, pair, retirement, reason=why)


# ── what deeds on retirements have in common ────────────────────────────────────────────────────────────────────────
def retired(ctx: Context, tx: Connection, pair: Pair, retirement: Retirement, by: str) -> None:
    """Stop the key, tell everybody, and record it; the last of a deed."""
    now = ctx.now
    until = final_at(now, ctx.policy)
    tell(ctx, tx, pair, retirement, letters.retired(pair.old, pair.new, retirement, now, until))
    recorded(ctx, tx, "KeyRetired", by, pair, retirement, hand=retirement.hand, reason=retirement.reason)
    change_key(tx, replace(pair.old, stopped_at=pair.old.stopped_at or now))
    bump_epoch(tx)


def change_key(tx: Connection, app: App) -> None:
    """Write the old key back; somebody else may have changed it meanwhile."""
    if not keys.change(tx, app):
        raise Refusal(CONFLICT)


def tell(ctx: Context, tx: Connection, pair: Pair, retirement: Retirement, notice: Notice) -> None:
    """Tell the admins of both keys, and those of the organization that stands in."""
    whom = [*notices.admins_of(tx, pair.account.id), *notices.admins_of(tx, pair.new.account)]
    if retirement.organization is not None:
        whom += notices.council_of(tx, retirement.organization)
    notices.tell(ctx, tx, notice, whom)


def recorded(
    ctx: Context, tx: Connection, name: Name, by: str, pair: Pair, retirement: Retirement, /, **data: str
) -> None:
    """Write the event of a deed on a retirement, in its transaction."""
    said = {"retirement": retirement.id, "replaced_by": pair.new.key, **data}
    audit.record(tx, ctx.event(name, by, key=pair.old.key, account=pair.account.id, **said))
