"""Is every number found in one group, and who may approve a proposal when?"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keysteward.rules.numbers import NUMBERS
from keysteward.rules.policy import DEFAULT
from keysteward.rules.policy_groups import FOR_OPERATORS, GROUPS, label_of
from keysteward.rules.policy_text import names, read, write
from keysteward.rules.policy_toml import from_toml, lines_of
from keysteward.rules.proposals import Ended, Proposal, State, differences, state_of

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PROPOSAL = Proposal("p", 3, {"calls_needed": 5}, "olive", "olive@strange.example", "Less proof.", NOW)
LIFE = DEFAULT.policy_proposal_life
ALMOST = LIFE - timedelta(microseconds=1)


def test_every_number_stands_in_one_group() -> None:
    """None is forgotten, none stands twice, and no group is empty; what others do not read are numbers."""
    found = Counter(name for group in GROUPS for name in group.names)

    assert (set(found), set(found.values())) == (set(names()), {1})
    assert [group.id for group in GROUPS if not group.names] == []
    assert NUMBERS.keys() >= FOR_OPERATORS
    assert (label_of("jwt_token_life"), label_of("redirect_uris_per_key")) == (
        "JWT token life", "Redirect URIs per key",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("proposal", "version", "after", "expected"),
    [
        (PROPOSAL, 3, timedelta(0), "waiting"),
        (PROPOSAL, 3, ALMOST, "waiting"),
        (PROPOSAL, 3, LIFE, "expired"),
        (PROPOSAL, 4, timedelta(0), "overtaken"),
        (PROPOSAL, 4, LIFE, "overtaken"),
        (replace(PROPOSAL, ended=Ended("declined", "sam", NOW, "No.")), 3, timedelta(0), "declined"),
        (replace(PROPOSAL, ended=Ended("approved", "sam", NOW, "")), 4, LIFE, "approved"),
    ],
)
def test_where_a_proposal_stands(proposal: Proposal, version: int, after: timedelta, expected: State) -> None:
    """It waits for seven days, and as long as the version that it changes is in force; how it ended stays."""
    assert state_of(proposal, version, NOW + after, DEFAULT) == expected


def test_what_differs_says_what_is_loosened() -> None:
    """In the order of the policy, with both values."""
    after = replace(DEFAULT, calls_needed=5, keys_per_account=7)

    assert [tuple(each) for each in differences(DEFAULT, after)] == [
        ("keys_per_account", 100, 7, False), ("calls_needed", 20, 5, True),
    ]  # fmt: skip


def test_every_value_is_read_from_its_own_toml() -> None:
    """What a field of the form holds says what applies, tables and all."""
    typed = {name: from_toml(lines_of(getattr(DEFAULT, name))) for name in names()}

    assert typed == write(DEFAULT)
    assert read(typed, DEFAULT) == DEFAULT
