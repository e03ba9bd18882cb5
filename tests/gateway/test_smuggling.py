"""Can a caller say something to the gateway that the API behind it takes for another request?

For each odd thing that is said on a raw socket: either the gateway refuses it and no byte reaches the API, or exactly
one request reaches it, framed by exactly one length, with one word of who calls.
"""

import re
from collections.abc import Iterator

import pytest

from keysteward.actions import policy
from tests.cast import ACME, Made, Town
from tests.gateway.peer import Gate, gate_before
from tests.gateway.recording import RecordingApi, say

SMUGGLED = b"GET /restapi/v2.1/accounts/x/envelopes/smuggled HTTP/1.1\r\nhost: localhost\r\n\r\n"
WHOLE = f"/restapi/v2.1/accounts/{ACME.demo}/envelopes".encode()


@pytest.fixture
def api() -> Iterator[RecordingApi]:
    """The API behind the gateway."""
    with RecordingApi() as api:
        yield api


@pytest.fixture
def opened(api: RecordingApi, town: Town, made: Made) -> Iterator[Gate]:
    """A gateway in front of it, under limits that a test does not reach."""
    policy.apply(town.demo, {"burst_calls_demo": 10_000}, author="Olga", reason="A test.")
    with gate_before(api.address, town, made) as opened:
        yield opened


def head(opened: Gate, *lines: bytes, start: bytes = b"POST " + WHOLE + b" HTTP/1.1") -> bytes:
    """A request's head with a good token and these lines."""
    usual = (b"host: localhost", b"authorization: Bearer " + opened.token.encode())
    return b"\r\n".join([start, *usual, *lines]) + b"\r\n\r\n"


def one_request(arrived: list[bytes]) -> tuple[list[bytes], bytes]:
    """The lines and the body of the one request that arrived, which has one length and one word, and nothing after."""
    (heard,) = arrived
    first, _, body = heard.partition(b"\r\n\r\n")
    lines = first.split(b"\r\n")
    names = [line.partition(b":")[0].lower() for line in lines[1:]]
    assert all(re.fullmatch(rb"[a-z0-9!#$%&'*+.^_`|~-]+", name) for name in names)
    assert names.count(b"content-length") + names.count(b"transfer-encoding") <= 1
    assert (names.count(b"host"), names.count(b"x-keysteward-call")) == (1, 1)
    if b"transfer-encoding: chunked" in [line.lower() for line in lines]:
        assert body.count(b"0\r\n\r\n") == 1
    else:
        lengths = [int(line.partition(b":")[2]) for line in lines[1:] if line.lower().startswith(b"content-length")]
        assert len(body) == sum(lengths)
    return lines, body


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────
LENGTHS = [
    (b"content-length: 5", b"content-length: 6"),
    (b"content-length: 5", b"content-length: 5"),
    (b"content-length: 5, 6",),
    (b"content-length: 5", b"transfer-encoding: chunked"),
    (b"transfer-encoding: chunked", b"content-length: 0"),
    (b"content-length: +5",),
    (b"content-length: -5",),
    (b"content-length: 0x5",),
    (b"content-length: 5 5",),
    (b"content-length: 99999999999999999999999",),
    (b"transfer-encoding: chunked, identity",),
    (b"transfer-encoding: identity, chunked, chunked",),
    (b"transfer-encoding: xchunked",),
    (b"transfer-encoding: \x0bchunked",),
    (b"transfer-encoding : chunked",),
    (b"transfer-encoding\t: chunked",),
    (b" transfer-encoding: chunked",),
    (b"x-folded: a\r\n transfer-encoding: chunked",),
    (b"content-length : 5",),
    (b"content length: 5",),
    (b"content-length\x00: 5",),
    (b"x: a\rcontent-length: 5",),
    (b"x: a\x00b",),
    (b"(x): a",),
    (b": a",),
]


def test_two_lengths_never_reach_the_api(api: RecordingApi, opened: Gate) -> None:
    """Whatever could be framed in two ways is refused, or arrives framed in one: never with what was hidden in it."""
    body = b"5\r\nhello\r\n0\r\n\r\n"
    for lines in LENGTHS:
        say(opened.address, head(opened, *lines) + body + SMUGGLED)
        for heard in api.arrived:
            one_request([heard])
            assert b"smuggled" not in heard, lines
        api.forget()


CHUNKS = [
    b"5\r\nhello\r\n0\r\n\r\n",
    b"5;name=value\r\nhello\r\n0\r\n\r\n",
    b"05\r\nhello\r\n0\r\n\r\n",
    b"5\r\nhello\r\n0\r\nx-trailer: 1\r\nx-keysteward-call: forged\r\n\r\n",
]


def test_chunks_are_framed_anew(api: RecordingApi, opened: Gate) -> None:
    """Extensions, odd sizes and trailers of the caller's stay here: the API gets chunks of the gateway's."""
    for body in CHUNKS:
        heard = say(opened.address, head(opened, b"transfer-encoding: chunked", b"connection: close") + body)
        lines, arrived = one_request(api.arrived)
        assert (heard[:13], arrived) == (b"HTTP/1.1 200 ", b"5\r\nhello\r\n0\r\n\r\n"), body
        assert b"transfer-encoding: chunked" in [line.lower() for line in lines]
        api.forget()


