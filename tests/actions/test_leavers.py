"""Is whoever left out at once, and are accounts closed only when nothing hangs on them?"""

import pytest

from keysteward.actions import (
    account_links,
    account_states,
    accounts,
    callers,
    invitations,
    leavers,
    mailing,
    operators,
    organizations,
    people,
    recovery,
    signin,
)
from keysteward.actions import tokens as token_deeds
from keysteward.actions.context import Context
from keysteward.rules.access import HANDLE_ACCOUNTS, READ_KEYS
from keysteward.rules.accounts import ADMIN, SENDER, NewUser
from keysteward.rules.refusals import (
    ACCOUNT_HAS_LIVE_KEYS,
    ACCOUNT_NOT_OPEN,
    ACCOUNT_STATE,
    BAD_TOKEN,
    CLOSED_BY_OTHERS,
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    LAST_ADMIN,
    NO_SUCH_OBJECT,
    NO_SUCH_USER,
    NOT_AN_OPERATOR,
    NOT_AN_ORGANIZATION_ADMIN,
    NOT_SIGNED_IN,
    REFRESH_NOT_GOOD,
    TOKEN_LACKS_PERMISSION,
    WRONG_CREDENTIALS,
)
from keysteward.store import recovery as recovery_store
from tests.cast import (
    ACME,
    ADA,
    BO,
    COUNCIL,
    CY,
    MALLORY,
    ORGANIZATION,
    PASSWORD,
    ROBIN,
    SAM,
    SMALL,
    STRANGE,
    UNKNOWN,
    VERA,
    Made,
    Town,
    refused,
)
from tests.peers.databases import rows
from tests.plays.leavers import HOST, opening

SAID = "Left in June."
OLGA = leavers.Operating(HOST)
GROUP = ORGANIZATION["demo"]


def council(town: Town) -> leavers.Council:
    """Cy, who administers the organization."""
    return leavers.Council(town.actor(CY), GROUP)


def guest_of_acme(town: Town) -> None:
    """Mallory, whose address is no domain of the organization, becomes an admin of Acme too."""
    accounts.add_user(town.demo, ACME.demo, NewUser(MALLORY.email, "Mallory", "Stranger", ADMIN), ADA.email)


def unmanaged(ctx: Context) -> list[str]:
    """The accounts of the cast that no active admin manages."""
    found = (ACME, SMALL, COUNCIL, STRANGE)
    return [each.name for each in found if not any(m.is_admin for m in accounts.list_members(ctx, each.demo))]


# ── the last admin ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_no_member_takes_the_last_admin_away(town: Town) -> None:
    """Closed or demoted, by themselves: refused; an invited successor changes nothing, one who came does."""
    for person in (BO, ROBIN):
        people.close_member(town.demo, town.actor(ADA), ACME.demo, person.demo)
    invitations.invite(town.demo, town.actor(ADA), ACME.demo, invitations.Draft("nell@acme.example", ADMIN.id))

    with refused(LAST_ADMIN):
        people.close_member(town.demo, town.actor(ADA), ACME.demo, ADA.demo)
    with refused(LAST_ADMIN):
        people.change_profile(town.demo, town.actor(ADA), ACME.demo, ADA.demo, SENDER.id)
    people.change_profile(town.demo, town.actor(ADA), ACME.demo, SAM.demo, ADMIN.id)
    people.change_profile(town.demo, town.actor(ADA), ACME.demo, ADA.demo, SENDER.id)
    assert unmanaged(town.demo) == []


def test_a_leaver_is_out_at_once(town: Town, made: Made) -> None:
    """Sign-in, session, access and refresh token, personal access token, invitations: all of it, in one deed."""
    ctx, session = town.demo, signin.sign_in(town.demo, BO.email, PASSWORD)
    answer = town.sign_in_with(ctx, made, BO, "signature extended")
    personal = signin.issue_personal_token(ctx, town.actor(BO), "CI", frozenset({READ_KEYS}), 1)
    invitations.invite(ctx, town.actor(BO), ACME.demo, invitations.Draft("accomplice@acme.example", ADMIN.id))
    left = leavers.report(ctx, council(town), BO.demo, SAID)

    assert (left.departure.is_whole, left.departure.source, left.unmanaged) == (True, "organization admin", ())
    for deed in (lambda: signin.visit(ctx, session), lambda: signin.recognize(ctx, personal)):
        with refused(NOT_SIGNED_IN):
            deed()
    with refused(WRONG_CREDENTIALS):
        signin.sign_in(ctx, BO.email, PASSWORD)
    with refused(BAD_TOKEN):
        callers.recognize(ctx, answer.access_token)
    with refused(REFRESH_NOT_GOOD):
        token_deeds.refresh(ctx, made.credentials, answer.refresh_token or "", None)
    assert invitations.list_waiting(ctx, town.actor(ADA), ACME.demo) == []


