"""Do several workers count together, and what happens while Valkey is away?"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis, SSLConnection

from keysteward.assembly import CannotStart, assemble, found
from keysteward.rules.limits import Count, Counters, Excess, Limits, Measure, Question, count
from keysteward.rules.words import new_guid
from keysteward.settings import Settings
from keysteward.store.meters import Waiting, wait_for
from keysteward.store.valkey import BadAddress, SharedMeter, _client
from tests.peers.valkey import Valkey
from tests.polling import until
from tests.rules.examples import NOW

BURST_WINDOW = timedelta(seconds=30)
SMALL = Measure(Limits(7, 3), Limits(5, 2), BURST_WINDOW)
ROOMY = Measure(Limits(100, 80), None, BURST_WINDOW)

gaps = st.lists(
    st.one_of(st.sampled_from([0, 1, 29.999999, 30, 1800, 3599.999999, 3600, -2, -5, -5.000001, -7200]),
              st.floats(0, 7200)).map(lambda seconds: timedelta(seconds=seconds)),
    min_size=1, max_size=40,
)  # fmt: skip


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    """A Valkey for the tests that leave it alone."""
    with Valkey() as server:
        yield server


@pytest.fixture(scope="module")
def meter(valkey: Valkey) -> Iterator[SharedMeter]:
    """A worker's meter there."""
    meter = SharedMeter(valkey.address, "demo")
    yield meter
    meter.close()


def ask(meter: SharedMeter, account: str, now: datetime = NOW, measured: Measure = ROOMY) -> Count:
    """Ask for a call and wait for the answer."""
    return wait_for(meter.ask(Question(account, now, measured)))


# ── the rule ────────────────────────────────────────────────────────────────────────────────────────────────────────
@settings(max_examples=50)
@given(gaps)
def test_valkey_says_what_the_rule_says(meter: SharedMeter, steps: list[timedelta]) -> None:
    """Windows, limits and candidates come out as in `rules/limits.py`, wherever the clock goes."""
    account, now, counters = new_guid(), NOW, Counters()
    for step in steps:
        now += step
        question = Question(account, now, SMALL)
        counters, expected = count(counters, question)

        assert wait_for(meter.ask(question)) == expected


def test_looking_leaves_no_trace(valkey: Valkey, meter: SharedMeter) -> None:
    """A question that does not count writes nothing."""
    account = new_guid()
    wait_for(meter.ask(Question(account, NOW, ROOMY, counts=False)))

    with Redis.from_url(valkey.address) as client:
        assert not client.keys(f"*{account}")


def test_counters_go_by_themselves(valkey: Valkey, meter: SharedMeter) -> None:
    """Every counter ends some hours after its last call, and names environment and account."""
    account = new_guid()
    ask(meter, account)

    with Redis.from_url(valkey.address) as client:
        name = f"keysteward:demo:limits:{account}"
        assert [name.encode()] == client.keys(f"*{account}")
        assert 3_600_000 < client.pttl(name) <= 3 * 3_600_000


def test_two_accounts_never_share_a_counter(meter: SharedMeter) -> None:
    """What one account called leaves the other's limits as they were, asked together or not."""
    one, other = new_guid(), new_guid()
    asked = [meter.ask(Question(account, NOW, SMALL)) for account in [one, other] * 4]

    assert [wait_for(each).excess for each in asked] == [None] * 6 + ["burst"] * 2


@pytest.mark.parametrize("environment", ["demo", "production"])
def test_environments_may_share_a_valkey(valkey: Valkey, environment: str) -> None:
    """The same account in another environment has counters of its own."""
    meter = SharedMeter(valkey.address, environment)
    try:
        assert ask(meter, "the-same").window.hourly == 1
    finally:
        meter.close()


# ── many at once ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_four_workers_count_as_one(valkey: Valkey) -> None:
    """64 callers through four meters get exactly what one counter would give them, an hour rolling over meanwhile."""
    meters = [SharedMeter(valkey.address, "demo") for _ in range(4)]
    accounts = [new_guid(), new_guid()]
    measured = Measure(Limits(90, 1_000), None, BURST_WINDOW)
    clock = [NOW, NOW + timedelta(hours=1)]

    def call(number: int) -> tuple[str, datetime, Excess | None]:
        account, now = accounts[number % 2], clock[number >= 640]
        return account, now, ask(meters[number % 4], account, now, measured).excess

    with ThreadPoolExecutor(64) as crowd:
        told = [*crowd.map(call, range(640)), *crowd.map(call, range(640, 1_280))]
    for meter in meters:
        meter.close()

    for account in accounts:
        for now in clock:
            said = [excess for whose, when, excess in told if (whose, when) == (account, now)]
            assert (said.count(None), said.count("hourly"), len(said)) == (90, 230, 320)


