"""Which proxy stands in front of the API in these tests, and which Keysteward does it ask?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from keysteward.actions.gateways import NewGateway
from keysteward.gateway.check import CHECK, Check
from keysteward.web.app import Door, Web
from tests.cast import ACME, Made, Town
from tests.checked import edge
from tests.gateway.peer import Api, Gate, answering, serving
from tests.peers.proxies import Around, Proxy

NDJSON = "application/x-ndjson"


@dataclass
class Asking(Gate):
    """The demo environment of a town as a proxy asks it, with a gateway's credential."""

    edge: NewGateway | None = None

    @property
    def credential(self) -> str:
        """The ingest credential of the gateway."""
        assert self.edge
        return self.edge.credential

    def ask(
        self, method: str = "GET", target: str = "", *, token: str | None = None, at: str = CHECK, **headers: str
    ) -> requests.Response:
        """Ask whether a call may pass; further headers may be said with underscores."""
        said = {
            "X-Keysteward-Gateway": self.credential,
            "X-Original-Method": method,
            "X-Original-URI": target or f"/restapi/v2.1/accounts/{ACME.demo}/envelopes",
            "Authorization": f"Bearer {self.token if token is None else token}",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("GET", at, said)

    def send(self, method: str, path: str, headers: dict[str, str], data: bytes | None = None) -> requests.Response:
        """One request to Keysteward itself."""
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.address + path, headers=headers, data=data, timeout=30)

    def tell(self, lines: bytes, **headers: str) -> requests.Response:
        """Bring lines of a log."""
        said = {"Authorization": f"Bearer {self.credential}", "Content-Type": NDJSON} | headers
        return self.send("POST", "/api/v1/calls", said, lines)


@contextmanager
def asking(town: Town, made: Made) -> Iterator[Asking]:
    """Keysteward, ready to be asked."""
    with serving(Web(town.demo, (Door(Check.claims, Check(town.demo), "rest"),))) as address:
        opened = Asking(town, made, Api(answering()), address, edge=edge(town.demo))
        opened.token = opened.sign_in()
        yield opened


@dataclass
class Front(Gate):
    """A proxy in front of an API, which asks before each call and logs how it ended."""

    asking: Asking | None = None
    log: Path = Path()

    def deliver(self) -> Any:  # noqa: ANN401 — whatever JSON says
        """Bring the log as it is."""
        assert self.asking
        answer = self.asking.tell(self.log.read_bytes())
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def front(proxy: Proxy, town: Town, made: Made, folder: Path) -> Iterator[Front]:
    """A proxy of one kind, as we ship its configuration."""
    api = Api(answering())
    with asking(town, made) as keys, serving(api) as behind:
        around = Around(keys.address, behind, keys.credential, folder)
        with proxy(around) as address:
            yield Front(town, made, api, address, keys.token, asking=keys, log=around.log)
