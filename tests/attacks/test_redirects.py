"""Can an answer be sent anywhere but to an address that the app registered?"""

import pytest

from tests.attacks.scene import CALLBACK, LOOPBACK, PRIVATE_SCHEME, WITH_QUERY, Scene

TRICKS: list[tuple[str, str]] = [
    ("another host", "https://evil.example/cb"),
    ("our host as a subdomain of another", "https://app.example.com.evil.com/cb"),
    ("localhost as a subdomain of another", "http://localhost.evil.com:3000/cb"),
    ("loopback address as a subdomain", "http://127.0.0.1.evil.com:3000/cb"),
    ("a subdomain of ours", "https://evil.app.example.com/cb"),
    ("a host that ends like ours", "https://evilapp.example.com/cb"),
    ("a trailing dot", "https://app.example.com./cb"),
    ("upper-case host", "https://APP.example.com/cb"),
    ("upper-case scheme", "HTTPS://app.example.com/cb"),
    ("upper-case path", "https://app.example.com/CB"),
    ("http for https", "http://app.example.com/cb"),
    ("no scheme", "//app.example.com/cb"),
    ("only a path", "/cb"),
    ("the default port", "https://app.example.com:443/cb"),
    ("another port", "https://app.example.com:8443/cb"),
    ("an empty port", "https://app.example.com:/cb"),
    ("another loopback port", "http://127.0.0.1:3001/cb"),
    ("localhost for its address", "http://localhost:3000/cb"),
    ("another loopback address", "http://127.0.0.2:3000/cb"),
    ("loopback as a number", "http://2130706433:3000/cb"),
    ("loopback as IPv6", "http://[::1]:3000/cb"),
    ("a user name", "https://app.example.com@evil.example/cb"),
    ("a user name that hides nothing", "https://user@app.example.com/cb"),
    ("a user name with an encoded slash", "https://app.example.com%2F@evil.example/cb"),
    ("a backslash for a slash", "https://app.example.com\\@evil.example/cb"),
    ("backslashes behind the scheme", "https:\\\\app.example.com\\cb"),
    ("a backslash in the path", "https://app.example.com/cb\\..\\evil"),
    ("a fragment", "https://app.example.com/cb#@evil.example"),
    ("an empty fragment", "https://app.example.com/cb#"),
    ("an encoded fragment", "https://app.example.com/cb%23"),
    ("one more slash", "https://app.example.com/cb/"),
    ("a doubled slash", "https://app.example.com//cb"),
    ("one letter fewer", "https://app.example.com/c"),
    ("one more letter", "https://app.example.com/cbx"),
    ("a dot segment", "https://app.example.com/./cb"),
    ("a parent segment", "https://app.example.com/x/../cb"),
    ("a parent segment behind", "https://app.example.com/cb/../evil"),
    ("encoded parents", "https://app.example.com/cb/%2e%2e/evil"),
    ("doubly encoded parents", "https://app.example.com/cb/%252e%252e/evil"),
    ("an encoded letter", "https://app.example.com/%63b"),
    ("a path parameter", "https://app.example.com/cb;evil"),
    ("a query more", "https://app.example.com/cb?next=https://evil.example"),
    ("an empty query", "https://app.example.com/cb?"),
    ("another query", "https://app.example.com/cb?tenant=2"),
    ("a query that goes on", "https://app.example.com/cb?tenant=1&next=evil"),
    ("a Cyrillic letter", "https://\u0430pp.example.com/cb"),
    ("the same in punycode", "https://xn--pp-7kc.example.com/cb"),
    ("full-width letters", "https://\uff41pp.example.com/cb"),
    ("an ideographic full stop", "https://app\u3002example.com/cb"),
    ("a slash that is none", "https://app.example.com\u2044@evil.example/cb"),
    ("a soft hyphen", "https://app.exam\u00adple.com/cb"),
    ("a zero-width space", "https://app.example.com/cb\u200b"),
    ("a blank in front", " https://app.example.com/cb"),
    ("a blank behind", "https://app.example.com/cb "),
    ("a tab inside", "https://app.exa\tmple.com/cb"),
    ("a line end", "https://app.example.com/cb\r\nSet-Cookie: a=b"),
    ("a zero byte", "https://app.example.com/cb\x00.evil.example"),
    ("javascript", "javascript:alert(1)//https://app.example.com/cb"),
    ("data", "data:text/html,<script>alert(1)</script>"),
    ("file", "file:///app.example.com/cb"),
    ("the out-of-band address", "urn:ietf:wg:oauth:2.0:oob"),
    ("another private scheme", "com.example.evil:/callback"),
    ("the private scheme with a host", "com.example.app://evil.example/callback"),
    ("the private scheme in upper case", "COM.EXAMPLE.APP:/callback"),
    ("a wildcard", "https://app.example.com/*"),
    ("two addresses", "https://app.example.com/cb https://evil.example/cb"),
    ("very long", "https://app.example.com/cb?" + "x" * 5_000),
]  # fmt: skip


