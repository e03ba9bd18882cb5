"""How is a pack written down, read again, and held against its own examples?"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from keysteward.rules.calls import Call
from keysteward.rules.golive import judge
from keysteward.rules.judging import Counted, gathered
from keysteward.rules.packs import Check, Example, ExampleCall, Pack, is_countable, is_polled, span
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.refusals import BAD_PACK, EXAMPLE_FAILS, Refusal
from keysteward.rules.shapes import known

MOST_BYTES = 262_144
_MOST_EXAMPLE_CALLS = 5_000
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r" - at `\$\.?(.*)`$")


def read(document: Mapping[str, object]) -> Pack:
    """A pack of a document; refuses the first thing in it that cannot be used."""
    try:
        pack = msgspec.convert(document, known(Pack))
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None
    codes = [rule.code for rule in pack.rules]
    if len(set(codes)) != len(codes):
        raise Refusal(BAD_PACK, field="rules", reason="each code stands once in a pack.")
    if not pack.rules and not pack.readings:
        raise Refusal(BAD_PACK, field="rules", reason="a pack says at least one rule or reading.")
    return pack


def write(pack: Pack) -> dict[str, Any]:
    """A pack as a document has it; reading it again gives the same pack."""
    return dict(msgspec.to_builtins(pack))


def demand_examples(pack: Pack, checks: Mapping[str, Check]) -> None:
    """Refuse a pack whose examples do not hold."""
    policy = replace(DEFAULT, packs=(pack,), checks=checks)
    for example in pack.examples:
        if sum(each.times for each in example.calls) > _MOST_EXAMPLE_CALLS:
            raise Refusal(BAD_PACK, field="examples", reason=f"an example has at most {_MOST_EXAMPLE_CALLS} calls.")
        if (found := found_in(example, policy)) != frozenset(example.finds):
            raise Refusal(EXAMPLE_FAILS, example=example.says, found=_said(found), expected=_said(example.finds))


def found_in(example: Example, policy: Policy) -> frozenset[str]:
    """The codes of the rules that the calls of an example break."""
    made: list[Call] = []
    counted: list[Counted] = []
    at, seen = _AT, dict[str, datetime]()
    for said in (each for each in example.calls for _ in range(each.times)):
        at += span(said.after)
        call = _call(said, at, len(made) + 1, policy)
        made.append(call)
        if call.countable:
            counted.append(Counted(call, seen.get(call.url) if call.polled else None))
            seen |= {call.url: at} if call.polled else {}
    newest = tuple(reversed(counted))[: policy.calls_looked_at]
    return frozenset(finding.rule for finding in judge(gathered(newest, at, policy), policy))


def _call(said: ExampleCall, at: datetime, sequence: int, policy: Policy) -> Call:
    method = said.operation.partition(" ")[0]
    is_read = method in {"GET", "HEAD"}
    return Call(
        key="", user="", account="", at=at, method=method, url=said.resource or said.operation, url_digest="",
        route=policy.packs[0].routes[0] if policy.packs[0].routes else "", operation=said.operation, status=said.status,
        error_code="", countable=is_countable(policy.packs, said.operation, otherwise=said.countable),
        polled=is_read and is_polled(policy.packs, said.operation, otherwise=said.polled), why_not="", sdk="",
        trace="", sequence=sequence,
    )  # fmt: skip


def _refusal(complaint: str) -> Refusal:
    found = _PLACE.search(complaint)
    sentence = _PLACE.sub("", complaint)
    return Refusal(BAD_PACK, field=found[1] if found and found[1] else "pack", reason=f"{sentence}.")


def _said(codes: frozenset[str] | tuple[str, ...]) -> str:
    return ", ".join(sorted(codes)) or "nothing"
