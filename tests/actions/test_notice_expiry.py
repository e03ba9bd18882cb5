"""Do people hear 90, 60, 30, 15, 7 and 1 days before a secret key or keypair expires, each once?"""

from datetime import timedelta

import pytest

from keysteward.actions import credentials, expiry_notices, keys, leaks, mailing
from keysteward.actions.context import Context
from keysteward.rules.keys import Wish
from keysteward.rules.notices import EXPIRY_STEPS
from keysteward.store import notices
from tests.cast import ADA, BO, ROBIN, Made, Town
from tests.mails import empty_boxes

DAY = timedelta(days=1)


@pytest.fixture
def made(made: Made, town: Town, demo: Context) -> Made:
    """Ada's app, with a secret key that expires in 100 days."""
    credentials.add_secret(demo, town.actor(ADA), made.key, Wish(expires_at=demo.now + 100 * DAY))
    empty_boxes(demo)
    return made


def days_told(ctx: Context) -> list[int]:
    """How many days before the end each notice was, in the order they were told."""
    with ctx.database.reading() as tx:
        return [int(each.facts["days"]) for each in notices.list_waiting(tx, 100) if each.kind == "credential-expiry"]


def recipients(ctx: Context) -> list[str]:
    """To whom mails went about it."""
    return sorted(mail.recipient for mail in mailing.list_newest(ctx) if mail.about == "credential-expiry")


@pytest.mark.usefixtures("made")
def test_each_step_is_told_once_to_every_admin(town: Town, demo: Context) -> None:
    """At its day, not before, however often the job runs, and no more once it is over."""
    found = []
    for days in (9.9, 0.1, 0, 30, 29.9, 0.1, 15, 8, 5.5, 0.5, 1, 5):
        town.clock.advance(days=days)
        found.append(expiry_notices.tell_of_expiry(demo))

    assert found == [0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0]
    assert days_told(demo) == [step.days for step in EXPIRY_STEPS]
    assert recipients(demo) == sorted(person.email for person in (ADA, BO, ROBIN) for _ in EXPIRY_STEPS)


@pytest.mark.usefixtures("made")
def test_after_a_pause_only_the_nearest_step_is_told(town: Town, demo: Context) -> None:
    """A clock that jumps over several steps tells of one; one that is set back tells no step again."""
    town.clock.advance(days=88)
    assert expiry_notices.tell_of_expiry(demo) == 1
    town.clock.advance(days=2)
    assert expiry_notices.tell_of_expiry(demo) == 0
    town.clock.advance(days=-1)
    assert expiry_notices.tell_of_expiry(demo) == 0

    assert days_told(demo) == [15]


def test_what_nobody_waits_for_is_not_told(town: Town, demo: Context, made: Made) -> None:
    """Neither what is made with less time left than a step, nor what leaked, was deleted or hangs on a deleted key."""
    ada = town.actor(ADA)
    short = credentials.add_secret(demo, ada, made.key, Wish(expires_at=demo.now + 10 * DAY))
    gone = credentials.add_secret(demo, ada, made.key, Wish(expires_at=demo.now + 40 * DAY))
    credentials.delete_secret(demo, ada, made.key, gone.secret.id)
    pair = credentials.add_generated_keypair(demo, ada, made.key, Wish(expires_at=demo.now + 35 * DAY))
    leaks.report_keypair(demo, ada, made.key, pair.keypair.id)
    assert expiry_notices.tell_of_expiry(demo) == 0
    town.clock.advance(days=6)
    assert expiry_notices.tell_of_expiry(demo) == 1
    with demo.database.reading() as tx:
        found = [each.facts for each in notices.list_waiting(tx, 100) if each.kind == "credential-expiry"]
    assert [(each["credential"], each["days"]) for each in found] == [(short.secret.id, "7")]
    keys.delete(demo, town.actor(ADA), made.key)
    town.clock.advance(days=20)

    assert expiry_notices.tell_of_expiry(demo) == 0
