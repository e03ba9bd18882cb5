"""Can a program of an operator read and change the policy, and never approve?"""

import pytest

from keysteward.actions import policy
from keysteward.rules.access import HANDLE_POLICY, READ_KEYS
from tests.approving import OLIVE, employ
from tests.cast import SAM, UNKNOWN
from tests.web.api.program import House


@pytest.fixture
def desk(house: House) -> House:
    """A house with two operators, Olive and Sam."""
    employ(house.town)
    employ(house.town, SAM)
    return house


def test_a_program_changes_what_loosens_nothing(desk: House) -> None:
    """From the version that it saw; an older one is refused, and a repeated request happens once."""
    olive = desk.program(OLIVE, permissions=frozenset({HANDLE_POLICY}))
    tag = olive.ask("GET", "/policy").headers["ETag"]
    change = {"numbers": {"calls_needed": 30}, "reason": "More proof."}
    made = olive.make("/policy/changes", change, **{"If-Match": tag, "Idempotency-Key": "one"})

    assert olive.make("/policy/changes", change, **{"If-Match": tag, "Idempotency-Key": "one"}) == made
    assert (tag, made) == ('"1"', {"version": 2, "proposal": None})
    assert olive.refused("POST", "/policy/changes", change, headers={"If-Match": tag}) == (412, "changed-meanwhile", "")
    assert olive.refused("POST", "/policy/changes", change) == (409, "nothing-changes", "")
    shown = olive.get("/policy")
    assert (shown["version"], shown["author"], shown["numbers"]["calls_needed"]) == (2, OLIVE.email, 30)
    assert [(each["version"], each["changed"]) for each in olive.get("/policy/versions")["versions"]] == [
        (2, ["calls_needed"]), (1, []),
    ]  # fmt: skip
    assert olive.get("/policy/versions/1")["numbers"]["calls_needed"] == 20
    assert olive.refused("GET", "/policy/versions/9") == (404, "no-such-object", "")


def test_what_loosens_is_proposed_and_a_person_approves(desk: House) -> None:
    """A token approves nothing; the author's session neither; another operator's does."""
    program, olive, sam = (
        desk.program(OLIVE, permissions=frozenset({HANDLE_POLICY})),
        desk.console(OLIVE),
        desk.console(SAM),
    )
    change = {"numbers": {"calls_needed": 5}, "reason": "Less proof."}
    proposal = program.make("/policy/changes", change)["proposal"]
    approvals = f"/policy/proposals/{proposal['id']}/approvals"

    assert (proposal["state"], proposal["numbers"], proposal["loosened"]) == (
        "waiting", {"calls_needed": 5}, ["calls_needed"],
    )  # fmt: skip
    assert program.refused("POST", approvals, {}) == (403, "session-needed", "")
    assert olive.refused("POST", approvals, {}) == (403, "own-proposal", "")
    assert sam.make(approvals, {})["state"] == "approved"
    assert sam.refused("POST", approvals, {}) == (409, "proposal-over", "")
    assert policy.load(desk.town.demo, 2).second == SAM.email


def test_a_proposal_is_ended(desk: House) -> None:
    """Declined with a reason, or withdrawn."""
    olive, sam = (
        desk.program(OLIVE, permissions=frozenset({HANDLE_POLICY})),
        desk.program(SAM, permissions=frozenset({HANDLE_POLICY})),
    )
    change = {"numbers": {"calls_needed": 5}, "reason": "Less proof."}
    first, second = (olive.make("/policy/changes", change)["proposal"]["id"] for _ in range(2))

    assert sam.refused("POST", f"/policy/proposals/{first}/endings", {}) == (422, "invalid-field", "reason")
    assert sam.make(f"/policy/proposals/{first}/endings", {"reason": "No."})["state"] == "declined"
    assert olive.make(f"/policy/proposals/{second}/endings", {})["state"] == "withdrawn"
    assert [each["ended_by"] for each in olive.get("/policy/proposals")["proposals"]] in (
        [OLIVE.email, SAM.email], [SAM.email, OLIVE.email],
    )  # fmt: skip
    assert olive.refused("GET", f"/policy/proposals/{UNKNOWN}") == (404, "no-such-object", "")


def test_a_token_for_something_else_is_refused(desk: House) -> None:
    """An operator's too."""
    olive = desk.program(OLIVE, permissions=frozenset({READ_KEYS}))

    assert olive.refused("GET", "/policy") == (403, "token-lacks-permission", "")
