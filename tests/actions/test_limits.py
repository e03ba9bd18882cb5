"""How is a call held against its account's limits, and who changes them?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.actions import housekeeping, limits
from keysteward.actions.context import Context
from keysteward.actions.limits import Measured
from keysteward.rules.limits import Limits, Override, Wish
from keysteward.rules.policy_text import read
from keysteward.rules.refusals import BURST_LIMIT, HOURLY_LIMIT, INVALID_FIELD, LIMITS_STAY, NO_SUCH_ACCOUNT, Kind
from keysteward.store.directory import Directory
from keysteward.store.meters import OwnMeter
from tests.cast import ACME, SMALL, START, UNKNOWN, Town, refused
from tests.peers.databases import rows
from tests.polling import until
from tests.racing import at_once

LITTLE = Wish(hourly=3, burst=2)


def code(measured: Measured) -> str:
    """What was refused, or nothing."""
    return measured.refusal.kind.error_code if measured.refusal else ""


def under(ctx: Context, **numbers: int) -> Context:
    """The same environment with other limits in its policy."""
    return ctx.under(read(numbers, ctx.policy))


# ── counting ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_each_call_of_an_account_is_counted(town: Town, demo: Context) -> None:
    """The headers count down per account, and a hundred threads lose no call."""
    at_once(lambda _: limits.measure(demo, ACME.demo))
    told = limits.measure(demo, ACME.demo).headers

    assert (told["X-RateLimit-Remaining"], told["X-BurstLimit-Remaining"]) == (str(3_000 - 101), str(200 - 101))
    assert limits.measure(demo, SMALL.demo).headers["X-RateLimit-Remaining"] == "2999"
    town.clock.advance(seconds=30)
    assert limits.measure(demo, ACME.demo).headers["X-BurstLimit-Remaining"] == "199"


def test_call_3000_passes_and_call_3001_does_not(town: Town, demo: Context) -> None:
    """By default, an hour has 3,000 calls, each burst of 200; then nothing passes until the next hour."""
    said = []
    for number in range(3_001):
        if number % 200 == 0:
            town.clock.advance(seconds=30)
        said.append(code(limits.measure(demo, ACME.demo)))
    first_of_next = START.replace(minute=0) + timedelta(hours=1)
    town.clock.now = first_of_next - timedelta(microseconds=1)
    last = limits.measure(demo, ACME.demo)
    town.clock.now = first_of_next

    assert said == [""] * 3_000 + ["HOURLY_APIINVOCATION_LIMIT_EXCEEDED"]
    assert code(last) == "HOURLY_APIINVOCATION_LIMIT_EXCEEDED"
    assert (last.headers["X-RateLimit-Remaining"], last.headers["X-RateLimit-Reset"]) == (
        "0", str(int(first_of_next.timestamp())),
    )  # fmt: skip
    assert code(limits.measure(demo, ACME.demo)) == ""


def test_a_burst_is_over_after_thirty_seconds(town: Town, demo: Context) -> None:
    """Call 201 in demo is refused until the window has been open for 30 s; production takes 500."""
    said = [code(limits.measure(demo, ACME.demo)) for _ in range(201)]
    town.clock.advance(seconds=29.999999)
    said.append(code(limits.measure(demo, ACME.demo)))
    town.clock.advance(seconds=0.000001)
    in_production = [code(limits.measure(town.production, ACME.production)) for _ in range(501)]

    assert said == [""] * 200 + ["BURST_APIINVOCATION_LIMIT_EXCEEDED"] * 2
    assert code(limits.measure(demo, ACME.demo)) == ""
    assert in_production == [""] * 500 + ["BURST_APIINVOCATION_LIMIT_EXCEEDED"]


@pytest.mark.parametrize("status", [400, 429])
def test_the_policy_says_the_status(demo: Context, status: int) -> None:
    """Whoever has clients that know only 400 says 400."""
    ctx = under(demo, hourly_calls=1, limit_status=status)
    limits.measure(ctx, ACME.demo)
    refusal = limits.measure(ctx, ACME.demo).refusal

    assert refusal is not None
    assert (refusal.kind.code, refusal.kind.status) == (HOURLY_LIMIT.code, status)
    assert refusal.sentence == "The maximum number of hourly API invocations has been exceeded. The hourly limit is 1."


def test_what_does_not_count_is_never_refused(demo: Context) -> None:
    """A look at what is left changes nothing, and passes where a call would not."""
    ctx = under(demo, burst_calls_demo=1)
    looked = [limits.measure(ctx, ACME.demo, counts=False) for _ in range(3)]
    limits.measure(ctx, ACME.demo)
    again = limits.measure(ctx, ACME.demo, counts=False)

    assert {code(each) for each in [*looked, again]} == {""}
    assert [each.headers["X-BurstLimit-Remaining"] for each in [*looked, again]] == ["1", "1", "1", "0"]


def test_no_answer_says_when_to_try_again(demo: Context) -> None:
    """There is never a `Retry-After`, which official SDKs would obey by sleeping in silence."""
    ctx = under(demo, burst_calls_demo=1)

    assert {name for _ in range(2) for name in limits.measure(ctx, ACME.demo).headers} == {
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-BurstLimit-Limit",
        "X-BurstLimit-Remaining",
    }  # fmt: skip


# ── a restart ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_counts_survive_a_clean_restart(town: Town, demo: Context) -> None:
    """The next process goes on where the last one stopped, and not in another hour."""
    first = replace(demo, meter=OwnMeter(demo.database))
    for _ in range(5):
        limits.measure(first, ACME.demo)
    first.meter.close()
    second = replace(demo, meter=OwnMeter(demo.database))
    told = limits.measure(second, ACME.demo).headers
    second.meter.close()
    town.clock.advance(hours=1)
    third = replace(demo, meter=OwnMeter(demo.database))

    assert (told["X-RateLimit-Remaining"], told["X-BurstLimit-Remaining"]) == ("2994", "194")
    assert limits.measure(third, ACME.demo).headers["X-RateLimit-Remaining"] == "2999"


def test_of_several_workers_the_fullest_count_is_kept(demo: Context) -> None:
    """Workers that stop together leave no less than each of them counted; one that counted nothing leaves it so."""
    workers = [replace(demo, meter=OwnMeter(demo.database, workers=3)) for _ in range(3)]
    for worker, calls in zip(workers, (2, 7, 0), strict=True):
        for _ in range(calls):
            limits.measure(worker, ACME.demo)
    for worker in workers:
        worker.meter.close()

    next_one = replace(demo, meter=OwnMeter(demo.database))
    assert limits.measure(next_one, ACME.demo).headers["X-RateLimit-Remaining"] == str(3_000 - 8)


def test_workers_apart_say_so(demo: Context) -> None:
    """Where each of several workers counts by itself, every answer names that."""
    ctx = replace(demo, meter=OwnMeter(demo.database, workers=2))

    assert limits.measure(ctx, ACME.demo).headers["X-Keysteward-Limits"] == "apart"


# ── an account's own limits ─────────────────────────────────────────────────────────────────────────────────────────
def test_an_account_gets_limits_of_its_own(demo: Context) -> None:
    """They apply from the next call on, to this account only, by GUID or number."""
    limits.set_limits(demo, ACME.demo.upper(), LITTLE, "Olga", "They hammer.")
    said = [code(limits.measure(demo, ACME.demo)) for _ in range(3)]

    assert said == ["", "", "BURST_APIINVOCATION_LIMIT_EXCEEDED"]
    assert limits.measure(demo, SMALL.demo).headers["X-RateLimit-Limit"] == "3000"


def test_other_workers_hear_of_them(demo: Context) -> None:
    """What one worker remembers is old as soon as the epoch rises."""
    other = replace(demo, directory=Directory(demo.database))
    before = limits.measure(other, ACME.demo).headers["X-RateLimit-Limit"]
    limits.set_limits(demo, ACME.demo, LITTLE, "Olga", "They hammer.")

    assert (before, limits.measure(other, ACME.demo).headers["X-RateLimit-Limit"]) == ("3000", "3")


def test_a_limit_that_is_raised_lets_calls_pass_at_once(demo: Context) -> None:
    """Calls that were refused had used up nothing."""
    limits.set_limits(demo, ACME.demo, Wish(hourly=1), "Olga", "Little.")
    said = [code(limits.measure(demo, ACME.demo)) for _ in range(10)]
    limits.set_limits(demo, ACME.demo, Wish(hourly=3), "Olga", "More.")
    told = limits.measure(demo, ACME.demo)

    assert (said[-1], code(told)) == ("HOURLY_APIINVOCATION_LIMIT_EXCEEDED", "")
    assert told.headers["X-RateLimit-Remaining"] == "1"


def test_their_history_is_kept(town: Town, demo: Context) -> None:
    """Who, when and why; what was not said stayed, and 0 gives the policy's number back."""
    first = limits.set_limits(demo, ACME.demo, LITTLE, "Olga", "They hammer.")
    town.clock.advance(days=1)
    limits.set_limits(demo, ACME.demo, Wish(hourly=0), "Otto", "They stopped.")
    shown = limits.show(demo, ACME.demo)

    assert first == Override(ACME.demo, 1, 3, 2, None, None, "They hammer.", "Olga", START)
    assert shown.overrides == [
        Override(ACME.demo, 2, None, 2, None, None, "They stopped.", "Otto", START + timedelta(days=1)), first,
    ]  # fmt: skip
    assert shown.measure.limits == Limits(3_000, 2)


