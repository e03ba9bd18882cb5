"""Does a client end its own tokens, and learn what they are worth, and nobody else's?"""

import pytest

from keysteward.actions import callers, keys, revocation, tokens
from keysteward.actions.context import Context
from keysteward.rules.clients import Credentials
from keysteward.rules.keys import Grant
from keysteward.rules.refusals import BAD_TOKEN, INVALID_CLIENT, REFRESH_NOT_GOOD, TOKEN_OF_ANOTHER_CLIENT
from tests.cast import ADA, CALLBACK, CHALLENGE, SAM, VERIFIER, Made, Town, refused


@pytest.fixture
def other(town: Town) -> Made:
    """Another app of the same account."""
    return town.create_app(name="Another app")


def test_a_refresh_token_takes_its_family_along(town: Town, demo: Context, made: Made) -> None:
    """Access and refresh tokens of one sign-in end together."""
    answer = town.sign_in_with(demo, made, SAM)
    revocation.revoke(demo, made.credentials, answer.refresh_token or "")

    with refused(BAD_TOKEN):
        callers.recognize(demo, answer.access_token)
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, made.credentials, answer.refresh_token or "", None)


def test_an_access_token_ends_alone(town: Town, demo: Context, made: Made) -> None:
    """Its family goes on, and so do the app's other tokens."""
    answer, other = (town.sign_in_with(demo, made, SAM) for _ in range(2))
    revocation.revoke(demo, made.credentials, answer.access_token)

    with refused(BAD_TOKEN):
        callers.recognize(demo, answer.access_token)
    assert callers.recognize(demo, other.access_token).app.key == made.key
    assert tokens.refresh(demo, made.credentials, answer.refresh_token or "", None).scope == "signature"


def test_a_token_of_the_jwt_grant_ends(town: Town, demo: Context, made: Made) -> None:
    """It stems from no family, and ends all the same."""
    town.consent(demo, made, SAM)
    token = tokens.grant_assertion(demo, town.assertion(demo, made, SAM)).access_token
    revocation.revoke(demo, made.credentials, token)

    with refused(BAD_TOKEN):
        callers.recognize(demo, token)


def test_what_is_unknown_or_over_needs_no_ending(town: Town, demo: Context, made: Made) -> None:
    """Garbage, a token twice, an expired one: nothing to do, and no refusal."""
    answer = town.sign_in_with(demo, made, SAM)
    for token in ("garbage", "ksr_" + "x" * 49, answer.access_token, answer.access_token, answer.refresh_token or ""):
        revocation.revoke(demo, made.credentials, token)
    town.clock.advance(hours=9)
    revocation.revoke(demo, made.credentials, answer.access_token)

    assert revocation.introspect(demo, made.credentials, answer.access_token) is None


def test_another_client_s_token_is_left_alone(town: Town, demo: Context, made: Made, other: Made) -> None:
    """A client that brings another's token is told so, and the token lives."""
    answer = town.sign_in_with(demo, made, SAM)
    for token in (answer.access_token, answer.refresh_token or ""):
        with refused(TOKEN_OF_ANOTHER_CLIENT):
            revocation.revoke(demo, other.credentials, token)

    assert callers.recognize(demo, answer.access_token).app.key == made.key


@pytest.mark.parametrize(("grants", "may"), [({"public_code"}, True), ({"confidential_code"}, False)])
def test_without_a_secret_only_public_clients_revoke(town: Town, demo: Context, grants: set[Grant], may: bool) -> None:
    """An app that keeps a secret must show it; a public one has none."""
    made = town.create_app(frozenset(grants))
    code = town.code(demo, made, SAM, code_challenge=CHALLENGE, code_challenge_method="S256")
    who = made.unproved if may else made.credentials
    answer = tokens.exchange_code(demo, who, code, CALLBACK, VERIFIER)
    if may:
        revocation.revoke(demo, made.unproved, answer.refresh_token or "")
        with refused(BAD_TOKEN):
            callers.recognize(demo, answer.access_token)
    else:
        with refused(INVALID_CLIENT):
            revocation.revoke(demo, made.unproved, answer.refresh_token or "")


def test_a_good_access_token_is_described(town: Town, demo: Context, made: Made) -> None:
    """Whose, for whom, what for, since when and until when."""
    answer = town.sign_in_with(demo, made, SAM, "signature extended")
    worth = revocation.introspect(demo, made.credentials, answer.access_token)

    assert worth is not None
    now = int(demo.now.timestamp())
    assert (worth.key, worth.user, worth.scope) == (made.key, SAM.demo, "extended signature")
    assert (worth.issued_at, worth.expires_at, worth.token_type) == (now, now + 28_800, "Bearer")


def test_a_good_refresh_token_is_described(town: Town, demo: Context, made: Made) -> None:
    """A used one is worth nothing, and its successor is."""
    first = town.sign_in_with(demo, made, SAM).refresh_token or ""
    worth = revocation.introspect(demo, made.credentials, first)
    second = tokens.refresh(demo, made.credentials, first, None).refresh_token or ""

    assert worth is not None
    assert (worth.key, worth.user, worth.token_type) == (made.key, SAM.demo, None)
    assert revocation.introspect(demo, made.credentials, first) is None
    assert revocation.introspect(demo, made.credentials, second) is not None


def test_others_learn_nothing(town: Town, demo: Context, made: Made, other: Made) -> None:
    """Another client's token, garbage and a dead token look alike; who does not prove itself may not ask."""
    answer = town.sign_in_with(demo, made, SAM)
    for token in (answer.access_token, answer.refresh_token or "", "garbage"):
        assert revocation.introspect(demo, other.credentials, token) is None
    for who in (made.unproved, Credentials(made.key, "wrong", "post")):
        with refused(INVALID_CLIENT):
            revocation.introspect(demo, who, answer.access_token)


def test_the_revocation_of_a_key_shows(town: Town, demo: Context, made: Made) -> None:
    """What an admin revoked is worth nothing."""
    answer = town.sign_in_with(demo, made, SAM)
    keys.revoke_tokens(demo, town.actor(ADA), made.key)

    for token in (answer.access_token, answer.refresh_token or ""):
        assert revocation.introspect(demo, made.credentials, token) is None
