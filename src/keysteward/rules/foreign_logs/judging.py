"""What would a review say of the calls that logs tell of?

The rules are those of the server; only where the logs are silent, something is left open, and said to be.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from keysteward.rules.calls import Call, operation_of, redacted_query
from keysteward.rules.foreign_logs.collecting import (
    AFTER_THE_START,
    OF_ANOTHER_KEY,
    OF_NOBODY,
    Collector,
    Newest,
    Pile,
    Previous,
    digest_of,
    standing_of,
)
from keysteward.rules.foreign_logs.sightings import File, Sighting
from keysteward.rules.foreign_logs.silences import Silence, of_calls, of_files
from keysteward.rules.golive import judge, rules_of
from keysteward.rules.judging import Counted, Evidence, Finding, gathered
from keysteward.rules.policy import Policy
from keysteward.rules.readiness import Cell, RuleState, cells, rule_states
from keysteward.rules.redaction import OMITTED, Redactor
from keysteward.rules.routes import route_of

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the start of a review where no call says its time."""

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
_MOST_URL = 2_000

Verdict = Literal["passed", "failed"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A call as a report shows it, with where it stands in the files. `at` and `took` are None where no log says."""

    call: Call
    file: str
    place: str
    at: datetime | None
    took: timedelta | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict over logs, with everything that it rests on. It is provisional where a silence could change it."""

    verdict: Verdict
    key: str
    run: int
    policy: Policy
    starts_at: datetime | None
    evidence: Evidence
    findings: tuple[Finding, ...]
    states: tuple[RuleState, ...]
    unjudged: frozenset[str]
    cells: tuple[Cell, ...]
    shown: dict[int, Shown]
    uncounted: tuple[Shown, ...]
    reasons: Counter[str]
    silences: tuple[Silence, ...]
    files: tuple[File, ...]
    duplicates: int

    @property
    def is_provisional(self) -> bool:
        """Whether the logs leave something open that could change the verdict."""
        return any(silence.matters for silence in self.silences)


class Asked(NamedTuple):
    """How to judge: by which numbers, whose calls, and when the review would start; else with the newest call."""

    policy: Policy
    key: str = ""
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The calls of the key that is judged, and what was left out of the others."""

    key: str
    keys: frozenset[str]
    pile: Pile
    left_out: Counter[str]


class NoChoice(Exception):
    """Whose calls are to be judged cannot be told: `known` says the keys, with how many calls each."""

    def __init__(self, asked: str, known: dict[str, int]) -> None:
        super().__init__(asked)
        self.asked = asked
        self.known = known


def choose(collector: Collector, asked: str) -> Chosen:
    """The calls of one key: of the asked one, else of the only one. Raises NoChoice.

    Calls that say no key are taken as that key's, unless the logs hold calls of several.
    """
    known = {key: pile.calls for key, pile in collector.piles.items() if key}
    if (asked and known and asked not in known) or (not asked and len(known) > 1):
        raise NoChoice(asked, known)
    key = asked or next(iter(known), "")
    nameless = collector.piles.get("")
    pile = collector.piles.get(key) or Pile(Newest(0), Newest(0))
    left_out = Counter({OF_ANOTHER_KEY: sum(calls for other, calls in known.items() if other != key)})
    keys = {key}
    if nameless is not None and len(known) <= 1:
        pile, keys = (pile.merged(nameless) if key in known else nameless), {key, ""}
    elif nameless is not None:
        left_out[OF_NOBODY] = nameless.calls
    return Chosen(key, frozenset(keys), pile, +left_out)


def judge_logs(read: Callable[[], Iterable[Sighting]], files: Sequence[File], asked: Asked) -> Judged:
    """The verdict over calls that are read twice. Raises NoChoice, and whatever reading raises."""
    policy, is_ours = asked.policy, all(file.kind == "calls" for file in files)
    collector = Collector(policy, asked.starts_at, by_sequence=is_ours)
    for sighting in read():
        collector.see(sighting)
    chosen = choose(collector, asked.key)
    newest = chosen.pile.countable.listed()
    previous = Previous(newest, collector, policy, chosen.keys)
    for sighting in read() if previous.is_needed else ():
        previous.see(sighting)
    begins = asked.starts_at or next((each.at for each in newest if each.at), None)
    evidence, shown = _evidence(newest, previous, policy, begins or NEVER, files)
    return _judged(chosen, evidence, shown, files, asked._replace(starts_at=begins))


def _evidence(
    newest: Sequence[Sighting], previous: Previous, policy: Policy, cut_at: datetime, files: Sequence[File]
) -> tuple[Evidence, dict[int, Shown]]:
    """The evidence, and each of its calls as it is shown."""
    sequences = _sequences(newest)
    calls = [_call(each, sequences[place], policy, cut_at) for place, each in enumerate(newest)]
    counted = tuple(Counted(call, previous.at(place)) for place, call in enumerate(calls))
    shown = {call.sequence: _shown(each, call, files) for each, call in zip(newest, calls, strict=True)}
    return gathered(counted, cut_at, policy), shown


def _judged(chosen: Chosen, evidence: Evidence, shown: dict[int, Shown], files: Sequence[File], asked: Asked) -> Judged:
    pile, policy, rules = chosen.pile, asked.policy, rules_of(asked.policy)
    newest, uncounted = pile.countable.listed(), pile.uncounted.listed()
    findings = judge(evidence, policy, rules)
    silences = of_calls(newest, uncounted, evidence.every, policy) + of_files(files)
    return Judged(
        verdict="failed" if findings else "passed",
        key=chosen.key,
        run=len(evidence.run(policy)),
        policy=policy,
        starts_at=asked.starts_at,
        evidence=evidence,
        findings=findings,
        states=rule_states(evidence, policy, rules),
        unjudged=frozenset(code for silence in silences for code in silence.rules),
        cells=cells(evidence, policy),
        shown=shown,
        uncounted=tuple(_left_out(each, evidence.cut_at, policy, files) for each in uncounted),
        reasons=pile.reasons + chosen.left_out,
        silences=silences,
        files=tuple(files),
        duplicates=pile.countable.duplicates,
    )


def _sequences(newest: Sequence[Sighting]) -> list[int]:
    """The numbers by which findings name calls: their own where every call has one, else their places, oldest first."""
    own = [each.sequence for each in newest]
    if all(own) and len(set(own)) == len(own):
        return own
    return list(range(len(newest), 0, -1))


def _call(sighting: Sighting, sequence: int, policy: Policy, otherwise: datetime) -> Call:
    """A sighting as the evidence has calls, without anything secret. Where no time is known it was made just now."""
    standing, redactor = standing_of(sighting, policy), Redactor()
    path = "/".join(_plainly(redactor.text(segment)) for segment in sighting.path.split("/"))
    names = _names(sighting.query or "", redactor)
    recorded = sighting.recorded
    return Call(
        key=sighting.key,
        user="",
        account="",
        at=sighting.at or otherwise,
        method=sighting.method,
        url=(f"{path}?{names}" if names else path)[:_MOST_URL],
        url_digest=digest_of(sighting, policy),
        route=recorded.route if recorded else route_of(policy, sighting.path).name,
        operation=_operation(sighting, path, policy, redactor),
        status=sighting.status,
        error_code=_error_code(sighting, redactor),
        countable=standing.countable,
        polled=standing.polled,
        why_not=standing.why_not,
        sdk="",
        trace=sighting.trace,
        sequence=sequence,
    )


def _names(query: str, redactor: Redactor) -> str:
    """The names in a query, with dots for their values."""
    pairs = redacted_query(query).split("&") if query else ()
    return "&".join(f"{_plainly(redactor.text(pair.removesuffix('=…')))}=…" for pair in pairs)


def _operation(sighting: Sighting, path: str, policy: Policy, redactor: Redactor) -> str:
    if sighting.recorded is not None:
        return _plainly(redactor.text(sighting.recorded.operation))[:200]
    return operation_of(sighting.method, path, route_of(policy, sighting.path))


def _error_code(sighting: Sighting, redactor: Redactor) -> str:
    code = sighting.error_code
    return code if _CODE.fullmatch(code) and OMITTED not in redactor.text(code) else ""


def _plainly(text: str) -> str:
    """A text without what a terminal would act upon."""
    return "".join(each if each.isprintable() else "�" for each in text)


def _left_out(sighting: Sighting, otherwise: datetime, policy: Policy, files: Sequence[File]) -> Shown:
    call = _call(sighting, sighting.sequence, policy, otherwise)
    return _shown(sighting, call, files, call.why_not or AFTER_THE_START)


def _shown(sighting: Sighting, call: Call, files: Sequence[File], why_not: str = "") -> Shown:
    file = files[sighting.file]
    noun = "line" if file.kind in {"access log", "calls"} else "entry"
    place = sighting.label or ("" if file.kind == "request log" else f"{noun} {sighting.entry}")
    return Shown(call, file.name, place, sighting.at, sighting.took, why_not)
