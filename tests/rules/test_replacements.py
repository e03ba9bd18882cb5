"""When is an old key safe to retire, who may retire it and take it back, and who sees how it is used?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest

from keysteward.rules.accounts import ADMIN, SENDER, Account, Membership, Profile, Standing, User
from keysteward.rules.cut_over import Day, Quiet, days_of, percent_moved, why_not_safe
from keysteward.rules.keys import App
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ADMIN_REMOVED_LATELY,
    CONFLICT,
    INVALID_FIELD,
    KEY_DELETED,
    KEY_NOT_RETIRED,
    KEY_RETIRED,
    NOT_SAFE_TO_RETIRE,
    NOT_YOURS_TO_RETIRE,
    RETIRED_FOR_GOOD,
    SIGNER_GONE,
    USED_LATELY,
    Kind,
)
from keysteward.rules.replacements import (
    HANDS,
    STEPS,
    Case,
    Ended,
    Hand,
    Person,
    Replacement,
    Retirement,
    Status,
    Step,
    checked_predecessor,
    is_open_to,
    sight_of,
    status_of,
)
from keysteward.rules.transfers import Act
from tests.cast import refused

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
OLD, NEW = "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11", "8d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c22"
ACME = Account("acme", 1, "Acme", "Business Pro", "open", NOW, "group")
APP = App(
    OLD, "acme", "Lease signer", "team@acme.example", "Private custom integration", frozenset(), pkce_required=False,
    privacy_url="", terms_url="", requester="ada@acme.example", created_at=NOW - 400 * DAY, created_by="ada",
)  # fmt: skip
CALLED = (
    "It was called with on 21 October 2026; it is safe after 30 days without a call, which is on 20 November 2026 if "
    "nobody calls until then."
)
ALIVE = "1 of its refresh tokens is alive, the last until 30 November 2026: somebody may still come with it."
SILENT = Quiet(None, NOW - 400 * DAY)


def person(user: str, profile: Profile | None = None, *, leads: bool = False, operates: bool = False) -> Person:
    """Somebody towards Acme's key."""
    made = User(user, f"{user}@acme.example", user, "", "active", NOW, "acme")
    standing = Standing(ACME, made, Membership("acme", user, profile, "active", NOW)) if profile else None
    return Person(user, standing, {"group": NOW - 30 * DAY} if leads else {}, operates)


ADA, SAM = person("ada", ADMIN), person("sam", SENDER)
CY, DEE = person("cy", leads=True), person("dee", leads=True)
OLGA, EVE = person("olga", operates=True), person("eve")


def act(who: Person, at: datetime = NOW) -> Act:
    """What somebody did."""
    return Act(who.user, f"{who.user}@acme.example", at)


def case(who: Person | None = ADA, hand: Hand = "admin", quiet: Quiet = SILENT) -> Case:
    """The key, about to be retired."""
    said = Replacement(NEW, OLD, "", "mallory@strange.example", NOW)
    return Case(said, APP, ACME, quiet, NOW, DEFAULT, None, who, hand)


def retired(hand: Hand = "admin", at: datetime = NOW, who: Person = ADA) -> Retirement:
    """A retirement in force."""
    return Retirement("one", OLD, NEW, hand, act(who, at), "", retired_at=at)


def asked(at: datetime = NOW) -> Retirement:
    """What Cy asked for in the place of a lost admin."""
    return Retirement(
        "one", OLD, NEW, "stand-in", act(CY, at), "", waits_until=at + 3 * DAY, expires_at=at + 7 * DAY,
        organization="group", requester="ada@acme.example",
    )  # fmt: skip


def stopped_by(step: Step, found: Case) -> Kind | None:
    """The first thing that stops a step."""
    return next((kind for check in STEPS[step] if (kind := check(found))), None)


# ── how far is it? ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("since", "tokens", "expected"),
    [
        (30 * DAY, 0, ()),
        (30 * DAY - MOMENT, 0, (CALLED,)),
        (90 * DAY, 1, (ALIVE,)),
    ],
)  # fmt: skip
def test_safe_after_thirty_silent_days(since: timedelta, tokens: int, expected: tuple[str, ...]) -> None:
    """Exactly thirty days pass; a moment less, or a living refresh token, do not, and a sentence says why."""
    until = NOW + 10 * DAY if tokens else None
    assert why_not_safe(Quiet(NOW - since, NOW, tokens, until), NOW, DEFAULT) == expected


def test_a_key_that_was_never_called_is_silent() -> None:
    """Nobody misses it."""
    assert why_not_safe(Quiet(None, NOW), NOW, DEFAULT) == ()


def test_days_are_shown_whole() -> None:
    """Thirty of them, today's last, those without a call included; the share is that of seven."""
    today, old = date(2026, 11, 20), {date(2026, 11, 20): 1, date(2026, 11, 13): 100, date(2026, 10, 22): 7}
    days = days_of(old, {today: 3}, NOW)

    assert (len(days), days[0], days[-1]) == (30, Day(date(2026, 10, 22), 7, 0), Day(today, 1, 3))
    assert percent_moved(days, NOW) == 75
    assert percent_moved(days_of({}, {}, NOW), NOW) is None


