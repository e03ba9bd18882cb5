"""Is a pack read as it says, held against its examples, and asked as it was written?"""

import copy
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.golive import REVIEW, judge, rules_of, standing
from keysteward.rules.judging import Counted, gathered
from keysteward.rules.pack_changes import loosened
from keysteward.rules.pack_text import demand_examples, read, write
from keysteward.rules.pack_words import asked, read_as
from keysteward.rules.packs import MOST_TOLD, Facts, Pack, names, quick
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.refusals import BAD_PACK, EXAMPLE_FAILS, Refusal
from tests.rules.examples import NOW, a_call

SAMPLE = Path(__file__).parents[2] / "docs" / "guides" / "orders-pack.toml"
CREATE = "POST /orders/v1/accounts/{id}/orders"
LIST = "GET /orders/v1/accounts/{id}/orders"


def sample() -> dict[str, Any]:
    """The pack of the guide, as a document."""
    return tomllib.loads(SAMPLE.read_text())


def a_pack(*rules: dict[str, Any], **said: Any) -> Pack:  # noqa: ANN401 — as a pack has them
    """A pack of these rules."""
    common = {"asks": "Something.", "source": "A test."}
    whole: dict[str, Any] = {
        "name": "mine", "version": 1, "author": "Us.", "says": "A test.", "rules": [common | rule for rule in rules],
        "examples": [{"says": "Nothing.", "calls": []}],
    }  # fmt: skip
    return read(whole | said)


def codes(policy: Policy, *operations: str, **facts: Any) -> list[str]:  # noqa: ANN401 — as Call has them
    """What a review finds in calls of these operations, oldest first."""
    made = [Counted(a_call(operation=each, sequence=at, **facts)) for at, each in enumerate(operations, 1)]
    evidence = gathered(tuple(reversed(made)), NOW, policy)
    return [finding.rule for finding in judge(evidence, policy)]


# ── the pack of the guide ───────────────────────────────────────────────────────────────────────────────────────────
def test_the_sample_holds() -> None:
    """The pack of the guide is read, its examples hold, and it is written down again as it is."""
    pack = read(sample())
    demand_examples(pack, {})

    assert read(write(pack)) == pack
    assert {type(rule).__struct_config__.tag for rule in pack.rules} == {
        "required", "forbidden", "share", "calls-needed", "window", "gap",
    }  # fmt: skip


def test_every_rule_of_the_sample_is_tested_by_an_example() -> None:
    """Without any one of its rules or readings, an example of the sample fails."""
    for part in ("rules", "readings"):
        for at in range(len(sample()[part])):
            document = sample()
            del document[part][at]
            with pytest.raises(Refusal) as refused:
                demand_examples(read(document), {})
            assert refused.value.kind == EXAMPLE_FAILS, (part, at)


def test_an_example_that_does_not_hold_is_named() -> None:
    """The refusal says which example, what was found and what was expected."""
    document = sample()
    document["examples"][0]["finds"] = ["recent"]
    with pytest.raises(Refusal) as refused:
        demand_examples(read(document), {})

    assert refused.value.values == {"example": "Fifty orders pass.", "found": "nothing", "expected": "recent"}


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────
WRONG: list[tuple[str, Any, str]] = [
    ("name", "Orders!", "name"),
    ("version", 0, "version"),
    ("version", "1", "version"),
    ("says", "", "says"),
    ("execute", "import os", "pack"),
    ("examples", [], "examples"),
    ("rules.0.kind", "python", "rules[0].kind"),
    ("rules.0.operations", [], "rules[0].operations"),
    ("rules.0.code", "a code", "rules[0].code"),
    ("rules.0.source", "", "rules[0].source"),
    ("rules.0.lambda", "x", "rules[0]"),
    ("rules.2.most_percent", 100, "rules[2].most_percent"),
    ("rules.3.calls", 1_001, "rules[3].calls"),
    ("rules.4.within", "soon", "rules[4].within"),
    ("rules.1.code", "creates-orders", "rules"),
    ("readings.0.success", ["2xx"], "readings[0].success[0]"),
    ("readings.0.success", [], "readings[0].success"),
    ("examples.0.calls.0.status", 99, "examples[0].calls[0].status"),
]


@pytest.mark.parametrize(("path", "value", "field"), WRONG, ids=[f"{path} {value}" for path, value, _ in WRONG])
def test_what_cannot_be_used_is_refused(path: str, value: object, field: str) -> None:
    """By its place in the file; what a pack does not know is no slip that passes in silence."""
    document = copy.deepcopy(sample())
    *way, last = path.split(".")
    holder: Any = document
    for step in way:
        holder = holder[int(step)] if step.isdigit() else holder[step]
    holder[last] = value
    with pytest.raises(Refusal) as refused:
        read(document)

    assert (refused.value.kind, refused.value.field) == (BAD_PACK, field)


