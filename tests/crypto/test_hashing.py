"""Are secrets recognizable, unguessable and kept as what says nothing?"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.crypto.hashing import Digester, Passwords, Prefix, derive, fingerprint, has_shape, new_secret

PREFIXES: tuple[Prefix, ...] = ("kss_", "kst_", "ksc_", "ksr_", "ksh_", "ksw_")
MASTER_KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))

every_prefix = pytest.mark.parametrize("prefix", PREFIXES)


@every_prefix
def test_a_secret_says_what_it_is(prefix: Prefix) -> None:
    """A secret is its prefix, 256 random bits and a checksum: text that fits into any header, address or form."""
    assert re.fullmatch(prefix + r"[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}", new_secret(prefix))


@every_prefix
def test_a_new_secret_has_its_shape_and_no_other(prefix: Prefix) -> None:
    """Each kind of secret is told from every other without looking anything up."""
    secret = new_secret(prefix)

    assert [other for other in PREFIXES if has_shape(other, secret)] == [prefix]


def test_secrets_differ() -> None:
    """No two secrets are the same."""
    assert len({new_secret("kss_") for _ in range(1_000)}) == 1_000


@given(st.integers(0, 52), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_typing_error_is_noticed(place: int, letter: str) -> None:
    """A secret with any one character changed has no shape."""
    secret = new_secret("kss_")
    wrong = secret[:place] + letter + secret[place + 1 :]

    assert has_shape("kss_", wrong) == (wrong == secret)


@given(st.text(max_size=60))
def test_garbage_has_no_shape(text: str) -> None:
    """Whatever text comes, it is recognized as garbage and nothing breaks."""
    assert not has_shape("kst_", text)
    assert not has_shape("kst_", "kst_" + text)


def test_a_secret_that_is_cut_or_padded_has_no_shape() -> None:
    """Only the whole secret is one."""
    secret = new_secret("kst_")

    assert not any(has_shape("kst_", other) for other in (secret[:-1], secret + "A", " " + secret, secret + "\n", ""))


def test_a_digest_needs_the_master_key() -> None:
    """The same secret has one digest under one master key and another under another."""
    secret = new_secret("kss_")
    digest = Digester(MASTER_KEY).digest(secret)

    assert digest == Digester(MASTER_KEY).digest(secret)
    assert digest != Digester(OTHER_KEY).digest(secret)
    assert re.fullmatch(r"[0-9a-f]{64}", digest)


@given(st.text(), st.text())
def test_different_secrets_have_different_digests(one: str, other: str) -> None:
    """A digest tells secrets apart."""
    digester = Digester(MASTER_KEY)

    assert (digester.digest(one) == digester.digest(other)) == (one == other)


def test_each_purpose_has_its_own_key() -> None:
    """Keys for two purposes, or from two master keys, have nothing in common."""
    made = {
        derive(key, purpose) for key in (MASTER_KEY, OTHER_KEY) for purpose in ("digests", "sealing", "fingerprint")
    }

    assert len(made) == 6
    assert {len(key) for key in made} == {32}


def test_a_fingerprint_tells_master_keys_apart_and_gives_none_away() -> None:
    """The database can notice a wrong master key without holding the right one."""
    assert fingerprint(MASTER_KEY) != fingerprint(OTHER_KEY)
    assert MASTER_KEY.hex() not in fingerprint(MASTER_KEY)


def test_the_right_password_matches() -> None:
    """A password matches its own hash only, and each hash is salted."""
    passwords = Passwords(light=True)
    hashed = passwords.hash("correct horse")

    assert passwords.matches(hashed, "correct horse")
    assert not passwords.matches(hashed, "Correct horse")
    assert not passwords.matches(hashed, "")
    assert hashed != passwords.hash("correct horse")


@pytest.mark.parametrize("hashed", [None, "", "no hash at all"])
def test_nobody_has_no_password(hashed: str | None) -> None:
    """Where there is no hash, or none that can be read, no password matches and nothing breaks."""
    assert not Passwords(light=True).matches(hashed, "anything")


@pytest.mark.parametrize(("light", "cost"), [(True, "m=8192,t=1,p=1"), (False, "m=19456,t=2,p=1")])
def test_passwords_cost_what_the_profile_says(light: bool, cost: str) -> None:
    """Argon2id with 19 MiB and two passes, lighter in the twin."""
    assert Passwords(light=light).hash("x").startswith(f"$argon2id$v=19${cost}$")
