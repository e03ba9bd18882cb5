"""Is a recovery contact told in time, with nothing but a voice, and does an organization rest on their address?"""

import pytest

from keysteward.actions import (
    housekeeping,
    leavers,
    mailing,
    operators,
    people,
    recovery_contacts,
)
from keysteward.actions.leavers import Operating
from keysteward.rules.accounts import ADMIN, SENDER
from keysteward.rules.recovery_contacts import State, state_of
from keysteward.rules.refusals import (
    CONTACT_KNOWN,
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    LINK_NOT_GOOD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    NOT_AN_ADMIN,
    REQUESTER_OUTSIDE,
    TOO_MANY_CONTACTS,
    TOO_MANY_LINKS,
)
from tests.cast import ACME, ADA, BO, CY, MALLORY, ROBIN, SAM, SMALL, VERA, Made, Person, Town, refused
from tests.mails import letters_to, link_to
from tests.transferring import stand_in

BOX = "recovery@acme.example"


def name(town: Town, email: str = BOX, *, by: Person = ADA, account: str = ACME.production) -> None:
    """Name a contact in production."""
    recovery_contacts.name_contact(town.production, town.actor(by, town.production), account, email)


def agreed(town: Town, email: str = BOX) -> None:
    """Name one who agrees."""
    name(town, email)
    recovery_contacts.confirm(town.production, link_to(town.production, email))


def states(town: Town) -> dict[str, State]:
    """The contacts of Acme with their states."""
    ctx = town.production
    found = recovery_contacts.list_contacts(ctx, town.actor(ADA, ctx), ACME.production)
    return {each.email: state_of(each, ctx.now) for each in found}


def leave(town: Town, *who: Person) -> None:
    """They all leave, a moment later."""
    town.clock.advance(seconds=1)
    for each in who:
        leavers.report(town.production, Operating("the tests"), each.production, "Left.")


def test_a_contact_agrees(town: Town) -> None:
    """It counts once whoever reads the mail said so, with a link that works once and not for ever."""
    name(town)
    assert states(town) == {BOX: "asked"}
    link = link_to(town.production, BOX)
    seen = recovery_contacts.look_at(town.production, link)
    assert (seen.contact.email, seen.account.name, seen.has_admin) == (BOX, "Acme", True)

    recovery_contacts.confirm(town.production, link)
    assert states(town) == {BOX: "confirmed"}
    with refused(LINK_NOT_GOOD):
        recovery_contacts.confirm(town.production, link)
    with refused(LINK_NOT_GOOD):
        recovery_contacts.ask_for_help(town.production, link)


def test_nobody_agrees_for_ever(town: Town) -> None:
    """After thirty days the link is over, and who never agreed is forgotten."""
    name(town)
    town.clock.advance(days=30)
    assert states(town) == {BOX: "expired"}
    with refused(LINK_NOT_GOOD):
        recovery_contacts.confirm(town.production, link_to(town.production, BOX))
    town.clock.advance(days=2)
    housekeeping.forget_what_expired(town.production)
    assert states(town) == {}


def test_an_unconfirmed_link_asks_for_nothing(town: Town) -> None:
    """Who never agreed has no voice."""
    name(town)
    with refused(LINK_NOT_GOOD):
        recovery_contacts.ask_for_help(town.production, link_to(town.production, BOX))


def test_who_may_name_them(town: Town) -> None:
    """Admins, freshly signed in; a few, each once, and real addresses."""
    with refused(NOT_AN_ADMIN):
        name(town, by=SAM)
    with refused(NO_SUCH_ACCOUNT):
        name(town, by=MALLORY)
    with refused(INVALID_FIELD, "email"):
        name(town, "nobody")
    stale = town.actor(ADA, town.production)
    town.clock.advance(minutes=11)
    with refused(FRESH_SIGN_IN_NEEDED):
        recovery_contacts.name_contact(town.production, stale, ACME.production, BOX)

    name(town)
    with refused(CONTACT_KNOWN):
        name(town, BOX.upper())
    name(town, "two@acme.example")
    name(town, "three@acme.example")
    with refused(TOO_MANY_CONTACTS):
        name(town, "four@acme.example")


def test_they_are_removed(town: Town) -> None:
    """Then their link is good for nothing; whoever is none is not found."""
    ctx, ada = town.production, town.actor(ADA, town.production)
    agreed(town)
    recovery_contacts.remove_contact(ctx, ada, ACME.production, BOX.upper())
    with refused(NO_SUCH_OBJECT):
        recovery_contacts.remove_contact(ctx, ada, ACME.production, BOX)
    leave(town, ADA, BO, ROBIN)
    assert "recovery-needed" not in letters_to(ctx, BOX)