def test_a_pack_says_something() -> None:
    """One without rules and readings is a slip."""
    with pytest.raises(Refusal) as refused:
        a_pack()

    assert (refused.value.kind, refused.value.field) == (BAD_PACK, "rules")


def test_an_example_is_bounded() -> None:
    """Nobody keeps a review busy with an example."""
    calls = [{"operation": CREATE, "times": 1_000}] * 6
    pack = a_pack({"kind": "forbidden", "code": "f", "operations": ["X"]}, examples=[{"says": "Many.", "calls": calls}])
    with pytest.raises(Refusal) as refused:
        demand_examples(pack, {})

    assert (refused.value.kind, refused.value.field) == (BAD_PACK, "examples")


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_built_in_rules_stay_first() -> None:
    """A pack adds its rules behind them, and takes none away."""
    pack = read(sample())
    found = [rule.code for rule in rules_of(replace(DEFAULT, packs=(pack,)))]

    assert found == [*(rule.code for rule in REVIEW), *(f"orders/{rule.code}" for rule in pack.rules)]


def test_a_pack_asks_nothing_of_other_apis() -> None:
    """With routes it applies once a call of one of them is among the evidence."""
    rule = {"kind": "required", "code": "r", "operations": [CREATE]}
    policy = replace(DEFAULT, packs=(a_pack(rule, routes=["orders"]),))

    assert "mine/r" not in codes(policy, *["GET /other"] * 20, route="other")
    assert "mine/r" in codes(policy, *["GET /other"] * 20, route="orders")


def test_a_rule_may_look_further_back() -> None:
    """Beyond the 20 of the built-in rules, which see no more than before."""
    policy = replace(DEFAULT, packs=(a_pack({"kind": "forbidden", "code": "f", "operations": [LIST], "calls": 30}),))
    calls = [LIST, *[CREATE] * 29]

    assert (policy.calls_looked_at, codes(policy, *calls)) == (30, ["mine/f"])
    assert codes(policy, LIST, *calls[1:], CREATE) == []


def test_a_failure_before_the_twenty_is_of_its_own_run() -> None:
    """A rule that needs 30 counts to the failure; the built-in rules do not see it."""
    policy = replace(DEFAULT, packs=(a_pack({"kind": "calls-needed", "code": "thirty", "calls": 30}),))
    made = [Counted(a_call(sequence=at, status=400 if at == 5 else 201)) for at in range(1, 31)]
    (finding,) = judge(gathered(tuple(reversed(made)), NOW, policy), policy)

    assert (finding.rule, finding.sentence) == (
        "mine/thirty", "25 of 30 calls in a row succeeded within the rules.",
    )  # fmt: skip


def test_what_succeeds_is_the_pack_s_to_say() -> None:
    """The first reading that speaks of an operation decides, for the run too."""
    readings = [
        {"operations": [LIST], "success": ["404"], "source": "A test."},
        {"operations": ["GET *"], "success": ["200"], "source": "A test."},
    ]
    policy = replace(DEFAULT, packs=(a_pack(readings=readings),))

    assert codes(policy, *[LIST] * 20, status=404) == []
    assert "no-errors" in codes(policy, *[LIST] * 20, status=200)
    assert "no-errors" in codes(policy, *["GET /a"] * 20, status=302)
    assert codes(policy, *[CREATE] * 20, status=302) == []


def test_a_check_that_is_not_installed_is_broken() -> None:
    """What nobody looked at has not passed; the finding says what is missing."""
    rule = {"kind": "check", "code": "c", "check": "sla", "distribution": "acme", "distribution_version": "1.2"}
    policy = replace(DEFAULT, packs=(a_pack(rule),))
    made = tuple(Counted(a_call(sequence=at)) for at in range(20, 0, -1))
    (finding,) = judge(gathered(made, NOW, policy), policy)

    assert (finding.rule, finding.call) == ("mine/c", None)
    assert finding.sentence == "The check sla of acme 1.2 is not installed here, so this rule could not be asked."


def test_a_check_hears_calls_and_says_what_is_wrong() -> None:
    """It is told what bundles show, newest first, and names a call by its number."""
    heard: list[Facts] = []

    def sla(calls: Any) -> list[tuple[str, str, int | None]]:  # noqa: ANN401 — as a provider writes it
        heard.extend(calls)
        return [("Call 3 is odd.", "Mend it.", 3), ("All is odd.", "Mend all.", None)]

    rule = {"kind": "check", "code": "c", "check": "sla", "distribution": "acme", "distribution_version": "1.2"}
    policy = replace(DEFAULT, packs=(a_pack(rule),), checks={"sla of acme 1.2": sla})
    made = tuple(Counted(a_call(sequence=at)) for at in range(20, 0, -1))
    found = judge(gathered(made, NOW, policy), policy)

    assert [(each.rule, each.sentence, each.call, each.method) for each in found] == [
        ("mine/c", "Call 3 is odd.", 3, "POST"), ("mine/c", "All is odd.", None, ""),
    ]  # fmt: skip
    assert [call["sequence"] for call in heard] == list(range(20, 0, -1))
    assert {"user", "account", "sdk", "key"}.isdisjoint(heard[0])


