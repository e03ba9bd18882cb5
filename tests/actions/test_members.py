"""How do people come into an account, what may they do there, and who is refused?"""

from dataclasses import replace

from keysteward.actions import (
    accounts,
    call_usage,
    golive,
    invitations,
    keys,
    leavers,
    limits,
    people,
    profiles,
    recovery_contacts,
    signin,
)
from keysteward.actions.invitations import Draft, Newcomer
from keysteward.rules.access import READ_KEYS, READ_MEMBERS, WRITE_MEMBERS
from keysteward.rules.accounts import ADMIN, DEVELOPER, SEND, SENDER, VIEWER
from keysteward.rules.call_usage import Scope
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ALREADY_A_MEMBER,
    FRESH_SIGN_IN_NEEDED,
    HAS_A_USER,
    INVALID_FIELD,
    LINK_NOT_GOOD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NO_SUCH_USER,
    NOT_AN_ADMIN,
    NOT_YOUR_LINK,
    PROFILE_FIXED,
    PROFILE_IN_USE,
    TOKEN_LACKS_PERMISSION,
    TOO_MANY_INVITATIONS,
    TOO_MANY_LINKS,
    TOO_MANY_STRANGERS,
    USER_CLOSED,
)
from tests.actions.test_recovery import with_factor
from tests.cast import ACME, ADA, BO, CY, MALLORY, PASSWORD, SAM, STRANGE, UNKNOWN, VERA, Made, Town, refused
from tests.mails import letters_to, link_to
from tests.peers.databases import rows
from tests.plays.leavers import HOST, NEW, newcomer

NELL = Newcomer("Nell", "Newcomer", PASSWORD)


def invite(town: Town, email: str = NEW, profile: int = SENDER.id, *, is_service: bool = False) -> str:
    """Let Ada invite somebody to Acme; the value of the link."""
    invitations.invite(town.demo, town.actor(ADA), ACME.demo, Draft(email, profile, is_service))
    return link_to(town.demo, email)


# ── invitations ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_somebody_comes_as_a_new_user(town: Town) -> None:
    """Name and password are theirs, the address is proved, and until then they were nobody."""
    link = invite(town, profile=ADMIN.id)
    assert NEW not in {each.user.email for each in accounts.list_members(town.demo, ACME.demo)}
    told = invitations.look_at(town.demo, link)
    assert (told.account.name, told.inviter.email, told.has_user) == ("Acme", ADA.email, False)
    standing = invitations.accept(town.demo, link, NELL)

    assert (standing.is_admin, standing.user.email_verified, standing.user.name) == (True, True, "Nell Newcomer")
    assert signin.visit(town.demo, signin.sign_in(town.demo, NEW, PASSWORD)).standing == standing
    with refused(LINK_NOT_GOOD):
        invitations.accept(town.demo, link, NELL)


def test_somebody_comes_with_the_user_they_have(town: Town) -> None:
    """Signed in with the invited address, and with no other; several accounts are one user's."""
    link = invite(town, MALLORY.email)
    with refused(HAS_A_USER):
        invitations.accept(town.demo, link, NELL)
    with refused(NOT_YOUR_LINK):
        invitations.join(town.demo, town.actor(CY), link)
    invitations.join(town.demo, town.actor(MALLORY), link)

    found = {each.account.id for each in accounts.list_standings(town.demo, MALLORY.demo)}
    assert found == {STRANGE.demo, ACME.demo}


def test_a_link_expires_is_replaced_and_is_withdrawn(town: Town) -> None:
    """Seven days, the newest only, and not after an admin thought better of it."""
    first = invite(town)
    town.clock.advance(seconds=1)
    second = invite(town)
    (waiting,) = invitations.list_waiting(town.demo, town.actor(ADA), ACME.demo)
    with refused(LINK_NOT_GOOD):
        invitations.look_at(town.demo, first)
    invitations.withdraw(town.demo, town.actor(ADA), ACME.demo, waiting.id)
    with refused(LINK_NOT_GOOD):
        invitations.look_at(town.demo, second)
    with refused(NO_SUCH_OBJECT):
        invitations.withdraw(town.demo, town.actor(ADA), ACME.demo, waiting.id)
    town.clock.advance(seconds=1)
    third = invite(town)
    town.clock.advance(days=7)
    with refused(LINK_NOT_GOOD):
        invitations.accept(town.demo, third, NELL)
    assert letters_to(town.demo, NEW) == ["invitation"] * 3


def test_an_invitation_is_worth_what_its_sender_is(town: Town) -> None:
    """Whoever administers the account no more lets nobody in, nor does an account that is not open."""
    invitations.invite(town.demo, town.actor(BO), ACME.demo, Draft(NEW, SENDER.id))
    link = link_to(town.demo, NEW)
    accounts.change_account(town.demo, ACME.demo, HOST, state="suspended")
    with refused(ACCOUNT_NOT_OPEN):
        invitations.accept(town.demo, link, NELL)
    accounts.change_account(town.demo, ACME.demo, HOST, state="open")
    people.change_profile(town.demo, town.actor(ADA), ACME.demo, BO.demo, SENDER.id)
    with refused(LINK_NOT_GOOD):
        invitations.accept(town.demo, link, NELL)


