"""Is somebody told of keys that wait for them, once?"""

from keysteward.actions import accounts, golive, keys, mailing, reminders
from keysteward.actions.context import Context
from tests.cast import ACME, ADA, BO, ROBIN, Made, Town

ADMINS = {person.email for person in (ADA, BO, ROBIN)}


def letters(ctx: Context, about: str) -> dict[str, str]:
    """What was written to whom."""
    return {
        mail.recipient: mail.letter.text for mail in mailing.list_newest(ctx) if mail.about == about and mail.letter
    }


def test_a_pass_that_nobody_uses_is_told_to_every_admin_once(town: Town, demo: Context, made: Made) -> None:
    """Not before two weeks, and then once, with the way to go on and the day it ends."""
    review = town.pass_review(made)
    town.clock.advance(days=14, seconds=-2)
    assert reminders.remind(demo) == 0
    town.clock.advance(seconds=2)

    assert [reminders.remind(demo) for _ in range(2)] == [1, 0]
    written = letters(demo, "unpromoted")
    assert written.keys() == ADMINS
    assert f"{demo.origin}/apps/{made.key}/reviews/{review.id}" in written[ADA.email]
    assert "Go live by 18 February 2027" in written[ADA.email]


def test_another_review_is_another_occasion(town: Town, demo: Context, made: Made) -> None:
    """After the pass expired and the key passed again, its admins hear once more."""
    town.pass_review(made)
    town.clock.advance(days=14)
    reminders.remind(demo)
    town.clock.advance(days=80)
    town.pass_review(made)
    town.clock.advance(days=14)

    assert reminders.remind(demo) == 1


def test_nobody_hears_of_a_key_that_is_live_deleted_or_expired(town: Town, demo: Context, made: Made) -> None:
    """There is nothing that they should do."""
    live, deleted, expired = made, town.create_app(name="Deleted"), town.create_app(name="Expired")
    town.go_live(live)
    town.pass_review(deleted)
    keys.delete(demo, town.actor(ADA), deleted.key)
    town.pass_review(expired)
    town.clock.advance(days=90)

    assert (reminders.remind(demo), letters(demo, "unpromoted")) == (0, {})


def test_a_review_that_runs_again_silences_the_old_one(town: Town, demo: Context, made: Made) -> None:
    """Only the newest review counts."""
    town.pass_review(made)
    town.clock.advance(days=91)
    golive.start_review(demo, town.actor(ADA), made.key)

    assert reminders.remind(demo) == 0


def test_a_live_key_that_is_not_set_up_is_told_once(town: Town, production: Context, made: Made) -> None:
    """After three days, with what it lacks."""
    town.pass_review(made)
    town.promote(town.present(made))
    assert reminders.remind(production) == 0
    town.clock.advance(days=3)

    assert [reminders.remind(production) for _ in range(2)] == [1, 0]
    written = letters(production, "half-configured")
    assert written.keys() == ADMINS
    assert "It still lacks grants (how the app gets tokens) and a redirect URI" in written[BO.email]
    assert f"{production.origin}/apps/{made.key}/after-go-live" in written[BO.email]


def test_a_key_that_is_set_up_or_stopped_is_left_alone(town: Town, production: Context, made: Made) -> None:
    """Somebody has looked after it."""
    stopped = town.create_app(name="Stopped")
    town.go_live(made)
    town.pass_review(stopped)
    town.promote(town.present(stopped))
    keys.stop(production, town.actor(ADA, production), stopped.key)
    town.clock.advance(days=4)

    assert reminders.remind(production) == 0


def test_who_is_no_admin_any_more_hears_nothing(town: Town, demo: Context, made: Made) -> None:
    """The mail goes to those who can act now."""
    town.pass_review(made)
    town.clock.advance(days=14)
    accounts.close_membership(demo, ACME.demo, BO.demo, "system")
    reminders.remind(demo)

    assert letters(demo, "unpromoted").keys() == ADMINS - {BO.email}