def test_at_every_call_only_what_is_quick_is_asked() -> None:
    """A check in Python, and a rule that looks far back, are asked by reviews alone."""
    pack = a_pack(
        {"kind": "check", "code": "c", "check": "sla", "distribution": "acme", "distribution_version": "1.2"},
        {"kind": "calls-needed", "code": "many", "calls": MOST_TOLD + 1},
        {"kind": "calls-needed", "code": "thirty", "calls": 30},
    )
    policy = replace(DEFAULT, packs=(pack,))
    made = tuple(Counted(a_call(sequence=at)) for at in range(20, 0, -1))

    assert [rule.code for rule in quick(pack).rules] == ["thirty"]
    assert standing(gathered(made, NOW, policy), policy) == "20/20; rule=mine/thirty"
    assert standing(gathered(made, NOW, DEFAULT), DEFAULT) == "20/20"


# ── operations ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("pattern", "operation", "is_meant"),
    [
        ("POST /orders", "POST /orders", True),
        ("post /Orders", "POST /orders", True),
        ("POST /orders", "POST /orders/{id}", False),
        ("* /orders", "PUT /orders", True),
        ("POST /orders*", "POST /orders/{id}", True),
        ("GET /o/{order}", "GET /o/{id}", True),
        ("GET */health", "GET /a/b/health", True),
        ("GET */health", "GET /a/b/health/x", False),
        ("*CreateEnvelope*", "POST CreateEnvelope", True),
        ("a*a", "a", False),
        ("a*b*c", "abbc", True),
        ("*", "anything", True),
    ],
)
def test_operations_are_told_apart(pattern: str, operation: str, is_meant: bool) -> None:
    """A star stands for anything; letter case and the names in braces mean nothing."""
    assert names((pattern,), operation) == is_meant


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_a_star_means_what_a_shell_means(pattern: str, operation: str) -> None:
    """The same as the naive reading, which tries every way."""

    def naive(left: str, right: str) -> bool:
        if not left:
            return not right
        if left[0] == "*":
            return any(naive(left[1:], right[at:]) for at in range(len(right) + 1))
        return bool(right) and left[0] == right[0] and naive(left[1:], right[1:])

    assert names((pattern,), operation) == naive(pattern, operation)


# ── what is loosened ────────────────────────────────────────────────────────────────────────────────────────────────
CHANGES: list[tuple[str, Any, tuple[str, ...]]] = [
    ("rules.0.at_least", 2, ()),
    ("rules.0.asks", "In other words", ()),
    ("rules.0.operations", ["POST *"], ("creates-orders",)),
    ("rules.2.most_percent", 60, ("not-only-lists",)),
    ("rules.2.most_percent", 40, ()),
    ("rules.3.calls", 40, ("fifty-in-a-row",)),
    ("rules.3.calls", 60, ()),
    ("rules.4.within", "3h", ("within-two-hours",)),
    ("rules.5.gap", "30m", ("reads-orders-hourly",)),
    ("rules.5.gap", "2h", ()),
    ("routes", ["orders"], ("routes",)),
    ("readings", [], ()),
    ("readings.0.success", ["200-499"], ("readings",)),
]


@pytest.mark.parametrize(("path", "value", "expected"), CHANGES, ids=[f"{path} {value}" for path, value, _ in CHANGES])
def test_it_is_said_what_asks_less(path: str, value: object, expected: tuple[str, ...]) -> None:
    """A rule that goes, changes what it looks at, or moves the loose way; words alone loosen nothing."""
    document = sample()
    *way, last = path.split(".")
    holder: Any = document
    for step in way:
        holder = holder[int(step)] if step.isdigit() else holder[step]
    holder[last] = value

    assert loosened(read(sample()), read(document)) == expected


def test_a_pack_that_goes_loosens_all_its_rules() -> None:
    """And one that comes loosens only by its readings."""
    pack = read(sample())

    assert loosened(pack, None) == tuple(rule.code for rule in pack.rules)
    assert loosened(None, pack) == ("readings",)
    assert loosened(None, a_pack({"kind": "forbidden", "code": "f", "operations": ["X"]})) == ()


def test_every_rule_is_said_in_words() -> None:
    """Whatever its kind; pages show it."""
    pack = read(sample())
    check = {"kind": "check", "code": "c", "check": "sla", "distribution": "acme", "distribution_version": "1.2"}
    said = [asked(rule, 20) for rule in (*pack.rules, *a_pack(check).rules)]

    assert said[0] == "At least 1 of the newest 20 calls is POST /orders/v1/accounts/{id}/orders."
    assert said[-1] == "The check sla of acme 1.2 is asked about the newest 20 calls."
    assert len(set(said)) == 7
    assert [read_as(reading) for reading in pack.readings] == [
        ["a success is 200-399 or 404", "polls where it is read too often"], ["does not count"],
    ]  # fmt: skip
