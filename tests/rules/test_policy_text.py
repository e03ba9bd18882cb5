"""Can a policy be written down and read again, and which documents are refused, at which field?"""

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.numbers import NUMBERS, changed, loosened
from keysteward.rules.phases import PHASES, WEEKDAYS, BrownOut, Step
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.policy_text import duration, names, read, recall, write
from keysteward.rules.refusals import INVALID_FIELD, Refusal

NINE: dict[str, object] = {"days": ["tue"], "at": ["09:00"], "length": "1h"}
PLAN = [{"phase": "measure"}, {"phase": "block all", "from": "2027-01-31"}]


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies with plans, brown-outs and durations of all kinds."""
    seconds = st.integers(1, 600)
    dates = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 — of the range
    phases = draw(
        st.lists(st.sampled_from(PHASES), min_size=1, unique=True).map(lambda each: sorted(each, key=PHASES.index))
    )
    since = sorted(draw(st.lists(dates, min_size=len(phases) - 1, max_size=len(phases) - 1, unique=True)))
    brown_out = st.builds(
        BrownOut,
        st.lists(st.sampled_from(WEEKDAYS), min_size=1).map(tuple),
        st.lists(st.times().map(lambda each: each.replace(second=0, microsecond=0)), min_size=1).map(tuple),
        st.integers(1, 86_400).map(lambda each: timedelta(seconds=each)),
    )
    return replace(
        DEFAULT,
        code_life=timedelta(seconds=draw(seconds)),
        calls_needed=draw(st.integers(1, 1_000)),
        upstream_errors_count=draw(st.booleans()),
        legacy_phases=(Step(phases[0]), *map(Step, phases[1:], since)),
        legacy_brown_outs=tuple(draw(st.lists(brown_out))),
    )


@given(policies())
def test_what_is_written_is_read_again(policy: Policy) -> None:
    """A policy written down, as JSON too, is the same when it is read, by people's files and from the database."""
    document = json.loads(json.dumps(write(policy)))

    assert read(document, DEFAULT) == policy
    assert recall(document, 7) == replace(policy, version=7)


def test_every_number_is_described() -> None:
    """Each field of a policy but its version has its entry, in the same order, and the default is within its limits."""
    described = [field.name for field in fields(Policy) if field.name not in {"version", "packs", "checks"}]

    assert names() == described
    assert set(NUMBERS) == set(described)
    for name, number in NUMBERS.items():
        assert number.says.endswith((".", "…"))
        assert number.least is None or number.least <= getattr(DEFAULT, name) <= number.most, name
        assert bool(number.looser) == (number.is_looser is not None) or name in {"plans", "least_plan"}


def test_what_is_not_named_stays() -> None:
    """A document changes what it names and nothing else."""
    assert read({"calls_needed": 30}, DEFAULT) == replace(DEFAULT, calls_needed=30)
    assert read({}, DEFAULT) == DEFAULT


@pytest.mark.parametrize(
    ("text", "seconds", "shortest"),
    [
        ("15m", 900, "15m"),
        ("24h", 86_400, "1d"),
        ("90d", 7_776_000, "90d"),
        ("1h30m", 5_400, "1h30m"),
        ("90m", 5_400, "1h30m"),
        ("2d3h4m5s", 183_845, "2d3h4m5s"),
        ("3600s", 3_600, "1h"),
    ],
)
def test_durations(text: str, seconds: int, shortest: str) -> None:
    """A duration is read as people say it, and written in the largest units that fit."""
    assert read({"refresh_life": text}, DEFAULT).refresh_life == timedelta(seconds=seconds)
    assert (duration(timedelta(seconds=seconds)), duration(timedelta(0))) == (shortest, "0s")


@pytest.mark.parametrize(
    ("value", "since"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T14:00:00Z", datetime(2027, 1, 31, 14, tzinfo=UTC)),
        ("2027-01-31T15:00:00+01:00", datetime(2027, 1, 31, 14, tzinfo=UTC)),
        (date(2027, 1, 31), datetime(2027, 1, 31, tzinfo=UTC)),
        (datetime(2027, 1, 31, 14, tzinfo=UTC), datetime(2027, 1, 31, 14, tzinfo=UTC)),
        (datetime(2027, 1, 31, 14), datetime(2027, 1, 31, 14, tzinfo=UTC)),  # noqa: DTZ001 — as TOML has local times
    ],
    ids=["date", "instant", "another zone", "date of TOML", "instant of TOML", "local time of TOML"],
)
def test_dates(value: object, since: datetime) -> None:
    """A date begins at midnight UTC; an instant without a zone is UTC; TOML's own dates are taken."""
    found = read({"legacy_phases": [{"phase": "measure"}, {"phase": "warn", "from": value}]}, DEFAULT)

    assert found.legacy_phases == (Step("measure"), Step("warn", since))


def test_a_brown_out_takes_the_hours_of_toml() -> None:
    """TOML has times of its own."""
    found = read({"legacy_brown_outs": [{"days": ["tue"], "at": [time(9, 30), "14:00"], "length": "10m"}]}, DEFAULT)

    assert found.legacy_brown_outs == (BrownOut(("tue",), (time(9, 30), time(14)), timedelta(minutes=10)),)


