"""What becomes of requests that no honest client would send?"""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from keysteward.serve.wire import MOST_HEAD_BYTES, MOST_HEADERS, Wire
from tests.polling import until

HOST = b"Host: api.example\r\n"
GET = b"GET /a HTTP/1.1\r\n" + HOST


class Hasty(Wire):
    """A connection that waits a moment only."""

    head_seconds = 0.3
    body_seconds = 0.3


class Heard:
    """An API that notes what it is asked, and answers when it may."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body to its end, then say how long it was."""
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message["more_body"]
        self.asked.append((scope["method"], scope["raw_path"].decode(), body))
        await _until(self.may_answer)
        said = b"%d" % len(body)
        head = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(said))]}
        await send(head)
        await send({"type": "http.response.body", "body": said})


async def _until(event: threading.Event) -> None:
    while not event.is_set():  # noqa: ASYNC110 — it is set by another thread
        await asyncio.sleep(0.01)


class Peer:
    """A server on loopback, asked byte for byte."""

    def __init__(self, port: int, heard: Heard) -> None:
        self._port = port
        self.heard = heard

    def dial(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self._port), timeout=10)

    def say(self, *pieces: bytes) -> bytes:
        """All that comes back for these bytes, until the server hangs up."""
        with self.dial() as line:
            for piece in pieces:
                line.sendall(piece)
            return everything(line)


def everything(line: socket.socket) -> bytes:
    """What comes until the other side hangs up."""
    said = b""
    try:
        while piece := line.recv(65_536):
            said += piece
    except ConnectionResetError:
        return said
    return said


def statuses(said: bytes) -> list[int]:
    """The statuses of the answers in a stream."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


@contextmanager
def listening(app: ASGIApp, protocol: type[Wire]) -> Iterator[int]:
    """Serve on a free port for as long as the block lasts."""
    config = uvicorn.Config(app, http=protocol, lifespan="off", log_config=None, timeout_graceful_shutdown=1, ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        until(lambda: server.started)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A server as it is."""
    heard = Heard()
    with listening(heard, Wire) as port:
        yield Peer(port, heard)


@pytest.fixture
def hasty() -> Iterator[Peer]:
    """A server without patience."""
    heard = Heard()
    with listening(heard, Hasty) as port:
        yield Peer(port, heard)


def with_body(headers: bytes, body: bytes) -> bytes:
    """A POST with these headers and what follows them."""
    return b"POST /a HTTP/1.1\r\n" + HOST + b"Connection: close\r\n" + headers + b"\r\n" + body


