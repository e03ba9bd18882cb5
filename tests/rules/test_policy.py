"""Which numbers do all verdicts rest on?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.policy import DEFAULT, Policy

ELIGIBLE = [
    ("Free", False),
    ("Developer", False),
    ("Personal", False),
    ("Standard", False),
    ("Business Pro", True),
    ("Enhanced", True),
    ("Enterprise Pro", True),
    ("business pro", False),
    ("Business Pro ", False),
    ("", False),
    ("Unheard Of", False),
]


@pytest.mark.parametrize(("plan", "is_eligible"), ELIGIBLE)
def test_business_pro_or_higher_holds_live_keys(plan: str, is_eligible: bool) -> None:
    """A plan is eligible from Business Pro upwards; a plan that nobody knows never is."""
    assert DEFAULT.is_eligible(plan) == is_eligible


@given(st.sampled_from(DEFAULT.plans), st.sampled_from(DEFAULT.plans))
def test_eligibility_follows_the_ranking(plan: str, least: str) -> None:
    """Whatever the least plan is, those from it upwards are eligible and no others."""
    policy = Policy(least_plan=least)

    assert policy.is_eligible(plan) == (DEFAULT.plans.index(plan) >= DEFAULT.plans.index(least))


def test_the_numbers_are_those_of_the_rules() -> None:
    """The defaults are the numbers that the sources give."""
    assert (DEFAULT.keys_per_account, DEFAULT.secrets_per_key, DEFAULT.keypairs_per_key) == (100, 10, 5)
    assert (DEFAULT.code_life, DEFAULT.refresh_life) == (timedelta(minutes=2), timedelta(days=30))
    assert (DEFAULT.user_token_life, DEFAULT.jwt_token_life) == (timedelta(hours=8), timedelta(hours=1))
    assert (DEFAULT.calls_needed, DEFAULT.call_window) == (20, timedelta(hours=24))
    assert (DEFAULT.polling_gap, DEFAULT.review_life) == (timedelta(minutes=15), timedelta(days=90))
    assert (DEFAULT.handle_life, DEFAULT.ticket_life) == (timedelta(minutes=10), timedelta(hours=1))
    assert (DEFAULT.hourly_calls, DEFAULT.burst_calls_demo, DEFAULT.burst_calls_production) == (3_000, 200, 500)
    assert (DEFAULT.restore_days, DEFAULT.refresh_grace) == (15, timedelta(seconds=10))
