"""Is a proxy's JSON log read by whatever names its fields have?"""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from keysteward.rules.foreign_logs import lines
from keysteward.rules.foreign_logs.access_lines import NoCall, fields_of, read
from keysteward.rules.foreign_logs.lines import Line, lines_of, unpacked
from keysteward.rules.foreign_logs.moments import moment
from keysteward.rules.foreign_logs.sightings import PREFLIGHT, Unreadable
from tests.rules.foreign_logs.logs import ENVELOPE

AT = datetime(2026, 11, 20, 9, 30, 0, 500_000, UTC)
SECOND = AT.replace(microsecond=0)
KEY = "1e90a5e0-0000-4000-8000-000000000001"
DIALECTS: dict[str, dict[str, Any]] = {
    "ours": {"at": AT.timestamp(), "method": "GET", "url": f"{ENVELOPE}?a=1", "status": 200},
    "nginx": {
        "msec": "1795167000.512", "request_method": "GET", "request_uri": f"{ENVELOPE}?a=1", "status": "200",
        "request_time": "0.012", "uri": "/rewritten", "time_local": "20/Nov/2026:09:30:01 +0000",
    },
    "nginx in parts": {
        "time_iso8601": "2026-11-20T10:30:00.500+01:00", "request_method": "GET", "uri": ENVELOPE, "args": "a=1",
        "status": 200,
    },
    "request line": {
        "@timestamp": "2026-11-20T09:30:00.500Z", "request": f"GET {ENVELOPE}?a=1 HTTP/1.1", "status": 200,
    },
    "HAProxy": {"at": 1_795_167_000_500, "method": "GET", "url": f"{ENVELOPE}?a=1", "status": 200, "termination": "--"},
    "Caddy": {
        "ts": 1795167000.5, "request": {"method": "GET", "uri": f"{ENVELOPE}?a=1", "host": "x"}, "status": 200,
        "duration": 0.1,
    },
    "Traefik": {
        "StartUTC": "2026-11-20T09:30:00.500000001Z", "RequestMethod": "GET", "RequestPath": f"{ENVELOPE}?a=1",
        "DownstreamStatus": 200,
    },
    "Elastic": {
        "@timestamp": "2026-11-20T09:30:00.500Z",
        "http": {"request": {"method": "GET"}, "response": {"status_code": 200}},
        "url": {"original": f"https://x{ENVELOPE}?a=1", "path": ENVELOPE},
    },
}  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_line_in_every_dialect(dialect: str) -> None:
    """Method, path, query, status and the instant at which the call arrived are the same in each."""
    call = read(DIALECTS[dialect], (0, 1))

    assert (call.method, call.path, call.query, call.status, call.at) == ("GET", ENVELOPE, "a=1", 200, AT)


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        ({"status": 400, "termination": "CH", "answered_by": "proxy"}, (499, False)),
        ({"status": 400, "termination": "CD"}, (400, True)),
        ({"status": 400, "termination": "PR", "answered_by": "proxy"}, (400, False)),
    ],
    ids=["the caller left", "the api had answered", "the proxy refused"],
)
def test_how_haproxy_says_that_a_caller_left(said: dict[str, Any], ending: tuple[int, bool]) -> None:
    """As where the log is brought to a server, so that both find the same."""
    call = read(DIALECTS["HAProxy"] | said, (0, 1))

    assert (call.status, call.by_upstream) == ending


def test_what_else_a_line_may_say() -> None:
    """The key, the trace, the API's error, and whether the proxy answered by itself."""
    more = {"key": KEY.upper(), "decision": KEY, "error_code": "X_Y", "answered_by": "proxy", "status": 502}
    call = read(DIALECTS["ours"] | more, (0, 1))

    assert (call.key, call.trace, call.error_code, call.by_upstream) == (KEY, KEY, "X_Y", False)


@pytest.mark.parametrize("status", [499, 0, -1])
def test_a_caller_who_left(status: int) -> None:
    """A status of 499 from nginx, below 100 from HAProxy: no answer, and not the API's doing."""
    call = read(DIALECTS["ours"] | {"status": status}, (0, 1))

    assert (call.status, call.by_upstream) == (499, False)


def test_an_address_whose_query_is_not_logged() -> None:
    """A path alone may have lost its query; where a field for it is empty, there was none."""
    parts = {"method": "GET", "uri": ENVELOPE, "status": 200}

    assert [read(parts, (0, 1)).query, read(parts | {"args": ""}, (0, 1)).query] == [None, ""]


