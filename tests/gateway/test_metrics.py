"""What does an operator's tool read, and what does it never read?"""

import re
from dataclasses import replace

import pytest
import requests

from keysteward.rules.signin import is_near
from keysteward.store.meters import OwnMeter
from keysteward.web.app import Web
from tests.cast import ACME, SAM, STRANGE, Made, Town
from tests.gateway.peer import Gate, answering, serving


def read(address: str, **headers: str) -> requests.Response:
    """The page."""
    return requests.get(f"{address}/metrics", headers=headers, timeout=30)


def samples(opened: Gate) -> dict[str, float]:
    """Each sample with its labels, but for those that all have."""
    answer = read(opened.address)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = dict[str, float]()
    for line in answer.text.splitlines():
        if not line.startswith("#"):
            whole, _, value = line.rpartition(" ")
            found[re.sub(r'environment="demo",process="\d+",?', "", whole)] = float(value)
    return found


def test_calls_and_refusals_are_counted(opened: Gate) -> None:
    """Calls by route and status, refusals by code; who shows no good token is counted as refused and is no call."""
    before = samples(opened)
    opened.call("GET", "/1")
    opened.api.answer = answering(404)
    opened.call("GET", "/2")
    opened.call("GET", account=STRANGE.demo)
    opened.call("GET", headers={"Authorization": "Bearer nonsense"})
    after = samples(opened)
    grown = {name: value - before.get(name, 0) for name, value in after.items() if "_total" in name}

    assert {name: value for name, value in grown.items() if value} == {
        'keysteward_calls_total{route="envelope-resource",status="2xx"}': 1,
        'keysteward_calls_total{route="envelope-resource",status="4xx"}': 1,
        'keysteward_calls_total{route="envelopes",status="4xx"}': 1,
        'keysteward_refusals_total{code="bad-token"}': 1,
        'keysteward_refusals_total{code="not-a-member"}': 1,
    }
    assert after["keysteward_policy_version{}"] == opened.ctx.policy.version
    assert after["keysteward_recorder_waiting{}"] >= 0


def test_workers_that_count_apart_say_so(town: Town, made: Made) -> None:
    """An alert can be made of it, before an account gets through more than its limit."""
    del made
    apart = replace(town.demo, meter=OwnMeter(town.demo.database, workers=2))
    pages = []
    for ctx in (town.demo, apart):
        with serving(Web(ctx)) as address:
            pages += [line for line in read(address).text.splitlines() if line.startswith("keysteward_limits_apart")]

    assert [line.rpartition(" ")[2] for line in pages] == ["0", "1"]


def test_nobody_is_named(opened: Gate) -> None:
    """No key, user, account, address or token stands on the page, whatever was called."""
    opened.call("GET", "/1")
    opened.call("GET", "/secret-envelope", account=STRANGE.demo)
    text = read(opened.address).text

    for named in (opened.made.key, SAM.demo, SAM.email, ACME.demo, STRANGE.demo, opened.token, "secret-envelope"):
        assert named not in text


def test_only_who_is_near_reads_it(town: Town, made: Made) -> None:
    """Whoever comes through a trusted proxy from far away finds nothing there."""
    del made
    with serving(Web(replace(town.demo, proxies=("127.0.0.1",)))) as address:
        statuses = [read(address, **{"X-Forwarded-For": hop}).status_code for hop in ("192.0.2.1, 8.8.8.8", "10.0.0.7")]

    assert statuses == [404, 200]


@pytest.mark.parametrize(
    ("address", "near"),
    [("127.0.0.1", True), ("::1", True), ("10.1.2.3", True), ("fd00::1", True), ("::ffff:10.0.0.1", True),
     ("8.8.8.8", False), ("2606:4700::1", False), ("", False), ("localhost", False)],
)  # fmt: skip
def test_near_is_this_host_or_a_private_network(address: str, near: bool) -> None:
    """Anything that is no such address is far."""
    assert is_near(address) == near
