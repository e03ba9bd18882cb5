"""Do the rules that a bundle names find again what it says they found?

Only rules of this program and installed checks are asked, never anything that a bundle brings along.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from keysteward.rules import policy_text
from keysteward.rules.bundles import FORMAT
from keysteward.rules.golive import REVIEWS, Finding, judge, rules_of
from keysteward.rules.judging import Evidence, digest_of, gathered
from keysteward.rules.pack_rules import was_not_asked
from keysteward.rules.pack_text import read as read_pack
from keysteward.rules.packs import Check, Pack, checks_named
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.refusals import Refusal
from keysteward.rules.shapes import known
from keysteward.rules.told_calls import read_facts

Installed = Callable[[Sequence[Pack]], Mapping[str, Check]]
Result = Literal["same", "other", "not run"]


class Rerun(NamedTuple):
    """What came of asking the rules again, and why where it is not the same."""

    result: Result
    why: str = ""


class _CannotRun(Exception):
    """Why the rules cannot be asked again, as a sentence."""


def rerun(document: Mapping[str, Any], installed: Installed) -> Rerun:
    """Judge the calls of a bundle again, by the rules and numbers that it names."""
    try:
        policy, version = _policy(document, installed), _rules_version(document)
        evidence, told = _evidence(document, policy), _findings(document)
    except _CannotRun as reason:
        return Rerun("not run", str(reason))
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError, Refusal) as error:
        return Rerun("not run", f"This program cannot read a part of the bundle: {_said(error)}.")
    review = document["review"]
    if digest_of(evidence) != review["evidence_digest"]:
        return Rerun("other", "The digest of the calls is not the one that the verdict names.")
    found = judge(evidence, policy, rules_of(policy, version))
    return _compared(found, told, len(evidence.run(policy)), review)


def _compared(found: tuple[Finding, ...], told: tuple[Finding, ...], run: int, review: Mapping[str, Any]) -> Rerun:
    verdict = "failed" if found else "passed"
    if verdict != review["verdict"]:
        return Rerun("other", f"The rules find that the review {verdict}, and the bundle says {review['verdict']}.")
    if run != review["run"]:
        return Rerun("other", f"The rules count {run} calls in a row, and the bundle says {review['run']}.")
    if found != told:
        codes = {finding.rule for finding in (*found, *told) if (finding in found) != (finding in told)}
        return Rerun("other", f"The rules find something else than the bundle says: {', '.join(sorted(codes))}.")
    return Rerun("same")


def _policy(document: Mapping[str, Any], installed: Installed) -> Policy:
    if document["bundle"]["format"] != FORMAT:
        raise _CannotRun(f"The bundle has format {document['bundle']['format']}, and this program knows {FORMAT}.")
    told = document["policy"]
    unknown = set(told["numbers"]) - set(policy_text.names())
    if unknown:
        raise _CannotRun(f"This program does not know {', '.join(sorted(unknown))} of the policy.")
    packs = tuple(read_pack(pack) for pack in document["rules"]["packs"])
    checks = installed(packs)
    for name in checks_named(packs):
        if name not in checks:
            raise _CannotRun(f"The check {name} is not installed here.")
    return replace(policy_text.read(told["numbers"], DEFAULT), version=told["version"], packs=packs, checks=checks)


def _rules_version(document: Mapping[str, Any]) -> int:
    version = document["rules"]["built_in"]["version"]
    if version not in REVIEWS:
        known = ", ".join(map(str, REVIEWS))
        raise _CannotRun(f"It was judged by version {version} of the built-in rules, and this program knows {known}.")
    return int(version)


def _evidence(document: Mapping[str, Any], policy: Policy) -> Evidence:
    cut_at = msgspec.convert(document["review"]["started_at"], datetime)
    return gathered(tuple(read_facts(call) for call in document["calls"]), cut_at, policy)


def _findings(document: Mapping[str, Any]) -> tuple[Finding, ...]:
    told = tuple(msgspec.convert(document["review"]["findings"], known(list[Finding])))
    if any(map(was_not_asked, told)):
        raise _CannotRun("A check in Python was not installed when the review was judged.")
    return told


def _said(error: Exception) -> str:
    return error.sentence.rstrip(".") if isinstance(error, Refusal) else str(error) or type(error).__name__
