"""Do two environments that serve as processes of their own bring keys to production over a bad network?"""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest
import requests
import trustme

from tests.peers.bad_network import BadNetwork, bad_network
from tests.peers.databases import Stock
from tests.polling import until
from tests.serving.running import Home, serving
from tests.serving.test_two_houses import PAIRS, Side

TROUBLED = r"^/(api/v1/(tickets/exchange|receipts)|\.well-known/keysteward-papers)$"
SAID = {"other-environment-silent", "handle-not-good", "already-live", "key-exists"}

pytestmark = pytest.mark.long


class Apart(NamedTuple):
    """Both environments, each reached by everybody over a network that troubles what the other one asks."""

    demo: Side
    production: Side
    networks: tuple[BadNetwork, BadNetwork]

    def calm(self, *, is_calm: bool) -> None:
        """Let the networks be good, or as bad as their seed says."""
        for network in self.networks:
            network.calm = is_calm


@pytest.fixture(scope="module")
def apart(stock: Stock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    """Demo on PostgreSQL and production on SQLite, plain HTTP behind networks that speak TLS."""
    folder, authority, name = tmp_path_factory.mktemp("apart"), trustme.CA(), stock.take()
    ca_file, certificate = folder / "ca.pem", folder / "leaf.pem"
    authority.cert_pem.write_to_path(ca_file)
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(certificate)
    addresses = {"demo": stock.url(name), "production": f"sqlite:///{folder / 'production.db'}"}
    with ExitStack() as stack:
        session = stack.enter_context(requests.Session())
        session.trust_env, session.verify = False, str(ca_file)
        networks = {each: stack.enter_context(bad_network(0, TROUBLED, certificate)) for each in addresses}
        sides = {}
        for environment, other in PAIRS:
            own, others = (f"https://localhost:{networks[each].port}" for each in (environment, other))
            home = Home(folder, addresses[environment], environment, own, others, {"KEYSTEWARD_CA_FILE": str(ca_file)})
            server = stack.enter_context(serving(home.make_master_key().migrate()))
            networks[environment].lead_to(*server.address)
            sides[environment] = Side(server, ca_file, session)
        yield Apart(sides["demo"], sides["production"], (networks["demo"], networks["production"]))
    stock.give_back(name)


@pytest.mark.parametrize("seed", range(20))
def test_a_key_arrives_once_and_whole(apart: Apart, seed: int) -> None:
    """While the network is bad the key is there or not; once it is good one more press at most brings it, and demo
    shows it as live by itself.
    """
    dice = random.Random(seed)  # noqa: S311 — seeded, so that a run can be had again
    key = _passed(apart.demo)
    for network in apart.networks:
        network.sow(seed)
    apart.calm(is_calm=False)
    handle = _press(apart, key)
    for _ in range(dice.randrange(2, 8)):
        step = dice.choice(("press", "promote", "promote", "wait"))
        if step == "wait":
            time.sleep(0.3)
        elif step == "press":
            handle = _press(apart, key) or handle
        else:
            assert _promote(apart, handle) in SAID | {key}
        _demand_whole(apart, key)
    apart.calm(is_calm=True)
    if not _is_there(apart, key):
        assert _promote(apart, _press(apart, key)) == key
    until(lambda: _stands(apart, key) == "Live", 40)
    assert apart.demo.place.ask("DELETE", f"/keys/{key}").status_code == 200


def _passed(demo: Side) -> str:
    """A new key whose review has passed."""
    key = str(demo.place.make(f"/accounts/{demo.account}/keys", {"name": "Apart", "contact": "a@acme.example"})["key"])
    demo.configure(key)
    demo.allow(key)
    token = demo.access_token(key)
    assert [demo.call(token) for _ in range(20)] == [201] * 20
    review = demo.place.make(f"/keys/{key}/reviews")["id"]
    until(lambda: demo.place.get(f"/keys/{key}/reviews/{review}")["settled_at"], 60)
    return key


def _press(apart: Apart, key: str) -> str:
    """A handle; nothing where the key is live already."""
    return str(apart.demo.place.ask("POST", f"/keys/{key}/tickets", {}).json().get("handle", ""))


def _promote(apart: Apart, handle: str) -> str:
    """The key that arrived, or what was refused."""
    body = {"handle": handle, "account": apart.production.account}
    answer = apart.production.place.ask("POST", "/promotions", body).json()
    return str(answer.get("key") or answer["code"])


def _is_there(apart: Apart, key: str) -> bool:
    return apart.production.place.ask("GET", f"/keys/{key}").status_code == 200


def _stands(apart: Apart, key: str) -> str:
    return str(apart.demo.place.get(f"/keys/{key}/readiness")["status"])


def _demand_whole(apart: Apart, key: str) -> None:
    """Demo shows a key as live only where production has it; asked in this order, for it may arrive in between."""
    is_live = _stands(apart, key) == "Live"
    assert not is_live or _is_there(apart, key)
