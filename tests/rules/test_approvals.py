"""Is a review that needs a person decided once, by somebody else, in time, and told of before it ends?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.rules.approvals import (
    DECIDE,
    Hand,
    Note,
    checked_lines,
    due_reminder,
    is_of_account,
    needs_a_person,
    why_not_answer,
)
from keysteward.rules.golive import Finding, Review, Ruling, Status, status_of_review
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.promotion import PRESENT, Presentation
from keysteward.rules.refusals import (
    ALREADY_LIVE,
    KEY_DELETED,
    NOT_PENDING,
    NOTHING_ASKED,
    OWN_REVIEW,
    PENDING_APPROVAL,
    REVIEW_DECIDED,
    REVIEW_DECLINED,
    REVIEW_EXPIRED,
    REVIEW_NOT_PASSED,
    Kind,
    Refusal,
    demand,
)
from keysteward.rules.review_history import compare
from tests.cast import START, UNKNOWN
from tests.rules.examples import an_app

APP = an_app()
LIFE = DEFAULT.review_life
SECOND = timedelta(seconds=1)
STARTED = Review("r", APP.key, START, "ada", "ada@acme.example", 20, 1)
FAILED = replace(STARTED, verdict="failed", settled_at=START)
PASSED = replace(STARTED, verdict="passed", settled_at=START)
PENDING = replace(PASSED, pending_since=START)
APPROVED = replace(PENDING, ruling=Ruling("approved", "", "olive", "olive@x.example", START + timedelta(days=80)))
DECLINED = replace(PENDING, ruling=Ruling("declined", "No terms.", "olive", "olive@x.example", START))


@pytest.mark.parametrize(
    ("review", "after", "status"),
    [
        (STARTED, timedelta(), "Under Review"),
        (FAILED, timedelta(), "Review Failed"),
        (PASSED, LIFE - SECOND, "Review Passed"),
        (PASSED, LIFE, "Review Expired"),
        (PENDING, LIFE - SECOND, "Pending approval"),
        (PENDING, LIFE, "Review Expired"),
        (APPROVED, timedelta(days=80), "Review Passed"),
        (APPROVED, timedelta(days=80) + LIFE - SECOND, "Review Passed"),
        (APPROVED, timedelta(days=80) + LIFE, "Review Expired"),
        (DECLINED, timedelta(), "Declined"),
        (DECLINED, 2 * LIFE, "Declined"),
    ],
    ids=str,
)
def test_where_a_review_stands(review: Review, after: timedelta, status: Status) -> None:
    """The 90 days run from Review Passed, which is the approval where a person is needed; so long it may wait, too."""
    assert status_of_review(review, START + after, DEFAULT) == status


@pytest.mark.parametrize(
    ("review", "after", "kind"),
    [
        (None, timedelta(), REVIEW_NOT_PASSED),
        (STARTED, timedelta(), REVIEW_NOT_PASSED),
        (FAILED, timedelta(), REVIEW_NOT_PASSED),
        (PASSED, timedelta(), None),
        (PASSED, LIFE, REVIEW_EXPIRED),
        (PENDING, timedelta(), PENDING_APPROVAL),
        (PENDING, LIFE, REVIEW_EXPIRED),
        (APPROVED, timedelta(days=81), None),
        (APPROVED, timedelta(days=80) + LIFE, REVIEW_EXPIRED),
        (DECLINED, timedelta(), REVIEW_DECLINED),
    ],
    ids=str,
)
def test_what_may_go_live(review: Review | None, after: timedelta, kind: Kind | None) -> None:
    """Only a review that passed, was approved where a person is needed, and has not expired."""
    presentation = Presentation(APP, review, START + after, DEFAULT)

    assert next((found for check in PRESENT if (found := check(presentation))), None) == kind


def hand(**known: object) -> Hand:
    """Olive, about to decide a review that waits."""
    return replace(Hand(APP, PENDING, "olive", is_of_account=False, now=START, policy=DEFAULT), **known)  # type: ignore[arg-type]  # a table of cases


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        (hand(), None),
        (hand(now=START + LIFE - SECOND), None),
        (hand(is_of_account=True), OWN_REVIEW),
        (hand(operator="ada"), OWN_REVIEW),
        (hand(review=APPROVED), REVIEW_DECIDED),
        (hand(review=DECLINED), REVIEW_DECIDED),
        (hand(review=STARTED), NOT_PENDING),
        (hand(review=FAILED), NOT_PENDING),
        (hand(review=PASSED), NOT_PENDING),
        (hand(now=START + LIFE), REVIEW_EXPIRED),
        (hand(app=replace(APP, deleted_at=START)), KEY_DELETED),
        (hand(app=replace(APP, live_at=START)), ALREADY_LIVE),
    ],
)
def test_who_may_decide_what(case: Hand, kind: Kind | None) -> None:
    """Somebody who has nothing to do with the key, once, while the review waits."""
    try:
        demand(DECIDE, case)
    except Refusal as refusal:
        assert refusal.kind is kind  # noqa: PT017 — None says that nothing is refused
    else:
        assert kind is None


def test_an_organization_above_the_account_makes_it_ones_own() -> None:
    """Whoever administers the organization has a hand in all of its accounts; in an account without one nobody has."""
    assert not is_of_account(None, None, [])
    assert not is_of_account(None, UNKNOWN, [])


def note(kind: str, number: int = 1) -> Note:
    """Something that was said."""
    return Note(number, "question" if kind == "question" else "answer", "Text", "x", "x@x.example", START)


@pytest.mark.parametrize(
    ("review", "notes", "after", "kind"),
    [
        (PENDING, [], timedelta(), NOTHING_ASKED),
        (PENDING, [note("question")], timedelta(), None),
        (PENDING, [note("question"), note("answer", 2)], timedelta(), NOTHING_ASKED),
        (PENDING, [note("question"), note("answer", 2), note("question", 3)], timedelta(), None),
        (PENDING, [note("question")], LIFE, REVIEW_EXPIRED),
        (APPROVED, [note("question")], timedelta(), REVIEW_DECIDED),
        (PASSED, [], timedelta(), NOT_PENDING),
    ],
    ids=str,
)
def test_when_a_developer_answers(review: Review, notes: list[Note], after: timedelta, kind: Kind | None) -> None:
    """What was asked is answered once, while the review waits."""
    assert why_not_answer(review, notes, START + after, DEFAULT) == kind


def days(count: float) -> timedelta:
    """So many days."""
    return timedelta(days=count)


@pytest.mark.parametrize(
    ("left", "due"),
    [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0.1, 1), (0, None), (-1, None)],
)
def test_the_last_reminder_that_has_come(left: float, due: int | None) -> None:
    """Exactly 30, 7 and 1 days before the end each has come; of several only the last counts; an end tells nothing."""
    found = due_reminder(PASSED, START + LIFE - days(left), DEFAULT)

    assert found == (None if due is None else days(due))


def test_no_reminder_before_the_pass() -> None:
    """Where a pass is good for five days, thirty and seven days before its end lie before the pass itself."""
    short = Policy(review_life=days(5))

    assert due_reminder(PASSED, START, short) is None
    assert due_reminder(PASSED, START + days(4), short) == days(1)
    assert due_reminder(PENDING, START + days(4), short) is None
    assert due_reminder(DECLINED, START + days(4), short) is None


def test_which_types_need_a_person() -> None:
    """By default partners' public integrations do, as the sources have it; policy may say otherwise."""
    public = replace(APP, integration_type="Public integration")

    assert (needs_a_person(public, DEFAULT), needs_a_person(APP, DEFAULT)) == (True, False)
    assert not needs_a_person(public, Policy(types_for_a_person=()))


