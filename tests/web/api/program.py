"""How does a program ask our own API in these tests: over a real socket?"""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
import uvicorn

from keysteward.actions import signin
from keysteward.actions.context import Context
from keysteward.rules.access import PERMISSIONS
from keysteward.web.api.operations import OPERATIONS
from keysteward.web.app import Web
from tests.cast import ADA, PASSWORD, Made, Person, Town
from tests.polling import until

EVERYTHING = frozenset(PERMISSIONS)


class Refused(NamedTuple):
    """What a program learns of a refusal: the status, which one it is, and the input that is wrong."""

    status: int
    code: str
    field: str


class Program:
    """One caller of an environment's API, with whatever proves who they are."""

    def __init__(self, address: str, **headers: str) -> None:
        self.address = address
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update(headers)

    def ask(self, method: str, path: str, body: object = None, **options: Any) -> requests.Response:  # noqa: ANN401
        """Ask for something below `/api/v1`; options are those of requests."""
        if body is not None:
            options["json"] = body
        answer = self._session.request(method, f"{self.address}/api/v1{path}", timeout=30, **options)
        check_that_it_is_documented(answer)
        return answer

    def get(self, path: str) -> Any:  # noqa: ANN401 — whatever JSON says
        """Get what must be there."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make(self, path: str, body: object, **headers: str) -> Any:  # noqa: ANN401 — whatever JSON says
        """Make something."""
        answer = self.ask("POST", path, body, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def refused(self, method: str, path: str, body: object = None, **options: Any) -> Refused:  # noqa: ANN401
        """Be refused, in the words of RFC 9457."""
        return refusal_in(self.ask(method, path, body, **options))


@dataclass
class House:
    """Both environments of a town, answering at loopback addresses until `doors` is closed."""

    town: Town
    made: Made
    doors: ExitStack
    addresses: dict[str, str] = field(default_factory=dict)

    def stranger(self, ctx: Context | None = None) -> Program:
        """Somebody who proves nothing."""
        return Program(self.address_of(ctx or self.town.demo))

    def program(
        self, person: Person = ADA, ctx: Context | None = None, permissions: frozenset[str] = EVERYTHING
    ) -> Program:
        """Somebody's program, with a personal access token."""
        ctx = ctx or self.town.demo
        token = signin.issue_personal_token(ctx, self.town.actor(person, ctx), "Build server", permissions, 30)
        return Program(self.address_of(ctx), Authorization=f"Bearer {token}")

    def console(self, person: Person = ADA, ctx: Context | None = None) -> Program:
        """Somebody's browser, signed in."""
        ctx = ctx or self.town.demo
        session = signin.sign_in(ctx, person.email, PASSWORD)
        return Program(self.address_of(ctx), Cookie=f"__Host-ks-{ctx.environment}={session}")

    def address_of(self, ctx: Context) -> str:
        """Where an environment answers, from the moment that somebody wants to know."""
        if ctx.environment not in self.addresses:
            self.addresses[ctx.environment] = self.doors.enter_context(answering(ctx))
        return self.addresses[ctx.environment]


def refusal_in(answer: requests.Response) -> Refused:
    """Check the shape of a refusal and say what it is."""
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail", "trace"} == set(problem) - {"field"}
    assert (problem["status"], problem["trace"]) == (answer.status_code, answer.headers["X-DocuSign-TraceToken"])
    assert problem["type"].endswith(f"/help/refusals/{problem['code']}")
    assert problem["title"]
    assert problem["detail"]
    return Refused(answer.status_code, problem["code"], problem.get("field", ""))


def check_that_it_is_documented(answer: requests.Response) -> None:
    """Whatever is answered in any of these tests, the list of operations said that it might be."""
    path = urlsplit(str(answer.url)).path
    for operation in OPERATIONS:
        if operation.method == answer.request.method and re.fullmatch(re.sub("{.*?}", "[^/]+", operation.path), path):
            refusals = {(kind.status, kind.code) for kind in operation.kinds()}
            code = "" if answer.status_code < 400 else answer.json()["code"]
            assert (answer.status_code, code) in refusals | {(operation.status, "")}, operation.name


@contextmanager
def answering(ctx: Context) -> Iterator[str]:
    """Let an environment answer on a free loopback port, and say at which address."""
    server = uvicorn.Server(uvicorn.Config(Web(ctx), lifespan="off", log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join(10)
