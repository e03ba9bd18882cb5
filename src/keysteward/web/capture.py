"""What passes between a caller and a door, for those whose requests are logged?

Whoever calls is known only once a door has let them in: until then what was sent is held by reference and not copied.
For a call that is not logged nothing else happens. For one that is, the entry is durable before the last byte of the
answer leaves.
"""

import hashlib
import time
from datetime import timedelta

import structlog
from starlette.types import Message, Receive, Scope, Send

from keysteward.actions import request_logs
from keysteward.actions.context import Context
from keysteward.actions.quickly import patiently, quickly
from keysteward.rules.log_bodies import Captured
from keysteward.rules.request_logs import Ending, Exchange

_WITHOUT_BODY = frozenset({204, 304})

log = structlog.get_logger()


class _Body:
    """A body on its way: whole up to a limit, and beyond it only how long it is and its digest."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._parts: list[bytes] | None = []
        self._digest = hashlib.sha256()
        self.size = 0

    def add(self, part: bytes) -> None:
        """Take a part as it passes."""
        self._digest.update(part)
        self.size += len(part)
        if self.size > self._most_bytes:
            self._parts = None
        elif self._parts is not None:
            self._parts.append(part)

    def captured(self) -> Captured:
        """The body as far as it came."""
        content = None if self._parts is None else b"".join(self._parts)
        return Captured(content, self.size, self._digest.hexdigest())


class Capture:
    """Stands between the server and the doors for one request. `is_wanted` is None until a door knows who calls."""

    def __init__(self, ctx: Context, scope: Scope, receive: Receive, send: Send) -> None:
        self._ctx = ctx
        self._scope = scope
        self._receive = receive
        self._send = send
        self._is_wanted: bool | None = None
        self._early: list[bytes] = []
        self._began_at = ctx.now
        self._began = time.perf_counter()
        self._head: Message | None = None
        self._is_written = False

    async def receive(self) -> Message:
        """Pass a message of the request on."""
        message = await self._receive()
        if self._is_wanted is False or message["type"] != "http.request":
            return message
        if self._is_wanted is None:
            self._early.append(message.get("body", b""))
            await self._decide()
        else:
            self._asked.add(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        """Pass a message of the answer on; the last one once the entry is durable."""
        if self._is_wanted is None:
            await self._decide()
            self._is_wanted = bool(self._is_wanted)  # nobody becomes known any more
        if self._is_wanted and self._is_last(message):
            await self._write("whole")
        await self._send(message)

    async def end(self) -> None:
        """Write down what broke off, when the door is done and no whole answer left."""
        if self._is_wanted and not self._is_written:
            await self._write("cut" if self._head else "left")

    async def _decide(self) -> None:
        """Ask whether the call is logged, once a door has said who calls."""
        caller = self._scope.get("keysteward.caller")
        if caller is None:
            return
        method, path = self._scope["method"], self._scope["keysteward.path"]
        try:
            is_wanted = await quickly(self._ctx, request_logs.is_wanted, caller, method, path)
        except Exception as error:  # noqa: BLE001 — whatever it was, the caller gets the answer
            self._complain(error)
            is_wanted = False
        if self._is_wanted is not None:
            return  # the answer began meanwhile, and asked too
        self._is_wanted = is_wanted
        if is_wanted:
            most_bytes = self._ctx.policy.request_log_body_bytes
            self._asked, self._answered = _Body(most_bytes), _Body(most_bytes)
            for part in self._early:
                self._asked.add(part)
        self._early.clear()

    def _is_last(self, message: Message) -> bool:
        """Whether the caller has the whole answer with this message, wherever the server would still say its end."""
        if message["type"] == "http.response.start":
            self._head = message
            return self._scope["method"] == "HEAD" or message["status"] in _WITHOUT_BODY or self._length() == 0
        if message["type"] != "http.response.body":
            return False
        self._answered.add(message.get("body", b""))
        return not message.get("more_body", False) or self._answered.size == self._length()

    def _length(self) -> int | None:
        headers = self._head.get("headers", ()) if self._head else ()
        said = next((value for name, value in headers if name.lower() == b"content-length"), b"")
        return int(said) if said.isdigit() else None

    async def _write(self, ending: Ending) -> None:
        """Make the entry durable. A call that is answered is not taken back because its log could not be written."""
        if self._is_written:
            return
        self._is_written = True
        try:
            await patiently(self._ctx, request_logs.keep, self._scope["keysteward.caller"], self._exchange(ending))
        except Exception as error:  # noqa: BLE001 — whatever it was, the caller gets the answer
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        log.error("a request log was not written", trace=self._scope["keysteward.trace"], error=type(error).__name__)

    def _exchange(self, ending: Ending) -> Exchange:
        scope, head = self._scope, self._head or {}
        return Exchange(
            method=scope["method"],
            origin=self._ctx.origin,
            unverified_path=scope.get("raw_path", scope["keysteward.path"].encode()).decode("latin-1"),
            unverified_query=scope["query_string"].decode("latin-1"),
            version=scope.get("http_version", "1.1"),
            headers=tuple(scope["headers"]),
            body=self._asked.captured(),
            status=head.get("status", 0),
            answer_headers=tuple(head.get("headers", ())),
            answer_body=self._answered.captured(),
            trace=scope["keysteward.trace"],
            began_at=self._began_at,
            ended_at=self._ctx.now,
            took=timedelta(seconds=time.perf_counter() - self._began),
            ending=ending,
        )
