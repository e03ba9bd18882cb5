"""May a call of an ASGI app pass? Keysteward decides; what it refuses never reaches the app.

Where Keysteward does not answer, nothing passes: the caller gets 503.
"""

import base64
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from keysteward_asgi.outcomes import Heard, Outcomes, Told, heard

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_CHECK = "/keysteward/check"
_CALLS = "/api/v1/calls"
_OURS = b"x-keysteward-"
_WAIT = ClientTimeout(total=10, connect=2)
_LAST_SECONDS = 10.0
_MOST_ERROR_BYTES = 65_536
_ABANDONED = 499
_ASKED_WITH = frozenset(
    {b"authorization", b"content-type", b"origin", b"user-agent", b"x-docusign-sdk", b"x-docusign-authentication",
     b"soapaction"}
)  # fmt: skip
_NOT_THE_APP_S = re.compile(
    rb"authorization|cookie|x-docusign-authentication|x-keysteward-.*|x-http-method(-override)?|x-method-override|"
    rb"x-(forwarded|remote|auth-request)-(user|email|groups|preferred-username|access-token)|"
    rb"x-(authenticated|ssl-client|client-cert|webauth|amzn-oidc|goog-authenticated|ms-client-principal)(-.*)?|"
    rb"(remote-user|ssl-client)(-.*)?"
)
_PASSED_ON = re.compile(r"x-docusign-tracetoken|x-(rate|burst)limit-.*|x-golive-ready|access-control-.*|vary")
_OF_ITS_BODY = frozenset({"connection", "content-length", "transfer-encoding", "date", "server"})
_UNJUDGED = b'{"errorCode":"SERVICE_UNAVAILABLE","message":"The call could not be judged, so it was not made."}'
_CODE = re.compile(r"[A-Za-z0-9_]{1,100}")


class _Decision(NamedTuple):
    """What Keysteward said of a call: the signed word where it may pass, else the answer for its caller."""

    word: str
    decision: str
    status: int
    headers: Headers
    body: bytes


