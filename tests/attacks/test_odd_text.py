"""Does text that a database might choke on reach it, and what then? SQLite takes what PostgreSQL refuses, so: on both.

Zero bytes, what is no UTF-8, halves of surrogate pairs, letters that look alike, and more text than an index takes.
"""

import http.client
import json
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

import pytest

from tests.attacks.scene import basic
from tests.attacks.wire import Reply, Wire
from tests.cast import CALLBACK, PASSWORD, SAM, Made
from tests.conftest import Founded
from tests.peers.databases import on_both
from tests.web.api.program import answering

ODD: list[tuple[str, str]] = [
    ("nothing but a zero byte", "%00"),
    ("a zero byte behind", "{good}%00"),
    ("a zero byte before", "%00{good}"),
    ("no UTF-8", "%FF%FE"),
    ("half a surrogate pair", "{good}%ED%A0%80"),
    ("beyond Unicode", "%F4%90%80%80"),
    ("an overlong slash", "%C0%AF"),
    ("letters of elsewhere", quote("ключ-鍵-🔑")),
    ("full width", quote("".join(chr(ord(letter) + 0xFEE0) for letter in "c4ce0ade"))),
    ("written from the right", quote("\u202e") + "{good}"),
    ("a quote and a comment", quote("' OR 1=1; --")),
    ("a backslash before a quote", quote("\\' OR 1=1")),
    ("more than an index takes", "k" * 9_000),
]


class PlainWire(Wire):
    """An environment that answers without TLS, for it runs in this process."""

    def __init__(self, address: str, authority: str) -> None:
        self.origin, self.authority = f"https://{authority}", authority
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)


class House(NamedTuple):
    """The demo environment on one database, and what is good there."""

    wire: Wire
    made: Made
    code: str
    refresh_token: str
    access_token: str
    session: str
    fresh: Callable[[], str]

    def form(self, path: str, **fields: str) -> Reply:
        """Send a form whose values are percent-encoded already."""
        body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
        return self.wire.ask("POST", path, body, Origin=self.wire.origin)

    def authorize(self, **fields: str) -> Reply:
        """Ask for a code as somebody who is signed in."""
        asked = {"response_type": "code", "scope": "signature", "client_id": self.made.key}
        asked |= {"redirect_uri": quote(CALLBACK, safe="")} | fields
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        return self.wire.ask("GET", f"/oauth/auth?{query}", Cookie=self.session)

    def as_client(self, path: str, **fields: str) -> Reply:
        """Send a form as the app that is known."""
        return self.form(path, client_id=self.made.key, client_secret=quote(self.made.secret, safe=""), **fields)