def test_who_waits_is_asked_for_together(valkey: Valkey, meter: SharedMeter) -> None:
    """What gathers while Valkey is busy goes along as one question, so callers share a future and one wake-up."""
    account = new_guid()
    with Redis.from_url(valkey.address) as client:
        client.client_pause(200)
    asked = [meter.ask(Question(account, NOW, ROOMY)) for _ in range(50)]

    assert [wait_for(each).window.hourly for each in asked] == list(range(1, 51))
    assert len({each.done for each in asked if isinstance(each, Waiting)}) <= 2


# ── without Valkey ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def mortal() -> Iterator[Valkey]:
    """A Valkey that a test may kill."""
    with Valkey() as server:
        yield server


def test_a_lost_valkey_is_counted_on_from(mortal: Valkey) -> None:
    """Each worker goes on from the last count that it saw, says that it is apart, and brings its calls back."""
    meters = [SharedMeter(mortal.address, "demo") for _ in range(2)]
    for meter in meters * 10:
        ask(meter, "account")
    seen = [ask(meter, "account").window.hourly for meter in meters]
    mortal.kill()
    alone = [[ask(meter, "account").window.hourly for _ in range(5)] for meter in meters]

    assert seen == [21, 22]
    assert alone == [[22, 23, 24, 25, 26], [23, 24, 25, 26, 27]]
    assert [meter.is_apart for meter in meters] == [True, True]

    mortal.start()
    until(lambda: not any(meter.is_apart for meter in meters))

    assert ask(meters[0], "account").window.hourly in {32, 33}  # the store was lost: who comes back first matters
    for meter in meters:
        meter.close()


def test_an_account_exceeds_its_limit_at_most_by_what_was_left(mortal: Valkey) -> None:
    """Alone, a worker still refuses what is more than the limit."""
    meter = SharedMeter(mortal.address, "demo")
    ask(meter, "account", measured=SMALL)
    mortal.kill()
    said = [ask(meter, "account", measured=SMALL).excess for _ in range(4)]
    meter.close()

    assert said == [None, None, "burst", "burst"]


def test_a_valkey_that_was_never_there_is_waited_for(mortal: Valkey) -> None:
    """A worker starts without it, apart, and joins the others when it comes."""
    mortal.kill()
    meter = SharedMeter(mortal.address, "demo")
    alone = ask(meter, "account").window.hourly
    was_apart = meter.is_apart
    mortal.start()
    until(lambda: not meter.is_apart)
    together = ask(meter, "account").window.hourly
    meter.close()

    assert (alone, was_apart, together) == (1, True, 2)


def test_nobody_waits_for_a_meter_that_closed(valkey: Valkey) -> None:
    """Whoever comes after the end is answered all the same."""
    meter = SharedMeter(valkey.address, "demo")
    meter.close()

    assert ask(meter, new_guid()).window.hourly == 1
    assert "valkey" not in {thread.name for thread in threading.enumerate() if thread is meter._thread}


def test_an_address_says_how_valkey_is_reached(tmp_path: Path) -> None:
    """With TLS, trusting an authority of one's own, as a user with a password from a file."""
    pool = _client("valkeys://keysteward@valkey.example:6380/3", "s3cret", tmp_path / "ca.pem").connection_pool
    said = pool.connection_kwargs

    assert pool.connection_class is SSLConnection
    assert (said["host"], said["port"], said["db"], said["username"], said["password"], said["ssl_ca_certs"]) == (
        "valkey.example", 6380, 3, "keysteward", "s3cret", str(tmp_path / "ca.pem"),
    )  # fmt: skip


WRONG: dict[str, dict[str, Any]] = {
    "the address of Valkey is none; say valkey://USER@HOST:6379/0": {"valkey": "nonsense"},
    "No such file or directory": {"valkey": "valkey://localhost", "valkey_password_file": Path("/nowhere/password")},
}


@pytest.mark.parametrize("why", WRONG)
def test_an_environment_does_not_start_with_wrong_settings(why: str, tmp_path: Path) -> None:
    """Whoever starts it is told what is wrong with them."""
    origin, home = "https://localhost", tmp_path / "demo.db"
    settings = Settings("demo", "serve", f"sqlite:///{home}", (tmp_path / "demo.key",), origin, origin)
    found(settings)
    with pytest.raises(CannotStart, match="Calls cannot be counted with these settings: ") as raised:
        assemble(replace(settings, **WRONG[why]))

    assert why in str(raised.value)


@pytest.mark.parametrize("address", ["", "localhost:6379", "postgresql://localhost/keys", "valkey"])
def test_an_address_that_is_none_is_refused(address: str, tmp_path: Path) -> None:
    """Whoever wrote it learns how one looks."""
    with pytest.raises(BadAddress) as raised:
        SharedMeter(address, "demo")

    assert str(raised.value) == "the address of Valkey is none; say valkey://USER@HOST:6379/0"
