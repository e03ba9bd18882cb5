"""Does a new signing key take over without a token being refused?"""

from datetime import timedelta

import jwt

from keysteward.actions import callers, signing_keys, tokens
from keysteward.actions.context import Context
from keysteward.rules.refusals import BAD_TOKEN, INVALID_FIELD, ROTATION_UNDER_WAY
from tests.cast import SAM, Made, Town, refused

AHEAD = timedelta(minutes=1)


def kid_of(token: str) -> str:
    """Which key signed a token."""
    return str(jwt.get_unverified_header(token)["kid"])


def published(ctx: Context) -> set[str]:
    """The keys that everybody can read."""
    return {str(key["kid"]) for key in tokens.published_keys(ctx)}


def test_a_new_key_is_published_before_it_signs(town: Town, demo: Context, made: Made) -> None:
    """Until it takes over the old key signs; both are published; tokens of both are good."""
    before = town.sign_in_with(demo, made, SAM).access_token
    life = signing_keys.rotate(demo, AHEAD)
    meanwhile = town.sign_in_with(demo, made, SAM).access_token
    town.clock.advance(seconds=60)
    after = town.sign_in_with(demo, made, SAM).access_token

    assert (kid_of(meanwhile), kid_of(after)) == (kid_of(before), life.kid)
    assert published(demo) == {kid_of(before), life.kid}
    assert [callers.recognize(demo, token).app.key for token in (before, meanwhile, after)] == [made.key] * 3


def test_the_old_key_is_believed_until_its_tokens_end(town: Town, demo: Context, made: Made) -> None:
    """Its last token lives its eight hours; after that the key is published no more."""
    signing_keys.rotate(demo, AHEAD)
    last = town.sign_in_with(demo, made, SAM).access_token
    town.clock.advance(hours=8, seconds=-1)
    assert callers.recognize(demo, last).app.key == made.key

    town.clock.advance(minutes=3)
    assert kid_of(last) not in published(demo)
    with refused(BAD_TOKEN):
        callers.recognize(demo, last)


def test_rotations_wait_for_one_another(town: Town, demo: Context) -> None:
    """While a new key waits no other is made; a key that workers could not learn of in time is none."""
    with refused(INVALID_FIELD, "ahead"):
        signing_keys.rotate(demo, timedelta(seconds=4))
    signing_keys.rotate(demo, AHEAD)
    with refused(ROTATION_UNDER_WAY):
        signing_keys.rotate(demo, AHEAD)
    town.clock.advance(seconds=61)
    third = signing_keys.rotate(demo, AHEAD)

    assert signing_keys.list_keys(demo)[0].life.kid == third.kid


def test_the_list_says_which_key_signs(town: Town, demo: Context) -> None:
    """One key signs; one that another takes over from has an end."""
    life = signing_keys.rotate(demo, AHEAD)
    town.clock.advance(seconds=60)
    newest, oldest = signing_keys.list_keys(demo)

    assert (newest.life.kid, newest.signs, newest.believed_until) == (life.kid, True, None)
    assert (oldest.signs, oldest.believed_until) == (False, life.active_from + demo.longest_token_life)


def test_id_tokens_follow(town: Town, demo: Context, made: Made) -> None:
    """Id tokens are signed by the same key."""
    life = signing_keys.rotate(demo, AHEAD)
    town.clock.advance(seconds=60)
    id_token = town.sign_in_with(demo, made, SAM, "signature openid").id_token or ""

    assert jwt.get_unverified_header(id_token) == {"typ": "JWT", "alg": "RS256", "kid": life.kid}