def test_who_is_not_invited(town: Town) -> None:
    """Members, what is no address, unknown profiles, too many, too often; a leaver is refused only when they come."""
    with refused(ALREADY_A_MEMBER):
        invite(town, SAM.email.upper())
    with refused(INVALID_FIELD, "email"):
        invite(town, "nonsense")
    with refused(INVALID_FIELD, "profile"):
        invite(town, profile=20_001)
    leavers.report(town.demo, leavers.Operating(HOST), MALLORY.demo, "Left.")
    with refused(USER_CLOSED):
        invitations.look_at(town.demo, invite(town, MALLORY.email))
    for _ in range(3):
        invite(town)
    with refused(TOO_MANY_LINKS):
        invite(town)
    full = town.demo.under(replace(DEFAULT, invitations_per_account=1))
    with refused(TOO_MANY_INVITATIONS):
        invitations.invite(full, town.actor(ADA), ACME.demo, Draft("third@acme.example", SENDER.id))


def test_an_account_is_no_way_to_send_mail(town: Town) -> None:
    """However often it withdraws: few strangers are written to within an hour, those of its recovery contacts too."""
    few, ada = town.demo.under(replace(DEFAULT, strangers_written_per_hour=2)), town.actor(ADA)
    for number in range(2):
        made = invitations.invite(few, ada, ACME.demo, Draft(f"stranger{number}@elsewhere.example", SENDER.id))
        invitations.withdraw(few, ada, ACME.demo, made.id)
    with refused(TOO_MANY_STRANGERS):
        invitations.invite(few, ada, ACME.demo, Draft("third@elsewhere.example", SENDER.id))
    with refused(TOO_MANY_STRANGERS):
        recovery_contacts.name_contact(few, ada, ACME.demo, "box@elsewhere.example")
    assert letters_to(town.demo, "third@elsewhere.example") == []

    town.clock.advance(hours=1)
    assert invitations.invite(few, town.actor(ADA), ACME.demo, Draft("third@elsewhere.example", SENDER.id))


def test_a_service_admin(town: Town) -> None:
    """An admin identity of an address that is no person's, made by a person; its sign-ins say what it is."""
    program = town.actor(ADA, permissions=frozenset({WRITE_MEMBERS}))
    with refused(FRESH_SIGN_IN_NEEDED):
        invitations.invite(town.demo, program, ACME.demo, Draft(NEW, ADMIN.id, is_service=True))
    with refused(INVALID_FIELD, "profile"):
        invite(town, is_service=True)
    link = invite(town, MALLORY.email, ADMIN.id, is_service=True)
    with refused(INVALID_FIELD, "link"):
        invitations.join(town.demo, town.actor(MALLORY), link)
    standing = invitations.accept(town.demo, invite(town, profile=ADMIN.id, is_service=True), newcomer())

    assert (standing.user.service, standing.is_admin) == (True, True)
    signin.sign_in(town.demo, NEW, PASSWORD)
    told = "SELECT data FROM events WHERE name = 'SignedIn'"
    assert rows(town.demo.database, told) == [('{"service_admin":"true"}',)]


def test_an_admin_sees_who_has_a_second_factor(town: Town) -> None:
    """For the members of their account, and no other; and when each signed in last."""
    with_factor(town.demo, town, SAM)
    signin.sign_in(town.demo, VERA.email, PASSWORD)
    found = people.list_members(town.demo, town.actor(ADA), ACME.demo)

    assert [each.standing.user.email for each in found if each.has_factor] == [SAM.email]
    assert [each.standing.user.email for each in found if each.signed_in_at] == [VERA.email]
    with refused(NOT_AN_ADMIN):
        people.list_members(town.demo, town.actor(SAM), ACME.demo)


# ── members ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_member_goes_and_comes_again(town: Town) -> None:
    """Their profile stays theirs; what was done stands in their history, the newest first."""
    ada = town.actor(ADA)
    people.change_profile(town.demo, ada, ACME.demo, SAM.demo, VIEWER.id)
    people.close_member(town.demo, ada, ACME.demo, SAM.demo)
    with refused(NO_SUCH_USER):
        people.change_profile(town.demo, ada, ACME.demo, SAM.demo, SENDER.id)
    back = people.reactivate(town.demo, ada, ACME.demo, SAM.demo)
    with refused(ALREADY_A_MEMBER):
        people.reactivate(town.demo, ada, ACME.demo, SAM.demo)
    view = people.view(town.demo, ada, ACME.demo, SAM.demo)

    assert (back.is_active, back.membership.profile) == (True, VIEWER)
    told = [event.name for event in view.events]
    assert told[:3] == ["UserReactivated", "UserClosed", "MemberProfileChanged"]


