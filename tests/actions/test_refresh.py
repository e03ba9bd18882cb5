"""Does a refresh token rotate, and does a stolen one give itself away?"""

from dataclasses import replace

import pytest

from keysteward.actions import callers, keys, tokens
from keysteward.actions.context import Context
from keysteward.crypto.hashing import new_secret
from keysteward.rules.clients import Credentials
from keysteward.rules.refusals import (
    BAD_TOKEN,
    GRANT_NOT_REGISTERED,
    INVALID_CLIENT,
    INVALID_SCOPE,
    REFRESH_NOT_GOOD,
    SCOPE_WIDENED,
)
from keysteward.store import accounts as records
from keysteward.store import consents
from tests.cast import ADA, CHALLENGE, SAM, VERIFIER, Made, Town, refused
from tests.racing import at_once

BOUND = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def renew(ctx: Context, credentials: Credentials, token: str | None, scope: str | None = None) -> str:
    """Refresh as a client does; answer with the next refresh token."""
    answer = tokens.refresh(ctx, credentials, token or "", scope)
    assert answer.refresh_token is not None
    return answer.refresh_token


@pytest.fixture
def token(town: Town, demo: Context, made: Made) -> str:
    """A refresh token of Sam's for Ada's app."""
    return town.sign_in_with(demo, made, SAM).refresh_token or ""


# ── rotation ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_refresh_token_becomes_new_tokens(town: Town, demo: Context, made: Made, token: str) -> None:
    """The answer has a fresh access token of eight hours and another refresh token."""
    town.clock.advance(hours=9)
    answer = tokens.refresh(demo, made.credentials, token, None)
    caller = callers.recognize(demo, answer.access_token)

    assert (answer.expires_in, answer.scope, answer.id_token) == (28_800, "signature", None)
    assert answer.refresh_token not in {None, token}
    assert (caller.user and caller.user.id, caller.app.key) == (SAM.demo, made.key)


def test_the_old_access_token_lives_on(town: Town, demo: Context, made: Made) -> None:
    """Refreshing does not end what was issued before."""
    first = town.sign_in_with(demo, made, SAM)
    renew(demo, made.credentials, first.refresh_token)

    assert callers.recognize(demo, first.access_token).app.key == made.key


def test_a_chain_of_refreshes_goes_on(town: Town, demo: Context, made: Made, token: str) -> None:
    """Each successor is good in its turn."""
    for _ in range(5):
        town.clock.advance(days=1)
        token = renew(demo, made.credentials, token)


def test_of_a_hundred_refreshes_at_once_one_is_answered(town: Town, demo: Context, made: Made, token: str) -> None:
    """One wins, the race kills nothing, and the winner's successor is good."""
    answered, codes = at_once(lambda _: renew(demo, made.credentials, token))

    assert (len(answered), codes) == (1, ["refresh-not-good"] * 99)
    renew(demo, made.credentials, answered[0])


# ── reuse ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_reuse_within_ten_seconds_is_refused_and_nothing_more(
    town: Town, demo: Context, made: Made, token: str
) -> None:
    """A client that raced with itself keeps its family, up to and including the tenth second."""
    successor = renew(demo, made.credentials, token)
    for seconds in (0, 5, 5):
        town.clock.advance(seconds=seconds)
        with refused(REFRESH_NOT_GOOD):
            renew(demo, made.credentials, token)

    renew(demo, made.credentials, successor)


def test_reuse_later_kills_the_family(town: Town, demo: Context, made: Made) -> None:
    """After ten seconds somebody stole a token: every token of the family is dead, the newest too."""
    first = town.sign_in_with(demo, made, SAM)
    second = tokens.refresh(demo, made.credentials, first.refresh_token or "", None)
    town.clock.advance(seconds=10, microseconds=1)
    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.credentials, first.refresh_token)

    for answer in (first, second):
        with refused(BAD_TOKEN):
            callers.recognize(demo, answer.access_token)
    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.credentials, second.refresh_token)


def test_reuse_kills_its_own_family_only(town: Town, demo: Context, made: Made, token: str) -> None:
    """The user's other sign-ins live on."""
    other = town.sign_in_with(demo, made, SAM)
    renew(demo, made.credentials, token)
    town.clock.advance(minutes=1)
    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.credentials, token)

    assert callers.recognize(demo, other.access_token).user is not None
    renew(demo, made.credentials, other.refresh_token)


def test_another_client_s_reuse_does_no_harm(town: Town, demo: Context, made: Made, token: str) -> None:
    """Only the client that holds a family can kill it by reuse."""
    other = town.create_app(name="Other")
    successor = renew(demo, made.credentials, token)
    town.clock.advance(minutes=1)
    with refused(REFRESH_NOT_GOOD):
        renew(demo, other.credentials, token)

    renew(demo, made.credentials, successor)


def test_a_family_dies_once(town: Town, demo: Context, made: Made, token: str) -> None:
    """Of fifty late reuses at once, one event tells of the death."""
    renew(demo, made.credentials, token)
    town.clock.advance(minutes=1)
    at_once(lambda _: renew(demo, made.credentials, token), 50)
    names = [event.name for event in keys.view(demo, town.actor(ADA), made.key).events]

    assert names.count("FamilyKilled") == 1


# ── thirty days ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_without_extended_the_first_expiry_stays(town: Town, demo: Context, made: Made, token: str) -> None:
    """However often it is refreshed, a family without `extended` ends 30 days after it began."""
    town.clock.advance(days=29)
    token = renew(demo, made.credentials, token)
    town.clock.advance(days=1, microseconds=-1)
    token = renew(demo, made.credentials, token)
    town.clock.advance(microseconds=1)

    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.credentials, token)