BAD = {
    "two lengths": with_body(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"hello!"),
    "a list of lengths": with_body(b"Content-Length: 5, 5\r\n", b"hello"),
    "length and chunks": with_body(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "chunks and length": with_body(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n"),
    "signed length": with_body(b"Content-Length: +5\r\n", b"hello"),
    "hexadecimal length": with_body(b"Content-Length: 0x5\r\n", b"hello"),
    "huge length": with_body(b"Content-Length: 99999999999999999999999\r\n", b"hello"),
    "unknown coding last": with_body(b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    "disguised coding": with_body(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"),
    "space before colon": with_body(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"),
    "chunk size overflow": with_body(b"Transfer-Encoding: chunked\r\n", b"fffffffffffffffff\r\nhello"),
    "chunk size signed": with_body(b"Transfer-Encoding: chunked\r\n", b"-5\r\nhello\r\n0\r\n\r\n"),
    "chunk with wrong end": with_body(b"Transfer-Encoding: chunked\r\n", b"5\r\nhelloXX0\r\n\r\n"),
    "no size": with_body(b"Transfer-Encoding: chunked\r\n", b"\r\nhello\r\n0\r\n\r\n"),
    "folded header": GET + b"A: b\r\n c\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
    "zero byte in a header": GET + b"A: b\0c\r\n\r\n",
    "bare return": GET + b"A: b\rc: d\r\n\r\n",
    "no name": GET + b": x\r\n\r\n",
    "line without colon": GET + b"nonsense\r\n\r\n",
    "two hosts": GET + b"Host: other.example\r\n\r\n",
    "another host in the target": b"GET http://other.example/a HTTP/1.1\r\n" + HOST + b"\r\n",
    "another port in the target": b"GET http://api.example:81/a HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT api.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "unknown version": b"GET /a HTTP/3.7\r\n" + HOST + b"\r\n",
    "TLS to plain": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "unknown method": b"GE T /a HTTP/1.1\r\n" + HOST + b"\r\n",
    "no version": b"GET /a\r\n\r\n",
}


@pytest.mark.parametrize("odd", BAD.values(), ids=BAD)
def test_what_two_readers_might_read_differently_is_refused(peer: Peer, odd: bytes) -> None:
    """No request that frames itself in two ways reaches us, nor anything hidden behind it."""
    hidden = b"GET /hidden HTTP/1.1\r\n" + HOST + b"\r\n"
    said = peer.say(odd + hidden)

    assert set(statuses(said)) <= {400}
    assert "/hidden" not in {path for _, path, _ in peer.heard.asked}


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_request_names_a_host(peer: Peer, version: bytes) -> None:
    """Which environment is asked is never guessed."""
    said = peer.say(b"GET /a HTTP/" + version + b"\r\n\r\n")

    assert (statuses(said), peer.heard.asked) == ([400], [])


def test_a_target_may_name_its_host(peer: Peer) -> None:
    """A target in absolute form means the same as its path, whatever its letters are."""
    said = peer.say(b"GET http://API.example/a HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")

    assert (statuses(said), peer.heard.asked) == ([200], [("GET", "/a", b"")])


@pytest.mark.parametrize(
    "head",
    [GET + b"A: " + b"x" * MOST_HEAD_BYTES + b"\r\n\r\n", GET + b"A: b\r\n" * MOST_HEADERS + b"\r\n"],
    ids=["one huge", "many"],
)
def test_a_head_is_bounded(peer: Peer, head: bytes) -> None:
    """Too large a head, or too many headers, has its own status."""
    assert (statuses(peer.say(head)), peer.heard.asked) == ([431], [])


@pytest.mark.parametrize("start", [b"GET /", GET + b"A: ", b"GET /a HTTP/1.1\r\nA"], ids=["target", "value", "name"])
def test_an_endless_head_is_cut(peer: Peer, start: bytes) -> None:
    """What never ends is refused while it comes: nobody can fill our memory with it."""
    with peer.dial() as line:
        line.sendall(start)
        sent = 0
        try:
            while sent < 64 * MOST_HEAD_BYTES:
                line.sendall(b"x" * 65_536)
                sent += 65_536
        except OSError:
            pass

    assert sent < 64 * MOST_HEAD_BYTES


def test_pipelined_requests_are_answered_in_their_order(peer: Peer) -> None:
    """Several requests in one piece get an answer each, and garbage behind them is no part of any answer."""
    two = b"POST /1 HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\nab" + b"GET /2 HTTP/1.1\r\n" + HOST + b"\r\n"
    said = peer.say(two + b"\0garbage")

    assert [path for _, path, _ in peer.heard.asked] == ["/1", "/2"]
    assert re.sub(rb"date: [^\r]+\r\n", b"", said).count(b"HTTP/1.1 200 OK\r\n") == 2
    assert said.endswith(b"\r\n\r\n0")


def test_garbage_does_not_speak_into_an_answer_on_its_way(peer: Peer) -> None:
    """The answer to the first request comes whole, then we hang up."""
    peer.heard.may_answer.clear()
    with peer.dial() as line:
        line.sendall(GET + b"\r\n")
        until(lambda: len(peer.heard.asked) == 1)
        line.sendall(b"\0garbage")
        peer.heard.may_answer.set()
        said = everything(line)

    assert (statuses(said), said[-1:]) == ([200], b"0")


@pytest.mark.parametrize("upgrade", [b"websocket", b"h2c"])
def test_nothing_is_upgraded(peer: Peer, upgrade: bytes) -> None:
    """A request to speak something else is an ordinary request; what follows it is nobody's."""
    said = peer.say(GET + b"Connection: Upgrade\r\nUpgrade: " + upgrade + b"\r\n\r\n" + b"\x81\x05hello")

    assert (statuses(said)[0], peer.heard.asked) == (200, [("GET", "/a", b"")])


@pytest.mark.parametrize(
    "start", [b"", b"\r\n", b"G", GET + b"A: b\r\n", with_body(b"Content-Length: 9\r\n", b"half")],
    ids=["nothing", "an empty line", "a letter", "half a head", "half a body"],
)  # fmt: skip
def test_whoever_dawdles_is_given_up(hasty: Peer, start: bytes) -> None:
    """A connection that says nothing, or half of something, is closed; nothing half-said is done."""
    with hasty.dial() as line:
        line.sendall(start)
        said = everything(line)

    assert (statuses(said), hasty.heard.asked) == ([408], [])


def test_a_slow_answer_is_waited_for(hasty: Peer) -> None:
    """Our own slowness is never held against the caller."""
    hasty.heard.may_answer.clear()
    with hasty.dial() as line:
        line.sendall(GET + b"Connection: close\r\n\r\n")
        time.sleep(1)
        hasty.heard.may_answer.set()

        assert statuses(everything(line)) == [200]


def test_a_slow_but_steady_body_is_read(hasty: Peer) -> None:
    """A body may take its time as long as it goes on."""
    with hasty.dial() as line:
        line.sendall(with_body(b"Content-Length: 8\r\n", b""))
        for _ in range(8):
            time.sleep(0.1)
            line.sendall(b"x")

        assert statuses(everything(line)) == [200]
    assert hasty.heard.asked == [("POST", "/a", b"x" * 8)]


@pytest.mark.parametrize("rest", [b"", b"half"], ids=["head only", "half a body"])
def test_a_caller_who_leaves_is_forgotten(peer: Peer, rest: bytes) -> None:
    """Leaving early hurts nobody; the next caller is answered."""
    with peer.dial() as line:
        line.sendall(b"POST /gone HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n" + rest)

    assert statuses(peer.say(GET + b"Connection: close\r\n\r\n")) == [200]
    assert [path for _, path, _ in peer.heard.asked] == ["/a"]
