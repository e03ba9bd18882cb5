"""How are scopes read and compared?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.tokens import covers, read_scopes, sentence_of

legal = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\')
names = st.text(legal, min_size=1, max_size=100)
several = st.lists(names, min_size=1, max_size=100, unique=True)
sets = st.frozensets(st.sampled_from(["signature", "extended", "impersonation", "openid", "cors", "user_read"]))

READ = [
    ("signature", ("signature",)),
    ("signature impersonation", ("signature", "impersonation")),
    ("impersonation signature", ("impersonation", "signature")),
    ("signature  extended", ("signature", "extended")),
    (" signature ", ("signature",)),
    ("signature signature extended signature", ("signature", "extended")),
    ("dtr.rooms.read click.manage", ("dtr.rooms.read", "click.manage")),
    ("urn:example:scope?x=1&y=[2]", ("urn:example:scope?x=1&y=[2]",)),
    ("Signature signature", ("Signature", "signature")),
    ("", None),
    (" ", None),
    ("signature\tcors", None),
    ("signature\ncors", None),
    ('sig"nature', None),
    ("sig\\nature", None),
    ("signätur", None),
    ("sig\x00nature", None),
    ("a" * 100, ("a" * 100,)),
    ("a" * 101, None),
    (" ".join(f"s{number}" for number in range(100)), tuple(f"s{number}" for number in range(100))),
    (" ".join(f"s{number}" for number in range(101)), None),
]


@pytest.mark.parametrize(("text", "scopes"), READ)
def test_scopes_are_read_in_their_order(text: str, scopes: tuple[str, ...] | None) -> None:
    """Scopes keep their order and lose their doubles; what is empty or malformed is none at all."""
    assert read_scopes(text) == scopes


@given(several)
def test_every_legal_name_is_read(scopes: list[str]) -> None:
    """Any names of legal characters are taken, known or not, in the order they came."""
    assert read_scopes(" ".join(scopes)) == tuple(scopes)


@given(st.one_of(st.text(), several.map(" ".join), st.lists(names).map("  ".join)))
def test_reading_twice_changes_nothing(text: str) -> None:
    """What was read and is written again reads the same."""
    scopes = read_scopes(text)

    assert scopes is None or read_scopes(" ".join(scopes)) == scopes


@given(st.text())
def test_what_is_read_is_never_empty_or_doubled(text: str) -> None:
    """Whatever text comes, scopes are one or more different names of legal characters."""
    scopes = read_scopes(text)

    assert scopes is None or (scopes and len(set(scopes)) == len(scopes))
    assert all(name and set(name) <= set(legal) for name in scopes or ())


@given(sets, sets)
def test_consent_covers_its_subsets_only(consented: frozenset[str], asked: frozenset[str]) -> None:
    """A request is covered exactly when each of its scopes was consented."""
    assert covers(consented, asked) == all(scope in consented for scope in asked)


@given(sets, sets, sets)
def test_more_consent_never_covers_less(consented: frozenset[str], more: frozenset[str], asked: frozenset[str]) -> None:
    """Adding consent keeps what was covered; asking for less stays covered."""
    if covers(consented, asked):
        assert covers(consented | more, asked)
        assert covers(consented, asked - more)


def test_a_scope_of_somebody_s_own_api_is_shown_by_its_name() -> None:
    """The consent page has a sentence for every scope, known or not."""
    assert sentence_of("signature") == "Create, send and read envelopes for you"
    assert sentence_of("rooms.read") == "Use “rooms.read”"
