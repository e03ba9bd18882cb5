"""Is what expired forgotten, and nothing else?"""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from keysteward.actions import authorize, consents, housekeeping, signin, tokens
from keysteward.actions.context import Context
from keysteward.rules.refusals import ASSERTION_REUSED, CODE_NOT_GOOD
from keysteward.store.tables import codes, families, form_nonces, refresh_tokens, sessions
from tests.cast import PASSWORD, SAM, Made, Town, refused


def test_what_expired_is_forgotten_a_day_later(town: Town, demo: Context, made: Made) -> None:
    """Codes and sessions go a day after their end; a refresh token that still lives stays and works."""
    signin.sign_in(demo, SAM.email, PASSWORD)
    signin.use_form_once(demo, "n" * 32)
    answer = town.sign_in_with(demo, made, SAM)
    town.clock.advance(days=2)
    housekeeping.forget_what_expired(demo)

    with demo.database.reading() as tx:
        kept = [
            tx.execute(select(func.count()).select_from(table)).scalar() for table in (codes, sessions, form_nonces)
        ]
        assert tx.execute(select(func.count()).select_from(refresh_tokens)).scalar() == 1
    assert kept == [0, 0, 0]
    assert answer.refresh_token is not None
    assert tokens.refresh(demo, made.credentials, answer.refresh_token, None).refresh_token


def test_a_used_code_is_known_for_what_it_was(town: Town, demo: Context, made: Made) -> None:
    """Within the day a code that comes back still kills what it issued."""
    request = town.request(demo, made)
    consents.consent(demo, request, town.actor(SAM))
    code = authorize.issue_code(demo, request, town.actor(SAM))
    answer = tokens.exchange_code(demo, made.credentials, code, None, None)
    town.clock.advance(hours=20)
    housekeeping.forget_what_expired(demo)

    with refused(CODE_NOT_GOOD):
        tokens.exchange_code(demo, made.credentials, code, None, None)
    with demo.database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(codes)).scalar() == 1
    assert answer.refresh_token


def test_a_family_goes_with_its_last_refresh_token(town: Town, demo: Context, made: Made) -> None:
    """One that was refreshed in time outlives its first thirty days; one that was not leaves nothing behind."""
    town.sign_in_with(demo, made, SAM)
    kept = town.sign_in_with(demo, made, SAM, scope="signature extended")
    town.clock.advance(days=20)
    answer = tokens.refresh(demo, made.credentials, str(kept.refresh_token), None)
    town.clock.advance(days=15)
    housekeeping.forget_what_expired(demo)

    with demo.database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(families)).scalar() == 1
    assert tokens.refresh(demo, made.credentials, str(answer.refresh_token), None).refresh_token


def test_an_assertion_stays_used_while_it_is_good(town: Town, demo: Context, made: Made) -> None:
    """A client dates it by the machine's clock, so a twin whose clock was moved far ahead still knows it."""
    town.consent(demo, made, SAM)
    assertion = town.assertion(demo, made, jti="once")
    tokens.grant_assertion(demo, assertion)
    machine, ahead = town.clock.seconds(), demo.at(town.clock.now + timedelta(days=30))
    ahead = replace(ahead, machine_clock=lambda: machine)
    housekeeping.forget_what_expired(ahead)

    with refused(ASSERTION_REUSED):
        tokens.grant_assertion(demo, assertion)
