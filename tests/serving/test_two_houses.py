"""Do two environments that know nothing of each other but an origin bring a key to production?"""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
import requests
import trustme

from keysteward.rules.words import Environment
from tests.cast import ADA, CALLBACK, PASSWORD
from tests.peers.databases import Stock
from tests.polling import until
from tests.serving.estate import JWT_BEARER
from tests.serving.running import Home, Server, printed_code, serving
from tests.twin.person import Person
from tests.twin.running import Place

SCOPES = "signature impersonation"
PAIRS: tuple[tuple[Environment, Environment], ...] = (("demo", "production"), ("production", "demo"))


class Side:
    """One environment, asked by Ada's programs and by Ada in her browser; she opens its first account."""

    def __init__(self, server: Server, ca_file: Path, session: requests.Session) -> None:
        self.server = server
        self.ada = Person(ADA.email, str(ca_file), PASSWORD)
        self._session = session
        self._place = Place(server.home.environment, server.home.origin, str(ca_file), {}, session)
        self._set_up()
        token = self.ada.personal_token(self._place)
        self.place = Place(
            server.home.environment, server.home.origin, str(ca_file), {"KEYSTEWARD_TOKEN": token}, session
        )
        me = self.place.get("/me")
        self.user, self.account = me["user"]["id"], me["accounts"][0]["id"]
        self._private_pem = ""

    def configure(self, key: str) -> None:
        """Give an app the JWT grant, a keypair and a redirect URI."""
        changed = self.place.ask("PATCH", f"/keys/{key}", {"grants": ["confidential_code", "jwt"]})
        assert changed.status_code == 200, changed.text
        self._private_pem = self.place.make(f"/keys/{key}/keypairs")["private_key"]
        self.place.make(f"/keys/{key}/redirect-uris", {"uri": CALLBACK})

    def allow(self, key: str) -> None:
        """Let Ada press Allow in her browser."""
        asked = {"response_type": "code", "client_id": key, "redirect_uri": CALLBACK, "scope": SCOPES, "state": "s"}
        told = self.ada.authorize(f"{self.place.origin}/oauth/auth?{urlencode(asked)}", CALLBACK)
        assert (told["state"], told["iss"]) == ("s", f"{self.place.origin}/")

    def access_token(self, key: str) -> str:
        """A token of the JWT grant."""
        now = int(time.time())
        claims = {"iss": key, "sub": self.user, "aud": self.server.host, "iat": now, "exp": now + 600, "scope": SCOPES}
        assertion = jwt.encode(claims, self._private_pem, "RS256")
        form = {"grant_type": JWT_BEARER, "assertion": assertion}
        answer = self.place.request("POST", "/oauth/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def call(self, token: str) -> int:
        """Create an envelope through the gateway."""
        return self.place.request(
            "POST", f"/restapi/v2.1/accounts/{self.account}/envelopes", json={"emailSubject": "Lease"},
            headers={"Authorization": f"Bearer {token}"},
        ).status_code  # fmt: skip

    def _set_up(self) -> None:
        form = {"code": printed_code(self.server), "account": "Acme", "first_name": "Ada", "last_name": "Admin",
                "email": ADA.email, "password": PASSWORD}  # fmt: skip
        answer = self._place.request("POST", "/setup", data=form, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/addresses"), answer.text


@pytest.fixture
def sides(stock: Stock, tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    """Demo on PostgreSQL and production on SQLite, each with a certificate of an authority that the other trusts."""
    authority = trustme.CA()
    ca_file, certificate = tmp_path / "ca.pem", tmp_path / "leaf.pem"
    authority.cert_pem.write_to_path(ca_file)
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(certificate)
    options = {"KEYSTEWARD_CA_FILE": str(ca_file), "KEYSTEWARD_CERTIFICATE_FILE": str(certificate)}
    ports, name = _free_ports(), stock.take()
    addresses: dict[Environment, str] = {
        "demo": stock.url(name),
        "production": f"sqlite:///{tmp_path / 'production.db'}",
    }
    with ExitStack() as stack:
        session = stack.enter_context(requests.Session())
        session.trust_env, session.verify = False, str(ca_file)
        opened = []
        for environment, other in PAIRS:
            home = Home(
                tmp_path, addresses[environment], environment, f"https://localhost:{ports[environment]}",
                f"https://localhost:{ports[other]}", options | {"KEYSTEWARD_LISTEN": f"127.0.0.1:{ports[environment]}"},
            )  # fmt: skip
            server = stack.enter_context(serving(home.make_master_key().migrate()))
            opened.append(Side(server, ca_file, session))
        yield opened[0], opened[1]
    stock.give_back(name)


def _free_ports() -> dict[Environment, int]:
    """Ports that nobody listens on now; each has to be known to the other side before it is opened."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return {"demo": one.getsockname()[1], "production": other.getsockname()[1]}


def test_a_key_goes_from_demo_to_production(sides: tuple[Side, Side]) -> None:
    """By the HTTP of both alone: a new key, 20 calls, a review, a handle, a promotion; demo shows the key as live, and
    in production it works once it is configured there.
    """
    demo, production = sides
    key = demo.place.make(f"/accounts/{demo.account}/keys", {"name": "Lease signer", "contact": ADA.email})["key"]
    demo.configure(key)
    demo.allow(key)
    token = demo.access_token(key)
    assert [demo.call(token) for _ in range(20)] == [201] * 20
    review = demo.place.make(f"/keys/{key}/reviews")["id"]
    until(lambda: demo.place.get(f"/keys/{key}/reviews/{review}")["settled_at"], 60)
    handle = demo.place.make(f"/keys/{key}/tickets", {"account": None})["handle"]
    promoted: dict[str, Any] = production.place.make("/promotions", {"handle": handle, "account": production.account})

    assert (promoted["key"], promoted["account"]) == (key, production.account)
    until(lambda: demo.place.get(f"/keys/{key}/readiness")["status"] == "Live", 60)
    assert production.place.get(f"/keys/{key}/after-go-live")["sheet"]["redirect_uris"] == [CALLBACK]
    assert production.place.refused("POST", "/promotions", {"handle": f"{handle}x", "account": production.account}) == (
        410, "handle-not-good",
    )  # fmt: skip
    assert production.call(token) == 401
    production.configure(key)
    production.allow(key)
    assert production.call(production.access_token(key)) == 201