def test_the_last_admin_who_left_is_out_as_well(town: Town, made: Made) -> None:
    """The account is without an active admin, which the event says, and its key goes on issuing tokens."""
    for person in (BO, ROBIN):
        people.close_member(town.demo, town.actor(ADA), ACME.demo, person.demo)
    left = leavers.report(town.demo, leavers.Directory("Acme Login", GROUP), ADA.demo, SAID)

    assert sorted(left.unmanaged) == sorted([ACME.demo, SMALL.demo])
    assert unmanaged(town.demo) == ["Acme", "Acme Small"]
    assert town.caller(town.demo, made, SAM).app.key == made.key
    back = leavers.bring_back(town.demo, leavers.Directory("Acme Login", GROUP), ADA.demo)
    assert (back.state, unmanaged(town.demo)) == ("active", [])


def test_a_word_said_twice_is_one(town: Town) -> None:
    """An identity provider repeats itself: one departure, one event."""
    first = leavers.report(town.demo, council(town), SAM.demo, SAID)
    again = leavers.report(town.demo, council(town), SAM.demo, "Once more.")

    assert again.departure == first.departure
    assert rows(town.demo.database, "SELECT count(*) FROM events WHERE name = 'LeaverReported'") == [(1,)]


def test_an_organization_speaks_for_its_own_people(town: Town) -> None:
    """Whoever has an address elsewhere loses the memberships in its accounts, and keeps their user and the rest."""
    guest_of_acme(town)
    left = leavers.report(town.demo, council(town), MALLORY.demo, SAID)

    assert (left.departure.is_whole, left.departure.accounts) == (False, (ACME.demo,))
    assert [each.account.id for each in accounts.list_standings(town.demo, MALLORY.demo)] == [STRANGE.demo]
    leavers.bring_back(town.demo, council(town), MALLORY.demo)
    assert len(accounts.list_standings(town.demo, MALLORY.demo)) == 2


def test_an_organization_speaks_for_nobody_else(town: Town) -> None:
    """Strangers and unknown users are one refusal, and so are foreign organizations."""
    for user in (MALLORY.demo, UNKNOWN, ""):
        with refused(NO_SUCH_USER):
            leavers.report(town.demo, council(town), user, SAID)
    for actor in (town.actor(ADA), town.actor(MALLORY)):
        with refused(NOT_AN_ORGANIZATION_ADMIN):
            leavers.report(town.demo, leavers.Council(actor, GROUP), SAM.demo, SAID)
    with refused(NOT_AN_ORGANIZATION_ADMIN):
        leavers.report(town.demo, leavers.Council(town.actor(CY), UNKNOWN), SAM.demo, SAID)


def test_nobody_comes_back_where_the_organization_left(town: Town) -> None:
    """What an organization ended it does not begin again in an account that left it, nor in one that closed."""
    guest_of_acme(town)
    leavers.report(town.demo, council(town), MALLORY.demo, SAID)
    account_links.ask_to_leave(town.demo, town.actor(ADA), ACME.demo)
    account_links.agree(town.demo, town.actor(CY), (GROUP, ACME.demo, "unlink"), "organization")
    leavers.bring_back(town.demo, council(town), MALLORY.demo)

    assert [each.account.id for each in accounts.list_standings(town.demo, MALLORY.demo)] == [STRANGE.demo]
    assert people.reactivate(town.demo, town.actor(ADA), ACME.demo, MALLORY.demo).is_admin


def test_only_who_said_it_takes_it_back(town: Town) -> None:
    """An admin of the account begins nothing again that the organization ended, while its word stands."""
    guest_of_acme(town)
    leavers.report(town.demo, council(town), MALLORY.demo, SAID)

    with refused(CLOSED_BY_OTHERS):
        people.reactivate(town.demo, town.actor(ADA), ACME.demo, MALLORY.demo)
    leavers.bring_back(town.demo, council(town), MALLORY.demo)
    people.close_member(town.demo, town.actor(ADA), ACME.demo, MALLORY.demo)
    assert people.reactivate(town.demo, town.actor(ADA), ACME.demo, MALLORY.demo).is_active


def test_a_member_whom_others_closed_can_be_closed(town: Town) -> None:
    """Whoever comes back by a foreign word does not come back into an account that wants them gone."""
    leavers.report(town.demo, OLGA, SAM.demo, SAID)
    people.close_member(town.demo, town.actor(ADA), ACME.demo, SAM.demo)
    with refused(NO_SUCH_USER):
        people.close_member(town.demo, town.actor(ADA), ACME.demo, SAM.demo)

    assert leavers.bring_back(town.demo, OLGA, SAM.demo).state == "active"
    assert accounts.list_standings(town.demo, SAM.demo) == []