# ── who may retire it? ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("who", [ADA, SAM, CY, OLGA, EVE], ids=lambda who: who.user)
def test_each_hand_is_somebody_s(who: Person, hand: Hand) -> None:
    """An admin, an admin of the organization, an operator: nobody has another's hand, and others have none."""
    is_theirs = (who.user, hand) in {("ada", "admin"), ("cy", "stand-in"), ("olga", "operator")}

    assert is_open_to("retire", case(who, hand)) == is_theirs
    assert stopped_by("retire", case(who, hand)) == (None if is_theirs else NOT_YOURS_TO_RETIRE)


@pytest.mark.parametrize(
    ("since", "expected"), [(90 * DAY, None), (90 * DAY - MOMENT, USED_LATELY), (89 * DAY, USED_LATELY)]
)
def test_an_operator_waits_ninety_days(since: timedelta, expected: Kind | None) -> None:
    """At exactly ninety days without a call; before, nothing they say helps. A key never called counts from its day."""
    called, made = Quiet(NOW - since, NOW - 400 * DAY), Quiet(None, NOW - since)

    for quiet in (called, made):
        assert stopped_by("retire", case(OLGA, "operator", quiet).knowing()) == expected


@pytest.mark.parametrize(("hand", "who"), [("admin", ADA), ("stand-in", CY)])
def test_what_is_still_used_retires_knowingly(hand: Hand, who: Person) -> None:
    """An admin, or who stands in, says that they know."""
    found = case(who, hand, Quiet(NOW, NOW))

    assert stopped_by("retire", found) == NOT_SAFE_TO_RETIRE
    assert stopped_by("retire", found.knowing()) is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda found: replace(found, app=replace(APP, deleted_at=NOW)), KEY_DELETED),
        (lambda found: replace(found, is_replaced=False), KEY_DELETED),
        (lambda found: replace(found, retirement=retired()), KEY_RETIRED),
        (lambda found: replace(found, retirement=asked()), KEY_RETIRED),
        (lambda found: replace(found, account=replace(ACME, state="closed")), ACCOUNT_NOT_OPEN),
        (lambda found: replace(found, retirement=replace(retired(), ended=Ended("brought back", act(ADA)))), None),
        (lambda found: replace(found, retirement=replace(asked(), ended=Ended("expired", act(ADA)))), None),
        (lambda found: replace(found, retirement=asked(NOW - 7 * DAY)), None),
    ],
    ids=["deleted", "successor-deleted", "retired", "asked", "closed", "came-back", "ended", "time-is-up"],
)
def test_what_stops_an_admin(change: Callable[[Case], Case], expected: Kind | None) -> None:
    """A key is retired once, while it is there and its account is open; what is over stands in nobody's way."""
    assert stopped_by("retire", change(case())) == expected


def test_a_closed_account_s_key_is_retired_by_others() -> None:
    """Of a suspended account not by the organization either, and by operators always."""
    closed, suspended = replace(ACME, state="closed"), replace(ACME, state="suspended")

    assert stopped_by("retire", replace(case(CY, "stand-in"), account=closed)) is None
    assert stopped_by("retire", replace(case(CY, "stand-in"), account=suspended)) == ACCOUNT_NOT_OPEN
    assert stopped_by("retire", replace(case(OLGA, "operator"), account=suspended)) is None


# ── a stand-in ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("at", "has_second", "is_approved", "expected"),
    [
        (NOW - 3 * DAY + MOMENT, False, False, "waiting"),
        (NOW - 3 * DAY, False, False, "ready"),
        (NOW - 3 * DAY, True, False, "to be approved"),
        (NOW - 3 * DAY, True, True, "ready"),
        (NOW - 7 * DAY, True, True, "expired"),
    ],
)
def test_a_stand_in_waits(at: datetime, has_second: bool, is_approved: bool, expected: Status) -> None:
    """Three days, and for a second admin of the organization where there is one; after seven days it is over."""
    approved = act(DEE) if is_approved else None
    found = replace(case(), retirement=replace(asked(at), approved=approved, needs_second=has_second))

    assert status_of(found) == expected
    assert is_open_to("take effect", replace(found, signers={"asked": CY})) == (expected == "ready")


@pytest.mark.parametrize(
    ("who", "expected"),
    [(DEE, None), (CY, NOT_YOURS_TO_RETIRE), (ADA, NOT_YOURS_TO_RETIRE), (OLGA, NOT_YOURS_TO_RETIRE)],
)
def test_another_admin_of_the_organization_approves(who: Person, expected: Kind | None) -> None:
    """Not the one who asked, nor anybody else."""
    found = replace(case(who, "stand-in"), retirement=asked())

    assert stopped_by("approve", found) == expected


def test_nobody_is_named_to_approve() -> None:
    """Whoever leads the organization only since it was asked says nothing to it."""
    late = replace(DEE, administers={"group": NOW + MOMENT})

    assert stopped_by("approve", replace(case(late, "stand-in"), retirement=asked())) == NOT_YOURS_TO_RETIRE
    assert stopped_by("approve", replace(case(DEE, "stand-in"), retirement=asked())) is None


