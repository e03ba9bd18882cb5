"""Is everything said of a key before its review, from what really happened, without changing anything?"""

from datetime import timedelta

from keysteward.actions import evidence, readiness, tokens
from keysteward.actions.calls import Outcome, complete
from keysteward.actions.readiness import Outlook
from keysteward.rules.refusals import NO_SUCH_KEY, NOT_AN_ADMIN, REVIEWS_ARE_IN_DEMO
from tests.cast import ADA, MALLORY, SAM, Made, Town, refused
from tests.checked import decide, edge, ended, tell
from tests.old_fashioned import admitted, bring_to
from tests.polling import until
from tests.races.cutting import everything
from tests.rules.test_pkce import challenge_of

ENVELOPE = "/envelopes/e0000001-0000-4000-8000-000000000000"


def look(town: Town, made: Made) -> Outlook:
    """What Ada is told of her key."""
    return readiness.outlook(town.demo, town.actor(ADA), made.key)


def remark(found: Outlook, topic: str) -> str:
    """What is said about one thing."""
    return next(each.sentence for each in found.security if each.topic == topic)


def test_looking_is_free_and_changes_nothing(town: Town, made: Made) -> None:
    """Every row of every table is the same before and after, however often somebody looks."""
    town.call(made, 13)
    town.call(made, status=400)
    before = everything(town.demo.database)

    assert [look(town, made).ready.run for _ in range(3)] == [0, 0, 0]
    assert everything(town.demo.database) == before


def test_what_is_shown_agrees_with_the_review_that_follows(town: Town, made: Made) -> None:
    """The rules that are not met are those that the review finds broken."""
    town.call(made, 3, method="GET", below=ENVELOPE, status=200)
    town.call(made, status=404)
    found = look(town, made)
    review = town.review(made)

    assert {state.rule.code for state in found.rules if state.findings} == {each.rule for each in review.findings}
    assert found.ready.run == review.run


def test_following_the_plan_passes(town: Town, made: Made) -> None:
    """The calls that it asks for, by the moment that it names, and the review passes."""
    town.call(made, status=404)
    town.call(made, 4)
    town.clock.advance(hours=1)
    plan = look(town, made).plan
    assert plan.calls_by is not None
    town.call(made, plan.calls - 1)
    town.clock.advance(seconds=(plan.calls_by - town.clock.now).total_seconds())
    town.call(made)

    assert look(town, made).plan.calls == 0
    assert town.review(made).verdict == "passed"


def test_the_duration_of_a_call_comes_from_its_outcome(town: Town, made: Made) -> None:
    """A call through a proxy says how long it took when its outcome comes, one of ours soon after its answer."""
    gateway = edge(town.demo).gateway
    (decision,) = decide(town, made, gateway)
    tell(town.demo, gateway, [ended(decision)])
    town.call(made)
    found = look(town, made)
    (carried, own) = (each.counted.call.trace for each in found.cells)
    assert (found.durations.get(carried), found.durations.get(own)) == (1_500, None)

    complete(town.demo, Outcome(own, 84_000, 1, 1, completed=True))

    until(lambda: look(town, made).durations.get(own) == 84_000)


def test_grants_are_those_by_which_tokens_were_issued(town: Town, made: Made) -> None:
    """A code that was bound by PKCE is told apart from one that was not."""
    assert remark(look(town, made), "pkce") == "PKCE is not required."
    town.sign_in_with(town.demo, made, SAM)

    until(lambda: remark(look(town, made), "pkce") == "Codes were redeemed without PKCE.")


def test_a_code_with_a_challenge_is_counted_as_such(town: Town, made: Made) -> None:
    """PKCE that every code used is said, though it is not required."""
    verifier = "v" * 43
    code = town.code(town.demo, made, SAM, code_challenge=challenge_of(verifier), code_challenge_method="S256")
    tokens.exchange_code(town.demo, made.credentials, code, None, verifier)

    until(lambda: remark(look(town, made), "pkce") == "PKCE is not required, though every code used it.")


def test_peaks_join_what_was_summed_with_what_was_not(town: Town, made: Made) -> None:
    """The busiest hour counts each call once, before and after its hour was summed."""
    town.call(made, 5)
    evidence.sum_calls(town.demo)
    town.clock.advance(minutes=16)
    town.call(made, 2)
    before = look(town, made).peaks
    evidence.sum_calls(town.demo)

    assert look(town, made).peaks == before
    assert [(each.name, each.calls) for each in before] == [("hourly", 7), ("burst", 5)]


def test_legacy_calls_of_the_key_are_counted(town: Town, made: Made) -> None:
    """In production none of them would pass."""
    bring_to(town.demo, ("measure", ""))
    assert remark(look(town, made), "legacy") == "No call with a password in 30 days."
    admitted(town.demo, made)

    assert remark(look(town, made), "legacy") == "1 call with a password in 30 days."


def test_reads_are_those_of_the_newest_calls(town: Town, made: Made) -> None:
    """Each resource once, in whichever account and version of the API it was read, with when it is free again."""
    town.call(made, 2, method="GET", below=ENVELOPE, status=200, every=timedelta(minutes=16))
    town.call(made, method="GET", below=f"{ENVELOPE}/documents/1", status=200)
    found = look(town, made)

    assert [(len(each.reads), each.violations) for each in found.timelines] == [(1, 0), (2, 0)]
    assert [each.url.endswith("/documents/1") for each in found.plan.rests] == [True]


def test_what_a_receipt_said_is_shown_once_the_key_is_live(town: Town, made: Made) -> None:
    """The number of admins there and whether one is a service admin; before that, nothing is guessed."""
    assert look(town, made).custody == ()
    town.go_live(made)

    assert [each.topic for each in look(town, made).custody] == ["admins", "service_admin"]


def test_only_who_manages_the_key_is_told(town: Town, made: Made) -> None:
    """To others it looks absent; reviews are in demo."""
    with refused(NO_SUCH_KEY):
        readiness.outlook(town.demo, town.actor(MALLORY), made.key)
    with refused(NOT_AN_ADMIN):
        readiness.outlook(town.demo, town.actor(SAM), made.key)
    with refused(REVIEWS_ARE_IN_DEMO):
        readiness.outlook(town.production, town.actor(ADA, town.production), made.key)