def test_lines_are_kept_as_they_are_meant() -> None:
    """Line breaks of any kind stay as lines, blanks at the ends go, control characters are refused."""
    assert checked_lines("  One \r\ntwo\r\n\r\nthree\n", "answer") == "One\ntwo\n\nthree"
    for text, reason in (("", "fill it in."), ("x" * 2_001, "use at most 2,000 characters."),
                         ("a\x00b", "leave out control characters.")):  # fmt: skip
        with pytest.raises(Refusal) as raised:
            checked_lines(text, "answer")
        assert (raised.value.kind.code, raised.value.field, raised.value.values["reason"]) == (
            "invalid-field", "answer", reason,
        )  # fmt: skip


def test_what_changed_between_two_reviews() -> None:
    """Rule by rule: what is new, what there is more or less of, and what is gone, in the order of the later one."""
    findings = {rule: Finding(rule, "Sentence.", "Next.") for rule in ("a", "b", "c", "d", "e")}
    before = replace(FAILED, findings=tuple(findings[rule] for rule in "aabbcd"))
    after = replace(FAILED, findings=tuple(findings[rule] for rule in "eabbbc"), cut_sequence=50)
    found = compare(before, after, 30)

    assert [(each.rule, each.turn) for each in found.rules] == [
        ("e", "new"), ("a", "fewer"), ("b", "more"), ("c", "same"), ("d", "gone"),
    ]  # fmt: skip
    assert found.calls == 30
