"""What does each kind of rule in a pack ask of the evidence?

Read CHECKS: one function for each kind. A rule that cannot be asked is broken: what nobody looked at has not passed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from keysteward.rules.judging import Counted, Evidence, Finding, Rule, finding_of, unbroken
from keysteward.rules.packs import (
    AnyRule,
    Asked,
    CallsNeeded,
    Facts,
    Forbidden,
    Gap,
    Pack,
    Required,
    Share,
    Window,
    check_of,
    code_of,
    names,
    span,
)
from keysteward.rules.policy import Policy
from keysteward.rules.told_calls import facts_of

Newest = tuple[Counted, ...]

_NOBODY_ASKED = "so this rule could not be asked."
NOT_INSTALLED = "The check {check} is not installed here, " + _NOBODY_ASKED
CHECK_FAILED = "The check failed itself, " + _NOBODY_ASKED
_ASK_AN_OPERATOR = "Ask the operator of this environment to install it, then start the review again."
_MOST_BROKEN = 100


@lru_cache(maxsize=256)
def rules_of(pack: Pack) -> tuple[Rule, ...]:
    """The rules of a pack, as a review asks them."""
    return tuple(Rule(code_of(pack, rule), rule.asks, rule.source, _asking(pack, rule)) for rule in pack.rules)


def applies(pack: Pack, evidence: Evidence) -> bool:
    """Whether a pack has something to say of a key: it names no routes, or one of them was called."""
    return not pack.routes or any(counted.call.route in pack.routes for counted in evidence.every)


def was_not_asked(finding: Finding) -> bool:
    """Whether a rule was broken only because nobody could ask it."""
    return finding.call is None and finding.sentence.endswith(_NOBODY_ASKED)


def _asking(pack: Pack, rule: AnyRule) -> Callable[[Evidence, Policy], list[Finding]]:
    def ask(evidence: Evidence, policy: Policy) -> list[Finding]:
        if not applies(pack, evidence):
            return []
        newest = evidence.every[: rule.calls or policy.calls_needed]
        return [_named(pack, rule, finding) for finding in CHECKS[type(rule)](rule, newest, policy)]

    return ask


def _named(pack: Pack, rule: AnyRule, finding: Finding) -> Finding:
    return replace(finding, rule=code_of(pack, rule), next_step=rule.next_step or finding.next_step)


def _required(rule: Required, newest: Newest, policy: Policy) -> list[Finding]:
    found = sum(names(rule.operations, each.call.operation) for each in newest)
    if found >= rule.at_least:
        return []
    wanted, many = _listed(rule.operations), rule.calls or policy.calls_needed
    sentence = f"{found} of the newest {many} calls {_is(found)} {wanted}; at least {rule.at_least} must be."
    return [Finding("", sentence, f"Call {wanted}, then start the review.")]


def _forbidden(rule: Forbidden, newest: Newest, policy: Policy) -> list[Finding]:
    many = rule.calls or policy.calls_needed
    return [
        finding_of(
            "",
            f"{each.call.operation} was called, and must not be.",
            f"Leave it out, then make {many} good calls in a row.",
            each,
        )
        for each in newest
        if names(rule.operations, each.call.operation)
    ]


def _share(rule: Share, newest: Newest, policy: Policy) -> list[Finding]:
    found = sum(names(rule.operations, each.call.operation) for each in newest)
    if found * 100 <= rule.most_percent * len(newest):
        return []
    sentence = (
        f"{found} of the newest {len(newest)} calls {_is(found)} {_listed(rule.operations)}, more than "
        f"{rule.most_percent} percent."
    )
    return [Finding("", sentence, "Make more calls of other operations, then start the review.")]


def _calls_needed(rule: CallsNeeded, newest: Newest, policy: Policy) -> list[Finding]:
    run = len(unbroken(newest, policy))
    if run >= rule.calls:
        return []
    more = rule.calls - run
    sentence = f"{run} of {rule.calls} calls in a row succeeded within the rules."
    return [Finding("", sentence, f"Make {more} more good {'call' if more == 1 else 'calls'} in a row.")]


def _window(rule: Window, newest: Newest, policy: Policy) -> list[Finding]:
    many = rule.calls or policy.calls_needed
    if len(newest) < many or newest[0].call.at - newest[-1].call.at <= span(rule.within):
        return []
    sentence = f"The newest {many} calls lie more than {rule.within} apart."
    return [finding_of("", sentence, f"Make {many} calls within {rule.within}.", newest[-1])]


def _gap(rule: Gap, newest: Newest, policy: Policy) -> list[Finding]:
    narrowed = replace(policy, polling_gap=span(rule.gap))
    return [
        finding_of(
            "",
            f"The same resource was read again sooner than after {rule.gap}.",
            f"Read it at most once in {rule.gap}, or let the API notify you instead.",
            each,
        )
        for each in newest
        if names(rule.operations, each.call.operation) and each.polls(narrowed)
    ]


def _asked(rule: Asked, newest: Newest, policy: Policy) -> list[Finding]:
    check = policy.checks.get(check_of(rule))
    if check is None:
        return [Finding("", NOT_INSTALLED.format(check=check_of(rule)), _ASK_AN_OPERATOR)]
    told: Sequence[Facts] = [facts_of(each) for each in newest]
    by_sequence = {each.call.sequence: each for each in newest}
    found = [(said[:500], step[:500], by_sequence.get(call or 0)) for said, step, call in check(told)[:_MOST_BROKEN]]
    return [finding_of("", said, step, each) if each else Finding("", said, step) for said, step, each in found]


CHECKS: dict[type[AnyRule], Callable[[Any, Newest, Policy], list[Finding]]] = {
    Required: _required,
    Forbidden: _forbidden,
    Share: _share,
    CallsNeeded: _calls_needed,
    Window: _window,
    Gap: _gap,
    Asked: _asked,
}


def _listed(operations: Sequence[str]) -> str:
    return " or ".join(operations)


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
