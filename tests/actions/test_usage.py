"""Who is known to have got tokens, with what, and until when?"""

from datetime import timedelta

import pytest

from keysteward.actions import housekeeping, keys, tokens, usage
from keysteward.actions.context import Context
from keysteward.rules.refusals import NO_SUCH_KEY, NO_SUCH_OBJECT
from keysteward.rules.usage import Asker, Program, asker
from tests.cast import ADA, MALLORY, SAM, UNKNOWN, Made, Town, refused
from tests.peers.databases import rows
from tests.polling import until

OLD = asker("192.0.2.1", "python-urllib3/2.8.0", "")
NEW = asker("192.0.2.2", "Swagger-Codegen/v2.1", "Node")


@pytest.fixture
def secret(town: Town, demo: Context, made: Made) -> str:
    """The id of the app's secret key."""
    return keys.view(demo, town.actor(ADA), made.key).settings.secrets[0].id


def counted(ctx: Context) -> int:
    """How many tokens were counted and written."""
    ((number,),) = rows(ctx.database, "SELECT coalesce(sum(tokens), 0) FROM token_uses")
    return int(number)


def sign_in(town: Town, ctx: Context, made: Made, by: Asker) -> tokens.Answer:
    """A program exchanges a code of Sam's."""
    code = town.code(ctx, made, SAM, scope="signature extended")
    return tokens.exchange_code(ctx, made.credentials, code, None, None, by)


def test_who_uses_a_secret_is_known(town: Town, demo: Context, made: Made, secret: str) -> None:
    """Programs are told apart by address, name, SDK and grant, the latest first, with how many tokens they got."""
    first = sign_in(town, demo, made, OLD)
    sign_in(town, demo, made, OLD)
    town.clock.advance(minutes=5)
    tokens.refresh(demo, made.credentials, first.refresh_token or "", None, NEW)
    until(lambda: counted(demo) == 3)

    now, actor = demo.now, town.actor(ADA)
    assert usage.list_programs(demo, actor, made.key, secret) == [
        Program(NEW, "refresh_token", 1, now),
        Program(OLD, "authorization_code", 2, now - timedelta(minutes=5)),
    ]
    assert usage.view(demo, actor, made.key).last_uses == {secret: now}


def test_every_grant_is_counted_with_what_proved_it(town: Town, demo: Context, made: Made, secret: str) -> None:
    """A keypair by its id, a public client by nothing, an application token without a user."""
    view = keys.view(demo, town.actor(ADA), made.key)
    town.consent(demo, made, SAM)
    tokens.grant_assertion(demo, town.assertion(demo, made), NEW)
    sign_in(town, demo, made, OLD)
    implicit = town.request(demo, made, response_type="token")
    tokens.issue_implicit(demo, implicit, town.actor(SAM), OLD)
    until(lambda: counted(demo) == 3)

    found = rows(demo.database, 'SELECT credential, "user", "grant" FROM token_uses')
    assert sorted(found) == sorted([
        (view.settings.keypairs[0].id, SAM.demo, "jwt"), (secret, SAM.demo, "authorization_code"),
        ("", SAM.demo, "implicit"),
    ])  # fmt: skip


def test_uses_of_another_hour_are_another_row(town: Town, demo: Context, made: Made) -> None:
    """They add up for whoever asks, and can be forgotten hour by hour."""
    for _ in range(2):
        sign_in(town, demo, made, OLD)
        town.clock.advance(hours=1)
    until(lambda: counted(demo) == 2)
    assert len(rows(demo.database, "SELECT hour FROM token_uses")) == 2

    town.clock.advance(days=89, hours=22, minutes=30)
    housekeeping.forget_what_expired(demo)
    assert counted(demo) == 1


def test_a_program_that_stopped_long_ago_is_not_shown(town: Town, demo: Context, made: Made, secret: str) -> None:
    """After 30 days only the last use is still told."""
    sign_in(town, demo, made, OLD)
    until(lambda: counted(demo) == 1)
    at = demo.now
    town.clock.advance(days=31)

    found = usage.view(demo, town.actor(ADA), made.key)
    assert (found.last_uses, found.programs) == ({secret: at}, {})
    assert usage.list_programs(demo, town.actor(ADA), made.key, secret) == []


def test_others_learn_nothing(town: Town, demo: Context, made: Made, secret: str) -> None:
    """A stranger finds no key, and an id from elsewhere no credential."""
    with refused(NO_SUCH_KEY):
        usage.list_programs(demo, town.actor(MALLORY), made.key, secret)
    with refused(NO_SUCH_KEY):
        usage.view(demo, town.actor(MALLORY), made.key)
    with refused(NO_SUCH_OBJECT):
        usage.list_programs(demo, town.actor(ADA), made.key, UNKNOWN)


def test_a_refused_request_is_not_counted(demo: Context, made: Made, town: Town) -> None:
    """Only tokens that were issued are."""
    first = sign_in(town, demo, made, OLD)
    tokens.refresh(demo, made.credentials, first.refresh_token or "", None, OLD)
    with pytest.raises(Exception, match="refresh-not-good"):
        tokens.refresh(demo, made.credentials, first.refresh_token or "", None, OLD)
    demo.usage.close()

    assert counted(demo) == 2
