"""What may an app be told?"""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.keys import checked_link, checked_origin, checked_text, restore_until
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import BAD_ORIGIN, INVALID_FIELD, Refusal
from tests.cast import refused
from tests.rules.examples import NOW, an_app

TEXTS = [
    ("Lease signer", "Lease signer"),
    ("  Lease \t signer \n", "Lease signer"),
    ("Łódź 签 ✓", "Łódź 签 ✓"),
    ("a" * 200, "a" * 200),
]
BAD_TEXTS = ["", "   ", "\n", "a" * 201, "Lease\x00signer", "Lease\x1bsigner", "Lease\u202esigner", "Lease\ud800"]
LINKS = ["", "https://acme.example/privacy", "https://acme.example", "https://acme.example:8443/p?x=1#part"]
BAD_LINKS = [
    "http://acme.example/privacy",
    "javascript:alert(1)",
    "data:text/html,x",
    "acme.example/privacy",
    "//acme.example/privacy",
    "https:",
    "https://",
    "https:///privacy",
    "https://[",
    "https://acme.example:port/",
    "https://acme.example/pri vacy",
    "https://acme.example/\x00",
    "https://acme.example\\privacy",
    "https://acme.example/" + "a" * 500,
]
ORIGINS = [
    ("https://app.example.com", "https://app.example.com"),
    ("https://APP.example.com:8443", "https://app.example.com:8443"),
    ("http://localhost:3000", "http://localhost:3000"),
    ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
    ("http://[::1]:3000", "http://[::1]:3000"),
]
BAD_ORIGINS = [
    "",
    "*",
    "null",
    "app.example.com",
    "//app.example.com",
    "https://",
    "https://[",
    "https://*.example.com",
    "https://app.example.com/",
    "https://app.example.com/path",
    "https://app.example.com?",
    "https://app.example.com?x=1",
    "https://app.example.com#",
    "https://app.example.com#x",
    "https://ada@app.example.com",
    "https://app.example.com ",
    "https://app.example.com\n",
    "https://app.example.com:0",
    "https://app.example.com:99999",
    "http://app.example.com",
    "http://localhost.evil.example",
    "http://[::1].evil.example",
    "ftp://app.example.com",
    "com.example.app://app",
    "https://" + "a" * 300,
]


@pytest.mark.parametrize(("text", "kept"), TEXTS)
def test_a_name_is_tidied(text: str, kept: str) -> None:
    """A single line of text is trimmed and its spaces are made single."""
    assert checked_text(text, "name") == kept


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_a_name_must_say_something_readable(text: str) -> None:
    """Nothing, too much and control characters are refused, naming the field."""
    with refused(INVALID_FIELD, "name"):
        checked_text(text, "name")


@given(st.text(max_size=300))
def test_a_name_that_is_taken_stays_as_it_is(text: str) -> None:
    """What was taken once is taken again unchanged, and shows on one line."""
    try:
        kept = checked_text(text, "name")
    except Refusal:
        return
    assert checked_text(kept, "name") == kept
    assert kept.isprintable()


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_https_or_nothing(link: str) -> None:
    """A full https address is taken as it is, and so is none."""
    assert checked_link(link, "privacy_url") == link


@pytest.mark.parametrize("link", BAD_LINKS)
def test_another_link_is_refused(link: str) -> None:
    """What a browser would not open as https is refused, naming the field."""
    with refused(INVALID_FIELD, "privacy_url"):
        checked_link(link, "privacy_url")


@pytest.mark.parametrize(("origin", "kept"), ORIGINS)
def test_an_origin_is_kept_in_lower_case(origin: str, kept: str) -> None:
    """Scheme, host and port, as browsers send them."""
    assert checked_origin(origin) == kept


@pytest.mark.parametrize("origin", BAD_ORIGINS)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    """Paths, wildcards, user names and http off loopback are refused."""
    with refused(BAD_ORIGIN, "origin"):
        checked_origin(origin)


@given(st.one_of(st.text(max_size=40), st.text(max_size=40).map(lambda rest: f"https://{rest}")))
def test_any_text_is_an_origin_or_is_refused(text: str) -> None:
    """Whatever text comes, links and origins are taken or refused, and nothing breaks."""
    for check in (checked_origin, lambda given: checked_link(given, "terms_url")):
        with suppress(Refusal):
            kept = check(text)
            assert kept in {text.lower(), text.strip()}
            assert not kept or "://" in kept


def test_a_deleted_key_can_come_back_for_fifteen_days() -> None:
    """The last moment of restoring lies 15 days after deletion; a key that is there has none."""
    assert restore_until(an_app(deleted_at=NOW), DEFAULT) == NOW + timedelta(days=15)
    assert restore_until(an_app(), DEFAULT) is None


@pytest.mark.parametrize(
    ("state", "works"),
    [({}, True), ({"stopped_at": NOW}, False), ({"deleted_at": NOW}, False), ({"live_at": NOW}, True)],
)
def test_a_key_works_until_it_is_stopped_or_deleted(state: dict[str, object], works: bool) -> None:
    """Neither a stopped nor a deleted key works."""
    assert an_app(**state).works == works
