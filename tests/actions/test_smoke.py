"""Does a smoke test see what came from a key, and nothing else?"""

from datetime import timedelta

import pytest

from keysteward.actions import callers, evidence, keys, smoke, tokens
from keysteward.actions.context import Context
from keysteward.rules.access import READ_KEYS
from keysteward.rules.refusals import NO_SUCH_KEY, NOT_AN_ADMIN, PROMOTIONS_ARE_IN_PRODUCTION, TOKEN_LACKS_PERMISSION
from keysteward.rules.smoke import passes
from tests.cast import ADA, MALLORY, SAM, Made, Town, refused
from tests.polling import until


@pytest.fixture
def live(town: Town, made: Made) -> Made:
    """Ada's app in production, configured there."""
    return town.go_live(made)


def seen(town: Town, made: Made) -> dict[str, bool]:
    """Which steps were seen."""
    found = smoke.look(town.production, town.actor(ADA, town.production), made.key)
    return {step.code: step.is_met for step in found.steps}


def test_each_step_is_seen_once_it_was_taken(town: Town, production: Context, live: Made) -> None:
    """Token, userinfo, call: in the order in which an app takes them; a call that failed is none."""
    assert seen(town, live) == {"token": False, "userinfo": False, "call": False}
    town.consent(production, live, SAM)
    token = tokens.grant_assertion(production, town.assertion(production, live, SAM)).access_token
    until(lambda: seen(town, live) == {"token": True, "userinfo": False, "call": False})
    callers.profile(production, token)
    town.call(live, ctx=production, status=404)
    until(lambda: seen(town, live) == {"token": True, "userinfo": True, "call": False})
    town.call(live, ctx=production, status=200, method="GET")

    assert seen(town, live) == {"token": True, "userinfo": True, "call": True}


def test_calls_of_demo_prove_nothing_here(town: Town, made: Made) -> None:
    """The same key made twenty calls there."""
    live = town.go_live(made)

    assert seen(town, live)["call"] is False


def test_a_call_of_long_ago_is_still_seen(town: Town, production: Context, live: Made) -> None:
    """Single calls are forgotten in time, and their sums tell it."""
    town.call(live, ctx=production)
    evidence.sum_calls(production)
    town.clock.advance(minutes=15)
    evidence.sum_calls(production)
    town.clock.advance(days=200)
    evidence.forget_old_calls(production)

    assert seen(town, live)["call"] is True


def test_userinfo_is_no_use_of_a_credential(town: Town, production: Context, live: Made) -> None:
    """It is counted beside tokens and shown nowhere as one."""
    from keysteward.actions import usage  # noqa: PLC0415 — shadowed by nothing here, and used once

    town.consent(production, live, SAM)
    token = tokens.grant_assertion(production, town.assertion(production, live, SAM)).access_token
    town.clock.advance(minutes=5)
    callers.profile(production, token)
    production.usage.close()
    found = usage.view(production, town.actor(ADA, production), live.key)

    assert set(found.last_uses.values()) == {production.now - timedelta(minutes=5)}
    assert [program.grant for each in found.programs.values() for program in each] == ["jwt"]


def test_what_is_kept_stays_as_it_was(town: Town, production: Context, live: Made) -> None:
    """With its date and whoever kept it, newest first, whatever is seen later."""
    actor = town.actor(ADA, production)
    first = smoke.keep(production, actor, live.key)
    town.clock.advance(minutes=1)
    town.call(live, ctx=production)
    production.usage.close()
    second = smoke.keep(production, actor, live.key)

    found = smoke.look(production, actor, live.key)
    assert found.kept == [second, first]
    assert [sum(step.is_met for step in test.steps) for test in found.kept] == [2, 0]
    assert (passes(second.steps), second.kept_by) == (False, ADA.email)


def test_only_those_who_manage_the_key_see_and_keep_it(
    town: Town, demo: Context, production: Context, live: Made
) -> None:
    """Strangers learn nothing, members are told, a token needs the permission, and demo has none."""
    for deed in (smoke.look, smoke.keep):
        with refused(NO_SUCH_KEY):
            deed(production, town.actor(MALLORY, production), live.key)
        with refused(NOT_AN_ADMIN):
            deed(production, town.actor(SAM, production), live.key)
        with refused(PROMOTIONS_ARE_IN_PRODUCTION):
            deed(demo, town.actor(ADA), live.key)
    reader = town.actor(ADA, production, permissions=frozenset({READ_KEYS}))
    smoke.look(production, reader, live.key)

    with refused(TOKEN_LACKS_PERMISSION):
        smoke.keep(production, reader, live.key)
    assert keys.view(production, reader, live.key).events[0].name != "SmokeTestKept"