@pytest.mark.parametrize("uri", [case[1] for case in TRICKS], ids=[case[0] for case in TRICKS])
@pytest.mark.parametrize("wrong", [{}, {"response_type": "nonsense"}], ids=["good otherwise", "wrong otherwise"])
def test_an_unregistered_address_is_never_answered(scene: Scene, uri: str, wrong: dict[str, str]) -> None:
    """Neither a code nor an error goes there: our own page says so, with 400 (RFC 9700 §4.1.3, §4.11.2)."""
    reply = scene.visit(scene.asking(redirect_uri=uri, **wrong))

    assert (reply.status, reply.location) == (400, "")
    assert "redirect-uri-not-registered" in reply.text


@pytest.mark.parametrize("uri", [CALLBACK, WITH_QUERY, PRIVATE_SCHEME, LOOPBACK])
def test_a_registered_address_is_kept_to_the_letter(scene: Scene, uri: str) -> None:
    """What was registered is where the browser is sent, with the answer behind it and nothing changed."""
    reply = scene.visit(scene.asking(redirect_uri=uri))

    assert (reply.status, reply.location[: len(uri)]) == (303, uri)
    assert reply.location[len(uri)] == ("&" if "?" in uri else "?")


def test_a_redirect_uri_of_another_app_is_not_ours(scene: Scene) -> None:
    """Each app has its own list."""
    own = "https://rival.example/cb"
    scene.demo.make(f"/keys/{scene.rival.key}/redirect-uris", {"uri": own})

    assert scene.visit(scene.asking(scene.rival, redirect_uri=own)).status == 303
    assert scene.visit(scene.asking(scene.shop, redirect_uri=own)).status == 400


def test_a_native_app_listens_where_a_port_is_free(scene: Scene) -> None:
    """A loopback address without a port is answered at any; nothing else of it may differ (RFC 8252 §7.3)."""
    scene.demo.make(f"/keys/{scene.rival.key}/redirect-uris", {"uri": "http://127.0.0.1/native"})
    asked = [f"http://127.0.0.1:{port}" for port in ("49152/native", "49152/other", "49152@evil.example/native")]
    replies = [scene.visit(scene.asking(scene.rival, redirect_uri=uri)) for uri in asked]

    assert [reply.status for reply in replies] == [303, 400, 400]
    assert replies[0].location.startswith(f"{asked[0]}?code=")
    assert scene.redeem(replies[0].told["code"], scene.rival, redirect_uri="http://127.0.0.1/native").status == 400


NEXT = [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "https:/evil.example",
    "/%0d%0aSet-Cookie:a=b", "javascript:alert(1)", "/\t/evil.example", " //evil.example", "http:evil.example",
    "@evil.example", ".evil.example", "/\r\n/evil.example",
]  # fmt: skip


@pytest.mark.parametrize("onward", NEXT)
def test_signing_in_leads_to_no_other_site(scene: Scene, onward: str) -> None:
    """`next` of the sign-in page names a path of this origin, or it leads home."""
    reply = scene.wire.ask("GET", "/signin?" + encoded(next=onward), Cookie=scene.session())

    assert reply.status == 303
    assert reply.location == "/" or reply.location.startswith("/%")


def encoded(**parameters: str) -> str:
    """A query with every byte encoded."""
    pairs = ((name, "".join(f"%{byte:02X}" for byte in value.encode())) for name, value in parameters.items())
    return "&".join(f"{name}={value}" for name, value in pairs)