@pytest.mark.parametrize(
    ("fields", "says_ending"),
    [
        ({"level": "info", "msg": "started"}, False),
        ({"decision": KEY, "status": 201, "seconds": 0.1}, True),
        ({"method": "GET", "url": ENVELOPE}, False),
        ({"method": "GET", "url": ENVELOPE, "status": "many"}, False),
        ({"method": "G E T", "url": ENVELOPE, "status": 200}, False),
    ],
)
def test_lines_that_tell_of_no_call(fields: dict[str, Any], says_ending: bool) -> None:
    """They are told from calls; those of check mode that lack the call itself are told apart."""
    with pytest.raises(NoCall) as caught:
        read(fields, (0, 1))

    assert caught.value.says_ending == says_ending


def test_a_preflight_is_no_call() -> None:
    """Browsers ask with OPTIONS before pages may call."""
    assert read(DIALECTS["ours"] | {"method": "OPTIONS"}, (0, 1)).why_not == PREFLIGHT


def test_what_a_system_log_puts_in_front() -> None:
    """A date, a host and a process before the object are left out."""
    text = b'<134>Nov 20 09:30:00 edge haproxy[99]: {"status":200}'

    assert fields_of(Line(1, text), "edge.log") == {"status": 200}


@pytest.mark.parametrize("text", [b'{"status":', b"[1]", b"GET / 200", b'{"a":"\xff"}', b"{" * 100_000])
def test_a_line_that_is_no_object(text: bytes) -> None:
    """It is named by file and line, with what to log instead."""
    with pytest.raises(Unreadable) as caught:
        fields_of(Line(7, text), "edge.log")

    assert (caught.value.where, caught.value.sentence) == ("edge.log, line 7", "it is no JSON object")
    assert "docs/guides/judging-files.md" in caught.value.next_step


@pytest.mark.parametrize(
    ("said", "at"),
    [
        (1_795_167_000.5, AT),
        ("1795167000.500", AT),
        (1_795_167_000_500, AT),
        (1_795_167_000_500_000, AT),
        (1_795_167_000_500_000_000, AT),
        ("2026-11-20T09:30:00.5000001Z", AT),
        ("2026-11-20 10:30:00.5+01:00", AT),
        ("20/Nov/2026:09:30:00 +0000", SECOND),
        ("[20/Nov/2026:10:30:00.500 +0100]", AT),
        ("2026-11-20T09:30:00", SECOND),
        *(
            (nothing, None)
            for nothing in ("", "yesterday", "99/Foo/2026:09:30:00 +0000", True, None, float("inf"), "9" * 400)
        ),
    ],
)
def test_instants(said: object, at: datetime | None) -> None:
    """Unix time in any unit, ISO 8601, the common log format; without a zone it is UTC; what is none is unknown."""
    found = moment(said)

    assert (found.at if found else None) == at


def test_lines_across_chunks() -> None:
    """However the bytes arrive, lines and their numbers are the same; the last needs no end."""
    text = b"one\ntwo\n\nfour\nfive"

    for size in range(1, len(text) + 1):
        chunks = [text[at : at + size] for at in range(0, len(text), size)]
        found = [(line.number, line.text, line.is_last) for line in lines_of(chunks)]
        assert found == [
            (1, b"one", False),
            (2, b"two", False),
            (3, b"", False),
            (4, b"four", False),
            (5, b"five", True),
        ]


def test_a_huge_line_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line beyond the limit is cut while it is read, and named; those around it are read."""
    monkeypatch.setattr(lines, "MOST_LINE_BYTES", 10)
    found = list(lines_of([b"good\n" + b"x" * 8, b"x" * 8, b"x" * 8 + b"\ngood\n"]))

    assert [(line.text, line.is_whole) for line in found][::2] == [(b"good", True), (b"good", True)]
    assert not found[1].is_whole
    with pytest.raises(Unreadable, match="longer than"):
        fields_of(found[1], "edge.log")


def test_gzip_in_pieces() -> None:
    """Packed logs that were put behind one another are one log, whatever the chunks."""
    packed = gzip.compress(b"one\n") + gzip.compress(b"two\n") + b"\0" * 20

    for size in (1, 7, 1_000):
        chunks = [packed[at : at + size] for at in range(0, len(packed), size)]
        assert b"".join(unpacked(chunks, "edge.log.gz")) == b"one\ntwo\n"


def test_gzip_that_is_damaged_cut_or_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is refused and named, and none is unpacked beyond the limit."""
    packed = gzip.compress(json.dumps({"a": list(range(10_000))}).encode())
    monkeypatch.setattr(lines, "MOST_UNPACKED_BYTES", 100_000)

    for content, sentence in (
        (packed[: len(packed) // 2], "cut short"),
        (packed[:20] + b"\0\0\0\0" + packed[24:], "damaged"),
        (gzip.compress(b"0" * 10_000_000), "unpacks to more than"),
    ):
        with pytest.raises(Unreadable, match=sentence):
            list(unpacked([content], "edge.log.gz"))
