"""Can a file say who looks at reviews, and what they decided?"""

from pathlib import Path

import pytest

from keysteward.actions import approvals, operators
from keysteward.actions.export import Snapshot
from keysteward.rules.golive import status_of_review
from tests.approving import OLIVE, SAID, employ, let_wait
from tests.cast import BO, Made, Town
from tests.twin.declaring import app_in, apply, essence, exported, mistaken, snapshots

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


ASKED = """
calls = [{ count = 20, last = "3 days" }]
reviews = [{ verdict = "passed", questions = [
    "Who are your customers?",
    { text = "Where do they sign?", at = "2 days", answer = "In our app.\\nOn a phone." },
    { text = "Who answers for it?", by = "otto@platform.example", answer = { text = "Bo.", by = "bo@acme.example" } },
]%s }]
"""
OTHERS = PEOPLE.replace(
    "[[demo.apps]]",
    """
[[demo.users]]
email = "bo@acme.example"
memberships = [{ account = "Acme" }]

[[demo.users]]
email = "otto@platform.example"
operator = "formerly"
memberships = [{ account = "Platform" }]

[[demo.apps]]""",
)


@pytest.mark.parametrize(
    ("ruling", "status"),
    [("", "Pending approval"), (", ruling = { reason = 'Welcome.', by = 'otto@platform.example' }", "Review Passed")],
)
def test_what_was_asked_and_answered_comes_back(
    empty: Town, second: Town, tmp_path: Path, ruling: str, status: str
) -> None:
    """Each question and answer with its hand and date, whoever is an operator no more; the queue says the same."""
    apply(empty, tmp_path, OTHERS + ASKED % ruling)
    (thread,) = app_in(snapshots(empty)[0], "Leases").notes
    text = exported(empty)
    (tmp_path / "again").mkdir()
    apply(second, tmp_path / "again", text, "twin.json")
    again = app_in(snapshots(second)[0], "Leases")

    assert [(note.kind, note.text, note.by_email) for note in thread] == [
        ("question", "Who are your customers?", "olive@platform.example"),
        ("question", "Where do they sign?", "olive@platform.example"),
        ("answer", "In our app.\nOn a phone.", "ada@acme.example"),
        ("question", "Who answers for it?", "otto@platform.example"),
        ("answer", "Bo.", "bo@acme.example"),
    ]
    assert (again.notes, exported(second)) == ([thread], text)
    assert status_of_review(again.reviews[0], second.demo.now, second.demo.policy) == status
    assert [each.email for each in operators.list_operators(second.demo)] == ["olive@platform.example"]


def test_what_was_said_in_a_town_comes_back(town: Town, made: Made, second: Town, tmp_path: Path) -> None:
    """Not from any file: who was asked has not answered, and who asked is no operator any more."""
    employ(town)
    review, olive = let_wait(town, made), town.actor(OLIVE)
    approvals.ask(town.demo, olive, review.id, SAID)
    town.clock.advance(days=1)
    approvals.answer(town.demo, town.actor(BO), made.key, review.id, "  Law firms.  ")
    approvals.ask(town.demo, town.actor(OLIVE), review.id, "Which?")
    operators.remove(town.demo, OLIVE.email, "Omar")
    first = exported(town)
    apply(second, tmp_path, first, "twin.json")

    assert exported(second) == first
    (app, again) = (next(each for each in here.apps if each.app.key == made.key) for here in both(town, second))
    assert (app.notes, essence(app.reviews)) == (again.notes, essence(again.reviews))
    assert operators.list_operators(second.demo) == []


def both(town: Town, second: Town) -> tuple[Snapshot, Snapshot]:
    """What is in the demo environments of two towns."""
    return snapshots(town)[0], snapshots(second)[0]


def test_a_review_that_waits_for_nobody_is_asked_nothing(empty: Town, tmp_path: Path) -> None:
    """Where the integration type needs no person, questions and rulings are a mistake."""
    text = PEOPLE.replace("Public integration", "Private custom integration") + "calls = [{ count = 20 }]\n"
    with mistaken(
        "demo.apps[0].reviews[0].verdict: its integration type needs no person; leave out questions and ruling."
    ):
        apply(empty, tmp_path, text + PASSED % ", questions = ['Who?']")
