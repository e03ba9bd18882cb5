"""Does an app that a person looks at go its whole way, with real calls and over HTTP?"""

import pytest

from keysteward.twin.cast import OPERATOR
from tests.journeys.people import ADA, DANA
from tests.journeys.story import Story, asked_by
from tests.polling import until
from tests.twin.person import Person
from tests.twin.running import Place, Twin

PUBLIC = {"integration_type": "Public integration"}
QUESTION = {"question": "Which of your customers use it first?"}


class Desk:
    """Somebody in the console of demo, asking our own API."""

    def __init__(self, place: Place, email: str) -> None:
        self._place = place
        self._person = Person(email, place.ca_file)
        self._person.sign_in(place)

    def post(self, path: str, body: dict[str, str]) -> tuple[int, str]:
        """Do something: the status, and the code of a refusal."""
        status, answer = self._person.post(self._place, f"/api/v1{path}", body)
        return status, str(answer.get("code", ""))


@pytest.fixture
def story(twin: Twin) -> Story:
    """A new app, which partners sell."""
    story = Story(twin, "Partner product")
    assert story.demo.ask("PATCH", f"/keys/{story.key}", PUBLIC).status_code == 200
    return story


@pytest.fixture
def waiting(story: Story) -> str:
    """Its review, which passed the automated checks."""
    story.start_in_demo().create(20)
    review = story.review()
    assert (review["status"], review["findings"]) == ("Pending approval", [])
    return str(review["id"])


@pytest.fixture
def olive(story: Story) -> Desk:
    """The operator of the twin's seed."""
    return Desk(story.demo, OPERATOR.email)


def test_from_pending_approval_to_live(story: Story, waiting: str, olive: Desk) -> None:
    """Nothing goes live before the approval; afterwards it goes like any other."""
    key = f"/keys/{story.key}"
    assert story.demo.refused("POST", f"{key}/tickets", {}) == (409, "pending-approval")
    assert story.demo.refused("POST", f"{key}/reviews") == (409, "pending-approval")
    assert story.demo.refused("PATCH", key, {"integration_type": "Embedded integration"}) == (
        409, "integration-type-fixed",
    )  # fmt: skip
    assert story.demo.refused("POST", f"{key}/reviews/{waiting}/answers", {"answer": "x"}) == (409, "nothing-asked")
    assert olive.post(f"/reviews/{waiting}/questions", QUESTION)[0] == 201
    story.demo.make(f"{key}/reviews/{waiting}/answers", {"answer": "Ours."})
    assert olive.post(f"/reviews/{waiting}/decisions", {"choice": "approved"}) == (201, "")
    assert olive.post(f"/reviews/{waiting}/decisions", {"choice": "declined", "reason": "x"}) == (409, "review-decided")

    story.promote(story.present())
    shown = story.wait_until_live()
    assert (shown["key"], shown["live_account"]) == (story.key, "Northwind (Business Pro)")
    outbox = story.twin.control("GET", "/outbox").json()
    mails = {mail["about"] for mail in outbox["mails"]}
    assert {"review-pending", "review-question", "review-answer", "review-approved", "key-live"} <= mails


def test_declined_and_again(story: Story, waiting: str, olive: Desk) -> None:
    """Declined for a reason; the next review waits for its own decision."""
    assert olive.post(f"/reviews/{waiting}/decisions", {"choice": "declined"}) == (422, "invalid-field")
    assert olive.post(f"/reviews/{waiting}/decisions", {"choice": "declined", "reason": "No terms."})[0] == 201
    assert story.readiness()["status"] == "Declined"
    assert story.demo.refused("POST", f"/keys/{story.key}/tickets", {}) == (409, "review-declined")

    again = story.review()
    assert again["status"] == "Pending approval"
    assert olive.post(f"/reviews/{again['id']}/decisions", {"choice": "approved"})[0] == 201
    assert story.readiness()["status"] == "Review Passed"


def test_only_an_operator_decides_and_in_time(story: Story, waiting: str) -> None:
    """Neither the developer nor a stranger; and after 90 days nobody, until a new review."""
    for member in (ADA, DANA):
        somebody = Desk(story.demo, member.email)
        assert somebody.post(f"/reviews/{waiting}/decisions", {"choice": "approved"}) == (403, "not-an-operator")
    story.twin.advance(days=90)
    story.demo = asked_by(story.demo, ADA)
    until(lambda: story.readiness()["status"] == "Review Expired", 60)

    late = Desk(story.demo, OPERATOR.email)
    assert late.post(f"/reviews/{waiting}/decisions", {"choice": "approved"}) == (409, "review-expired")
    assert story.demo.refused("POST", f"/keys/{story.key}/tickets", {}) == (409, "review-expired")
    story.impersonate("demo").create(20)
    assert story.review()["status"] == "Pending approval"
