"""May an account call now, what limits does it have, and who changed them?

Every door asks `measure` once for each call, after it knows that its user is an active member of the account; the same
deed answers without counting for calls that do not count. Operators give single accounts other limits.
"""

from datetime import timedelta
from typing import NamedTuple

from keysteward.actions import accounts
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.actions.people import reader
from keysteward.rules import limits as rules
from keysteward.rules.access import READ_KEYS, Actor
from keysteward.rules.accounts import Account
from keysteward.rules.keys import checked_text
from keysteward.rules.limits import Count, Measure, Override, Question, Wish
from keysteward.rules.refusals import NO_SUCH_ACCOUNT, Refusal
from keysteward.store import accounts as account_store
from keysteward.store import audit, limits
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.limits import Trial
from keysteward.store.limits import Tried as Tried  # noqa: PLC0414 — what doors show
from keysteward.store.meters import Waiting as Waiting  # noqa: PLC0414 — doors wait for it
from keysteward.store.meters import wait_for

SHOWN = timedelta(days=7)
APART = {"X-Keysteward-Limits": "apart"}
"""What an answer says while each worker counts by itself."""


class Measured(NamedTuple):
    """What a call learns of its limits: the headers of its answer, and the refusal where it is one too many."""

    headers: dict[str, str]
    refusal: Refusal | None = None


class Shown(NamedTuple):
    """An account's limits: what applies, what operators said of it, the newest first, and how candidates did."""

    account: Account
    measure: Measure
    overrides: list[Override]
    trials: list[Tried]


def measure(ctx: Context, account: str, *, counts: bool = True) -> Measured:
    """Hold one more call of an account against its limits; one that does not count is never refused.

    It may have to wait for the counters that several workers share; on the event loop ask `quickly.measure` instead.
    """
    question = question_of(ctx, account, counts=counts)
    return judge(ctx, question, wait_for(ctx.meter.ask(question)))


def question_of(ctx: Context, account: str, *, counts: bool = True) -> Question:
    """What the meter is asked for a call of an account that comes now."""
    override = ctx.directory.find(limits.find_override, account)
    return Question(account, ctx.now, rules.measure(ctx.policy, ctx.environment, override), counts)


def judge(ctx: Context, question: Question, count: Count) -> Measured:
    """What the meter's answer means for the call."""
    headers = rules.headers(count.window, question.measure.limits)
    if ctx.meter.is_apart:
        headers |= APART
    if not question.counts:
        return Measured(headers)
    if question.measure.candidate is not None:
        trial = Trial(question.account, count.window.hour, question.measure.candidate)
        ctx.trials.note(trial, is_refused=count.candidate_excess is not None)
    refusal = rules.refusal(count.excess, question.measure, ctx.policy) if count.excess else None
    return Measured(headers, refusal)


def default_account(ctx: Context, caller: Caller) -> str:
    """The account whose limits a call has whose path names none; an application token has none."""
    standings = accounts.list_standings(ctx, caller.user.id) if caller.user else []
    return standings[0].account.id if standings else ""


# ── an account's own limits ─────────────────────────────────────────────────────────────────────────────────────────
def set_limits(ctx: Context, account: str, wish: Wish, by: str, reason: str) -> Override:
    """Give an account limits of its own, or the policy's again: an operator's deed, and every worker's at once."""
    operator, said = checked_text(by, "by", most=100), checked_text(reason, "reason", most=500)
    with ctx.database.writing() as tx:
        lock(tx, "account", account_store.guid_of(tx, account))
        guid = _account(tx, account).id
        before = limits.find_override(tx, guid)
        number, numbers = before.number + 1 if before else 1, rules.granted(before, wish)
        made = Override(guid, number, *numbers, reason=said, made_by=operator, made_at=ctx.now)
        limits.save_override(tx, made)
        told = {name: str(each) for name, each in numbers._asdict().items() if each is not None}
        audit.record(tx, ctx.event("LimitsChanged", operator, account=guid, reason=said, **told))
        bump_epoch(tx)
    return made


def show(ctx: Context, account: str) -> Shown:
    """The limits of an account and how they came to be, for operators."""
    with ctx.database.reading() as tx:
        return _shown(ctx, tx, _account(tx, account))


def show_to_admin(ctx: Context, actor: Actor, account: str) -> Shown:
    """Likewise, for an admin or developer of the account."""
    with ctx.database.reading() as tx:
        return _shown(ctx, tx, reader(ctx, tx, actor, account, READ_KEYS).account)


def look(ctx: Context, account: str) -> Count:
    """How many calls of an account have passed in the hour and the burst window; nothing is counted."""
    return wait_for(ctx.meter.ask(question_of(ctx, account, counts=False)))


def sum_trials(ctx: Context) -> list[Tried]:
    """What candidates would have refused of each account in the last week, the most first."""
    with ctx.database.reading() as tx:
        return limits.sum_trials(tx, ctx.now - SHOWN)


def _shown(ctx: Context, tx: Connection, account: Account) -> Shown:
    overrides = limits.list_overrides(tx, account.id)
    measured = rules.measure(ctx.policy, ctx.environment, overrides[0] if overrides else None)
    trials = [each for each in limits.sum_trials(tx, ctx.now - SHOWN, account.id) if each.calls]
    return Shown(account, measured, overrides, trials)


def _account(tx: Connection, name: str) -> Account:
    found = account_store.find_account(tx, name)
    if found is None:
        raise Refusal(NO_SUCH_ACCOUNT)
    return found
