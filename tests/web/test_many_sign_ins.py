"""What becomes of everybody else while a crowd signs in?"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from keysteward.rules.refusals import SIGN_INS_WAIT
from tests.cast import PASSWORD, SAM, Town
from tests.web.pages.browsing import Street, open_to_browsers

PLACES, WAITING, TOO_MANY = 4, 100, 6


class Watched(PasswordHasher):
    """Checks passwords when it is told to, and knows how many it was asked to check at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8 * 1024, parallelism=1)
        self.may_go = threading.Event()
        self.inside = 0
        self.most = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002 — as its parent has it
        """Wait, and check."""
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        try:
            assert self.may_go.wait(90)
            return super().verify(hash, password)
        finally:
            with self._lock:
                self.inside -= 1


@pytest.fixture
def watched(town: Town) -> Iterator[Watched]:
    """The hasher of demo."""
    watched = Watched()
    town.demo.passwords._hasher = watched
    yield watched
    watched.may_go.set()


def until(answers: list[Future[int]], done: int) -> None:
    """Wait until so many are answered."""
    deadline = time.monotonic() + 80  # more than a hundred callers come at once
    while sum(answer.done() for answer in answers) < done:
        assert time.monotonic() < deadline, sum(answer.done() for answer in answers)
        time.sleep(0.02)


def test_a_crowd_waits_and_nobody_else_does(town: Town, watched: Watched) -> None:
    """Two passwords are hashed at once, a hundred wait, more are told to come back; pages are answered meanwhile."""
    with open_to_browsers(town) as street, ThreadPoolExecutor(PLACES + WAITING + TOO_MANY) as crowd:
        ask(street, "GET", "/livez")
        sent = [crowd.submit(sign_in, street) for _ in range(PLACES + WAITING + TOO_MANY)]
        until(sent, TOO_MANY)
        assert [ask(street, "GET", path) for path in ("/livez", "/signin", "/help/refusals")] == [200, 200, 200]
        assert watched.inside == 2
        watched.may_go.set()
        statuses = Counter(answer.result(90) for answer in sent)

    assert statuses == {303: PLACES + WAITING, SIGN_INS_WAIT.status: TOO_MANY}
    assert watched.most == 2


def ask(street: Street, method: str, path: str) -> int:
    """The status of one request."""
    return street.ask(method, path).status_code


def sign_in(street: Street) -> int:
    """The status of one sign-in."""
    return street.ask("POST", "/signin", {"email": SAM.email, "password": PASSWORD}).status_code


@pytest.mark.parametrize(("proxies", "shown"), [((), "127.0.0.1"), (("127.0.0.0/8",), "203.0.113.7")])
def test_an_address_comes_from_the_connection(town: Town, proxies: tuple[str, ...], shown: str) -> None:
    """What a client says of itself is believed only where a trusted proxy passed it on."""
    town.__dict__["demo"] = replace(town.demo, proxies=proxies)
    with open_to_browsers(town) as street:
        browser = street.browser()
        fields = [("email", SAM.email), ("password", PASSWORD)]
        browser.ask("POST", "/signin", fields, **{"X-Forwarded-For": "192.0.2.1, 203.0.113.7"})
        page = browser.open("/security")

    assert f"From {shown}" in page.main.text
