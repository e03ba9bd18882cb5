"""Can whoever should open what is sealed for recovery, and nobody else?"""

import json
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysteward.crypto.recovery_sealing import BadRecipient, checked_recipient, seal_to
from tests.recovering import opened, pair
from tests.setup.install import NODE as PACKAGES

NODE = Path(sys.executable).parent / "node"
PROGRAM = Path(__file__).parent.parent / "clients" / "node" / "age.mjs"
POINT_ZERO = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"
POINT_ONE = "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj7vrya"


@settings(max_examples=20)
@given(st.text(st.characters(codec="utf-8")))
def test_each_recipient_opens_it(plain: str) -> None:
    """Any one of them is enough, and somebody else's identity is not."""
    sealed = seal_to([pair("one").public_key, pair("two").public_key], plain.encode())

    assert [opened(sealed, pair(name)) for name in ("one", "two")] == [plain, plain]
    with pytest.raises(pyrage.DecryptError):
        opened(sealed, pair("three"))


def test_another_implementation_opens_it() -> None:
    """The age library of the Node world, which is by the author of the format, reads what we sealed."""
    plain = "-----BEGIN PRIVATE KEY-----\nGrüße\n-----END PRIVATE KEY-----\n"
    sealed = seal_to([pair("two").public_key, pair("one").public_key], plain.encode())
    told = subprocess.run(
        [NODE, PROGRAM], input=json.dumps({"identity": pair("one").identity, "file": sealed.decode()}),
        env={"NODE_CLIENTS": str(PACKAGES)}, capture_output=True, check=False, text=True, timeout=60,
    )  # fmt: skip

    assert (told.stderr, told.stdout) == ("", plain)


def test_what_age_prints_is_taken_as_it_is() -> None:
    """Blanks around it and letter case do not matter."""
    public_key = pair().public_key

    assert checked_recipient(f"  {public_key.upper()}\n") == public_key


REFUSED = {
    "nothing": ("", "begins with age1"),
    "an identity": (pair().identity, "private identity"),
    "another kind of key": ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", "begins with age1"),
    "a letter changed": (pair().public_key[:-1] + ("q" if pair().public_key[-1] != "q" else "p"), "copy the whole"),
    "half of it": (pair().public_key[:30], "copy the whole"),
    "no letter of the alphabet": ("age1é", "copy the whole"),
    "the point zero": (POINT_ZERO, "everybody can open"),
    "the point one": (POINT_ONE, "everybody can open"),
}


@pytest.mark.parametrize(("unverified", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_no_other_recipient(unverified: str, reason: str) -> None:
    """Nothing is sealed to what is no public key, or to one that would hide nothing; the reason repeats no letter."""
    with pytest.raises(BadRecipient, match=reason) as caught:
        checked_recipient(unverified)
    assert not unverified or unverified not in str(caught.value)
