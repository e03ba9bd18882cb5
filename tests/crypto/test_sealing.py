"""Does what is sealed open only in its place?"""

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from keysteward.crypto.sealing import Sealer

MASTER_KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))


@given(st.binary(), st.text())
def test_what_is_sealed_opens_again(plain: bytes, label: str) -> None:
    """Any bytes come back under the same key and label."""
    sealer = Sealer(MASTER_KEY)

    assert sealer.open(sealer.seal(plain, label), label) == plain


@given(st.text(), st.text())
def test_a_label_binds(label: str, other: str) -> None:
    """What is sealed for one place opens at no other."""
    sealed = Sealer(MASTER_KEY).seal(b"private", label)

    if label != other:
        with pytest.raises(InvalidTag):
            Sealer(MASTER_KEY).open(sealed, other)


def test_another_master_key_opens_nothing() -> None:
    """A stolen database says nothing without its master key."""
    with pytest.raises(InvalidTag):
        Sealer(OTHER_KEY).open(Sealer(MASTER_KEY).seal(b"private", "kid"), "kid")


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    """Nobody edits what is sealed."""
    sealed = bytearray(Sealer(MASTER_KEY).seal(b"private", "kid"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(InvalidTag):
        Sealer(MASTER_KEY).open(bytes(sealed), "kid")


def test_sealing_twice_shows_nothing_in_common() -> None:
    """Each seal has its own nonce, and the plain text is nowhere in it."""
    sealer = Sealer(MASTER_KEY)
    one, other = sealer.seal(b"private", "kid"), sealer.seal(b"private", "kid")

    assert one[:12] != other[:12]
    assert b"private" not in one
