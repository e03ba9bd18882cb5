"""Does a new signing key take over without a token being refused?"""

from datetime import timedelta

import jwt

from keysteward.actions import callers, id_tokens, signing_keys, tokens
from keysteward.actions.context import Context
from keysteward.rules.refusals import BAD_ID_TOKEN, BAD_TOKEN, INVALID_FIELD, NO_SUCH_OBJECT, ROTATION_UNDER_WAY
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


def test_an_id_token_names_its_user_when_its_key_is_gone(town: Town, demo: Context, made: Made) -> None:
    """Whoever signs out after a rotation is known by the hint that the app kept, for as long as it may refresh."""
    hint = town.sign_in_with(demo, made, SAM, "signature openid").id_token or ""
    signing_keys.rotate(demo, AHEAD)
    town.clock.advance(days=30)
    assert kid_of(hint) not in published(demo)
    assert id_tokens.read_id_token(demo, hint).user == SAM.demo

    town.clock.advance(minutes=2)
    with refused(BAD_ID_TOKEN):
        id_tokens.read_id_token(demo, hint)


# ── a stolen key ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_tokens_of_a_stolen_key_are_refused(town: Town, demo: Context, made: Made) -> None:
    """Seen before or not, and id tokens too; another key signs at once, and is the only one that is published."""
    answer, unseen = (town.sign_in_with(demo, made, SAM, "signature openid") for _ in range(2))
    stolen = kid_of(answer.access_token)
    assert callers.recognize(demo, answer.access_token).app.key == made.key
    done = signing_keys.distrust(demo, stolen, "Olga", "A laptop was lost.")

    for token in (answer.access_token, unseen.access_token):
        with refused(BAD_TOKEN):
            callers.recognize(demo, token)
    with refused(BAD_ID_TOKEN):
        id_tokens.read_id_token(demo, answer.id_token or "")
    renewed = tokens.refresh(demo, made.credentials, answer.refresh_token or "", None).access_token
    assert (kid_of(renewed), published(demo), done.is_new) == (done.signs, {done.signs}, True)
    assert callers.recognize(demo, renewed).app.key == made.key


def test_what_a_thief_signs_is_refused(town: Town, demo: Context, made: Made) -> None:
    """Whatever they claim: as of now, with the newest epoch."""
    stolen, epoch = demo.access_key, demo.directory.epoch
    signing_keys.distrust(demo, stolen.kid, "Olga", "A laptop was lost.")
    now = int(demo.now.timestamp())
    forged = stolen.sign("at+jwt", {
        "iss": demo.issuer, "aud": demo.issuer, "sub": SAM.demo, "client_id": made.key, "scope": "signature",
        "iat": now, "exp": now + 60, "jti": "forged", "epoch": epoch + 100, "family": "forged",
    })  # fmt: skip

    with refused(BAD_TOKEN):
        callers.recognize(demo, forged)


def test_a_key_of_before_goes_without_another(town: Town, demo: Context, made: Made) -> None:
    """The one that signs goes on; so does a rotation after one that waited is distrusted."""
    before = town.sign_in_with(demo, made, SAM).access_token
    waiting = signing_keys.rotate(demo, AHEAD).kid
    assert signing_keys.distrust(demo, waiting, "Olga", "A laptop was lost.") == (kid_of(before), False)
    second = signing_keys.rotate(demo, AHEAD).kid
    town.clock.advance(seconds=61)

    assert signing_keys.distrust(demo, kid_of(before), "Olga", "Likewise.") == (second, False)
    assert published(demo) == {second}


def test_a_key_is_distrusted_once(demo: Context) -> None:
    """Again it changes nothing; a key that there is not, or that signs papers, is none."""
    stolen = demo.access_key.kid
    signs = signing_keys.distrust(demo, stolen, "Olga", "A laptop was lost.").signs

    assert signing_keys.distrust(demo, stolen, "Olga", "A laptop was lost.") == (signs, False)
    for kid in ("unknown", demo.paper_key.kid):
        with refused(NO_SUCH_OBJECT):
            signing_keys.distrust(demo, kid, "Olga", "A laptop was lost.")
    for by, reason, field in (("", "why", "by"), ("Olga", "", "reason")):
        with refused(INVALID_FIELD, field):
            signing_keys.distrust(demo, signs, by, reason)
    (listed,) = [each for each in signing_keys.list_keys(demo) if each.life.kid == stolen]
    assert (listed.signs, listed.life.distrusted_at, listed.believed_until) == (False, demo.now, demo.now)
