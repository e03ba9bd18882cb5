"""Can whoever proves an address open a demo account, once, where policy says so, and nobody else?"""

import pytest
from sqlalchemy import func, select

from keysteward.actions import accounts, housekeeping, leavers, mailing, people, sign_ups, signin
from keysteward.actions.invitations import Newcomer
from keysteward.rules.access import Actor
from keysteward.rules.refusals import (
    HAS_A_USER,
    INVALID_FIELD,
    LAST_ADMIN,
    LINK_NOT_GOOD,
    NOT_YOUR_LINK,
    SIGN_UP_CLOSED,
    TOO_MANY_SIGN_UPS,
    USER_CLOSED,
)
from keysteward.store.tables import sign_ups as table
from tests.cast import ADA, MALLORY, PASSWORD, Town, refused
from tests.mails import empty_boxes, letters_to
from tests.signing_up import NEWCOMER, NINA, asked, let_everybody_in


def test_who_proves_an_address_is_the_only_admin(town: Town) -> None:
    """The account stands on the plan that policy says, with one admin, who signs in with the password they chose."""
    let_everybody_in(town.demo, sign_up_plan="Free")
    link = asked(town.demo)
    nobody = accounts.list_standings_by_email(town.demo, NINA)
    opened = sign_ups.open_account(town.demo, link, NEWCOMER)

    assert nobody == []
    assert (opened.account.name, opened.account.plan, opened.account.state) == ("Parcels", "Free", "open")
    assert (opened.user.name, opened.user.email_verified, opened.is_admin) == ("Nina New", True, True)
    assert [each.user.id for each in accounts.list_members(town.demo, opened.account.id)] == [opened.user.id]
    assert signin.sign_in(town.demo, NINA, PASSWORD)


def test_the_mail_holds_no_word_of_a_stranger(town: Town) -> None:
    """Whoever types somebody else's address sends them nothing of their own in our name."""
    let_everybody_in(town.demo)
    sign_ups.ask(town.demo, ADA.email, "Prizes at evil.example")
    (written,) = mailing.list_newest(town.demo)

    assert written.letter is not None
    assert "evil" not in written.letter.subject + written.letter.text


def test_who_has_a_user_opens_another_with_it(town: Town) -> None:
    """Signed in as that user, and as no other; nobody gets a second user, or another password."""
    let_everybody_in(town.demo)
    link = asked(town.demo, MALLORY.email, "Second home")

    assert sign_ups.look_at(town.demo, link).has_user
    with refused(HAS_A_USER):
        sign_ups.open_account(town.demo, link, NEWCOMER)
    with refused(NOT_YOUR_LINK):
        sign_ups.open_another(town.demo, town.actor(ADA), link)
    opened = sign_ups.open_another(town.demo, town.actor(MALLORY), link)
    assert (opened.user.id, opened.account.name, opened.is_admin) == (MALLORY.demo, "Second home", True)


def test_a_link_works_once_and_the_newest_counts(town: Town) -> None:
    """Used, replaced, expired and made up are one and the same refusal."""
    let_everybody_in(town.demo)
    older = asked(town.demo)
    town.clock.advance(seconds=1)
    newer = asked(town.demo)
    late = asked(town.demo, "late@parcels.example")
    sign_ups.open_account(town.demo, newer, NEWCOMER)
    town.clock.advance(days=1, seconds=1)

    for link in (older, newer, late, "ksl_nonsense", ""):
        with refused(LINK_NOT_GOOD):
            sign_ups.open_account(town.demo, link, NEWCOMER)


def test_nobody_learns_who_is_here(town: Town) -> None:
    """Whoever asks is told the same, for strangers, users and those who left; who left gets no mail."""
    let_everybody_in(town.demo)
    for email in (NINA, ADA.email):
        sign_ups.ask(town.demo, email, "Parcels")
        assert letters_to(town.demo, email) == ["sign-up"]

    leavers.report(town.demo, leavers.Operating("Olga"), MALLORY.demo, "Gone.")
    empty_boxes(town.demo)
    sign_ups.ask(town.demo, MALLORY.email, "Back again")
    assert letters_to(town.demo, MALLORY.email) == []