WRONG = [
    (ACME.demo, Wish(hourly=-1), "Olga", "Why.", INVALID_FIELD, "hourly"),
    (ACME.demo, Wish(burst=1_000_000_001), "Olga", "Why.", INVALID_FIELD, "burst"),
    (ACME.demo, LITTLE, "", "Why.", INVALID_FIELD, "by"),
    (ACME.demo, LITTLE, "Olga", " ", INVALID_FIELD, "reason"),
    (ACME.demo, Wish(), "Olga", "Why.", LIMITS_STAY, ""),
    (ACME.demo, Wish(hourly=0), "Olga", "Why.", LIMITS_STAY, ""),
    (UNKNOWN, LITTLE, "Olga", "Why.", NO_SUCH_ACCOUNT, ""),
    ("nobody", LITTLE, "Olga", "Why.", NO_SUCH_ACCOUNT, ""),
]


@pytest.mark.parametrize(("account", "wish", "by", "reason", "kind", "field"), WRONG)
def test_what_cannot_be_set(
    demo: Context, account: str, wish: Wish, by: str, reason: str, kind: Kind, field: str
) -> None:
    """Each refusal names what is wrong, and nothing changes."""
    with refused(kind, field):
        limits.set_limits(demo, account, wish, by, reason)

    assert limits.show(demo, ACME.demo).overrides == []