def test_a_leaver_speaks_for_the_organization_no_more(town: Town) -> None:
    """Whoever keeps their user loses their office with the memberships, and is not given it back unasked."""
    guest_of_acme(town)
    organizations.name_admin(town.demo, town.actor(CY), GROUP, MALLORY.email)
    as_admin = leavers.Council(town.actor(MALLORY), GROUP)
    leavers.report(town.demo, council(town), MALLORY.demo, SAID)

    for deed in (leavers.report, lambda ctx, who, user, _said: leavers.bring_back(ctx, who, user)):
        with refused(NOT_AN_ORGANIZATION_ADMIN):
            deed(town.demo, as_admin, SAM.demo, SAID)
    leavers.bring_back(town.demo, council(town), MALLORY.demo)
    with refused(NOT_AN_ORGANIZATION_ADMIN):
        leavers.report(town.demo, as_admin, SAM.demo, SAID)


def test_a_word_that_says_more_is_another(town: Town) -> None:
    """Somebody whose memberships ended is closed altogether once the organization proves their address."""
    guest_of_acme(town)
    leavers.report(town.demo, council(town), MALLORY.demo, SAID)
    with town.demo.database.writing() as tx:
        recovery_store.change_address(tx, MALLORY.demo, "mallory@acme.example", town.demo.now)
    later = leavers.report(town.demo, leavers.Directory("Acme Login", GROUP), MALLORY.demo, SAID)

    assert later.departure.is_whole
    with refused(WRONG_CREDENTIALS):
        signin.sign_in(town.demo, "mallory@acme.example", PASSWORD)


def test_an_organization_learns_of_no_stranger(town: Town) -> None:
    """An address of somebody else's user is answered as one that nobody has."""
    assert leavers.find_by_email(town.demo, council(town), SAM.email).id == SAM.demo
    for email in (MALLORY.email, "nobody@strange.example"):
        with refused(NO_SUCH_USER):
            leavers.find_by_email(town.demo, council(town), email)
    assert leavers.find_by_email(town.demo, OLGA, MALLORY.email).id == MALLORY.demo


def test_what_is_said_elsewhere_stays_there(town: Town) -> None:
    """What ended memberships of one organization is none of another account's business; a whole word has no name."""
    guest_of_acme(town)
    leavers.report(town.demo, council(town), MALLORY.demo, SAID)
    assert people.view(town.demo, town.actor(MALLORY), STRANGE.demo, MALLORY.demo).departure is None
    told = people.view(town.demo, town.actor(ADA), ACME.demo, MALLORY.demo).departure
    assert told is not None
    assert told.by == CY.email

    accounts.add_user(town.demo, STRANGE.demo, NewUser(SAM.email, "Sam", "Sender", SENDER), MALLORY.email)
    leavers.report(town.demo, council(town), SAM.demo, SAID)
    abroad = people.view(town.demo, town.actor(MALLORY), STRANGE.demo, SAM.demo).departure
    assert abroad is not None
    assert (abroad.by, abroad.source) == ("", "organization admin")


def test_a_suspended_account_keeps_its_people(town: Town) -> None:
    """One admin does not throw the others out, demote them or take their second factor while it is suspended."""
    account_states.change_state(town.demo, HOST, ACME.demo, "suspend", SAID)
    for deed in (
        lambda: people.close_member(town.demo, town.actor(ADA), ACME.demo, BO.demo),
        lambda: people.change_profile(town.demo, town.actor(ADA), ACME.demo, BO.demo, SENDER.id),
        lambda: recovery.reset_factors(town.demo, town.actor(ADA), ACME.demo, BO.demo),
    ):
        with refused(ACCOUNT_NOT_OPEN):
            deed()


def test_nobody_reports_themselves(town: Town) -> None:
    """Somebody else says so."""
    with refused(INVALID_FIELD, "user"):
        leavers.report(town.demo, council(town), CY.demo, SAID)


def test_another_word_keeps_the_user_closed(town: Town) -> None:
    """What an operator said, an organization does not take back; the operator takes all back. Tokens stay dead."""
    leavers.report(town.demo, council(town), SAM.demo, SAID)
    leavers.report(town.demo, OLGA, SAM.demo, SAID)

    assert leavers.bring_back(town.demo, council(town), SAM.demo).state == "closed"
    with refused(NO_SUCH_OBJECT):
        leavers.bring_back(town.demo, council(town), SAM.demo)
    assert leavers.bring_back(town.demo, OLGA, SAM.demo).state == "active"
    assert signin.sign_in(town.demo, SAM.email, PASSWORD)
    with refused(NO_SUCH_OBJECT):
        leavers.bring_back(town.demo, OLGA, SAM.demo)