def test_who_left_meanwhile_opens_nothing(town: Town) -> None:
    """The link was good while they were here."""
    let_everybody_in(town.demo)
    link, mallory = asked(town.demo, MALLORY.email), town.actor(MALLORY)
    leavers.report(town.demo, leavers.Operating("Olga"), MALLORY.demo, "Gone.")

    with refused(USER_CLOSED):
        sign_ups.open_another(town.demo, mallory, link)


def test_few_mails_go_to_one_address_and_not_many_to_all(town: Town) -> None:
    """Three to each within an hour, then silence; after what policy allows altogether, everybody waits."""
    let_everybody_in(town.demo, sign_ups_per_hour=6)
    for _ in range(5):
        sign_ups.ask(town.demo, NINA, "Parcels")
    asked(town.demo, "second@parcels.example")

    assert letters_to(town.demo, NINA) == ["sign-up"] * 3
    with refused(TOO_MANY_SIGN_UPS):
        sign_ups.ask(town.demo, "third@parcels.example", "Parcels")
    town.clock.advance(hours=1, seconds=1)
    sign_ups.ask(town.demo, "third@parcels.example", "Parcels")


def test_where_policy_asks_for_invitations_nobody_comes_alone(town: Town) -> None:
    """By default, and in production whatever its policy says; links of before are worth nothing then."""
    with refused(SIGN_UP_CLOSED):
        sign_ups.ask(town.demo, NINA, "Parcels")
    let_everybody_in(town.production)
    with refused(SIGN_UP_CLOSED):
        sign_ups.ask(town.production, NINA, "Parcels")

    let_everybody_in(town.demo)
    link = asked(town.demo)
    let_everybody_in(town.demo, sign_up="invitation")
    with refused(SIGN_UP_CLOSED):
        sign_ups.open_account(town.demo, link, NEWCOMER)


@pytest.mark.parametrize(
    ("email", "account", "field"),
    [
        ("nina", "Parcels", "email"),
        ("", "Parcels", "email"),
        (NINA, "", "account"),
        (NINA, "x" * 101, "account"),
        (NINA, "a\x00b", "account"),
    ],
)
def test_what_is_asked_must_be_whole(town: Town, email: str, account: str, field: str) -> None:
    """An address, and a name for the account."""
    let_everybody_in(town.demo)

    with refused(INVALID_FIELD, field):
        sign_ups.ask(town.demo, email, account)


@pytest.mark.parametrize(
    ("newcomer", "field"),
    [(Newcomer("", "New", PASSWORD), "first_name"), (Newcomer("Nina", "New", "short"), "password")],
)
def test_a_mistake_uses_the_link_not_up(town: Town, newcomer: Newcomer, field: str) -> None:
    """What is wrong is said, and the same link opens the account afterwards."""
    let_everybody_in(town.demo)
    link = asked(town.demo)
    with refused(INVALID_FIELD, field):
        sign_ups.open_account(town.demo, link, newcomer)

    assert sign_ups.open_account(town.demo, link, NEWCOMER).account.name == "Parcels"


def test_what_nobody_came_back_for_is_forgotten(town: Town) -> None:
    """A day later nothing of the address is left but in the events."""
    let_everybody_in(town.demo)
    asked(town.demo)
    town.clock.advance(days=1, seconds=1)
    housekeeping.forget_what_expired(town.demo)

    with town.demo.database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_the_only_admin_stays(town: Town) -> None:
    """The account of somebody who came alone is protected as every other."""
    let_everybody_in(town.demo)
    opened = sign_ups.open_account(town.demo, asked(town.demo), NEWCOMER)
    nina = Actor(opened.user.id, NINA, town.demo.now)

    with refused(LAST_ADMIN):
        people.close_member(town.demo, nina, opened.account.id, opened.user.id)
