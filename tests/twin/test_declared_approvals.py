"""Can a file say who looks at reviews, and what they decided?"""

from pathlib import Path

import pytest

from keysteward.actions import operators
from keysteward.rules.golive import status_of_review
from tests.cast import Town
from tests.twin.declaring import app_in, apply, exported, mistaken, snapshots

PEOPLE = """
[[demo.accounts]]
name = "Acme"

[[demo.accounts]]
name = "Platform"

[[demo.users]]
email = "ada@acme.example"
memberships = [{ account = "Acme" }]

[[demo.users]]
email = "olive@platform.example"
operator = true
memberships = [{ account = "Platform" }]

[[demo.apps]]
name = "Leases"
account = "Acme"
integration_type = "Public integration"
"""
PASSED = "reviews = [{ verdict = 'passed'%s }]\n"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("review = 'passed'\n", "Review Passed"),
        (PASSED % "", "Pending approval"),
        ("review = 'passed'\n" + PASSED % "", "Review Passed"),
        (PASSED % ", ruling = { by = 'olive@platform.example', reason = 'Welcome.' }", "Review Passed"),
        (PASSED % ", ruling = { choice = 'declined', reason = 'No terms.' }", "Declined"),
    ],
)
def test_a_review_that_needs_a_person(empty: Town, second: Town, tmp_path: Path, said: str, status: str) -> None:
    """It waits, or was decided as the file says; and what is exported makes the same again."""
    calls = "calls = [{ count = 20 }]\n" if "reviews" in said else ""
    apply(empty, tmp_path, PEOPLE + calls + said)
    demo, _ = snapshots(empty)
    (review,) = app_in(demo, "Leases").reviews
    text = exported(empty)
    (tmp_path / "again").mkdir()
    apply(second, tmp_path / "again", text, "twin.json")

    assert status_of_review(review, empty.demo.now, empty.demo.policy) == status
    assert [each.email for each in operators.list_operators(second.demo)] == ["olive@platform.example"]
    assert exported(second) == text


def test_what_cannot_be_decided(empty: Town, tmp_path: Path) -> None:
    """Where nobody is an operator the file says so, at the review that needs one."""
    with mistaken(
        "demo.apps[0].review: its integration type needs a person: let a user of another account be an operator."
    ):
        apply(empty, tmp_path, PEOPLE.replace("operator = true\n", "") + "review = 'passed'\n")


def test_a_ruling_is_checked(empty: Town, tmp_path: Path) -> None:
    """Whoever rules is an operator, and what failed waits for nobody."""
    at = "demo.apps[0].reviews[0].ruling"
    with mistaken(
        f"{at}.by: name a user of this environment who is an operator.",
        f"{at}: a review that failed waits for nobody; leave it out.",
    ):
        apply(empty, tmp_path, PEOPLE + "reviews = [{ verdict = 'failed', ruling = { by = 'ada@acme.example' } }]\n")
