"""Do four workers count an account's calls together in Valkey, and what happens when it is gone?"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from keysteward.actions import limits
from keysteward.rules.limits import MOST_CALLS, Wish
from tests.cast import ACME, SAM, Made
from tests.peers.valkey import Valkey
from tests.polling import until
from tests.racing import at_once
from tests.serving.estate import Estate, bearer
from tests.serving.running import Answer, Home, Line, Server, lines_to_each_worker, serving

APART = "x-keysteward-limits"
PATH = f"/restapi/v2.1/accounts/{ACME.demo}"


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    """The Valkey that the workers share."""
    with Valkey() as server:
        yield server


@pytest.fixture(scope="module")
def server(home: Home, valkey: Valkey) -> Iterator[Server]:
    """Four workers who count in it."""
    with serving(home, "--workers", "4", "--valkey", valkey.address) as server:
        yield server


def told(answers: list[Answer]) -> Counter[int]:
    """How often each status was answered."""
    return Counter(answer.status for answer in answers)


def ready(line: Line) -> str:
    """What a load balancer is told."""
    return line.ask("GET", "/readyz").body.decode()


@pytest.mark.long
def test_four_workers_let_pass_what_one_would(estate: Estate, server: Server, valkey: Valkey, made: Made) -> None:
    """Of 192 calls of 64 callers exactly 100 pass; without Valkey each worker passes at most what was left, and says
    so; when it is back they count together again, and nobody lent a hand.
    """
    until(lambda: datetime.now(UTC).minute < 59, 70)
    limits.set_limits(estate.ctx, ACME.demo, Wish(hourly=100, burst=MOST_CALLS - 1), "Olga", "A test.")
    with lines_to_each_worker(server, 16) as crowd:
        headers = bearer(estate.access_token(crowd[0], made, SAM))

        def call(number: int) -> Answer:
            return crowd[number % 64].ask("GET", PATH, headers=headers)

        together = [answer for _ in range(3) for answer in at_once(call, 64)[0]]
        assert told(together) == {200: 100, 429: 92}
        assert {answer.headers.get(APART) for answer in together} == {None}

        valkey.kill()
        limits.set_limits(estate.ctx, ACME.demo, Wish(hourly=110), "Olga", "Ten more.")
        until(lambda: {call(number).headers.get(APART) for number in range(64)} == {"apart"})
        alone = [answer for _ in range(2) for answer in at_once(call, 64)[0]]
        assert set(told(alone)) <= {200, 429}
        assert {ready(line) for line in crowd} == {"ok\nlimits: each worker counts by itself\n"}
        assert told([call(number) for number in range(64)]) == {429: 64}

        valkey.start()
        until(lambda: {call(number).headers.get(APART) for number in range(64)} == {None})
        assert {ready(line) for line in crowd} == {"ok\n"}
        assert told([call(number) for number in range(64)]) == {429: 64}