def test_who_may_operate(town: Town) -> None:
    """In the console an operator who just proved who they are; their program where it was made for that."""
    mallory = town.actor(MALLORY)
    with refused(NOT_AN_OPERATOR):
        leavers.report(town.demo, leavers.Operating(mallory), SAM.demo, SAID)
    operators.add(town.demo, MALLORY.email, HOST)
    with refused(TOKEN_LACKS_PERMISSION):
        token = town.actor(MALLORY, permissions=frozenset({READ_KEYS}))
        leavers.report(town.demo, leavers.Operating(token), SAM.demo, SAID)
    program = town.actor(MALLORY, permissions=frozenset({HANDLE_ACCOUNTS}))
    assert leavers.report(town.demo, leavers.Operating(program), SAM.demo, SAID).departure.by == MALLORY.email
    town.clock.advance(minutes=11)
    with refused(FRESH_SIGN_IN_NEEDED):
        leavers.bring_back(town.demo, leavers.Operating(mallory), SAM.demo)


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_operator_opens_an_account(demo: Context) -> None:
    """Its first admin is told by mail; somebody who has a user here is admin with it."""
    standing = account_states.open_for(demo, HOST, opening())
    second = account_states.open_for(demo, HOST, opening()._replace(email=VERA.email))

    assert (standing.is_admin, standing.account.plan) == (True, "Developer")
    assert second.user.id == VERA.demo
    assert {mail.about for mail in mailing.list_newest(demo)} == {"account-opened"}


def test_a_closed_user_opens_nothing(demo: Context) -> None:
    """Nor is an account opened whose only admin could not come in."""
    leavers.report(demo, OLGA, VERA.demo, SAID)

    with refused(INVALID_FIELD, "email"):
        account_states.open_for(demo, HOST, opening()._replace(email=VERA.email))


def test_states_follow_one_another(demo: Context, town: Town) -> None:
    """Open, suspended, closed, open again, each with its moment; what its state does not allow is refused."""
    for deed, state in (("suspend", "suspended"), ("close", "closed"), ("reopen", "open")):
        town.clock.advance(seconds=1)
        account = account_states.change_state(demo, HOST, SMALL.demo, deed, SAID)  # type: ignore[arg-type]  # a table
        assert (account.state, account.state_since) == (state, town.clock.now)
    with refused(ACCOUNT_STATE):
        account_states.change_state(demo, HOST, SMALL.demo, "reopen", SAID)
    with refused(INVALID_FIELD, "plan"):
        account_states.change_plan(demo, HOST, SMALL.demo, "Gold", SAID)
    with refused(INVALID_FIELD, "reason"):
        account_states.change_state(demo, HOST, SMALL.demo, "suspend", " ")


def test_an_account_with_live_keys_is_not_closed(town: Town, made: Made) -> None:
    """The refusal names them; forced with a reason it closes, and the key goes on issuing tokens elsewhere."""
    live = town.go_live(made)
    with refused(ACCOUNT_HAS_LIVE_KEYS, "state"):
        account_states.change_state(town.production, HOST, ACME.production, "close", SAID)
    assert [app.key for app in account_states.view(town.production, HOST, ACME.production).keys] == [made.key]

    account_states.change_state(town.production, HOST, ACME.production, "close", SAID, is_forced=True)
    ((told,),) = rows(town.production.database, "SELECT data FROM events WHERE name = 'AccountChanged'")
    assert (made.key in told, '"forced":"true"' in told) == (True, True)
    assert town.caller(town.production, live, MALLORY).app.key == made.key


def test_an_account_whose_keys_never_went_live_closes(town: Town, made: Made) -> None:
    """In demo what is not live hinders nothing; its app is still there when the account is reopened."""
    account_states.change_state(town.demo, HOST, ACME.demo, "close", SAID)
    view = account_states.view(town.demo, HOST, ACME.demo)

    assert (view.account.state, view.admins, view.keys) == ("closed", 3, [])
    account_states.change_state(town.demo, HOST, ACME.demo, "reopen", SAID)
    assert town.caller(town.demo, made, SAM).app.key == made.key


@pytest.mark.parametrize("words", ["acme s", SMALL.demo, "10000002"])
def test_operators_find_accounts(demo: Context, words: str) -> None:
    """By a part of the name in any letter case, by GUID and by number."""
    assert [each.name for each in account_states.list_accounts(demo, HOST, words)] == ["Acme Small"]
