"""Do people hear of reviews, and of passes that end, each once?"""

from keysteward.actions import accounts, golive, keys, mailing, receipts, review_notices
from tests.approving import decide, employ, let_wait
from tests.cast import ACME, ADA, BO, Made, Town
from tests.mails import letters_to


def test_a_verdict_is_told_to_whoever_started(town: Town, made: Made) -> None:
    """Failed, passed and live, each once; where the requester is no admin any more, every admin hears it."""
    town.review(made, by=BO)
    assert (letters_to(town.demo, BO.email), letters_to(town.demo, ADA.email)) == (["review-failed"], [])
    town.call(made, 20)
    golive.start_review(town.demo, town.actor(BO), made.key)
    accounts.close_membership(town.demo, ACME.demo, BO.demo, "x")
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo)

    assert (letters_to(town.demo, BO.email), letters_to(town.demo, ADA.email)) == (["review-failed"], ["review-passed"])
    town.promote(town.present(made))
    deliver(town)
    deliver(town)
    assert sorted(letters_to(town.demo, ADA.email)) == ["key-live", "review-passed"]


def deliver(town: Town) -> None:
    """Let the receipt come, as production's job does."""
    receipts.deliver_receipts(town.production)


def test_an_end_is_told_in_30_7_and_1_days(town: Town, made: Made) -> None:
    """Each once, to every admin, and no more when the review is over."""
    town.pass_review(made)
    told = []
    for pause in (59, 1, 0, 1, 22, 5.9, 0.2, 1):
        town.clock.advance(days=pause)
        told.append(review_notices.tell_of_expiry(town.demo))

    assert told == [0, 1, 0, 0, 1, 0, 1, 0]
    assert letters_to(town.demo, BO.email) == ["review-expires"] * 3
    subjects = [
        mail.letter.subject for mail in mailing.list_newest(town.demo) if mail.letter and mail.recipient == BO.email
    ]
    assert [subject.split(" expires ")[1].split(" (")[0] for subject in subjects] == [
        "tomorrow", "in 7 days", "in 30 days",
    ]  # fmt: skip


def test_of_several_ends_the_most_urgent_is_told(town: Town, made: Made) -> None:
    """A clock that jumps tells once, and one that is set back tells nothing again."""
    town.pass_review(made)
    town.clock.advance(days=89, hours=12)
    assert review_notices.tell_of_expiry(town.demo) == 1
    town.clock.advance(days=-29)
    assert review_notices.tell_of_expiry(town.demo) == 0
    town.clock.advance(days=28)
    assert review_notices.tell_of_expiry(town.demo) == 0
    assert letters_to(town.demo, ADA.email) == ["review-expires", "review-passed"]


def test_no_end_is_told_of_what_does_not_end(town: Town, made: Made) -> None:
    """Neither of a live key, nor of a deleted one, nor of one that waits for a person or was declined."""
    live, gone, waits, declined = (town.create_app(name=name) for name in ("Live", "Gone", "Waits", "Declined"))
    employ(town)
    for each in (live, gone):
        town.pass_review(each)
    let_wait(town, waits)
    decide(town, let_wait(town, declined), "declined", "No.")
    town.promote(town.present(live))
    deliver(town)
    keys.delete(town.demo, town.actor(ADA), gone.key)
    town.clock.advance(days=85)

    assert review_notices.tell_of_expiry(town.demo) == 0


def test_an_approval_counts_the_end_from_itself(town: Town, made: Made) -> None:
    """What waited for 50 days is told of 60 days after its approval, not before."""
    employ(town)
    review = let_wait(town, made)
    town.clock.advance(days=50)
    decide(town, review)
    town.clock.advance(days=50)
    assert review_notices.tell_of_expiry(town.demo) == 0
    town.clock.advance(days=10)
    assert review_notices.tell_of_expiry(town.demo) == 1
