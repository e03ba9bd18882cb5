"""Does exactly one key sign at any moment, and is each believed for as long as a token of it may live?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keysteward.rules.signing_keys import SigningKeyLife, believed_at, believed_until, signing_at

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LONGEST = timedelta(hours=8)
FIRST = SigningKeyLife("first", "RS256", NOON)
SECOND = SigningKeyLife("second", "RS256", NOON + timedelta(hours=1))
CURVED = SigningKeyLife("curved", "ES256", NOON + timedelta(hours=2))
KEYS = (SECOND, CURVED, FIRST)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "kid"),
    [
        (NOON - timedelta(days=90), "first"),
        (NOON, "first"),
        (SECOND.active_from - INSTANT, "first"),
        (SECOND.active_from, "second"),
        (NOON + timedelta(days=90), "second"),
    ],
    ids=["before any", "at once", "just before the second", "as the second begins", "long after"],
)
def test_one_key_signs(now: datetime, kid: str) -> None:
    """The newest key that has begun signs; before any has, the first one does."""
    assert signing_at(KEYS, "RS256", now).kid == kid
    assert signing_at(KEYS, "ES256", now).kid == "curved"


def test_without_a_key_nothing_signs() -> None:
    """An algorithm that no key has is a mistake of ours."""
    with pytest.raises(ValueError, match="there is no ES256 key"):
        signing_at((FIRST,), "ES256", NOON)


@pytest.mark.parametrize(
    ("now", "kids"),
    [
        (NOON, {"first", "second", "curved"}),
        (SECOND.active_from + LONGEST, {"first", "second", "curved"}),
        (SECOND.active_from + LONGEST + INSTANT, {"second", "curved"}),
        (NOON + timedelta(days=90), {"second", "curved"}),
    ],
    ids=["before it signs", "the last token of the first", "a moment later", "long after"],
)
def test_a_key_is_believed_until_its_last_token_ends(now: datetime, kids: set[str]) -> None:
    """Keys are known before they sign, and forgotten once another signed for the whole life of a token."""
    assert {key.kid for key in believed_at(KEYS, now, LONGEST)} == kids


def test_the_end_of_a_key_is_known() -> None:
    """A key ends a token's life after the one that takes over; the newest has no end."""
    ends = {key.kid: believed_until(key, KEYS, LONGEST) for key in KEYS}

    assert ends == {"first": SECOND.active_from + LONGEST, "second": None, "curved": None}


# ── a stolen key ────────────────────────────────────────────────────────────────────────────────────────────────────
def stolen(key: SigningKeyLife, at: datetime) -> SigningKeyLife:
    """A key that is distrusted since a moment."""
    return replace(key, distrusted_at=at)


@pytest.mark.parametrize(
    "now", [NOON - timedelta(days=90), NOON, SECOND.active_from + timedelta(days=90)], ids=["before", "at", "after"]
)
def test_a_stolen_key_is_out_at_any_time(now: datetime) -> None:
    """It neither signs nor is believed, wherever a clock is set to."""
    keys = (stolen(FIRST, NOON), SECOND)

    assert signing_at(keys, "RS256", now) == SECOND
    assert believed_at(keys, now, LONGEST) == (SECOND,)
    assert believed_until(keys[0], keys, LONGEST) == NOON


def test_a_key_stolen_while_it_signed_had_taken_over() -> None:
    """The one before it is believed for as long as without the theft."""
    keys = (FIRST, stolen(SECOND, SECOND.active_from + INSTANT))
    last = SECOND.active_from + LONGEST

    assert believed_until(FIRST, keys, LONGEST) == last
    assert [believed_at(keys, now, LONGEST) for now in (last, last + INSTANT)] == [(FIRST,), ()]


def test_a_key_stolen_before_its_time_never_takes_over() -> None:
    """The one before it signs on, and has no end."""
    keys, later = (FIRST, stolen(SECOND, SECOND.active_from)), NOON + timedelta(days=90)

    assert (signing_at(keys, "RS256", later), believed_at(keys, later, LONGEST)) == (FIRST, (FIRST,))
    assert believed_until(FIRST, keys, LONGEST) is None
