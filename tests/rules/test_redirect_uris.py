"""Which redirect URIs are taken, and what do they match?"""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.keys import checked_redirect_uri, is_registered
from keysteward.rules.refusals import BAD_REDIRECT_URI, Refusal
from keysteward.rules.words import ENVIRONMENTS, Environment
from tests.cast import refused

GOOD_EVERYWHERE = [
    "https://app.example.com/callback",
    "https://app.example.com",
    "https://app.example.com:8443/callback?tenant=1&x=%20",
    "https://localhost:3000/callback",
    "https://192.0.2.7/callback",
    "https://[2001:db8::7]:8443/callback",
    "http://127.0.0.1:3000/callback",
    "http://127.0.0.1/callback",
    "http://[::1]:3000/callback",
    "com.example.app:/callback",
    "com.example.app://callback",
    "com.example-corp.app2:/oauth?x=1",
]
EXACT = [uri for uri in GOOD_EVERYWHERE if uri != "http://127.0.0.1/callback"]
BAD_EVERYWHERE = [
    "",
    " ",
    "callback",
    "/callback",
    "//app.example.com/callback",
    "app.example.com/callback",
    "https:",
    "https:app.example.com/callback",
    "https://",
    "https:///callback",
    "https://:8443/callback",
    "https://app.example.com:0/callback",
    "https://app.example.com:65536/callback",
    "https://app.example.com:port/callback",
    "https://[::1/callback",
    "https://app.example.com/#",
    "https://app.example.com/callback#done",
    "https://*.example.com/callback",
    "https://app.example.com/*",
    "https://ada@app.example.com/callback",
    "https://ada:secret@app.example.com/callback",
    "https://@app.example.com/callback",
    "https://app.example.com\\@evil.example/callback",
    "https://app.example.com /callback",
    " https://app.example.com/callback",
    "https://app.example.com/callback\n",
    "https://app.example.com/call\tback",
    "https://app.example.com/\x00",
    "https://app.example.com/\x7f",
    "https://app.example.com/\x85",
    "https://äpp.example.com/callback",
    "http://app.example.com/callback",
    "http://localhost.evil.example/callback",
    "http://127.0.0.1.evil.example/callback",
    "http://127.0.0.1@evil.example/callback",
    "http://evil.example\\@127.0.0.1/callback",
    "http://127.1/callback",
    "http://0.0.0.0/callback",
    "http://[::2]/callback",
    "http://[::1]evil.example/callback",
    "http://[::1].evil.example/callback",
    "http://evil.example[::1]/callback",
    "https://app.example.com:80:80/callback",
    "HTTP://127.0.0.1/callback",
    "HTTPS://app.example.com/callback",
    "javascript:alert(1)",
    "javascript://app.example.com/%0aalert(1)",
    "data:text/html,hello",
    "file:///etc/passwd",
    "ftp://app.example.com/callback",
    "urn:ietf:wg:oauth:2.0:oob",
    "myapp://callback",
    "com..app:/callback",
    ".com.app:/callback",
    "com.example.app://ada@callback",
    "com.example.app://[callback",
    "com.example.app:/callback#done",
    "https://app.example.com/" + "a" * 1_980,
]

PIECES = [
    "https", "http", "ftp", "com.example.app", "javascript", ":", "//", "/", "?", "#", "@", "*", "\\", " ", "\n",
    "\x00", "\x7f", "\x9f", "localhost", "127.0.0.1", "[::1]", "evil.example", "app.example.com", ":80", ":0", "%0a",
    ".", "ä",
]  # fmt: skip
environments = st.sampled_from(ENVIRONMENTS)
near_misses = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)
addresses = st.one_of(
    st.tuples(st.sampled_from(GOOD_EVERYWHERE), st.integers(0, 30), st.sampled_from([*PIECES, ""])).map(
        lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]
    ),
    near_misses,
    near_misses.map(lambda rest: f"https://{rest}"),
    near_misses.map(lambda rest: f"http://127.0.0.1{rest}"),
    st.text(max_size=60).map(lambda rest: f"https://app.example.com/{rest}"),
    st.text(max_size=60),
)


