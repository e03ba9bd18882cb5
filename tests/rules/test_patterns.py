"""Does a pattern mean the paths that its writer has in mind, and no others?"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.patterns import BadPattern, Pattern, parsed

TAKEN = [
    ("/orders", "/orders", True),
    ("/orders", "/orders/", False),
    ("/orders", "/orders/1", False),
    ("/orders", "/Orders", False),
    ("/orders/**", "/orders", True),
    ("/orders/**", "/orders/", True),
    ("/orders/**", "/orders/1/2//3", True),
    ("/orders/**", "/ordersandmore", False),
    ("/orders/**", "/x/orders", False),
    ("/orders/*", "/orders/1", True),
    ("/orders/*", "/orders/", False),
    ("/orders/*", "/orders/1/2", False),
    ("/orders/*/**", "/orders//1", False),
    ("/orders/{order}", "/orders/a b", True),
    ("/orders/{order}", "/orders/\n", True),
    ("/v1|v1.1/orders", "/v1.1/orders", True),
    ("/v1|v1.1/orders", "/v1x1/orders", False),
    ("/v1|v1.1/orders", "/v1|v1.1/orders", False),
    ("/a.b$c/d", "/a.b$c/d", True),
    ("/a.b$c/d", "/axb$c/d", False),
]


@pytest.mark.parametrize(("pattern", "path", "takes"), TAKEN)
def test_a_pattern_takes_whole_paths(pattern: str, path: str, takes: bool) -> None:
    """Words mean themselves, a name or star one segment that is not empty, two stars at the end whatever follows."""
    assert (parsed(pattern).compiled(any_case=False).fullmatch(path) is not None) == takes


@pytest.mark.parametrize("path", ["/ORDERS/x", "/orders/X", "/oRdErS/x"])
def test_letter_case_may_mean_nothing(path: str) -> None:
    """A route of any case takes its words however they are written."""
    assert parsed("/Orders/x").compiled(any_case=True).fullmatch(path)
    assert parsed("/Orders/x").compiled(any_case=False).fullmatch(path) is None


def test_only_plain_letters_have_two_cases() -> None:
    """The Kelvin sign is no k: no path is taken that another reader would not take too."""
    assert parsed("/k").compiled(any_case=True).fullmatch("/\u212a") is None


BAD = ["", "orders", "/", "/**", "/*/orders", "/{account}/x", "/a//b", "/a/**/b", "/a/b*", "/a/(b)", "/a/.*", "/a/b|",
       "/a/..", "/a/.", "/{account}", "/a/{account}/{account}", "/a/{Account}", "/a/{}", "/a/[b]", "/a b", "/a%20b",
       "/a?b", "/ä", "/a" * 21, "/a" + "b" * 300, "/a\n"]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    """Anything but words, names and stars is refused, and so is what could take every path."""
    with pytest.raises(BadPattern):
        parsed(text)


segments = st.sampled_from(["a", "b", "a|b", "*", "{account}", "{id}"])
patterns = st.builds(
    lambda first, rest, tail: "/" + "/".join([first, *rest]) + tail,
    st.sampled_from(["a", "b", "a|b"]),
    st.lists(segments, max_size=3).filter(lambda each: each.count("{account}") < 2),
    st.sampled_from(["", "/**"]),
)
paths = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=5).map(lambda parts: "/" + "/".join(parts))


def takes(pattern: Pattern, path: str) -> bool:
    """Whether a path is taken."""
    return pattern.compiled(any_case=False).fullmatch(path) is not None


@given(patterns, patterns, paths)
def test_one_covers_another_or_overlaps_it(one: str, other: str, path: str) -> None:
    """No path of a covered pattern escapes, and two patterns that take one path overlap."""
    mine, theirs = parsed(one), parsed(other)

    assert mine.covers(mine)
    if mine.covers(theirs) and takes(theirs, path):
        assert takes(mine, path)
    if takes(mine, path) and takes(theirs, path):
        assert mine.overlaps(theirs)
        assert theirs.overlaps(mine)


@pytest.mark.parametrize("path", ["/a" + "/a" * 50_000 + "\n!", "/a/" + "a" * 100_000, "/" * 100_000])
def test_matching_takes_one_walk_along_the_path(path: str) -> None:
    """No expression repeats what repeats, so no path makes matching slow."""
    pattern = parsed("/a/*/{id}/a|aa/**").compiled(any_case=True)

    assert re.search(r"[+*]\)[+*]", pattern.pattern) is None
    assert pattern.fullmatch(path) is None or path.startswith("/a/a/a/a")
