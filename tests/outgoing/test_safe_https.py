"""Do we ask the addresses that people type in without being led astray, kept waiting or flooded?"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from keysteward.outgoing import safe_https
from keysteward.outgoing.safe_https import Outside, Unanswered, Unasked
from keysteward.twin import certificates
from tests.peers.provider import Provider, provider

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Provider]:
    """A server over TLS on loopback."""
    with provider(tmp_path / "tls") as made:
        yield made


@pytest.fixture
def outside(made: Provider) -> Outside:
    """The world as the twin sees it, with that server's authority."""
    return Outside((), made.ca_file, allows_loopback=True, seconds=3)


def test_json_is_read(made: Provider, outside: Outside) -> None:
    """An object with its status, whatever the status; a form and its credentials are sent as they are."""
    made.answers["/token"] = (400, JSON, b'{"error": "invalid_grant"}')
    made.userinfo = {"sub": "sam"}

    assert outside.post_form(f"{made.origin}/token", {"a": "b c&d"}, basic="eDp5") == (400, {"error": "invalid_grant"})
    assert outside.get(f"{made.origin}/userinfo", bearer="opaque") == (200, {"sub": "sam"})
    (_, posted, form), (_, got, _) = made.asked
    assert (form, posted["Authorization"], posted["Content-Type"]) == (
        {"a": "b c&d"}, "Basic eDp5", "application/x-www-form-urlencoded",
    )  # fmt: skip
    assert (got["Authorization"], got["Host"]) == ("Bearer opaque", made.origin.removeprefix("https://"))


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "http://example.com/", "ftp://example.com/", "https:///", "https://user@example.com/",
     "https://example.com/#x", "https://example.com:99999/", "https://exa mple.com/", "https://example.com/\r\nX: y",
     "https://ex\u00e4mple.com/", "https://[::1/", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_https_address_is_not_asked(url: str) -> None:
    """Nothing is resolved and nothing connected."""
    with pytest.raises(Unasked):
        Outside().get(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.1", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]",
     "[2002:a00:1::]", "224.0.0.1", "255.255.255.255", "2130706433", "0x7f.1"],
)  # fmt: skip
def test_addresses_that_are_not_public_are_not_asked(host: str) -> None:
    """Whatever they are written like: our own, the neighbours', the cloud's, and IPv6 that leads to one of them."""
    with pytest.raises((Unasked, Unanswered)) as caught:
        Outside().get(f"https://{host}/")
    assert "not public" in str(caught.value) or "no address" in str(caught.value)


@pytest.mark.parametrize("address", ["10.0.0.1", "::ffff:10.0.0.1", "fec0::1", "ff02::1", "64:ff9b::7f00:1"])
def test_which_addresses_are_public(address: str) -> None:
    """None of these; a real one is."""
    assert not safe_https._is_public(ip_address(address))
    assert safe_https._is_public(ip_address("93.184.216.34"))
    assert safe_https._is_public(ip_address("2606:2800:220:1::1"))


def test_any_body_is_sent_and_the_first_bytes_heard(made: Provider, outside: Outside) -> None:
    """As it is, with headers of its own; the answer may be anything and of any length, and leads nowhere."""
    made.answers["/hook"] = (200, {}, b"x" * 1_000_000)
    made.answers["/moved"] = (302, {"Location": f"{made.origin}/jwks"}, b"\x00\xff")

    assert outside.post(f"{made.origin}/hook", b"a=1", {"webhook-id": "m"}, 10) == (200, b"x" * 10)
    assert outside.post(f"{made.origin}/moved", b"a=1", {}, 10) == (302, b"\x00\xff")
    assert [(path, form) for path, _, form in made.asked] == [("/hook", {"a": "1"}), ("/moved", {"a": "1"})]
    assert made.asked[0][1]["webhook-id"] == "m"
    with pytest.raises(Unasked):
        Outside().post(f"{made.origin}/hook", b"", {}, 10)


def test_an_address_is_judged_without_asking(made: Provider, outside: Outside) -> None:
    """By its form and by what its name stands for."""
    outside.judge(f"{made.origin}/hook")
    for url in ("http://example.com/", "https://10.0.0.1/", "https://user@localhost/"):
        with pytest.raises(Unasked):
            outside.judge(url)
    with pytest.raises(Unanswered):
        outside.judge("https://nowhere.invalid/")

    assert made.asked == []


