"""When are two addresses the same, and when does an address mean the same to everybody?"""

import posixpath
from urllib.parse import quote, unquote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.calls import exact_url, is_plain, sdk_of
from tests.rules.examples import ACCOUNT

ENVELOPE = f"/restapi/v2.1/accounts/{ACCOUNT}/envelopes/1"

PLAIN = [
    "/",
    "/livez",
    ENVELOPE,
    f"{ENVELOPE}/documents/combined",
    "/restapi/v2.1//accounts",
    "/a.b/c..d/...",
    "/a%20b",
    "/caf%C3%A9",
    "/(a);b=c,d!e*f'g+h$i&j:k@l~m_n",
]
TRICKY = [
    "",
    "restapi",
    "*",
    "/a b",
    "/a\tb",
    "/a\n",
    "/café",
    "/a\\b",
    "/a?b",
    "/a#b",
    "/.",
    "/..",
    "/a/./b",
    "/a/../b",
    "/a/..",
    "/a/%2e/b",
    "/a/%2E%2e/b",
    "/a/.%2e/b",
    "/a%2fb",
    "/a%2Fb",
    "/a%5cb",
    "/a%3fb",
    "/a%23b",
    "/a%25b",
    "/a%252fb",
    "/a%00b",
    "/a%0ab",
    "/a%0d%0ab",
    "/a%1fb",
    "/a%7fb",
    "/a%",
    "/a%2",
    "/a%zz",
    '/a"b',
    "/a<b>",
    "/a[b]",
    "/a{b}",
    "/a|b",
    "/a^b",
    "/a`b",
]
pieces = st.sampled_from(["/", ".", "..", "a", "%2e", "%2f", "%25", "%41", "%C3%A9", "%", "\\", "?", "\n", "é", " "])


@pytest.mark.parametrize("path", PLAIN)
def test_an_ordinary_path_is_plain(path: str) -> None:
    """What clients really send passes."""
    assert is_plain(path)


@pytest.mark.parametrize("path", TRICKY)
def test_a_path_with_two_meanings_is_not_plain(path: str) -> None:
    """Dot segments, encoded separators, control characters and broken encodings do not."""
    assert not is_plain(path)


@given(st.one_of(st.lists(pieces, max_size=8).map(lambda parts: "/" + "".join(parts)), st.text(max_size=30)))
def test_a_plain_path_reads_the_same_everywhere(path: str) -> None:
    """Decoded once or twice, normalized or not, a plain path names one resource, on one line."""
    if not is_plain(path):
        return
    decoded = unquote(path)

    assert unquote(decoded) == decoded
    assert decoded.count("/") == path.count("/")
    assert not {".", ".."} & set(decoded.split("/"))
    assert posixpath.normpath("/x" + decoded).startswith("/x")
    assert not set(decoded) & set("\\?#\r\n\x00\x7f")


SAME = [
    (ENVELOPE, "", ENVELOPE.upper(), ""),
    (ENVELOPE, "", ENVELOPE.replace("v2.1", "v2"), ""),
    (ENVELOPE, "a=b%20c", ENVELOPE, "a=b+c"),
    (ENVELOPE, "a=%62", ENVELOPE, "a=b"),
    (ENVELOPE, "a=", ENVELOPE, "a"),
    (ENVELOPE, "a=1&&b=2", ENVELOPE, "a=1&b=2"),
]
DIFFERENT = [
    (ENVELOPE, "", f"{ENVELOPE}/", ""),
    (ENVELOPE, "", f"{ENVELOPE}/recipients", ""),
    (ENVELOPE, "", f"{ENVELOPE[:-1]}2", ""),
    (ENVELOPE, "", ENVELOPE, "a=1"),
    (ENVELOPE, "a=1", ENVELOPE, "a=2"),
    (ENVELOPE, "a=b", ENVELOPE, "a=B"),
    (ENVELOPE, "a=1&a=2", ENVELOPE, "a=2"),
    (f"{ENVELOPE}/documents/1", "", f"{ENVELOPE}/documents/2", ""),
]


@pytest.mark.parametrize(("path", "query", "other", "other_query"), SAME)
def test_the_same_resource_has_the_same_address(path: str, query: str, other: str, other_query: str) -> None:
    """Letter case of the path, the API's version and the spelling of a query make no other resource."""
    assert exact_url(path, query) == exact_url(other, other_query)


@pytest.mark.parametrize(("path", "query", "other", "other_query"), DIFFERENT)
def test_another_resource_has_another_address(path: str, query: str, other: str, other_query: str) -> None:
    """Anything else is another resource: a segment, a slash, a parameter, a value."""
    assert exact_url(path, query) != exact_url(other, other_query)


queries = st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=4)


@given(queries, queries)
def test_queries_are_compared_by_what_they_mean(pairs: list[tuple[str, str]], others: list[tuple[str, str]]) -> None:
    """However a query is spelled, the same pairs are the same address and other pairs another."""
    spelled = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)

    assert exact_url(ENVELOPE, spelled) == exact_url(ENVELOPE, urlencode(pairs))
    assert (exact_url(ENVELOPE, spelled) == exact_url(ENVELOPE, urlencode(others))) == (pairs == others)


SDKS = [
    ("Python", "Swagger-Codegen/v2.1/6.1.0/python3/3.11.7", "Python 6.1.0"),
    ("Node", "Swagger-Codegen/v2.1/10.0.0/node/v20.20.2", "Node 10.0.0"),
    ("Node", "something else", "Node"),
    ("", "Swagger-Codegen/v2.1/6.1.0/python3/3.11.7", "Swagger-Codegen/v2.1/6.1.0/python3/3.11.7"),
    ("", "curl/8.0", "curl/8.0"),
    ("", "", ""),
]


@pytest.mark.parametrize(("name", "user_agent", "shown"), SDKS)
def test_an_official_sdk_is_named_with_its_version(name: str, user_agent: str, shown: str) -> None:
    """Others are shown by what they call themselves."""
    assert sdk_of(name, user_agent) == shown