@pytest.mark.parametrize(
    ("removed_at", "expected"),
    [(None, None), (NOW - 3 * DAY, None), (NOW - 3 * DAY + MOMENT, ADMIN_REMOVED_LATELY), (NOW, ADMIN_REMOVED_LATELY)],
)
def test_nobody_is_removed_for_it(removed_at: datetime | None, expected: Kind | None) -> None:
    """For three days after an admin was removed an organization stands in for nobody; others retire their own keys."""
    found = replace(case(CY, "stand-in"), admin_removed_at=removed_at)

    assert stopped_by("retire", found) == expected
    assert stopped_by("retire", replace(case(), admin_removed_at=removed_at)) is None


def test_one_word_is_enough() -> None:
    """Twice is once, and there must be something to approve."""
    found = replace(case(DEE, "stand-in"), retirement=asked())

    assert stopped_by("approve", replace(found, signers={"approved": DEE})) == CONFLICT
    over = replace(asked(), ended=Ended("expired", act(CY)))
    assert stopped_by("approve", replace(found, retirement=over)) == KEY_NOT_RETIRED


def test_who_asked_must_still_lead() -> None:
    """When it takes effect, their standing is asked again, and that of who approved."""
    ready = replace(case(None), hand="stand-in", retirement=asked(NOW - 3 * DAY))

    assert stopped_by("take effect", replace(ready, signers={"asked": EVE})) == SIGNER_GONE
    assert stopped_by("take effect", replace(ready, signers={"asked": CY, "approved": EVE})) == SIGNER_GONE
    elsewhere = replace(ACME, organization="other")
    assert stopped_by("take effect", replace(ready, signers={"asked": CY}, account=elsewhere)) == SIGNER_GONE


# ── taking it back ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("hand", HANDS)
def test_the_same_people_take_it_back(hand: Hand) -> None:
    """An admin of the account always; others what their own hand did."""
    organization = "group" if hand == "stand-in" else None
    kept = replace(retired(hand), organization=organization)
    may = {
        who.user for who in (ADA, SAM, CY, OLGA, EVE) if is_open_to("bring back", replace(case(who), retirement=kept))
    }

    assert may == {"ada"} | {"stand-in": {"cy"}, "operator": {"olga"}, "admin": set[str]()}[hand]


@pytest.mark.parametrize(
    ("since", "status", "expected"),
    [(15 * DAY - MOMENT, "retired", None), (15 * DAY, "final", RETIRED_FOR_GOOD)],
)
def test_for_fifteen_days(since: timedelta, status: Status, expected: Kind | None) -> None:
    """At exactly fifteen days it is too late, whether a job came by or not; then it is made final, once."""
    found = replace(case(), retirement=retired(at=NOW - since))

    assert (status_of(found), stopped_by("bring back", found)) == (status, expected)
    assert is_open_to("finish", found) == (status == "final")
    done = replace(found, retirement=replace(retired(at=NOW - since), ended=Ended("final", act(ADA))))
    assert stopped_by("finish", done) == KEY_NOT_RETIRED


def test_nothing_to_take_back() -> None:
    """Where nobody retired it, or it came back already."""
    back = replace(retired(), ended=Ended("brought back", act(ADA)))

    assert stopped_by("bring back", replace(case(), retirement=back)) == KEY_NOT_RETIRED
    assert stopped_by("bring back", case()) == KEY_NOT_RETIRED
    assert stopped_by("bring back", case(CY)) == NOT_YOURS_TO_RETIRE


# ── who sees what ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("who", "proven", "expected"),
    [
        (ADA, False, "all"), (ADA, True, "all"), (SAM, False, "nothing"), (SAM, True, "usage"), (EVE, True, "usage"),
        (EVE, False, "nothing"), (CY, False, "signal"), (CY, True, "usage"), (OLGA, False, "signal"),
    ],
)  # fmt: skip
def test_who_sees_what(who: Person, proven: bool, expected: str) -> None:
    """Users are for the old key's admins; how it is used for who holds its credential; the signal for who decides."""
    assert sight_of(case(who), is_proven=proven) == expected


@pytest.mark.parametrize(("typed", "expected"), [("", ""), (f"  {OLD.upper()} ", OLD)])
def test_a_predecessor_is_a_guid(typed: str, expected: str) -> None:
    """In any letter case, or none at all."""
    assert checked_predecessor(typed) == expected


@pytest.mark.parametrize("typed", ["x", OLD[:-1], f"{OLD}0", "Lease signer"])
def test_nothing_else_is_a_predecessor(typed: str) -> None:
    """Its shape is all that is looked at."""
    with refused(INVALID_FIELD, "predecessor"):
        checked_predecessor(typed)


def test_every_step_has_its_checks() -> None:
    """None is free."""
    assert set(STEPS) == set(get_args(Step))
    assert all(STEPS.values())