def test_a_leaver_is_not_reactivated_by_an_admin(town: Town) -> None:
    """Whose user is closed stays closed in the account, and its page says who said so."""
    leavers.report(town.demo, leavers.Operating(HOST), SAM.demo, "Left.")
    with refused(USER_CLOSED):
        people.reactivate(town.demo, town.actor(ADA), ACME.demo, SAM.demo)
    departure = people.view(town.demo, town.actor(ADA), ACME.demo, SAM.demo).departure

    assert departure is not None
    assert (departure.by, departure.reason) == ("operator Olga", "Left.")


def test_who_may_change_members(town: Town) -> None:
    """Admins who just proved who they are; members are told so, strangers nothing; a closed account rests."""
    ada = town.actor(ADA)
    with refused(NOT_AN_ADMIN):
        people.close_member(town.demo, town.actor(SAM), ACME.demo, BO.demo)
    for actor, account in ((town.actor(MALLORY), ACME.demo), (ada, UNKNOWN)):
        with refused(NO_SUCH_ACCOUNT):
            people.list_members(town.demo, actor, account)
    with refused(NO_SUCH_USER):
        people.view(town.demo, ada, ACME.demo, MALLORY.demo)
    with refused(TOKEN_LACKS_PERMISSION):
        token = town.actor(ADA, permissions=frozenset({READ_MEMBERS}))
        people.close_member(town.demo, token, ACME.demo, BO.demo)
    accounts.change_account(town.demo, ACME.demo, HOST, state="closed")
    with refused(ACCOUNT_NOT_OPEN):
        people.close_member(town.demo, ada, ACME.demo, BO.demo)
    town.clock.advance(minutes=11)
    with refused(FRESH_SIGN_IN_NEEDED):
        people.close_member(town.demo, ada, ACME.demo, BO.demo)


# ── permission profiles and developers ──────────────────────────────────────────────────────────────────────────────
def test_a_profile_of_an_accounts_own(town: Town) -> None:
    """It means what it says at once, is no other account's, and goes only when nobody has it."""
    ada, draft = town.actor(ADA), profiles.Draft("Key watcher", frozenset({READ_KEYS}))
    made = profiles.make(town.demo, ada, ACME.demo, draft)
    for name in ("key WATCHER", "ds admin"):
        with refused(INVALID_FIELD, "name"):
            profiles.make(town.demo, ada, ACME.demo, profiles.Draft(name, frozenset()))
    people.change_profile(town.demo, ada, ACME.demo, SAM.demo, made.id)
    assert keys.list_apps(town.demo, town.actor(SAM), ACME.demo) == keys.list_apps(town.demo, ada, ACME.demo)
    profiles.change(town.demo, ada, ACME.demo, made.id, profiles.Draft("Sender two", frozenset({SEND})))

    with refused(NOT_AN_ADMIN):
        keys.list_apps(town.demo, town.actor(SAM), ACME.demo)
    with refused(PROFILE_IN_USE):
        profiles.remove(town.demo, ada, ACME.demo, made.id)
    with refused(PROFILE_FIXED):
        profiles.remove(town.demo, ada, ACME.demo, ADMIN.id)
    with refused(NO_SUCH_OBJECT):
        profiles.remove(town.demo, town.actor(MALLORY), STRANGE.demo, made.id)
    people.change_profile(town.demo, ada, ACME.demo, SAM.demo, SENDER.id)
    profiles.remove(town.demo, ada, ACME.demo, made.id)
    assert made not in profiles.list_profiles(town.demo, ada, ACME.demo)


def test_a_developer_sees_and_changes_nothing(town: Town, made: Made) -> None:
    """Keys, calls, readiness, usage and limits are theirs to see; whatever changes a key is an admin's."""
    people.change_profile(town.demo, town.actor(ADA), ACME.demo, VERA.demo, DEVELOPER.id)
    vera, ctx = town.actor(VERA), town.demo

    assert [app.key for app in keys.list_apps(ctx, vera, ACME.demo)] == [made.key]
    assert keys.view(ctx, vera, made.key).app.key == made.key
    assert golive.readiness(ctx, vera, made.key).run == 0
    assert limits.show_to_admin(ctx, vera, ACME.demo).account.id == ACME.demo
    assert call_usage.demand_reader(ctx, vera, Scope(key=made.key))
    for deed in (
        lambda: keys.stop(ctx, vera, made.key),
        lambda: keys.change(ctx, vera, made.key, keys.Change(name="Mine")),
        lambda: golive.start_review(ctx, vera, made.key),
        lambda: keys.create(ctx, vera, ACME.demo, keys.Draft("Mine", "v@acme.example")),
        lambda: people.list_members(ctx, vera, ACME.demo),
    ):
        with refused(NOT_AN_ADMIN):
            deed()
    with refused(NO_SUCH_KEY):
        keys.view(ctx, town.actor(MALLORY), made.key)
