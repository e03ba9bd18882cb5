"""What must be true for a key to enter production?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.rules.accounts import SENDER, VIEWER
from keysteward.rules.golive import Review
from keysteward.rules.policy import DEFAULT
from keysteward.rules.promotion import PRESENT, Person, Presentation, Promotion, Sheet, Ticket, why_not
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ALREADY_LIVE,
    KEY_DELETED,
    KEY_EXISTS,
    NOT_AN_ADMIN,
    NOT_THE_PRESENTER,
    REVIEW_EXPIRED,
    REVIEW_NOT_PASSED,
    WRONG_PLAN,
    Kind,
)
from tests.rules.examples import ACCOUNT, KEY, NOW, a_standing, an_app

PASSED = Review("r", KEY, NOW, "user", "ada@acme.example", 20, 1, settled_at=NOW, verdict="passed")
DAY_90 = NOW + timedelta(days=90)
READY = Presentation(an_app(), PASSED, NOW, DEFAULT)
PRESENTED: list[tuple[str, Presentation, Kind | None]] = [
    ("passed", READY, None),
    ("deleted", replace(READY, app=an_app(deleted_at=NOW)), KEY_DELETED),
    ("live", replace(READY, app=an_app(live_at=NOW)), ALREADY_LIVE),
    ("deleted and live", replace(READY, app=an_app(deleted_at=NOW, live_at=NOW)), KEY_DELETED),
    ("never reviewed", replace(READY, review=None), REVIEW_NOT_PASSED),
    ("under review", replace(READY, review=replace(PASSED, verdict=None, settled_at=None)), REVIEW_NOT_PASSED),
    ("failed", replace(READY, review=replace(PASSED, verdict="failed")), REVIEW_NOT_PASSED),
    ("in the last moment", replace(READY, now=DAY_90 - timedelta(microseconds=1)), None),
    ("after exactly 90 days", replace(READY, now=DAY_90), REVIEW_EXPIRED),
]

ADA, BO = Person("ada", "Ada@acme.example"), Person("bo", "bo@acme.example")
TICKET = Ticket(
    "t", KEY, "Lease signer", "team@acme.example", "Private custom integration", "r", "", BO, ADA, Sheet(), NOW,
    NOW + timedelta(hours=1),
)  # fmt: skip
NAMING = replace(TICKET, account=ACCOUNT)
UNVERIFIED = replace(a_standing(), user=replace(a_standing().user, email_verified=False))
FIT = Promotion(TICKET, a_standing(), "ada@acme.example", False, DEFAULT)
PROMOTED: list[tuple[str, Promotion, Kind | None]] = [
    ("an admin who presented it", FIT, None),
    ("the presenter in capitals", replace(FIT, email="ADA@ACME.EXAMPLE"), None),
    ("an address that nobody proved", replace(FIT, standing=UNVERIFIED), NOT_THE_PRESENTER),
    ("an address that nobody proved, the account named", replace(FIT, standing=UNVERIFIED, ticket=NAMING), None),
    ("a sender", replace(FIT, standing=a_standing(SENDER)), NOT_AN_ADMIN),
    ("a viewer", replace(FIT, standing=a_standing(VIEWER)), NOT_AN_ADMIN),
    ("an admin whose membership ended", replace(FIT, standing=a_standing(membership="closed")), NOT_AN_ADMIN),
    ("an admin who was closed", replace(FIT, standing=a_standing(user="closed")), NOT_AN_ADMIN),
    ("somebody else", replace(FIT, email="bo@acme.example"), NOT_THE_PRESENTER),
    ("the requester, who did not present it", replace(FIT, email=BO.email), NOT_THE_PRESENTER),
    ("somebody else, the account named", replace(FIT, email="bo@acme.example", ticket=NAMING), None),
    ("somebody else, another account named",
     replace(FIT, email="bo@acme.example", ticket=replace(TICKET, account=KEY)), NOT_THE_PRESENTER),
    ("the presenter, another account named", replace(FIT, ticket=replace(TICKET, account=KEY)), None),
    ("no admin, the account named", replace(FIT, ticket=NAMING, standing=a_standing(SENDER)), NOT_AN_ADMIN),
    ("a suspended account", replace(FIT, standing=a_standing(account="suspended")), ACCOUNT_NOT_OPEN),
    ("a closed account", replace(FIT, standing=a_standing(account="closed")), ACCOUNT_NOT_OPEN),
    ("a plan below", replace(FIT, standing=a_standing(plan="Standard")), WRONG_PLAN),
    ("a plan that nobody knows", replace(FIT, standing=a_standing(plan="Gold")), WRONG_PLAN),
    ("a higher plan", replace(FIT, standing=a_standing(plan="Enterprise Pro")), None),
    ("a key that is there", replace(FIT, key_exists=True), KEY_EXISTS),
]  # fmt: skip


@pytest.mark.parametrize(("how", "presentation", "kind"), PRESENTED, ids=[row[0] for row in PRESENTED])
def test_a_key_is_presented(how: str, presentation: Presentation, kind: Kind | None) -> None:
    """Demo makes a ticket for a key that is there, not live, and whose newest review passed and has not expired."""
    assert next((found for check in PRESENT if (found := check(presentation))), None) is kind


@pytest.mark.parametrize(("how", "promotion", "kind"), PROMOTED, ids=[row[0] for row in PROMOTED])
def test_a_key_is_promoted(how: str, promotion: Promotion, kind: Kind | None) -> None:
    """Production makes the key for the right person in an open account on an eligible plan, where it is not there."""
    assert why_not(promotion) is kind