BAD_CHUNKS = [b"5 \r\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"g\r\n\r\n",
              b"5\r\nhelloX\r\n0\r\n\r\n", b"5\nhello\n0\n\n", b"FFFFFFFFFFFFFFFFF\r\nhello\r\n",
              b"5\r\nhel", b"5\r\nhello\r\n0\r\ncontent-length: 9\r\n\r\n"]  # fmt: skip


def test_a_broken_chunk_ends_the_call(api: RecordingApi, opened: Gate) -> None:
    """A body that cannot be read is never completed for its caller: the API sees it end too soon, or not at all."""
    for body in BAD_CHUNKS:
        say(opened.address, head(opened, b"transfer-encoding: chunked") + body + SMUGGLED)
        for heard in api.arrived:
            assert heard.lower().count(b"x-keysteward-call: ") == 1, body
            assert b"smuggled" not in heard, body
            assert not heard.endswith(b"0\r\n\r\n"), body
        api.forget()


# ── what arrives ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_pipelined_calls_are_calls_of_their_own(api: RecordingApi, opened: Gate) -> None:
    """Each is admitted by its own token: what follows a call without one is refused, and reaches nobody."""
    first = head(opened, b"content-length: 5") + b"hello"
    heard = say(
        opened.address, first + SMUGGLED + head(opened, b"connection: close", start=b"GET " + WHOLE + b"/2 HTTP/1.1")
    )

    assert re.findall(rb"HTTP/1.1 (\d{3}) ", heard) == [b"200", b"401", b"200"]
    assert [each.split(b" ")[1] for each in api.arrived] == [WHOLE, WHOLE + b"/2"]
    assert [one_request([each])[1] for each in api.arrived] == [b"hello", b""]


NAMES = [
    b"X_Keysteward_Call", b"x-keysteward_call", b"X-Keysteward-Call", b"X-Forwarded-User", b"X_Forwarded_User",
    b"X-Remote-User", b"x-auth-request-email", b"X-Forwarded-Email", b"X-DocuSign-Authentication", b"Remote-User",
    b"X-Forwarded-For", b"X-Forwarded-Host", b"X-Real-IP", b"Forwarded", b"X-HTTP-Method-Override", b"X-Original-URL",
    b"X-Rewrite-URL", b"Cookie", b"Proxy-Authorization", b"Content_Length", b"Transfer_Encoding", b"X-SSL-Client-DN",
]  # fmt: skip


def test_what_names_the_caller_or_the_call_stays_behind(api: RecordingApi, opened: Gate) -> None:
    """In whatever spelling: an API that reads underscores as hyphens is told nothing by the caller either."""
    lines = [name + b": forged" for name in NAMES]
    say(
        opened.address, head(opened, *lines, b"x-own: mine", b"connection: close", start=b"GET " + WHOLE + b" HTTP/1.1")
    )
    arrived, _ = one_request(api.arrived)

    assert ([line for line in arrived if b"forged" in line], b"x-own: mine" in arrived) == ([], True)


TARGETS = [
    (b"http://localhost" + WHOLE, WHOLE),
    (b"http://elsewhere.example" + WHOLE, WHOLE),
    (WHOLE + b"?a=1#b", WHOLE + b"?a=1"),
    (WHOLE + b"/../../x", None),
    (WHOLE + b"/%2e%2e/x", None),
    (WHOLE + b"%2f1", None),
    (WHOLE + b"/a%0d%0aX-Forged:%201", None),
    (WHOLE + b"/a%00", None),
    (WHOLE + b"/a\\b", None),
    (WHOLE + b"//1", None),
    (WHOLE + b";x/1", None),
    (b"/RESTAPI/V2.1/Accounts/" + ACME.demo.upper().encode() + b"/ENVELOPES", WHOLE),
    (WHOLE + b"?a=%0d%0aX-Forged:1", WHOLE + b"?a=%0d%0aX-Forged:1"),
    (WHOLE + b"?x=\xff", None),
    (b"*", None),
]


def test_a_target_arrives_in_one_form(api: RecordingApi, opened: Gate) -> None:
    """An absolute target is a path for the configured API and no other host; what reads in two ways does not arrive."""
    for target, arrives in TARGETS:
        say(opened.address, head(opened, b"connection: close", start=b"GET " + target + b" HTTP/1.1"))
        expected = [b"GET " + arrives + b" HTTP/1.1"] if arrives else []
        assert [each.split(b"\r\n")[0] for each in api.arrived] == expected, target
        api.forget()


def test_many_headers_arrive_or_are_refused(api: RecordingApi, opened: Gate) -> None:
    """Hundreds of headers of one name stay hundreds, and none of them becomes another one."""
    many = [b"x-many: %d" % number for number in range(100)]
    say(opened.address, head(opened, *many, b"connection: close", start=b"GET " + WHOLE + b" HTTP/1.1"))
    lines, _ = one_request(api.arrived)

    assert [line for line in lines if line.startswith(b"x-many")] == many


def test_a_name_in_connection_goes_no_further(api: RecordingApi, opened: Gate) -> None:
    """Whatever Connection names ends here, but it cannot name away what the gateway says."""
    named = b"connection: close, X-Own, x-keysteward-call, content-length, host"
    say(opened.address, head(opened, named, b"X-Own: 1", b"content-length: 5") + b"hello")
    lines, body = one_request(api.arrived)

    assert [line for line in lines if line.lower().startswith(b"x-own")] == []
    assert body == b"hello"
