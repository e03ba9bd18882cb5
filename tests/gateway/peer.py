"""What stands behind the gateway in these tests, and who calls through it? Both on real sockets."""

import asyncio
import socket
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import requests
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from keysteward.actions import golive, tokens
from keysteward.actions.context import Context
from keysteward.gateway.app import Gateway
from keysteward.gateway.forward import Upstream
from keysteward.rules.calls import Call
from keysteward.web.app import Door, Web
from tests.cast import ACME, ADA, SAM, Made, Person, Town
from tests.peers.databases import file_of
from tests.polling import until

AUDIENCE = "the-api"
JSON = [(b"content-type", b"application/json")]

Answer = Callable[["Asked", Receive, Send], Awaitable[None]]


@dataclass
class Asked:
    """A request as the API behind the gateway got it."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for each, value in self.headers if each == name]


@dataclass
class Api:
    """The API behind the gateway: it keeps what it was asked, and answers as a test tells it to."""

    answer: Answer
    asked: list[Asked] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        asked = Asked(scope["method"], scope["raw_path"].decode(), scope["query_string"].decode(), headers)
        self.asked.append(asked)
        await self.answer(asked, receive, send)


async def read(asked: Asked, receive: Receive) -> None:
    """Read the body to its end."""
    more = True
    while more:
        message = await receive()
        asked.body += message.get("body", b"")
        more = message.get("more_body", False)


def answering(
    status: int = 200, body: bytes = b"{}", headers: list[tuple[bytes, bytes]] | None = None, length: int | None = None
) -> Answer:
    """Read all, then answer with one head and one body."""

    async def answer(asked: Asked, receive: Receive, send: Send) -> None:
        await read(asked, receive)
        size = [(b"content-length", str(len(body) if length is None else length).encode())]
        await send({"type": "http.response.start", "status": status, "headers": [*(headers or JSON), *size]})
        await send({"type": "http.response.body", "body": body})

    return answer


async def wait_for(event: threading.Event) -> None:
    """Wait, in the API's own loop, for something that a test does."""
    assert await asyncio.to_thread(event.wait, 10)


async def leaving(receive: Receive) -> None:
    """Wait until whoever asked has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


@dataclass
class Gate:
    """The demo environment of a town with a gateway in front of an API, and an app whose user is Sam."""

    town: Town
    made: Made
    api: Api
    address: str
    token: str = ""

    @property
    def ctx(self) -> Context:
        """The environment."""
        return self.town.demo

    def sign_in(self, person: Person = SAM) -> str:
        """An access token of the app for somebody who consented."""
        self.town.consent(self.ctx, self.made, person)
        return tokens.grant_assertion(self.ctx, self.town.assertion(self.ctx, self.made, person)).access_token

    def url(self, path: str, account: str = ACME.demo) -> str:
        """An address below an account."""
        return f"{self.address}/restapi/v2.1/accounts/{account}/envelopes{path}"

    def call(
        self, method: str = "GET", path: str = "", account: str = ACME.demo, **options: Any  # noqa: ANN401 — as requests has it
    ) -> requests.Response:  # fmt: skip
        """Call through the gateway with Sam's token, unless headers say otherwise."""
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.url(path, account), headers=headers, timeout=30, **options)

    def recorded(self) -> list[Call]:
        """The newest calls of the app, newest first."""
        return golive.readiness(self.ctx, self.town.actor(ADA), self.made.key).newest_calls

    def outcome(self, trace: str) -> tuple[int, int, bool] | None:
        """How an answered call ended: bytes asked, bytes answered, and whether it was whole."""
        with closing(sqlite3.connect(f"file:{file_of(self.ctx)}?mode=ro", uri=True)) as database:
            asked = "SELECT request_bytes, answer_bytes, completed FROM outcomes WHERE trace = ?"
            row = database.execute(asked, (trace,)).fetchone()
        return None if row is None else (row[0], row[1], bool(row[2]))


@contextmanager
def gate(town: Town, made: Made, silent_seconds: float = 30) -> Iterator[Gate]:
    """A gateway that answers, in front of an API that answers."""
    api = Api(answering())
    with serving(api) as behind, gate_before(behind, town, made, silent_seconds) as opened:
        opened.api = api
        yield opened


@contextmanager
def gate_before(
    behind: str, town: Town, made: Made, silent_seconds: float = 30, ca_file: Path | None = None
) -> Iterator[Gate]:
    """A gateway that answers, in front of whatever is at an address; its routes say how long that may be silent."""
    shipped, silence = town.demo.policy.routes, timedelta(seconds=silent_seconds)
    impatient = replace(town.demo.policy, routes=tuple(replace(each, silence=silence) for each in shipped))
    ctx = town.demo if silent_seconds == 30 else town.demo.under(impatient)
    gateway = Gateway(ctx, Upstream(behind, AUDIENCE), ca_file)
    with serving(Web(town.demo, (Door(gateway.claims, gateway, "rest"),)), gateway.close) as address:
        opened = Gate(town, made, Api(answering()), address)
        opened.token = opened.sign_in()
        yield opened


class RawApi:
    """An API that answers a request with bytes of a test's choosing and hangs up, if told to only after an event."""

    def __init__(self, say: bytes, until: threading.Event | None = None) -> None:
        self._say = say
        self._until = until
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(20)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection:
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        asked = b""
        while b"\r\n\r\n" not in asked:
            part = connection.recv(65_536)
            if not part:
                return
            asked += part
        self.requests.append(asked)
        connection.sendall(self._say)
        if self._until is not None:
            self._until.wait(20)


async def _nothing() -> None:
    pass


@contextmanager
def serving(
    app: ASGIApp, close: Callable[[], Awaitable[None]] = _nothing, certificate: Path | None = None
) -> Iterator[str]:
    """Serve an app on a free loopback port in a thread of its own, and say at which address."""
    config = uvicorn.Config(
        app, http="httptools", lifespan="off", log_config=None, timeout_graceful_shutdown=1, ssl_certfile=certificate
    )
    server = uvicorn.Server(config)

    async def run(listener: socket.socket) -> None:
        await server.serve([listener])
        await close()
        for _ in range(10):  # connections that were told to close do so in the loop's next turns
            await asyncio.sleep(0.001)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(run(listener)))
        thread.start()
        try:
            until(lambda: server.started)
            scheme, host = ("https", "localhost") if certificate else ("http", "127.0.0.1")
            yield f"{scheme}://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
