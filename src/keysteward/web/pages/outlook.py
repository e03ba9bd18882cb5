"""How is it shown where a key stands before its review: cells, rules, the plan, polling, peaks and what to look at?"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from keysteward.actions.readiness import Outlook
from keysteward.rules.fitness import Remark, Topic
from keysteward.rules.golive import Finding
from keysteward.rules.legacy import ADVICE_PATH
from keysteward.rules.pace import Peak, Read, Timeline
from keysteward.rules.policy import Policy
from keysteward.rules.readiness import Cell, Plan, RuleState
from keysteward.rules.words import many, spoken
from keysteward.web.pages.evidence import call
from keysteward.web.pages.words import as_sentence

Shown = dict[str, Any]
Step = list[str | datetime]
"""A sentence in parts: words, and moments that the page shows in the reader's own time."""

_WIDTH, _MOST_DRAWN, _MOST_TIMELINES, _MOST_RESTS = 1_000, 40, 8, 3
_SHORTEST_AXIS, _LONGEST_AXIS = timedelta(hours=1), timedelta(hours=3)
_TOPICS: dict[Topic, tuple[str, str]] = {
    "grants": ("Grants", "/apps/{key}/authentication"),
    "legacy": ("Legacy authentication", ADVICE_PATH),
    "pkce": ("PKCE", "/apps/{key}/authentication"),
    "secrets": ("Secret keys", "/apps/{key}/authentication#secrets"),
    "keypairs": ("Keypairs", "/apps/{key}/authentication#keypairs"),
    "redirect_uris": ("Redirect URIs", "/apps/{key}/redirect-uris"),
    "origins": ("Web origins", "/apps/{key}/redirect-uris#cors"),
    "admins": ("Admins in production", ""),
    "service_admin": ("Service admin in production", ""),
}
_SLOWER = "Spread the calls over time, or ask an operator of production for higher limits before you go live."
_PEAKS = {"hourly": "Calls in the busiest hour", "burst": "Calls in the fullest burst window"}


def cells(found: Outlook) -> list[Shown]:
    """The calls of the evidence, oldest first, each with what it is for the run."""
    asks = {state.rule.code: state.rule.asks for state in found.rules}
    return [_cell(each, asks, found.durations) for each in found.cells]


def states(found: Outlook) -> list[Shown]:
    """Every rule as it stands now."""
    numbers = {each.counted.call.sequence: position for position, each in enumerate(found.cells, 1)}
    return [_state(each, numbers) for each in found.rules]


def steps(plan: Plan, policy: Policy) -> list[Step]:
    """The shortest way to pass, in order."""
    window = f"{int(policy.call_window.total_seconds() // 3600)} h"
    told: list[Step] = [[f"Mend {each.method} {_short(each.url)}. {each.sentence}"] for each in plan.mend]
    if plan.calls:
        told.append(_calls(plan, window))
    shown, hidden = plan.rests[:_MOST_RESTS], len(plan.rests[_MOST_RESTS:])
    told += [[f"Do not read {_short(each.url)} again before ", each.free_from, "."] for each in shown]
    if hidden:
        told.append([f"Nor {many(hidden, 'further resource', 'further resources')}: the timeline shows until when."])
    told += [[_unmet(each)] for each in plan.unmet]
    return [*told, _start(plan, window)]


def polling(found: Outlook) -> Shown:
    """The reads of each polled resource on a line of its own."""
    since = found.cells[0].counted.call.sequence if found.cells else 0
    shown = [_line(each, since) for each in found.timelines[:_MOST_TIMELINES]]
    return {
        "lines": shown,
        "more": len(found.timelines) - len(shown),
        "gap": spoken(found.ready.policy.polling_gap),
        "looked_at": f"{found.calls_looked_at:,}",
    }


def peaks(found: Iterable[Peak]) -> list[Shown]:
    """The peaks beside their limits."""
    return [
        {
            "name": _PEAKS[each.name],
            "window": spoken(each.window),
            "calls": ("at least " if each.at_least else "") + f"{each.calls:,}",
            "limit": f"{each.limit:,}",
            "share": round(min(100.0, 100 * each.calls / each.limit), 1),
            "since": each.since,
            "verdict": each.verdict,
            "next": _SLOWER if each.verdict != "good" else "",
        }
        for each in found
    ]


