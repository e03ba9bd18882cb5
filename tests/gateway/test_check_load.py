"""Is every call in the evidence that a proxy carried under load, once and with its outcome?"""

import threading
from collections import Counter
from pathlib import Path

import pytest
import requests

from keysteward.actions import policy
from tests.cast import ACME, Made, Town
from tests.gateway.front import Front, front
from tests.peers.databases import rows
from tests.peers.proxies import PROXIES, Proxy
from tests.polling import until

CALLERS, EACH = 16, 100


def call_often(opened: Front, answered: list[tuple[str, int]]) -> None:
    """One caller on a kept connection: the trace and status of each answer."""
    url = opened.url("")
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {opened.token}"
        for number in range(EACH):
            answer = session.request("POST" if number % 2 else "GET", f"{url}?number={number}", timeout=60)
            answered.append((answer.headers["X-DocuSign-TraceToken"], answer.status_code))


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("proxy", PROXIES, ids=lambda proxy: str(proxy.__name__))
def test_every_call_is_in_the_evidence(town: Town, made: Made, tmp_path: Path, proxy: Proxy) -> None:
    """1,600 calls of 16 callers at once: each that was answered is on record once, with the status it was answered."""
    change = {"burst_calls_demo": 1_000_000, "hourly_calls": 1_000_000}
    policy.apply(town.demo, change, author="Olga", reason="To see what is carried.", second="Otto")
    with front(proxy, town, made, tmp_path) as opened:
        answered: list[tuple[str, int]] = []
        callers = [threading.Thread(target=call_often, args=(opened, answered)) for _ in range(CALLERS)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        until(lambda: opened.log.read_bytes().count(b"decision") >= len(answered))
        told = Counter[str]()
        lines = opened.log.read_bytes().splitlines()
        for at in range(0, len(lines), 1_000):
            assert opened.asking
            answer = opened.asking.tell(b"\n".join(lines[at : at + 1_000])).json()
            assert answer.pop("refused") == []
            told.update(answer)

    recorded = rows(town.demo.database, "SELECT trace, status FROM calls")
    assert (len(answered), told) == (CALLERS * EACH, Counter(taken=CALLERS * EACH, repeated=0))
    assert Counter(recorded) == Counter(answered)
    accounts = rows(town.demo.database, "SELECT DISTINCT account, countable FROM calls")
    assert accounts == [(ACME.demo, 1)]
