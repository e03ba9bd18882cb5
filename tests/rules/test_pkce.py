"""Does a verifier match its own challenge, and no other?"""

import base64
import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keysteward.rules.authorize import AUTHORIZE, Request
from keysteward.rules.grants import matches_challenge
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import BAD_CHALLENGE, Kind, demand
from tests.cast import CHALLENGE, VERIFIER, refused
from tests.rules.examples import NOW, an_app

unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
verifiers = st.text(unreserved, min_size=43, max_size=128)


def challenge_of(verifier: str) -> str:
    """Hash a verifier as RFC 7636 says, independently of the product."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def judged(challenge: str | None, method: str | None) -> Kind | None:
    """Ask the first of AUTHORIZE that minds a challenge and its method."""
    request = Request(
        an_app(), "demo", DEFAULT, "code", "https://app.example.com", "signature", NOW,
        challenge=challenge, challenge_method=method,
    )  # fmt: skip
    return next((kind for check in AUTHORIZE if (kind := check(request))), None)


@given(verifiers)
def test_a_verifier_matches_its_own_challenge(verifier: str) -> None:
    """Every legal verifier matches the base64url SHA-256 of itself."""
    assert matches_challenge(verifier, challenge_of(verifier))


@given(verifiers, verifiers)
def test_a_verifier_matches_no_other_challenge(verifier: str, other: str) -> None:
    """No verifier matches the challenge of another."""
    assume(verifier != other)
    assert not matches_challenge(verifier, challenge_of(other))


@given(verifiers)
def test_plain_never_matches(verifier: str) -> None:
    """A verifier that is sent as its own challenge does not match it."""
    assert not matches_challenge(verifier, verifier)


@given(st.one_of(st.text(max_size=42), st.text(unreserved, min_size=129, max_size=140), st.text(min_size=43)))
def test_an_illegal_verifier_matches_nothing(verifier: str) -> None:
    """A verifier that is too short, too long or of other characters is refused whatever it hashes to."""
    assume(not (43 <= len(verifier) <= 128 and set(verifier) <= set(unreserved)))
    hashed = challenge_of(verifier.encode(errors="replace").decode())

    assert not matches_challenge(verifier, hashed)


def test_the_example_of_the_standard_matches() -> None:
    """The verifier and challenge of RFC 7636, appendix B, match."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert matches_challenge(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")


CHALLENGES: list[tuple[str | None, str | None]] = [
    (CHALLENGE, None),
    (CHALLENGE, ""),
    (CHALLENGE, "s256"),
    (CHALLENGE, "plain"),
    (CHALLENGE, "S512"),
    (CHALLENGE, "S256 "),
    (None, "S256"),
    ("", "S256"),
    (CHALLENGE[:-1], "S256"),
    (CHALLENGE + "A", "S256"),
    (CHALLENGE + "=", "S256"),
    (CHALLENGE[:-1] + "+", "S256"),
    (CHALLENGE[:-1] + "/", "S256"),
    (CHALLENGE[:-1] + "\n", "S256"),
    (CHALLENGE[:-1] + "ä", "S256"),
    (VERIFIER, "plain"),
]


@pytest.mark.parametrize(("challenge", "method"), CHALLENGES)
def test_only_s256_is_taken(challenge: str | None, method: str | None) -> None:
    """A challenge that is no base64url SHA-256, or whose method is not exactly S256, is refused."""
    assert judged(challenge, method) is BAD_CHALLENGE


def test_a_good_challenge_is_taken() -> None:
    """43 characters of base64url with S256 pass, and so does none at all."""
    assert (judged(CHALLENGE, "S256"), judged(None, None)) == (None, None)


@given(st.text(max_size=10).filter(lambda method: method != "S256"))
def test_no_other_method_is_taken(method: str) -> None:
    """Whatever the method is, if it is not S256, the request is refused."""
    request = Request(
        an_app(), "demo", DEFAULT, "code", "https://app.example.com", "signature", NOW,
        challenge=CHALLENGE, challenge_method=method,
    )  # fmt: skip
    with refused(BAD_CHALLENGE):
        demand(AUTHORIZE, request)