def remarks(said: Iterable[Remark], key: str) -> list[Shown]:
    """What there is to look at, with a link to where it is changed."""
    return [
        {
            "topic": _TOPICS[each.topic][0],
            "verdict": each.verdict,
            "sentence": each.sentence,
            "next": each.next_step,
            "href": _TOPICS[each.topic][1].format(key=key) if each.next_step else "",
        }
        for each in said
    ]


def _cell(cell: Cell, asks: dict[str, str], durations: dict[str, int]) -> Shown:
    made = cell.counted.call
    said = {
        "counts": "counts",
        "spent": "lies before the break, so it no longer counts",
        "broken": asks.get(cell.broken_rule, cell.broken_rule),
    }[cell.place]
    shown = call(made, ok=cell.place != "broken", why=said, duration=durations.get(made.trace))
    return shown | {"place": cell.place, "rule": cell.broken_rule}


def _state(state: RuleState, numbers: dict[int, int]) -> Shown:
    measure = state.measure
    return {
        "rule": state.rule.asks,
        "code": state.rule.code,
        "source": state.rule.source,
        "limit": measure.limit,
        "observed": as_sentence(measure.observed).removesuffix("."),
        "margin": as_sentence(measure.margin).removesuffix("."),
        "until": measure.until,
        "verdict": state.verdict,
        "cells": [(numbers[each], each) for each in state.calls if each in numbers],
        "sentences": [each.sentence for each in state.findings if each.call not in numbers],
    }


def _short(url: str) -> str:
    """A path without what is the same in all of them: its part behind the account, if it names one."""
    before, account, rest = url.rpartition("/accounts/")
    return f"…/{rest.partition('/')[2]}" if before and account and "/" in rest else url


def _calls(plan: Plan, window: str) -> Step:
    made = f"Make {many(plan.calls, 'more good call', 'more good calls')}"
    if plan.unmet:
        return [f"{made} that also meet what stands below."]
    if plan.calls_by is not None:
        return [f"{made}, the last of them by " if plan.calls > 1 else f"{made} by ", plan.calls_by, "."]
    return [f"{made} within {window} of each other." if plan.calls > 1 else f"{made}."]


def _unmet(finding: Finding) -> str:
    return f"{finding.sentence} {finding.next_step}"


def _start(plan: Plan, window: str) -> Step:
    if plan.start_by is not None:
        return ["Start the review by ", plan.start_by, "."]
    return [f"Start the review within {window} of the last call."]


def _line(timeline: Timeline, judged_since: int) -> Shown:
    """A resource's newest reads, on an axis that ends when it may be read again."""
    reads, end = timeline.reads[-_MOST_DRAWN:], timeline.free_from
    begin = max(min(reads[0].at, end - _SHORTEST_AXIS), end - _LONGEST_AXIS)
    scale = _WIDTH / (end - begin).total_seconds()
    drawn = [each for each in reads if begin <= each.at <= end]
    gap = end - timeline.reads[-1].at
    return {
        "method": timeline.method,
        "url": timeline.url,
        "begin": begin,
        "end": end,
        "violations": timeline.violations,
        "total": len(timeline.reads),
        "earlier": len(timeline.reads) - len(drawn),
        "reads": [_drawn(each, (each.at - begin).total_seconds() * scale, judged_since) for each in drawn],
        "gap_width": round(gap.total_seconds() * scale, 1),
        "rows": [_row(each, judged_since) for each in reversed(reads)],
    }


def _drawn(read: Read, x: float, judged_since: int) -> Shown:
    return {"x": round(x, 1), "at": read.at, "kind": _kind(read, judged_since)}


def _row(read: Read, judged_since: int) -> Shown:
    after = "" if read.after is None else spoken(abs(read.after))
    return {"at": read.at, "after": after, "kind": _kind(read, judged_since), "number": read.sequence}


def _kind(read: Read, judged_since: int) -> str:
    """A violation is judged only while it is among the newest calls."""
    if not read.too_soon:
        return "passed"
    return "refused" if read.sequence >= judged_since else "spent"
