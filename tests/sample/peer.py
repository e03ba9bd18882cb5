"""How do the tests call the sample API: as the gateway would, over a real socket?"""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
import uvicorn

from keysteward.sample.app import CALL_HEADER, Caller, build
from tests.polling import until

START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PDF = b"%PDF-1.4\n% a signed lease, byte for byte\n%%EOF\n"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Upstream:
    """A running sample API, its clock, and the callers whom the gateway vouches for by their proof."""

    def __init__(self) -> None:
        self.now = START
        self.callers: dict[str, Caller] = {}
        self.address = ""

    def verify(self, proof: str) -> Caller | None:
        """Read a proof; the one that breaks the reader is how an unexpected exception comes about."""
        if proof == "breaks the reader":
            raise RuntimeError("ada@example.com")
        return self.callers.get(proof)

    def welcome(self, account: str) -> "Client":
        """Vouch for a new caller of an account."""
        proof = str(uuid4())
        self.callers[proof] = Caller(account, str(uuid4()), "Ada Admin", "ada@example.com", str(uuid4()), "demo")
        return Client(self, account, proof)


class Client:
    """One caller, seen from the gateway: forwards calls below an account's path and answers with what came back."""

    def __init__(self, upstream: Upstream, account: str, proof: str) -> None:
        self.upstream = upstream
        self.account = account
        self.caller = upstream.callers[proof]
        self.base = f"{upstream.address}/restapi/v2.1/accounts/{account}"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers[CALL_HEADER] = proof

    def call(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401  # as requests has it
        """Make a call below the account."""
        return self.session.request(method, self.base + path, timeout=30, **options)

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401  # whatever JSON says
        """Get JSON that must be there."""
        answer = self.call("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def create(self, **definition: object) -> str:
        """Create an envelope, sent unless said otherwise, and answer with its ID."""
        answer = self.call("POST", "/envelopes", json=an_envelope() | definition)
        assert answer.status_code == 201, answer.text
        envelope: str = answer.json()["envelopeId"]
        return envelope

    def wait(self, **time_that_passes: float) -> None:
        """Let time pass at the upstream."""
        self.upstream.now += timedelta(**time_that_passes)


def an_envelope() -> dict[str, Any]:
    """Say the least that can be sent: a subject, a document and a signer."""
    return {
        "emailSubject": "Please sign the lease",
        "status": "sent",
        "documents": [
            {
                "documentId": "1",
                "name": "Lease",
                "fileExtension": "pdf",
                "documentBase64": base64.b64encode(PDF).decode(),
            }
        ],
        "recipients": {
            "signers": [{"recipientId": "1", "routingOrder": "1", "name": "Sam Signer", "email": "sam@example.com"}]
        },
    }


def refusal_of(answer: requests.Response) -> tuple[int, str]:
    """Check the shape of a refusal and answer with its status and code."""
    body = answer.json()
    assert set(body) == {"errorCode", "message"}
    assert body["message"]
    return answer.status_code, body["errorCode"]


@contextmanager
def running(database: Path) -> Iterator[Upstream]:
    """Run a sample API on a free loopback port for as long as the block lasts."""
    upstream = Upstream()
    app = build(database, upstream.verify, lambda: upstream.now)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            upstream.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            yield upstream
        finally:
            server.should_exit = True
            thread.join(10)
