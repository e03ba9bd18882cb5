"""What becomes of keys that retire when nobody asks: a wait is over, a time is up, a key is gone for good?"""

from dataclasses import replace

from keysteward.actions import domains, notices
from keysteward.actions.context import Context
from keysteward.actions.domains import Confirmed
from keysteward.actions.replacement_cases import Pair, case_of, demand_step, find_pair, hold
from keysteward.rules import replacement_letters as letters
from keysteward.rules.events import Name
from keysteward.rules.keys import App
from keysteward.rules.notices import Notice
from keysteward.rules.refusals import CONFLICT, Refusal
from keysteward.rules.replacements import Case, Ended, Retirement, final_at, status_of
from keysteward.rules.transfers import Act, domain_of
from keysteward.store import audit, keys, replacements
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


def settle_due(ctx: Context) -> int:
    """Take every next step whose time has come; return how many that were."""
    with ctx.database.reading() as tx:
        found = replacements.list_retirements_under_way(tx)
        due = [(each, _status(ctx, tx, each)) for each in found]
    return sum(_settle(ctx, each, status) for each, status in due)


def _settle(ctx: Context, retirement: Retirement, status: str | None) -> bool:
    try:
        if status == "expired":
            return expire(ctx, retirement)
        if status == "ready":
            return take_effect(ctx, retirement)
        return status == "final" and finish(ctx, retirement)
    except Refusal:  # somebody was faster, or DNS does not confirm the domain: the page of the replacement says so
        return False


def _status(ctx: Context, tx: Connection, retirement: Retirement) -> str | None:
    pair = find_pair(tx, retirement.successor)
    return status_of(case_of(ctx, tx, pair)) if pair else None


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
    return pair, case, asked


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
