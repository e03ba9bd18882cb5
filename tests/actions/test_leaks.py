"""What dies with a secret that leaked, when, and what does whoever reports one learn?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.actions import callers, clients, credentials, keys, leaks, revocation, signin, tokens, usage
from keysteward.actions.context import Context
from keysteward.crypto.hashing import new_secret
from keysteward.rules.leaks import REPORTER, REPORTS_AN_HOUR, Found
from keysteward.rules.refusals import (
    ALREADY_LEAKED,
    BAD_TOKEN,
    INVALID_CLIENT,
    INVALID_FIELD,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NO_VALID_KEYS_OR_SIGNATURES,
    NOT_SIGNED_IN,
    REFRESH_NOT_GOOD,
    TOO_MANY_REPORTS,
)
from tests.cast import ADA, MALLORY, PASSWORD, SAM, UNKNOWN, Made, Town, refused
from tests.peers.databases import rows

HOUR = timedelta(hours=1)


@pytest.fixture
def secret(town: Town, demo: Context, made: Made) -> str:
    """The id of the app's secret key."""
    return keys.view(demo, town.actor(ADA), made.key).settings.secrets[0].id


def with_secret(made: Made, value: str) -> Made:
    """The app after another secret key was deployed."""
    return replace(made, secret=value)


def report(ctx: Context, *values: str) -> list[bool]:
    """What somebody who found these values is told."""
    found = [Found(value, "https://paste.example/x", "content") for value in values]
    return leaks.take_report(ctx, found)


def recorded(ctx: Context, name: str) -> int:
    """How often something was recorded."""
    return sum(found == name for (found,) in rows(ctx.database, "SELECT name FROM events"))


# ── the admins say so ───────────────────────────────────────────────────────────────────────────────────────────────
def test_another_secret_works_at_once_and_the_old_one_until_its_minute(
    town: Town, demo: Context, made: Made, secret: str
) -> None:
    """So there is time to deploy it; from that minute on the old one proves nothing."""
    new = leaks.report_secret(demo, town.actor(ADA), made.key, secret, demo.now + HOUR, "It was in a public log.")
    assert clients.authenticate(demo, with_secret(made, new.value).credentials).credential == new.secret.id
    town.clock.advance(minutes=59, seconds=59)
    assert clients.authenticate(demo, made.credentials).credential == secret

    town.clock.advance(seconds=1)
    with refused(INVALID_CLIENT):
        clients.authenticate(demo, made.credentials)
    assert clients.authenticate(demo, with_secret(made, new.value).credentials).is_authenticated


def test_tokens_made_with_it_die_at_that_minute(town: Town, demo: Context, made: Made, secret: str) -> None:
    """Access and refresh tokens alike, and introspection says so; those made with the other one live."""
    old, again = (town.sign_in_with(demo, made, SAM, "signature extended") for _ in range(2))
    new = leaks.report_secret(demo, town.actor(ADA), made.key, secret, demo.now + HOUR)
    deployed = with_secret(made, new.value)
    renewed = tokens.refresh(demo, deployed.credentials, again.refresh_token or "", None)
    assert callers.recognize(demo, old.access_token).app.key == made.key
    town.clock.advance(hours=1)

    for dead in (old, again):
        with refused(BAD_TOKEN):
            callers.recognize(demo, dead.access_token)
        assert revocation.introspect(demo, deployed.credentials, dead.access_token) is None
    assert revocation.introspect(demo, deployed.credentials, old.refresh_token or "") is None
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, deployed.credentials, old.refresh_token or "", None)
    assert callers.recognize(demo, renewed.access_token).app.key == made.key
    assert tokens.refresh(demo, deployed.credentials, renewed.refresh_token or "", None).access_token


def test_tokens_of_a_public_client_and_of_a_keypair_live_on(town: Town, demo: Context, made: Made, secret: str) -> None:
    """What was not made with it does not die with it."""
    town.consent(demo, made, SAM)
    granted = tokens.grant_assertion(demo, town.assertion(demo, made))
    leaks.report_secret(demo, town.actor(ADA), made.key, secret)

    assert callers.recognize(demo, granted.access_token).app.key == made.key


def test_a_keypair_that_leaked(town: Town, demo: Context, made: Made) -> None:
    """It signs nothing any more, and its tokens, which have no family, die too; another one was generated."""
    (pair,) = keys.view(demo, town.actor(ADA), made.key).settings.keypairs
    town.consent(demo, made, SAM)
    old = tokens.grant_assertion(demo, town.assertion(demo, made))
    new = leaks.report_keypair(demo, town.actor(ADA), made.key, pair.id)

    with refused(NO_VALID_KEYS_OR_SIGNATURES):
        tokens.grant_assertion(demo, town.assertion(demo, made))
    with refused(BAD_TOKEN):
        callers.recognize(demo, old.access_token)
    other = replace(made, private_pem=new.private_pem)
    assert tokens.grant_assertion(demo, town.assertion(demo, other)).access_token


def test_deleting_it_early_ends_its_tokens_early(town: Town, demo: Context, made: Made, secret: str) -> None:
    """Who sees abuse before the minute they chose deletes it, and all is over at once."""
    old = town.sign_in_with(demo, made, SAM)
    leaks.report_secret(demo, town.actor(ADA), made.key, secret, demo.now + HOUR)
    credentials.delete_secret(demo, town.actor(ADA), made.key, secret)

    with refused(BAD_TOKEN):
        callers.recognize(demo, old.access_token)


