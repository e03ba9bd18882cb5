"""Nobody is left: does a new key go the whole way, and does the old one retire without anybody of its account?"""

from datetime import datetime, timedelta

import pytest

from keysteward.actions import callers, custody, leavers, recovery_contacts, replacements, retiring, stand_ins, tokens
from keysteward.actions.leavers import Operating
from keysteward.actions.replacements import Shown
from keysteward.rules.custody.ways import Way, outlooks
from keysteward.rules.refusals import (
    BAD_TOKEN,
    ISSUER_NOT_FOUND,
    NO_SUCH_OBJECT,
    NOT_YOURS_TO_RETIRE,
    REQUESTER_OUTSIDE,
    RETIRED_FOR_GOOD,
    USED_LATELY,
)
from keysteward.rules.signin import NOWHERE
from keysteward.store import inventories
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, ROBIN, SAM, STRANGE, VERA, Made, Town, refused
from tests.mails import letters_to, link_to
from tests.replacing import bring_back, name_operator, replace_key, retire


@pytest.fixture(scope="module", autouse=True)
def trusted() -> None:
    """This journey is played in process: it takes months, and no SDK."""


@pytest.fixture(autouse=True)
def on_time() -> None:
    """Likewise: it has a clock of its own."""


def everybody_leaves(town: Town) -> None:
    """The admins of Acme leave, and whoever asked for its review had an address that nobody claims."""
    ctx = town.production
    with ctx.database.writing() as tx:
        tx.exec_driver_sql("UPDATE apps SET requester = 'consultant@elsewhere.example'")
    town.clock.advance(seconds=1)
    for each in (ADA, BO, ROBIN):
        leavers.report(ctx, Operating("the tests"), each.production, "The company shrank.")


def nobody_stands_in(town: Town, old: Made) -> None:
    """The contact is told and asks the organization, which finds that it cannot: only a replacement is open."""
    ctx = town.production
    assert letters_to(ctx, "it@elsewhere.example")[0] == "recovery-needed"
    assert recovery_contacts.ask_for_help(ctx, link_to(ctx, "it@elsewhere.example")) == 1
    with refused(REQUESTER_OUTSIDE):
        stand_ins.stand_in(ctx, town.actor(CY, ctx), ORGANIZATION["production"], old.key, STRANGE.production)
    town.call(old, 3, ctx=ctx)
    custody.judge_due(ctx)
    ways = {way.name: way.is_open for each in custody_of(town, old) for way in each}
    assert ways == {"transfer": False, "stand-in": False, "replacement": True}


def calls_move_over(town: Town, old: Made, new: Made) -> datetime:
    """Mallory sees the calls move, day by day, until only the new key is called; return when the old one was last."""
    ctx = town.production
    town.clock.advance(days=1)
    town.call(old, 1, ctx=ctx)
    town.call(new, 3, ctx=ctx)
    seen = replacements.view(ctx, town.actor(MALLORY, ctx), new.key)
    assert [(day.old, day.new) for day in seen.days[-2:]] == [(3, 0), (1, 3)]
    assert (seen.percent_moved, bool(seen.why_not_safe), seen.users) == (42, True, [])
    last = town.clock.now
    town.clock.now = last + timedelta(days=30)
    assert replacements.view(ctx, town.actor(MALLORY, ctx), new.key).why_not_safe == ()
    return last


def test_a_new_key_goes_the_whole_way(town: Town, made: Made) -> None:
    """From the day on which the last admin leaves, to the day on which the old key is gone for good."""
    old, ctx = town.go_live(made), town.production
    recovery_contacts.name_contact(ctx, town.actor(ADA, ctx), ACME.production, "it@elsewhere.example")
    recovery_contacts.confirm(ctx, link_to(ctx, "it@elsewhere.example"))
    name_operator(town)

    # The last admin leaves. The key works on, the contact is told and asks; the organization finds it cannot stand in.
    everybody_leaves(town)
    nobody_stands_in(town, old)

    # So Mallory makes a new key in demo that names the old one. It passes its review and goes live in her account.
    new = replace_key(town, old)
    mallory = town.actor(MALLORY, ctx)
    with refused(NO_SUCH_OBJECT):
        replacements.view(ctx, mallory, new.key)
    replacements.prove(ctx, mallory, new.key, Shown(old.secret), NOWHERE)

    last = calls_move_over(town, old, new)

    # To retire it is not hers. An operator may, once nobody has called with it for ninety days.
    with refused(NOT_YOURS_TO_RETIRE):
        retire(town, new, by=MALLORY)
    town.clock.now = last + timedelta(days=89)
    with refused(USED_LATELY):
        retire(town, new, by=VERA, hand="operator")
    town.clock.now = last + timedelta(days=90)
    token = tokens.grant_assertion(ctx, town.assertion(ctx, old)).access_token
    retire(town, new, by=VERA, hand="operator")
    with refused(BAD_TOKEN):
        callers.recognize(ctx, token)
    with refused(ISSUER_NOT_FOUND):
        tokens.grant_assertion(ctx, town.assertion(ctx, old))
    assert letters_to(ctx, MALLORY.email).count("retirement") == 1

    # A forgotten job turns up, so it comes back for a while; then it retires again, and for good.
    bring_back(town, new, by=VERA)
    tokens.grant_assertion(ctx, town.assertion(ctx, old))
    retire(town, new, by=VERA, hand="operator")
    town.clock.advance(days=15)
    assert retiring.settle_due(ctx) == 1
    with refused(RETIRED_FOR_GOOD):
        bring_back(town, new, by=VERA)
    custody.judge_due(ctx)
    assert custody_of(town, old) == []
    assert town.caller(ctx, new, SAM).app.key == new.key


def custody_of(town: Town, old: Made) -> list[tuple[Way, ...]]:
    """The ways back to the old key, as the database has it now."""
    ctx = town.production
    with ctx.database.reading() as tx:
        inventory = inventories.of_accounts(tx, [ACME.production], "production", ctx.now)
    return [each.ways for each in outlooks(inventory, ctx.policy) if each.key.key == old.key]
