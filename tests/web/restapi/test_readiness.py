"""Does every answer to a confidential caller say where its key stands, as a review would judge it?"""

from dataclasses import replace

import pytest

from keysteward.actions import golive, tokens
from keysteward.actions.calls import READINESS
from keysteward.rules.clients import Credentials
from tests.cast import ACME, ADA, CHALLENGE, SAM, STRANGE, VERIFIER
from tests.web.restapi.house import Client, House

USERS = f"/restapi/v2.1/accounts/{ACME.demo}/users"
FOREIGN = f"/restapi/v2.1/accounts/{STRANGE.demo}/users"


def stands(client: Client, path: str = USERS) -> str | None:
    """What an answer says."""
    return client.call("GET", path).headers.get(READINESS)


def test_each_answer_counts_its_own_call(fresh: House) -> None:
    """One more with each good call; a refusal breaks the run and says so; what does not count changes nothing."""
    sam = fresh.caller(SAM)

    assert [stands(sam) for _ in range(3)] == [f"{number}/20; rule=calls-in-a-row" for number in (1, 2, 3)]
    assert stands(sam, FOREIGN) == "0/20; rule=errors"
    assert stands(sam, "/restapi/v2.1/login_information") == "0/20; rule=errors"
    assert stands(sam) == "1/20; rule=errors"


def test_ready_is_what_a_review_passes(fresh: House) -> None:
    """At twenty nothing is missing, and the review that is started then passes."""
    fresh.town.call(fresh.made, 19)
    sam = fresh.caller(SAM)

    assert stands(sam) == "20/20"
    assert fresh.town.review(fresh.made).verdict == "passed"
    assert golive.readiness(fresh.town.demo, fresh.town.actor(ADA), fresh.made.key).run == 20
    assert stands(sam) == "20/20"


def test_polling_is_named(fresh: House) -> None:
    """A call of the same resource that came too soon broke the run, whoever answers the next one."""
    fresh.town.call(fresh.made, 2, method="GET", below="/envelopes/1", status=200)

    assert stands(fresh.caller(SAM)) == "1/20; rule=polling"


def test_a_public_client_is_not_told(fresh: House) -> None:
    """Whatever a page or a phone holds is no secret of the app's."""
    town, made = fresh.town, fresh.made
    code = town.code(town.demo, made, SAM, code_challenge=CHALLENGE, code_challenge_method="S256")
    public = Credentials(made.key, None, "none")
    answer = tokens.exchange_code(town.demo, public, code, None, VERIFIER)

    assert stands(Client(fresh.address, answer.access_token)) is None


def test_a_live_key_is_not_told(fresh: House) -> None:
    """Its way is over."""
    fresh.town.go_live(fresh.made)

    assert stands(fresh.caller(SAM)) is None


@pytest.mark.parametrize("path", [USERS, FOREIGN])
def test_the_policy_turns_it_off(fresh: House, path: str) -> None:
    """An operator who wants nothing said says so in the policy."""
    in_force = fresh.town.demo.in_force
    before = in_force.policy
    in_force.policy = replace(before, readiness_on_answers=False)
    try:
        assert stands(fresh.caller(SAM), path) is None
    finally:
        in_force.policy = before
