"""What is decided about a call that a proxy carries, and how does its outcome come in?

The decision is the call's place in the evidence, and durable before the proxy hears it
(docs/cycles/7-a-checked-call.md).
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import NamedTuple

from keysteward.actions.callers import Caller
from keysteward.actions.calls import Answered, Asked, evidence_of, is_told, queue
from keysteward.actions.context import Context
from keysteward.rules.calls import Call, is_countable_here
from keysteward.rules.decisions import AWAITED, NO_OUTCOME, Decided, Gateway, Line, fates
from keysteward.rules.refusals import Kind
from keysteward.store import decisions
from keysteward.store.database import lock
from keysteward.store.decisions import Outcome

Durable = Future[Mapping[str, str]]
"""Done once a call is on record, with what there is to tell of keys."""


class Unwanted(NamedTuple):
    """A line that was not taken: its place in what was sent, and why."""

    place: int
    kind: Kind


class Taken(NamedTuple):
    """What became of lines: how many were taken, and were known before; which were not taken."""

    taken: int
    repeated: int
    unwanted: tuple[Unwanted, ...]


def allow(ctx: Context, gateway: Gateway, caller: Caller, asked: Asked, account: str) -> Durable:
    """Queue an allowed call for the evidence, where it waits for its outcome; done once it is durable."""
    call = evidence_of(ctx, caller, asked, Answered(200, "", account, by_upstream=True))
    why_not = AWAITED if call.countable else call.why_not
    return _queue(ctx, caller, replace(call, status=NO_OUTCOME, countable=False, why_not=why_not, gateway=gateway.id))


def refuse(ctx: Context, gateway: Gateway, caller: Caller, asked: Asked, answered: Answered) -> Durable:
    """Queue a refused call for the evidence: the refusal is its outcome, and no other one comes."""
    call = evidence_of(ctx, caller, asked, answered)
    return _queue(ctx, caller, replace(call, gateway=gateway.id, outcome_at=asked.at))


def take_outcomes(ctx: Context, gateway: Gateway, lines: Sequence[Line]) -> Taken:
    """Write how calls of a gateway ended, each once; lines that say nothing new or nothing true change nothing."""
    with ctx.database.writing() as tx:
        lock(tx, "record", f"outcomes {gateway.id}")
        decided = decisions.list_decided(tx, gateway.id, [line.decision for line in lines])
        judged = fates(lines, decided, ctx.now)
        new = [line for line, fate in zip(lines, judged, strict=True) if fate == "taken"]
        decisions.take(tx, [_outcome(ctx, decided[line.decision], line) for line in new], ctx.now)
    unwanted = tuple(Unwanted(place, fate) for place, fate in enumerate(judged) if isinstance(fate, Kind))
    return Taken(len(new), judged.count("repeated"), unwanted)


def _queue(ctx: Context, caller: Caller, call: Call) -> Durable:
    return queue(ctx, call, ctx.policy if is_told(ctx, caller) else None)


def _outcome(ctx: Context, decided: Decided, line: Line) -> Outcome:
    """What a line makes of a call: only where its route counts does it matter how it ended."""
    if decided.why_not != AWAITED:
        return Outcome(decided.sequence, line, countable=False, why_not=decided.why_not)
    countable, why_not = is_countable_here(line.status, ctx.policy, by_upstream=line.by_upstream)
    return Outcome(decided.sequence, line, countable, why_not)