WRONG: list[Any] = [
    ({"call_needed": 20}, "call_needed", "there is no such number"),
    ({"version": 9}, "version", "there is no such number"),
    ({"calls_needed": "20"}, "calls_needed", "a whole number"),
    ({"calls_needed": True}, "calls_needed", "a whole number"),
    ({"calls_needed": 2.0}, "calls_needed", "a whole number"),
    ({"calls_needed": 0}, "calls_needed", "choose 1 to 1000"),
    ({"calls_needed": 1_001}, "calls_needed", "choose 1 to 1000"),
    ({"code_life": 120}, "code_life", "a duration"),
    ({"code_life": ""}, "code_life", "a duration"),
    ({"code_life": "2 minutes"}, "code_life", "a duration"),
    ({"code_life": "-2m"}, "code_life", "a duration"),
    ({"code_life": "1m2h"}, "code_life", "a duration"),
    ({"code_life": "11m"}, "code_life", "choose 1s to 10m"),
    ({"upstream_errors_count": 1}, "upstream_errors_count", "true or false"),
    ({"implicit_in_production": "yes"}, "implicit_in_production", "choose among allowed, waiver, refused"),
    ({"plans": "Free"}, "plans", "a list of plan names"),
    ({"plans": ["Free", "Free"]}, "plans", "each once"),
    ({"plans": ["Free", 7]}, "plans", "text of 1 to 100"),
    ({"plans": []}, "plans", "1 to 50"),
    ({"least_plan": "Gold"}, "least_plan", "choose among Free"),
    ({"plans": ["Free", "Gold"]}, "least_plan", "choose among Free, Gold"),
    ({"sign_up": "open", "sign_up_plan": "Gold"}, "sign_up_plan", "choose among Free"),
    ({"legacy_phases": []}, "legacy_phases", "one or more phases"),
    ({"legacy_phases": "warn"}, "legacy_phases", "a list of tables"),
    ({"legacy_phases": ["warn"]}, "legacy_phases", "each table has phase, and may have from"),
    ({"legacy_phases": [{"phase": "off"}]}, "legacy_phases", "choose among measure"),
    ({"legacy_phases": [{"phase": "warn", "to": "x"}]}, "legacy_phases", "each table has phase"),
    ({"legacy_phases": [{"phase": "warn", "from": "2027-01-31"}]}, "legacy_phases", "leave out its date"),
    ({"legacy_phases": [{"phase": "warn"}, {"phase": "measure"}]}, "legacy_phases", "in the order"),
    ({"legacy_phases": [*PLAN, {"phase": "block all", "from": "2028-01-01"}]}, "legacy_phases", "each once"),
    ({"legacy_phases": [{"phase": "measure"}, {"phase": "warn"}]}, "legacy_phases", "begins later"),
    ({"legacy_phases": [{"phase": "measure"}, {"phase": "warn", "from": "soon"}]}, "legacy_phases", "say dates as"),
    ({"legacy_brown_outs": [NINE | {"at": ["9:00"]}]}, "legacy_brown_outs", "hours of the day"),
    ({"legacy_brown_outs": [NINE | {"days": ["tuesday"]}]}, "legacy_brown_outs", "choose among mon"),
    ({"legacy_brown_outs": [NINE | {"days": []}]}, "legacy_brown_outs", "at least one day"),
    ({"legacy_brown_outs": [NINE | {"length": "25h"}]}, "legacy_brown_outs", "at most 1d"),
    ({"legacy_brown_outs": [{"days": ["tue"], "at": ["09:00"]}]}, "legacy_brown_outs", "at and days and length"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "name", "reason"), WRONG, ids=[f"{number}" for number in range(len(WRONG))])
def test_the_wrong_field_is_named(document: dict[str, object], name: str, reason: str) -> None:
    """A document that cannot be used is refused at its field, with what is allowed."""
    with pytest.raises(Refusal) as refused:
        read(document, DEFAULT)

    assert (refused.value.kind, refused.value.field) == (INVALID_FIELD, name)
    assert reason in str(refused.value.values["reason"])


def test_another_release_is_read_as_far_as_it_goes() -> None:
    """What another release named is left out, and what it did not know has its default."""
    assert recall({"calls_needed": 30, "moon_phase": "full"}, 4) == replace(DEFAULT, version=4, calls_needed=30)


LOOSER: list[Any] = [
    ({"calls_needed": 19}, "calls_needed"),
    ({"secrets_per_key": 11}, "secrets_per_key"),
    ({"code_life": timedelta(minutes=3)}, "code_life"),
    ({"polling_gap": timedelta(minutes=14)}, "polling_gap"),
    ({"implicit_in_production": "allowed"}, "implicit_in_production"),
    ({"least_plan": "Standard"}, "plans"),
    ({"plans": (*DEFAULT.plans, "Gold")}, "plans"),
    ({"legacy_phases": (Step("warn"),)}, "legacy_phases"),
]
STRICTER: list[dict[str, object]] = [
    {"calls_needed": 21},
    {"secrets_per_key": 9},
    {"keys_per_account": 1_000},
    {"implicit_in_production": "refused"},
    {"least_plan": "Enterprise Pro"},
    {"plans": ("Nothing", *DEFAULT.plans)},
    {"upstream_errors_count": True},
    {"hourly_calls": 1_000_000},
    {"legacy_brown_outs": (BrownOut(("mon",), (time(9),), timedelta(hours=1)),)},
]


@pytest.mark.parametrize(
    ("change", "name"), LOOSER, ids=[name + str(number) for number, (_, name) in enumerate(LOOSER)]
)
def test_what_is_looser_is_known(change: dict[str, Any], name: str) -> None:
    """Going there loosens what guards keys; coming back does not."""
    there = replace(DEFAULT, **change)

    assert loosened(DEFAULT, there) == (name,)
    assert loosened(there, DEFAULT) == ()
    assert changed(DEFAULT, there) == tuple(change)


@pytest.mark.parametrize("change", STRICTER, ids=[next(iter(change)) for change in STRICTER])
def test_what_is_stricter_needs_nobody(change: dict[str, Any]) -> None:
    """What guards keys more, or guards none, loosens nothing."""
    assert loosened(DEFAULT, replace(DEFAULT, **change)) == ()