@pytest.fixture(scope="module")
def house(founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A town of which one environment answers."""
    town = founded.copy(tmp_path_factory.mktemp("odd") / "town")
    made, ctx = founded.made, town.demo
    answer, code = town.sign_in_with(ctx, made, SAM, "signature extended"), town.code(ctx, made, SAM)
    with answering(ctx) as address:
        wire = PlainWire(address, ctx.authority)
        form = {"email": SAM.email, "password": PASSWORD, "next": "/"}
        session = wire.ask("POST", "/signin", form, Origin=wire.origin).session
        yield House(
            wire, made, code, answer.refresh_token or "", answer.access_token, session,
            lambda: town.sign_in_with(ctx, made, SAM).refresh_token or "",
        )  # fmt: skip
        wire.close()
    town.close()


def every(ask: Callable[[House, str], Reply], good: Callable[[House], str], house: House) -> dict[str, Reply]:
    """What each odd text is answered in the place of what is good."""
    return {name: ask(house, text.replace("{good}", good(house))) for name, text in ODD}


PAGES: list[tuple[str, Callable[[House, str], Reply], Callable[[House], str], set[int]]] = [
    ("client_id", lambda h, odd: h.authorize(client_id=odd), lambda h: h.made.key, {400}),
    ("redirect_uri", lambda h, odd: h.authorize(redirect_uri=odd), lambda _: quote(CALLBACK, safe=""), {400}),
    ("address", lambda h, odd: h.form("/signin", email=odd, password="x"), lambda _: SAM.email, {400, 401}),
    ("forgotten", lambda h, odd: h.form("/password/forgot", email=odd), lambda _: SAM.email, {200, 400}),
    ("key", lambda h, odd: h.wire.ask("GET", f"/apps/{odd}", Cookie=h.session), lambda h: h.made.key, {404}),
]


@on_both
@pytest.mark.parametrize(("place", "ask", "good", "statuses"), PAGES, ids=[row[0] for row in PAGES])
def test_odd_text_on_pages(
    house: House, place: str, ask: Callable[[House, str], Reply], good: Callable[[House], str], statuses: set[int]
) -> None:
    """It is refused on a page of ours, and nobody is sent anywhere."""
    told = every(ask, good, house)

    assert {name: (reply.status, reply.location) for name, reply in told.items() if reply.status not in statuses} == {}
    assert {name for name, reply in told.items() if reply.location} == set()


@on_both
@pytest.mark.parametrize("field", ["login_hint", "state", "ui_locales"])
def test_odd_text_that_decides_nothing(house: House, field: str) -> None:
    """The request is answered at the app's own address, with a code or with what is wrong."""
    for name, reply in every(lambda h, odd: h.authorize(**{field: odd}), lambda _: "sam", house).items():
        assert (reply.status, reply.location.startswith(CALLBACK + "?")) == (303, True) or reply.status == 400, name


@on_both
def test_a_state_comes_back_as_it_was_or_not_at_all(house: House) -> None:
    """Byte for byte, whatever letters it has; what is no text at all is refused, and never mended on its way."""
    for name, reply in every(lambda h, odd: h.authorize(state=odd), lambda _: "sam", house).items():
        sent = dict(ODD)[name].replace("{good}", "sam")
        if reply.status == 303:
            ((_, state), *_) = [pair for pair in parse_qsl(urlsplit(reply.location).query) if pair[0] == "state"]
            assert state.encode() == unquote_to_bytes(sent), name
        else:
            assert reply.status == 400, name
            assert not _is_text(unquote_to_bytes(sent)), name


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


FIELDS: list[tuple[str, Callable[[House, str], Reply], Callable[[House], str]]] = [
    (
        "code",
        lambda h, odd: h.as_client("/oauth/token", grant_type="authorization_code", code=odd),
        lambda h: h.code,
    ),
    (
        "refresh_token",
        lambda h, odd: h.as_client("/oauth/token", grant_type="refresh_token", refresh_token=odd),
        lambda h: h.refresh_token,
    ),
    (
        "client_id",
        lambda h, odd: h.form("/oauth/token", grant_type="authorization_code", code=h.code, client_id=odd),
        lambda h: h.made.key,
    ),
    (
        "client_secret",
        lambda h, odd: h.form(
            "/oauth/token", grant_type="authorization_code", code=h.code, client_id=h.made.key, client_secret=odd
        ),
        lambda h: quote(h.made.secret, safe=""),
    ),
    (
        "the redirect URI of a code",
        lambda h, odd: h.as_client("/oauth/token", grant_type="authorization_code", code=h.code, redirect_uri=odd),
        lambda _: quote(CALLBACK, safe=""),
    ),
]


@on_both
@pytest.mark.parametrize(("field", "ask", "good"), FIELDS, ids=[row[0] for row in FIELDS])
def test_odd_text_at_the_token_endpoint(
    house: House, field: str, ask: Callable[[House, str], Reply], good: Callable[[House], str]
) -> None:
    """It is no code, no token and no client; what it stood beside is still good."""
    told = every(ask, good, house)

    errors = {name: reply.said["error"] for name, reply in told.items()}
    assert {reply.status for reply in told.values()} == {400}
    assert set(errors.values()) <= {"invalid_request", "invalid_client", "invalid_grant"}, errors


@on_both
def test_odd_tokens(house: House) -> None:
    """Nothing is told of them, and nothing ended by them."""
    for good in (house.refresh_token, house.access_token):
        for name, text in ODD:
            odd = text.replace("{good}", good)
            revoked = house.as_client("/oauth/revoke", token=odd)
            worth = house.as_client("/oauth/introspect", token=odd)
            assert revoked.status == 400 or (revoked.status, revoked.said) == (200, {}), name
            assert worth.status == 400 or (worth.status, worth.said) == (200, {"active": False}), name

    assert house.as_client("/oauth/introspect", token=house.access_token).said["active"] is True


@on_both
@pytest.mark.parametrize("path", ["/oauth/userinfo", "/api/v1/me", "/restapi/v2.1/login_information"])
def test_odd_bearers(house: House, path: str) -> None:
    """Whoever brings one is nobody."""
    bearers = ["kst_\xff\xfe", "kst_" + "k" * 9_000, "kst_' OR 1=1", house.access_token + "\x80", "\xed\xa0\x80"]
    told = {house.wire.ask("GET", path, Authorization=f"Bearer {bearer}").status for bearer in bearers}

    assert told == {401}


@on_both
def test_odd_credentials(house: House) -> None:
    """HTTP Basic whose halves hold what no key and no secret holds."""
    form = {"grant_type": "authorization_code", "code": house.code}
    for key, secret in (
        ("\x00", "\x00"),
        (house.made.key + "\x00", house.made.secret),
        ("ключ", "鍵"),
        ("k" * 9_000, "x"),
    ):
        told = house.wire.ask("POST", "/oauth/token", form, Authorization=basic(key, secret))
        assert told.refusal[:2] == (401, "invalid_client")


@on_both
@pytest.mark.parametrize("odd", ["\\u0000", "\\ud800", "\\udc00\\ud800", "\\u202e", "k" * 2_000])
def test_odd_reports(house: House, odd: str) -> None:
    """A report that anybody may bring recognizes what leaked, wherever it says that was found, or is malformed."""
    leaked = house.fresh()
    for found, label in ((f'"token": "{odd}"', "unknown"), (f'"token": "{leaked}", "url": "{odd}"', "recognized")):
        body = f"[{{{found}}}]".encode()
        told = house.wire.ask("POST", "/api/v1/leak-reports", body, Content_Type="application/json")
        assert told.status == 400 or json.loads(told.body)[0]["label"] == label