def is_taken(uri: str, environment: Environment) -> bool:
    """Whether a redirect URI is taken, and then as it is."""
    with suppress(Refusal):
        assert checked_redirect_uri(uri, environment) == uri
        return True
    return False


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("uri", GOOD_EVERYWHERE)
def test_a_safe_address_is_taken_as_it_is(uri: str, environment: Environment) -> None:
    """Https, http on a loopback address and private schemes with a dot are taken, character for character."""
    assert checked_redirect_uri(uri, environment) == uri


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("uri", BAD_EVERYWHERE)
def test_an_unsafe_address_is_refused(uri: str, environment: Environment) -> None:
    """Whatever could send a code elsewhere is refused, in both environments."""
    with refused(BAD_REDIRECT_URI, "uri"):
        checked_redirect_uri(uri, environment)


def test_localhost_by_name_is_for_demo() -> None:
    """Http to localhost, a name that could be pointed elsewhere, is taken in demo and refused in production."""
    assert checked_redirect_uri("http://localhost:3000/callback", "demo") == "http://localhost:3000/callback"
    with refused(BAD_REDIRECT_URI, "uri"):
        checked_redirect_uri("http://localhost:3000/callback", "production")


@given(addresses, environments)
def test_nothing_dangerous_is_ever_taken(uri: str, environment: Environment) -> None:
    """No accepted URI holds a fragment, a wildcard, a control character or a user name, or is http off loopback."""
    if not is_taken(uri, environment):
        return
    scheme, _, rest = uri.partition(":")
    authority = re.split(r"[/?]", rest[2:])[0] if rest.startswith("//") else ""

    assert re.search(r"[#*\\\s\x00-\x1f\x7f-\xff]", uri) is None
    assert "@" not in authority
    assert scheme == "https" or "." in scheme or re.fullmatch(r"(localhost|127\.0\.0\.1|\[::1\])(:\d*)?", authority)
    assert "." in scheme or authority


@given(st.lists(st.sampled_from(EXACT), unique=True), st.data())
def test_a_uri_matches_only_itself(registered: list[str], data: st.DataObject) -> None:
    """A redirect URI matches where it is registered character for character, and never a variant of one."""
    uri = data.draw(st.sampled_from(EXACT))
    variants = [uri + "/", uri + "?", uri + "?x=1", uri.upper(), uri[:-1], uri + "%20", uri.replace("//", "//evil.")]

    assert is_registered(uri, tuple(registered)) == (uri in registered)
    assert not any(is_registered(other, (uri,)) for other in variants if other != uri)


PORTS: list[tuple[str, str, bool]] = [
    ("http://127.0.0.1/callback", "http://127.0.0.1:49152/callback", True),
    ("http://[::1]/callback", "http://[::1]:49152/callback", True),
    ("http://127.0.0.1", "http://127.0.0.1:49152", True),
    ("http://127.0.0.1?app=1", "http://127.0.0.1:49152?app=1", True),
    ("http://127.0.0.1:3000/callback", "http://127.0.0.1:3001/callback", False),
    ("http://127.0.0.1:3000/callback", "http://127.0.0.1/callback", False),
    ("http://127.0.0.1/callback", "http://127.0.0.1:/callback", False),
    ("http://127.0.0.1/callback", "http://127.0.0.1:0/callback", False),
    ("http://127.0.0.1/callback", "http://127.0.0.1:080/callback", False),
    ("http://127.0.0.1/callback", "http://127.0.0.1:123456/callback", False),
    ("http://127.0.0.1/callback", "http://127.0.0.1:49152@evil.example/callback", False),
    ("http://127.0.0.1/callback", "http://127.0.0.1:49152.evil.example/callback", False),
    ("http://127.0.0.1/callback", "http://127.0.0.1:49152/callback/", False),
    ("http://127.0.0.1/callback", "http://127.0.0.1:49152/callback#x", False),
    ("http://127.0.0.1/callback", "https://127.0.0.1:49152/callback", False),
    ("http://127.0.0.1/callback", "http://[::1]:49152/callback", False),
    ("http://localhost/callback", "http://localhost:49152/callback", False),
    ("https://app.example.com/callback", "https://app.example.com:49152/callback", False),
]


@pytest.mark.parametrize(("registered", "asked", "matches"), PORTS)
def test_a_loopback_address_without_a_port_matches_any(registered: str, asked: str, matches: bool) -> None:
    """A native app listens where a port is free (RFC 8252 §7.3); with a port only that one is meant."""
    assert is_registered(asked, (registered,)) is matches


@given(near_misses, near_misses)
def test_matching_is_equality(asked: str, registered: str) -> None:
    """Two addresses match exactly when they are the same text."""
    assert is_registered(asked, (registered,)) == (asked == registered)
