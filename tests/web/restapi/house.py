"""How do these tests call the API of an environment: as clients do, over a real socket?"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
import uvicorn
from sqlalchemy import Row, Table, select

from keysteward.actions import organization_consents, tokens
from keysteward.store import tables
from keysteward.web.app import Web
from tests.cast import CY, ORGANIZATION, Made, Person, Town
from tests.polling import until

ADMIN_SCOPES = "organization_read user_read permission_read group_read domain_read identity_provider_read"
TRACE = "X-DocuSign-TraceToken"


class Client:
    """One caller with a token, or with none."""

    def __init__(self, address: str, token: str | None = None) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401 — as requests has it
        """Make a call."""
        return self.session.request(method, self.address + path, timeout=30, **options)

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 — whatever JSON says
        """Get JSON that must be there."""
        answer = self.call("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **query: object) -> tuple[int, str]:
        """Get a refusal in the shape that the path's clients read, and answer with its status and code."""
        return refusal_of(self.call("GET", path, params=query))


@dataclass(frozen=True)
class House:
    """The demo environment of a town, answering at a loopback address."""

    town: Town
    made: Made
    address: str

    def caller(self, person: Person, scope: str = "signature") -> Client:
        """Somebody who signed in to the app and consented to these scopes."""
        answer = self.town.sign_in_with(self.town.demo, self.made, person, scope)
        return Client(self.address, answer.access_token)

    def application(self, scope: str = ADMIN_SCOPES) -> Client:
        """The app itself, which the organization authorized for every scope of the Admin API."""
        town, demo = self.town, self.town.demo
        allowed = frozenset(ADMIN_SCOPES.split())
        organization_consents.authorize_application(demo, town.actor(CY), ORGANIZATION["demo"], self.made.key, allowed)
        assertion = town.assertion(demo, self.made, None, scope=scope)
        return Client(self.address, tokens.grant_assertion(demo, assertion).access_token)

    def recorded(self, answer: requests.Response) -> list[Row[Any]]:
        """What the evidence holds, right now, of the call that was answered so."""
        return self._rows(tables.calls, answer.headers[TRACE])

    def ended(self, answer: requests.Response) -> Row[Any]:
        """How the call ended, once that is written."""
        return until(lambda: next(iter(self._rows(tables.outcomes, answer.headers[TRACE])), None))

    def _rows(self, table: Table, trace: str) -> list[Row[Any]]:
        with self.town.demo.database.reading() as tx:
            return list(tx.execute(select(table).where(table.c.trace == trace)))


def refusal_of(answer: requests.Response) -> tuple[int, str]:
    """Check the shape of a refusal, by the path it came from, and answer with its status and code."""
    is_admin = "/management/" in str(answer.url).lower()
    code, sentence = ("error", "error_description") if is_admin else ("errorCode", "message")
    body = answer.json()
    assert set(body) == {code, sentence}
    assert body[sentence]
    return answer.status_code, body[code]


@contextmanager
def answering(town: Town, made: Made) -> Iterator[House]:
    """Let the demo environment of a town answer on a free loopback port for as long as the block lasts."""
    server = uvicorn.Server(uvicorn.Config(Web(town.demo), lifespan="off", log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield House(town, made, f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join(10)
