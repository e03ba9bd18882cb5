"""Where two deeds meet in the one bad moment, is it as if one had come after the other?

PostgreSQL lets writers run beside one another. Here one is held in its middle, by a row that somebody else has locked,
while the other comes and goes.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import pytest

from keysteward.actions import accounts, authorize, callers, consents, credentials, keys, tokens
from keysteward.actions.context import Context
from keysteward.actions.tokens import Answer
from keysteward.rules.refusals import BAD_TOKEN, CODE_NOT_GOOD, CONSENT_REQUIRED, REFRESH_NOT_GOOD
from tests.cast import ACME, ADA, SAM, Made, Town, refused
from tests.conftest import Founded
from tests.peers.databases import on_both, on_postgresql, rows
from tests.polling import until

Result = TypeVar("Result")

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def made(founded: Founded) -> Made:
    """Ada's app in demo."""
    return founded.made


@contextmanager
def held_at(ctx: Context, locked: str, deed: Callable[[], Result]) -> Iterator["Future[Result]"]:
    """A deed that has come to a row that is locked: it waits there until the block ends."""
    with ThreadPoolExecutor(1) as pool, ctx.database.writing() as tx:
        assert tx.exec_driver_sql(f"{locked} FOR UPDATE").all()
        waiting = pool.submit(deed)
        until(lambda: rows(ctx.database, _WAITING) == [(1,)])
        yield waiting


@on_postgresql
def test_a_consent_withdrawn_while_a_code_is_redeemed(town: Town, demo: Context, made: Made) -> None:
    """The code was good when it was looked at, and the consent gone when it was burnt: nothing of it lives, even after
    the user consents again.
    """
    code = town.code(demo, made, SAM)

    def redeem() -> Answer:
        return tokens.exchange_code(demo, made.credentials, code, None, None)

    with held_at(demo, "SELECT digest FROM codes", redeem) as waiting:
        consents.withdraw_consent(demo, town.actor(SAM), made.key)
    answer = waiting.result(10)
    town.consent(demo, made, SAM)

    with refused(BAD_TOKEN):
        callers.recognize(demo, answer.access_token)
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, made.credentials, answer.refresh_token or "", None)


@on_postgresql
def test_a_revocation_while_a_refresh_token_is_used(town: Town, demo: Context, made: Made) -> None:
    """The family was good when it was looked at, and the key's tokens revoked when its token was burnt."""
    first = town.sign_in_with(demo, made, SAM)

    def refresh() -> Answer:
        return tokens.refresh(demo, made.credentials, first.refresh_token or "", None)

    with held_at(demo, "SELECT digest FROM refresh_tokens", refresh) as waiting:
        keys.revoke_tokens(demo, town.actor(ADA), made.key)
    answer = waiting.result(10)

    with refused(BAD_TOKEN):
        callers.recognize(demo, answer.access_token)
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, made.credentials, answer.refresh_token or "", None)


@on_postgresql
def test_a_user_closed_while_a_code_is_redeemed(town: Town, demo: Context, made: Made) -> None:
    """Likewise where the user left their last account."""
    code = town.code(demo, made, SAM)

    def redeem() -> Answer:
        return tokens.exchange_code(demo, made.credentials, code, None, None)

    with held_at(demo, "SELECT digest FROM codes", redeem) as waiting:
        accounts.close_membership(demo, ACME.demo, SAM.demo, ADA.email)
    answer = waiting.result(10)

    with refused(BAD_TOKEN):
        callers.recognize(demo, answer.access_token)
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, made.credentials, answer.refresh_token or "", None)


@on_both
def test_a_consent_withdrawn_before_the_code_is_issued(town: Town, demo: Context, made: Made) -> None:
    """Whoever looked at the consent page before, and disconnected the app in another window, lets no code out."""
    request = town.request(demo, made)
    implicit = town.request(demo, made, response_type="token")
    consents.consent(demo, request, town.actor(SAM))
    assert not consents.needs_consent(demo, request, SAM.demo)
    consents.withdraw_consent(demo, town.actor(SAM), made.key)

    with refused(CONSENT_REQUIRED):
        authorize.issue_code(demo, request, town.actor(SAM))
    with refused(CONSENT_REQUIRED):
        tokens.issue_implicit(demo, implicit, town.actor(SAM))


@on_both
def test_a_consent_withdrawn_after_the_code_was_issued(town: Town, demo: Context, made: Made) -> None:
    """A code of a consent that was withdrawn and given again is of the one that is gone."""
    code = town.code(demo, made, SAM)
    consents.withdraw_consent(demo, town.actor(SAM), made.key)
    town.consent(demo, made, SAM)

    with refused(CODE_NOT_GOOD):
        tokens.exchange_code(demo, made.credentials, code, None, None)


@on_postgresql
def test_deeds_of_two_apps_wait_only_for_what_they_share(town: Town, demo: Context, made: Made) -> None:
    """While one app is held, another one is changed; a value that both declare makes them wait for each other."""
    other = keys.create(demo, town.actor(ADA), ACME.demo, keys.Draft("Other", "team@acme.example")).key

    def stop() -> object:
        return keys.stop(demo, town.actor(ADA), made.key)

    with held_at(demo, f"SELECT key FROM apps WHERE key = '{made.key}'", stop) as waiting:  # noqa: S608 — our own key
        credentials.declare_secret(demo, town.actor(ADA), other, "a-given-secret-of-theirs")
        assert not waiting.done()

    assert waiting.result(10) is not None
    assert keys.view(demo, town.actor(ADA), made.key).app.stopped_at is not None