# ── candidates ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_candidate_refuses_nothing_and_is_counted(demo: Context) -> None:
    """What it would have refused is known within a second, by account; what the limits in force refuse, too."""
    limits.set_limits(demo, ACME.demo, Wish(hourly=8, candidate_hourly=6, candidate_burst=4), "Olga", "A trial.")
    said = [code(limits.measure(demo, ACME.demo)) for _ in range(10)]
    limits.measure(demo, ACME.demo, counts=False)
    limits.measure(demo, SMALL.demo)

    assert said == [""] * 8 + ["HOURLY_APIINVOCATION_LIMIT_EXCEEDED"] * 2
    (tried,) = until(lambda: limits.sum_trials(demo))
    assert (tried.trial.account, tried.trial.candidate, tried.calls, tried.refused) == (
        ACME.demo, Limits(6, 4), 10, 6,
    )  # fmt: skip
    assert limits.show(demo, ACME.demo).trials == [tried]
    assert limits.show(demo, SMALL.demo).trials == []


def test_the_policy_tries_a_candidate_on_everybody(town: Town, demo: Context) -> None:
    """The account that it would hit hardest comes first; after a week nobody looks."""
    ctx = under(demo, candidate_hourly_calls=2)
    for account, calls in ((ACME.demo, 3), (SMALL.demo, 5)):
        for _ in range(calls):
            limits.measure(ctx, account)
    until(lambda: sum(each.calls for each in limits.sum_trials(ctx)) == 8)
    tried = limits.sum_trials(ctx)

    assert [(each.trial.account, each.refused) for each in tried] == [(SMALL.demo, 3), (ACME.demo, 1)]
    town.clock.advance(days=8)
    assert limits.sum_trials(ctx) == []


def test_trials_are_forgotten(town: Town, demo: Context) -> None:
    """A month after its hour nothing of a trial is kept."""
    limits.measure(under(demo, candidate_hourly_calls=2), ACME.demo)
    until(lambda: limits.sum_trials(demo))
    for days, left in ((29, 1), (2, 0)):
        town.clock.advance(days=days)
        housekeeping.forget_what_expired(demo)
        assert len(rows(demo.database, "SELECT * FROM limit_trials")) == left


def test_a_burst_that_would_be_refused_has_a_code_of_its_own(demo: Context) -> None:
    """Our own vocabulary says which limit it was."""
    limits.set_limits(demo, ACME.demo, Wish(burst=1), "Olga", "Little.")
    limits.measure(demo, ACME.demo)
    refusal = limits.measure(demo, ACME.demo).refusal

    assert refusal is not None
    assert (refusal.kind.code, refusal.next_step) == (BURST_LIMIT.code, BURST_LIMIT.next_step)