def test_extended_restarts_the_thirty_days(town: Town, demo: Context, made: Made) -> None:
    """With `extended` each refresh is good for 30 more days, and not for longer."""
    token = town.sign_in_with(demo, made, SAM, "signature extended").refresh_token
    for _ in range(3):
        town.clock.advance(days=30, microseconds=-1)
        token = renew(demo, made.credentials, token)
    town.clock.advance(days=30)

    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.credentials, token)


# ── scopes ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_refresh_may_ask_for_fewer_scopes(town: Town, demo: Context, made: Made) -> None:
    """The access token has what was asked; the family keeps all, and the next refresh may have them."""
    token = town.sign_in_with(demo, made, SAM, "signature extended openid").refresh_token or ""
    narrow = tokens.refresh(demo, made.credentials, token, "openid signature")
    wide = tokens.refresh(demo, made.credentials, narrow.refresh_token or "", None)

    assert narrow.scope == "openid signature"
    assert callers.recognize(demo, narrow.access_token).claims.scopes == {"openid", "signature"}
    assert set(wide.scope.split()) == {"signature", "extended", "openid"}


@pytest.mark.parametrize("scope", ["signature extended", "extended", "signature user_read"])
def test_a_refresh_may_not_ask_for_more(town: Town, demo: Context, made: Made, token: str, scope: str) -> None:
    """More or other scopes are refused, even those consented elsewhere, and the token is not used up."""
    town.consent(demo, made, SAM, "extended user_read")
    with refused(SCOPE_WIDENED):
        renew(demo, made.credentials, token, scope)

    renew(demo, made.credentials, token)


def test_malformed_scopes_are_refused(demo: Context, made: Made, token: str) -> None:
    """What is no list of scopes is refused, and the token is not used up."""
    for scope in ("", " ", 'sig"nature'):
        with refused(INVALID_SCOPE):
            renew(demo, made.credentials, token, scope)

    renew(demo, made.credentials, token)


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "token",
    ["", "garbage", new_secret("ksr_"), new_secret("ksc_")],
    ids=["empty", "garbage", "unknown", "another kind"],
)
def test_an_unknown_token_is_refused(demo: Context, made: Made, token: str) -> None:
    """Garbage and what was never issued are refused alike."""
    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.credentials, token)


def test_another_client_s_token_is_refused(town: Town, demo: Context, made: Made, token: str) -> None:
    """A refresh token is good for the client it was issued to, and is not used up by another."""
    other = town.create_app(name="Other")
    with refused(REFRESH_NOT_GOOD):
        renew(demo, other.credentials, token)

    renew(demo, made.credentials, token)


def test_a_confidential_family_needs_its_secret(demo: Context, made: Made, token: str) -> None:
    """Whoever stole a refresh token of a server gets nothing without the server's secret."""
    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.unproved, token)
    with refused(INVALID_CLIENT):
        renew(demo, replace(made.credentials, unverified_secret="wrong"), token)

    renew(demo, made.credentials, token)


def test_a_public_family_refreshes_without_a_secret(town: Town, demo: Context, made: Made) -> None:
    """A family that began without client authentication goes on without it."""
    code = town.code(demo, made, SAM, **BOUND)
    token = tokens.exchange_code(demo, made.unproved, code, None, VERIFIER).refresh_token

    renew(demo, made.unproved, renew(demo, made.unproved, token))


def test_a_withdrawn_grant_refreshes_nothing(town: Town, demo: Context, made: Made, token: str) -> None:
    """An app that is no longer registered for the grant that began the family is told so."""
    keys.change(demo, town.actor(ADA), made.key, keys.Change(grants=frozenset({"public_code", "jwt"})))

    with refused(GRANT_NOT_REGISTERED):
        renew(demo, made.credentials, token)


def test_a_closed_user_refreshes_nothing(town: Town, demo: Context, made: Made, token: str) -> None:
    """A leaver's connections end at the next refresh."""
    with demo.database.writing() as tx:
        records.change_user(tx, SAM.demo, state="closed")

    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.credentials, token)


def test_withdrawn_consent_refreshes_nothing(town: Town, demo: Context, made: Made, token: str) -> None:
    """Refresh tokens die with the consent that they stem from."""
    with demo.database.writing() as tx:
        consents.save(tx, SAM.demo, made.key, frozenset({"extended"}), town.clock.now)

    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.credentials, token)


def test_a_stopped_key_refreshes_nothing_until_it_starts(town: Town, demo: Context, made: Made, token: str) -> None:
    """Stopping is a pause."""
    keys.stop(demo, town.actor(ADA), made.key)
    with refused(INVALID_CLIENT):
        renew(demo, made.credentials, token)
    keys.start(demo, town.actor(ADA), made.key)

    renew(demo, made.credentials, token)


def test_revoking_a_key_s_tokens_ends_its_refresh_tokens(town: Town, demo: Context, made: Made, token: str) -> None:
    """What was issued before is dead, and what is issued after lives."""
    keys.revoke_tokens(demo, town.actor(ADA), made.key)
    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.credentials, token)

    renew(demo, made.credentials, town.sign_in_with(demo, made, SAM).refresh_token)


def test_a_restored_key_s_old_tokens_stay_dead(town: Town, demo: Context, made: Made, token: str) -> None:
    """Deleting kills tokens for good: they do not come back with the key."""
    keys.delete(demo, town.actor(ADA), made.key)
    keys.restore(demo, town.actor(ADA), made.key)

    with refused(REFRESH_NOT_GOOD):
        renew(demo, made.credentials, token)
