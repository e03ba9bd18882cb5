"""Who looks at reviews in these tests, and how does one come to wait for them?"""

from keysteward.actions import accounts, approvals, golive, keys, operators
from keysteward.rules.accounts import SENDER
from keysteward.rules.golive import Review
from tests.cast import ADA, STRANGE, Made, Person, Town

OLIVE = Person(
    "Olive", "Operator", "olive@strange.example",
    "c0de0008-de30-4000-8000-000000000000", "c0de0008-90d0-4000-8000-000000000000",
)  # fmt: skip
SAID = "Which of your customers use it first?"


def employ(town: Town, person: Person = OLIVE) -> None:
    """Make somebody an operator of demo; Olive belongs to an account that has nothing to do with the others."""
    if person is OLIVE:
        accounts.add_user(town.demo, STRANGE.demo, OLIVE.joining(SENDER, "demo"), "the tests")
    operators.add(town.demo, person.email, "the tests")


def publish(town: Town, made: Made) -> None:
    """Make an app one that a person looks at."""
    keys.change(town.demo, town.actor(ADA), made.key, keys.Change(integration_type="Public integration"))


def let_wait(town: Town, made: Made) -> Review:
    """Take an app to Pending approval."""
    publish(town, made)
    town.call(made, town.demo.policy.calls_needed)
    review = town.review(made)
    assert review.is_pending, review.findings
    return review


def decide(town: Town, review: Review, choice: str = "approved", reason: str = "", by: Person = OLIVE) -> Review:
    """Approve or decline."""
    return approvals.decide(
        town.demo, town.actor(by), review.id, "approved" if choice == "approved" else "declined", reason
    )


def where(town: Town, made: Made) -> str:
    """The status of a key."""
    return golive.readiness(town.demo, town.actor(ADA), made.key).status
