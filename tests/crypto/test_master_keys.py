"""Can a master key be replaced without losing what the old one made?"""

import os

import pytest
from cryptography.exceptions import InvalidTag

from keysteward.crypto.hashing import Digester
from keysteward.crypto.sealing import Sealer

OLD, NEW = os.urandom(32), os.urandom(32)


def test_the_first_key_makes_and_all_recognize() -> None:
    """A digest of before is among those that are looked for; a new one is the new key's."""
    before, both, after = Digester(OLD), Digester(NEW, OLD), Digester(NEW)

    assert before.digest("secret") in both.digests("secret")
    assert both.digest("secret") == after.digest("secret")
    assert before.digest("secret") not in after.digests("secret")


def test_the_first_key_seals_and_all_open() -> None:
    """What the old key sealed opens while it is loaded, and not afterwards."""
    sealed = Sealer(OLD).seal(b"private", "label")

    assert Sealer(NEW, OLD).open(sealed, "label") == b"private"
    assert Sealer(NEW).open(Sealer(NEW, OLD).seal(b"private", "label"), "label") == b"private"
    with pytest.raises(InvalidTag):
        Sealer(NEW).open(sealed, "label")
    with pytest.raises(InvalidTag):
        Sealer(NEW, OLD).open(sealed, "another label")