def test_a_leak_is_known_once(town: Town, demo: Context, made: Made, secret: str) -> None:
    """Whoever says it again is told, and no third secret key is made."""
    leaks.report_secret(demo, town.actor(ADA), made.key, secret)
    with refused(ALREADY_LEAKED):
        leaks.report_secret(demo, town.actor(ADA), made.key, secret)

    assert len(keys.view(demo, town.actor(ADA), made.key).settings.secrets) == 2
    (leak,) = usage.view(demo, town.actor(ADA), made.key).leaks
    assert (leak.id, leak.reported_by, leak.dies_at) == (secret, ADA.email, demo.now)


def test_an_app_with_all_its_secrets_may_replace_one(town: Town, demo: Context, made: Made, secret: str) -> None:
    """What leaks does not count against the limit."""
    ctx = demo.under(replace(demo.policy, secrets_per_key=1, keypairs_per_key=1))
    (pair,) = keys.view(ctx, town.actor(ADA), made.key).settings.keypairs

    assert leaks.report_secret(ctx, town.actor(ADA), made.key, secret, ctx.now + HOUR).value
    assert leaks.report_keypair(ctx, town.actor(ADA), made.key, pair.id, ctx.now + HOUR).private_pem


@pytest.mark.parametrize("ahead", [timedelta(hours=24, seconds=1), timedelta(hours=-1)])
def test_the_minute_lies_within_a_day(town: Town, demo: Context, made: Made, secret: str, ahead: timedelta) -> None:
    """A leak does not wait for a week, and nothing died in the past."""
    with refused(INVALID_FIELD, "dies_at"):
        leaks.report_secret(demo, town.actor(ADA), made.key, secret, demo.now + ahead)


def test_others_report_nothing_of_a_key(town: Town, demo: Context, made: Made, secret: str) -> None:
    """A stranger finds no key, and an id from elsewhere no secret key."""
    with refused(NO_SUCH_KEY):
        leaks.report_secret(demo, town.actor(MALLORY), made.key, secret)
    with refused(NO_SUCH_OBJECT):
        leaks.report_secret(demo, town.actor(ADA), made.key, UNKNOWN)
    with refused(NO_SUCH_OBJECT):
        leaks.report_keypair(demo, town.actor(ADA), made.key, UNKNOWN)


# ── somebody found a value ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_secret_that_was_found_dies_at_once(town: Town, demo: Context, made: Made, secret: str) -> None:
    """With its tokens; no other one is made, and the admins of the key are told where it was."""
    old = town.sign_in_with(demo, made, SAM)
    assert report(demo, made.secret) == [True]

    with refused(INVALID_CLIENT):
        clients.authenticate(demo, made.credentials)
    with refused(BAD_TOKEN):
        callers.recognize(demo, old.access_token)
    (leak,) = usage.view(demo, town.actor(ADA), made.key).leaks
    assert (leak.id, leak.reported_by, leak.found_at) == (secret, REPORTER, "https://paste.example/x content")
    assert len(keys.view(demo, town.actor(ADA), made.key).settings.secrets) == 1


def test_a_secret_that_was_given_time_has_none_left(town: Town, demo: Context, made: Made, secret: str) -> None:
    """Found in the open before its minute, it dies now; found again, nothing more happens."""
    leaks.report_secret(demo, town.actor(ADA), made.key, secret, demo.now + HOUR)
    before = demo.database.known_epoch
    assert report(demo, made.secret, made.secret) == [True, True]

    with refused(INVALID_CLIENT):
        clients.authenticate(demo, made.credentials)
    assert (demo.database.known_epoch, recorded(demo, "SecretLeaked")) == (before + 1, 2)


def test_a_refresh_token_that_was_found(town: Town, demo: Context, made: Made) -> None:
    """Its family dies."""
    answer = town.sign_in_with(demo, made, SAM)
    assert report(demo, answer.refresh_token or "") == [True]

    with refused(BAD_TOKEN):
        callers.recognize(demo, answer.access_token)
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, made.credentials, answer.refresh_token or "", None)
    assert [leak.kind for leak in usage.view(demo, town.actor(ADA), made.key).leaks] == ["refresh token"]


def test_a_personal_token_and_a_session_that_were_found(town: Town, demo: Context) -> None:
    """One is revoked, the other ended."""
    token = signin.issue_personal_token(demo, town.actor(ADA), "CI", frozenset({"account:key:read"}), 30)
    session = signin.sign_in(demo, ADA.email, PASSWORD)
    assert report(demo, token, session) == [True, True]

    with refused(NOT_SIGNED_IN):
        signin.recognize(demo, token)
    with refused(NOT_SIGNED_IN):
        signin.visit(demo, session)
    assert (recorded(demo, "PersonalTokenRevoked"), recorded(demo, "SessionsEnded")) == (1, 1)


@pytest.mark.parametrize("prefix", ["kss_", "kst_", "ksr_", "ksw_", "ksc_"])
def test_an_unknown_value_is_unknown(demo: Context, prefix: Callable[[], str]) -> None:
    """Whatever its shape; nothing is recorded of it."""
    before = rows(demo.database, "SELECT count(*) FROM events")

    assert report(demo, new_secret(prefix), "nonsense", "") == [False, False, False]  # type: ignore[arg-type]
    assert rows(demo.database, "SELECT count(*) FROM events") == before


def test_a_network_reports_so_many_an_hour(town: Town, demo: Context) -> None:
    """Then it waits; others do not, and after the hour it goes on."""
    leaks.demand_patience(demo, "192.0.2.1", REPORTS_AN_HOUR)
    with refused(TOO_MANY_REPORTS):
        leaks.demand_patience(demo, "192.0.2.1", 1)
    leaks.demand_patience(demo, "2001:db8::1", REPORTS_AN_HOUR)
    with refused(TOO_MANY_REPORTS):
        leaks.demand_patience(demo, "2001:db8::2", 1)
    leaks.demand_patience(demo, "192.0.2.2", 1)

    town.clock.advance(hours=1)
    leaks.demand_patience(demo, "192.0.2.1", 1)
