"""What do the answers of our own slice of the API say of limits?"""

import pytest

from keysteward.actions import limits
from keysteward.rules.limits import Wish
from tests.cast import ACME, SAM
from tests.web.restapi.house import House, refusal_of

HEADERS = {
    "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-BurstLimit-Limit", "X-BurstLimit-Remaining",
}  # fmt: skip
ACCOUNT = f"/restapi/v2.1/accounts/{ACME.demo}"
PATHS = [ACCOUNT, "/restapi/v2.1/login_information", "/restapi/v2.1/diagnostics/settings"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_what_is_left(fresh: House, path: str) -> None:
    """In an account, outside of one, and in the diagnostics, which official SDKs look at."""
    answer = fresh.caller(SAM).call("GET", path)

    assert answer.status_code == 200
    assert [name for name in HEADERS if name not in answer.headers] == []
    assert (answer.headers["X-RateLimit-Remaining"], answer.headers["X-BurstLimit-Remaining"]) == ("2999", "199")


@pytest.mark.parametrize("path", PATHS)
def test_a_call_too_many_is_refused(fresh: House, path: str) -> None:
    """Before it is answered, and it is a failed call."""
    limits.set_limits(fresh.town.demo, ACME.demo, Wish(burst=1), "Olga", "Little.")
    sam = fresh.caller(SAM)
    sam.call("GET", ACCOUNT)
    answer = sam.call("GET", path)

    assert refusal_of(answer) == (429, "BURST_APIINVOCATION_LIMIT_EXCEEDED")
    assert answer.headers["X-BurstLimit-Remaining"] == "0"
    assert [(row.status, row.error_code) for row in fresh.recorded(answer)] == [
        (429, "BURST_APIINVOCATION_LIMIT_EXCEEDED")
    ]


def test_a_call_of_another_account_uses_up_nothing(fresh: House) -> None:
    """Whoever is no member there is told what is left to their own account."""
    answer = fresh.caller(SAM).call("GET", "/restapi/v2.1/accounts/99999999")

    assert refusal_of(answer) == (400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT")
    assert answer.headers["X-RateLimit-Remaining"] == "3000"


def test_the_admin_api_says_it_in_its_own_words(fresh: House) -> None:
    """There it is an error with a description."""
    limits.set_limits(fresh.town.demo, ACME.demo, Wish(hourly=1), "Olga", "Little.")
    sam = fresh.caller(SAM, "signature organization_read")
    sam.call("GET", ACCOUNT)

    assert refusal_of(sam.call("GET", "/management/v2/organizations")) == (429, "temporarily_unavailable")