def test_the_other_admins_hear_of_it(town: Town) -> None:
    """Whoever named or removed one is not told; everybody else is, each time."""
    ctx = town.production
    name(town)
    recovery_contacts.remove_contact(ctx, town.actor(ADA, ctx), ACME.production, BOX)

    assert (
        letters_to(ctx, BO.email).count("contact-changed"),
        letters_to(ctx, ADA.email).count("contact-changed"),
    ) == (2, 0)


def test_an_address_is_not_flooded(town: Town) -> None:
    """Three links an hour, however often it is named and removed."""
    ctx, ada = town.production, town.actor(ADA, town.production)
    for _ in range(3):
        name(town)
        recovery_contacts.remove_contact(ctx, ada, ACME.production, BOX)
    with refused(TOO_MANY_LINKS):
        name(town)


def test_they_are_told_when_the_last_admin_goes(town: Town) -> None:
    """Not before; who did not agree is not told; and a link lets them ask for help, once."""
    ctx = town.production
    agreed(town)
    name(town, "other@acme.example")
    leave(town, ADA, BO)
    assert "recovery-needed" not in letters_to(ctx, BOX)
    leave(town, ROBIN)
    assert letters_to(ctx, BOX)[0] == "recovery-needed"
    assert "recovery-needed" not in letters_to(ctx, "other@acme.example")

    link = link_to(ctx, BOX)
    assert recovery_contacts.look_at(ctx, link).has_admin is False
    assert recovery_contacts.ask_for_help(ctx, link) == 1
    assert letters_to(ctx, CY.email)[0] == "recovery-asked"
    with refused(LINK_NOT_GOOD):
        recovery_contacts.ask_for_help(ctx, link)


def test_whoever_is_asked_reads_how_it_stands(town: Town) -> None:
    """An account that has no admin, or one again, whom the contact could not reach."""
    ctx = town.production
    agreed(town)
    leave(town, ADA, BO, ROBIN)
    leavers.bring_back(ctx, Operating("the tests"), BO.production)
    recovery_contacts.ask_for_help(ctx, link_to(ctx, BOX))

    (mail,) = [each.letter for each in mailing.list_newest(ctx) if each.about == "recovery-asked"]
    assert mail is not None
    assert "asks for help: it has an admin again" in mail.text


def test_operators_are_asked_where_there_is_no_organization(town: Town) -> None:
    """Somebody is always written to, if there is anybody."""
    ctx = town.production
    name(town, account=SMALL.production)
    recovery_contacts.confirm(ctx, link_to(ctx, BOX))
    operators.add(ctx, VERA.email, "the tests")
    leave(town, ADA)
    assert recovery_contacts.ask_for_help(ctx, link_to(ctx, BOX)) == 1
    assert letters_to(ctx, VERA.email)[0] == "recovery-asked"


def test_a_demoted_admin_is_a_loss_too(town: Town) -> None:
    """However the last one goes; where one stays, nobody is told."""
    ctx = town.production
    agreed(town)
    people.change_profile(ctx, town.actor(ADA, ctx), ACME.production, BO.production, SENDER.id)
    assert "recovery-needed" not in letters_to(ctx, BOX)
    people.change_profile(ctx, town.actor(ADA, ctx), ACME.production, BO.production, ADMIN.id)


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_an_organization_rests_on_their_address(town: Town, made: Made, is_confirmed: bool) -> None:
    """Where the requester is of elsewhere, a contact in the claimed domain does, once they agreed."""
    ctx = town.production
    town.go_live(made)
    with ctx.database.writing() as tx:
        tx.exec_driver_sql("UPDATE apps SET requester = 'consultant@elsewhere.example'")
    name(town)
    if not is_confirmed:
        with refused(REQUESTER_OUTSIDE):
            stand_in(town, made)
        return
    recovery_contacts.confirm(ctx, link_to(ctx, BOX))
    assert stand_in(town, made).requester == BOX


def test_a_contact_sees_and_manages_nothing(town: Town) -> None:
    """Being one gives a user of that address no standing."""
    agreed(town, MALLORY.email)
    ctx = town.production
    with refused(NO_SUCH_ACCOUNT):
        recovery_contacts.list_contacts(ctx, town.actor(MALLORY, ctx), ACME.production)
    assert [each.recipient for each in mailing.list_newest(ctx) if each.about == "recovery-contact"] == [MALLORY.email]