class Keysteward:
    """An ASGI app that lets calls pass to another one as Keysteward decides.

    `url` is the origin of the environment, `credential` the ingest credential of this gateway; `host` is the host of
    the origin, where `url` is another address of it. `covers` says of a path whether its calls are asked about.
    `most_waiting` outcomes, each some 300 bytes, are kept in memory while Keysteward does not take them.
    """

    def __init__(
        self, app: App, *, url: str, credential: str, host: str = "", covers: Callable[[str], bool] = lambda _: True,
        most_waiting: int = 50_000,
    ) -> None:  # fmt: skip
        self._app = app
        self._url = url.rstrip("/")
        self._credential = credential
        self._host = {"Host": host} if host else {}
        self._covers = covers
        self._outcomes = Outcomes(self._deliver, most_waiting)
        self._session: ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is no HTTP call of a covered path goes to the app, but speaks for nobody."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, self._closing(send))
        elif scope["type"] not in {"http", "websocket"} or not self._covers(scope["path"]):
            await self._app(_speaking_for_nobody(scope), receive, send)
        elif scope["type"] == "websocket":  # nothing of ours could say how it ended
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._carry(scope, receive, send)

    @property
    def told(self) -> Told:
        """How many outcomes Keysteward took, knew or refused so far, how many were given up, and how many wait."""
        return self._outcomes.told

    async def close(self) -> None:
        """Tell what is still to be told, for at most ten seconds, and close every connection."""
        await self._outcomes.flush(_LAST_SECONDS)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _carry(self, scope: Scope, receive: Receive, send: Send) -> None:
        decision = await self._ask(scope)
        if not decision.word:
            await _answer(send, decision)
            return
        call = _Call(decision, receive, send)
        headers = [*_cleaned(scope), (b"x-keysteward-call", decision.word.encode())]
        try:
            await self._app(
                {**scope, "headers": headers, "keysteward": _claims(decision.word)}, call.receive, call.send
            )
        except BaseException:
            call.failed()
            raise
        finally:
            if decision.decision:
                self._outcomes.add(call.outcome())

    async def _ask(self, scope: Scope) -> _Decision:
        try:
            async with self._client().get(self._url + _CHECK, headers=self._question(scope)) as answer:
                return _decision(answer.status, answer.headers, await answer.read())
        except (ClientError, TimeoutError, OSError, ValueError):
            return _unjudged()

    def _question(self, scope: Scope) -> list[tuple[str, str]]:
        target = scope.get("raw_path") or quote(scope["path"]).encode()
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        said = [(name, value) for name, value in scope["headers"] if name in _ASKED_WITH]
        return [
            *((name.decode(), value.decode("latin-1")) for name, value in said),
            *self._host.items(),
            ("X-Keysteward-Gateway", self._credential),
            ("X-Original-Method", scope["method"]),
            ("X-Original-URI", target.decode("latin-1")),
        ]

    async def _deliver(self, lines: bytes) -> Heard | None:
        headers = {
            **self._host, "Authorization": f"Bearer {self._credential}", "Content-Type": "application/x-ndjson"
        }  # fmt: skip
        try:
            async with self._client().post(self._url + _CALLS, data=lines, headers=headers) as answer:
                return heard(answer.status, await answer.read(), lines.count(b"\n") + 1)
        except (ClientError, TimeoutError, OSError):
            return None

    def _client(self) -> ClientSession:
        if self._session is None:
            automatic = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
            self._session = ClientSession(cookie_jar=DummyCookieJar(), timeout=_WAIT, skip_auto_headers=automatic)
        return self._session

    def _closing(self, send: Send) -> Send:
        async def closing(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                await self.close()
            await send(message)

        return closing


class _Call:
    """One call on its way through the app: what was sent and answered so far."""

    def __init__(self, decision: _Decision, receive: Receive, send: Send) -> None:
        self._decision = decision
        self._receive = receive
        self._send = send
        self._began = time.perf_counter()
        self._status = 0
        self._sizes = {"request_bytes": 0, "answer_bytes": 0}
        self._first = b""
        self._is_whole = False
        self._has_failed = False

    async def receive(self) -> Message:
        """What the caller sends."""
        message = await self._receive()
        self._sizes["request_bytes"] += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        """What the app answers, with what Keysteward says of the call."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), *self._decision.headers]}
        elif message["type"] == "http.response.body":
            self._note(message.get("body", b""))
        await self._send(message)
        if message["type"] == "http.response.body":
            self._is_whole = not message.get("more_body", False)

    def failed(self) -> None:
        """The app raised: where it had not answered, the server answers 500 for it."""
        self._has_failed = True

    def outcome(self) -> dict[str, Any]:
        """How the call ended; where nothing was answered and nothing failed, its caller had left."""
        unanswered = HTTPStatus.INTERNAL_SERVER_ERROR.value if self._has_failed else _ABANDONED
        return {
            "decision": self._decision.decision,
            "status": self._status or unanswered,
            "error_code": self._error_code(),
            "seconds": round(time.perf_counter() - self._began, 6),
            "completed": self._is_whole,
            "answered_by": "upstream" if self._status or self._has_failed else "proxy",
            **self._sizes,
        }

    def _note(self, body: bytes) -> None:
        self._sizes["answer_bytes"] += len(body)
        if self._status >= HTTPStatus.BAD_REQUEST:
            self._first += body[: _MOST_ERROR_BYTES - len(self._first)]

    def _error_code(self) -> str:
        try:
            said = json.loads(self._first)
        except ValueError:
            return ""
        code = said.get("errorCode") if isinstance(said, dict) else None
        return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _decision(status: int, said: Mapping[str, str], body: bytes) -> _Decision:
    """What an answer of Keysteward means; one that is neither a pass nor a refusal of its own lets nothing pass."""
    headers = [(name.lower(), value) for name, value in said.items()]
    named = dict(headers)
    word, decision = named.get("x-keysteward-call", ""), named.get("x-keysteward-decision", "")
    if status == HTTPStatus.OK and word:
        return _Decision(word, decision, status, _encoded(headers, _PASSED_ON.fullmatch), b"")
    if status < HTTPStatus.BAD_REQUEST or "x-docusign-tracetoken" not in named:
        return _unjudged()
    return _Decision("", decision, status, _encoded(headers, lambda name: name not in _OF_ITS_BODY), body)


def _unjudged() -> _Decision:
    return _Decision(
        "", "", HTTPStatus.SERVICE_UNAVAILABLE.value, [(b"content-type", b"application/json")], _UNJUDGED
    )  # fmt: skip


async def _answer(send: Send, decision: _Decision) -> None:
    headers = [*decision.headers, (b"content-length", str(len(decision.body)).encode())]
    await send({"type": "http.response.start", "status": decision.status, "headers": headers})
    await send({"type": "http.response.body", "body": decision.body})


def _encoded(headers: list[tuple[str, str]], is_wanted: Callable[[str], object]) -> Headers:
    return [(name.encode(), value.encode("latin-1")) for name, value in headers if is_wanted(name)]


def _cleaned(scope: Scope) -> Headers:
    """The caller's headers without those by which it could speak for itself."""
    return [(name, value) for name, value in scope["headers"] if not _NOT_THE_APP_S.fullmatch(_plain(name))]


def _plain(name: bytes) -> bytes:
    """A header's name as those read it who take an underscore for a hyphen."""
    return name.replace(b"_", b"-")


def _speaking_for_nobody(scope: Scope) -> Scope:
    """A request that is not asked about, without what the app could take for Keysteward's word."""
    headers = [(name, value) for name, value in scope.get("headers", ()) if not _plain(name).startswith(_OURS)]
    return {**scope, "headers": headers} if "headers" in scope else scope


def _claims(word: str) -> dict[str, Any]:
    """What the signed word says; it came from Keysteward itself."""
    said = word.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
    return claims
