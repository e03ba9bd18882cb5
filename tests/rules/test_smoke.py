"""When does a key work in production, as its own traffic shows?"""

from datetime import timedelta

from keysteward.rules.smoke import Seen, SeenCall, Traffic, judge, passes
from tests.rules.examples import NOW

LATER = NOW + timedelta(minutes=1)
GOOD, BAD = SeenCall(NOW, "GetAccount", 200), SeenCall(LATER, "GetAccount", 401)


def test_nothing_seen_is_nothing_proved() -> None:
    """Every step says what has not come yet."""
    steps = judge(Traffic())

    assert [(step.code, step.is_met) for step in steps] == [("token", False), ("userinfo", False), ("call", False)]
    assert not passes(steps)


def test_all_three_pass() -> None:
    """Each says what was seen, and when."""
    steps = judge(Traffic(Seen(NOW, "jwt"), Seen(NOW, "userinfo"), GOOD))

    assert passes(steps)
    assert [step.said for step in steps][::2] == ["Issued by the JWT Grant.", "GetAccount: 200."]


def test_a_call_that_failed_is_no_success_and_is_told() -> None:
    """Alone it proves nothing; after a success it is told beside it, before one it is history."""
    alone, after = judge(Traffic(failed=BAD))[2], judge(Traffic(call=GOOD, failed=BAD))[2]
    before = judge(Traffic(call=SeenCall(LATER, "GetAccount", 200), failed=SeenCall(NOW, "GetAccount", 401)))[2]

    assert (alone.is_met, alone.said) == (False, "No call has succeeded yet. The newest: GetAccount: 401.")
    assert (after.is_met, after.said) == (True, "GetAccount: 200. The newest failed: GetAccount: 401.")
    assert before.said == "GetAccount: 200."


def test_no_steps_prove_nothing() -> None:
    """An empty smoke test does not pass."""
    assert not passes(())