def test_loopback_is_the_twins_alone(made: Provider) -> None:
    """Elsewhere it is asked only where the operator listed the host."""
    with pytest.raises(Unasked):
        Outside((), made.ca_file).get(f"{made.origin}/userinfo")

    assert Outside(("localhost",), made.ca_file).get(f"{made.origin}/userinfo").status == 200


def test_the_twin_asks_no_other_private_address(outside: Outside) -> None:
    """Loopback, and nothing else that is not public."""
    with pytest.raises(Unasked):
        outside.get("https://10.0.0.1/")


def test_a_certificate_must_be_good(made: Provider, tmp_path: Path) -> None:
    """Of an authority that we trust, and for this name."""
    with pytest.raises(Unanswered, match="certificate"):
        Outside(("localhost",)).get(f"{made.origin}/userinfo")
    (tmp_path / "other").mkdir()
    certificates.ensure(tmp_path / "other", "demo", ())
    other = Outside(("localhost",), certificates.ca_file(tmp_path / "other"))
    with pytest.raises(Unanswered, match="certificate"):
        other.get(f"{made.origin}/userinfo")


def test_a_redirect_is_not_followed(made: Provider, outside: Outside) -> None:
    """Wherever it leads, back to the same server too."""
    for status in (301, 302, 303, 307, 308):
        made.answers["/userinfo"] = (status, {"Location": f"{made.origin}/jwks"}, b"{}")
        with pytest.raises(Unanswered, match="follow nowhere"):
            outside.get(f"{made.origin}/userinfo")
    assert {path for path, *_ in made.asked} == {"/userinfo"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [({}, b'{"a": "' + b"x" * 65_536 + b'"}'), ({}, b"[]"), ({}, b""), ({}, b"<html>"), ({}, b"\xff{}"),
     ({"Content-Encoding": "gzip"}, b"{}")],
    ids=["too long", "a list", "nothing", "a page", "no text", "compressed"],
)  # fmt: skip
def test_what_is_no_short_object_is_no_answer(
    made: Provider, outside: Outside, headers: dict[str, str], body: bytes
) -> None:
    """64 KiB of plain JSON, an object."""
    made.answers["/userinfo"] = (200, headers, body)
    with pytest.raises(Unanswered):
        outside.get(f"{made.origin}/userinfo")


def test_64_kib_are_not_too_long(made: Provider, outside: Outside) -> None:
    """Exactly as many bytes as are allowed."""
    made.answers["/userinfo"] = (200, {}, b'{"a":"' + b"x" * (65_536 - 8) + b'"}')

    assert len(outside.get(f"{made.origin}/userinfo").body["a"]) == 65_528


@contextmanager
def dripping(certificate: Path, first: bytes) -> Iterator[int]:
    """A server that says something and then one byte now and again, for ever, but never ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_drip, args=(listener, context, first, stop))
        thread.start()
        yield listener.getsockname()[1]
        stop.set()
        thread.join(10)


def _drip(listener: socket.socket, context: ssl.SSLContext, first: bytes, stop: threading.Event) -> None:
    plain, _ = listener.accept()
    try:
        with closing(context.wrap_socket(plain, server_side=True)) as secure:
            secure.sendall(first)
            while not stop.wait(0.1):
                secure.sendall(b"x")
    except OSError:  # it was cut, as it should be
        plain.close()


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n{"],
    ids=["no status", "an endless header", "an endless body"],
)
def test_who_drips_is_cut(made: Provider, outside: Outside, first: bytes) -> None:
    """The time is for all of it, not for each byte."""
    with (
        dripping(made.ca_file.parent / "demo.pem", first) as port,
        pytest.raises(Unanswered, match="did not answer within"),
    ):
        replace(outside, seconds=0.5).get(f"https://localhost:{port}/")


def test_who_is_not_there_is_no_answer(outside: Outside) -> None:
    """A closed port, and a name that nobody has."""
    with pytest.raises(Unanswered):
        outside.get("https://localhost:1/")
    with pytest.raises(Unanswered):
        Outside().get("https://nobody.invalid/")
