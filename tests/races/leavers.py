"""Who races over members, invitations, permission profiles, leavers and accounts' states?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import account_states, accounts, invitations, leavers, people, profiles, sign_ups
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, SENDER
from keysteward.store import accounts as stored
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, ROBIN, SAM, Person
from tests.mails import link_to
from tests.peers.databases import rows
from tests.plays.leavers import HOST, NEW, newcomer, opening
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns
from tests.races.people import newcomer as unknown
from tests.signing_up import NEWCOMER, NINA, asked, let_everybody_in

Story = Generator[Runner, Came, None]
_SAID = "Left in June."


def admins_of(on: Ground) -> list[Actor]:
    """A hundred admins of Acme: the three of the cast, and 97 more."""
    now = on.town.clock.now
    added = [accounts.add_user(on.demo, ACME.demo, unknown(number, ADMIN), "x").user for number in range(97)]
    return [*(on.town.actor(each) for each in (ADA, BO, ROBIN)), *(Actor(each.id, each.email, now) for each in added)]


def count_admins(on: Ground) -> int:
    """How many active admins Acme has."""
    with on.demo.database.reading() as tx:
        return stored.count_admins(tx, ACME.demo)


def by_host(on: Ground, person: Person) -> leavers.Left:
    """The host says that somebody left."""
    return leavers.report(on.demo, leavers.Operating(HOST), person.demo, _SAID)


# ── the last admin ──────────────────────────────────────────────────────────────────────────────────────────────────
@race(people.close_member)
def a_hundred_admins_leave(on: Ground) -> Story:
    """A hundred admins who each take themselves away at once: 99 go, and one is told to stay."""
    admins = admins_of(on)
    came = yield lambda number: people.close_member(on.demo, admins[number], ACME.demo, admins[number].user)

    assert (len(came.answers), came.refusals) == (99, Counter({"last-admin": 1}))
    assert count_admins(on) == 1


@race(people.close_member, people.change_profile, people.reactivate)
def admins_demote_and_close_each_other(on: Ground) -> Story:
    """However they close, demote and reactivate each other, an active admin is left."""
    actors = [on.town.actor(each) for each in (ADA, BO, ROBIN)]
    came = yield taking_turns(
        lambda number: people.close_member(on.demo, actors[number % 3], ACME.demo, actors[(number + 1) % 3].user),
        lambda number: people.change_profile(
            on.demo, actors[number % 3], ACME.demo, actors[(number + 2) % 3].user, SENDER.id
        ),
        lambda number: people.reactivate(on.demo, actors[number % 3], ACME.demo, actors[(number + 1) % 3].user),
    )

    assert count_admins(on) >= 1
    assert set(came.refusals) <= {
        "last-admin", "no-such-user", "no-such-account", "not-an-admin", "already-a-member",
    }  # fmt: skip


@race(leavers.report, people.close_member)
def leavers_are_out_whatever_members_do(on: Ground) -> Story:
    """Three admins are reported while they close each other: none is left, and members are told of the last one."""
    actors = [on.town.actor(each) for each in (ADA, BO, ROBIN)]
    came = yield taking_turns(
        lambda number: by_host(on, (ADA, BO, ROBIN)[number % 3]) and None,
        lambda number: people.close_member(on.demo, actors[number % 3], ACME.demo, actors[(number + 1) % 3].user),
    )

    assert count_admins(on) == 0
    assert events_of(on.demo, "LeaverReported") == 3
    assert set(came.refusals) <= {"last-admin", "no-such-user", "no-such-account"}
    unmanaged = [told for (told,) in rows(on.demo.database, "SELECT data FROM events WHERE name = 'LeaverReported'")]
    assert sum(ACME.demo in told.partition("unmanaged")[2] for told in unmanaged) == 1


@race(leavers.report, leavers.bring_back)
def a_leaver_is_in_or_out(on: Ground) -> Story:
    """Two words that Sam left, said and taken back: he is active exactly when no word stands."""
    council = leavers.Council(on.town.actor(CY), ORGANIZATION["demo"])
    host = leavers.Operating(HOST)
    came = yield taking_turns(
        lambda _: leavers.report(on.demo, council, SAM.demo, _SAID) and None,
        lambda _: leavers.report(on.demo, host, SAM.demo, _SAID) and None,
        lambda _: leavers.bring_back(on.demo, council, SAM.demo) and None,
        lambda _: leavers.bring_back(on.demo, host, SAM.demo) and None,
    )

    ((standing,),) = rows(on.demo.database, "SELECT count(*) FROM departures WHERE ended_at IS NULL")
    ((state,),) = rows(on.demo.database, f"SELECT state FROM users WHERE id = '{SAM.demo}'")  # noqa: S608 — our own
    assert (state == "closed") == (standing > 0)
    assert set(came.refusals) <= {"no-such-object"}


# ── invitations ─────────────────────────────────────────────────────────────────────────────────────────────────────
@race(invitations.accept, invitations.withdraw, times=60)
def one_link_makes_one_member(on: Ground) -> Story:
    """Sixty who use or withdraw one invitation: one of them does."""
    draft = invitations.Draft(NEW, SENDER.id)
    made = invitations.invite(on.demo, on.ada, ACME.demo, draft)
    link = link_to(on.demo, NEW)
    came = yield taking_turns(
        lambda _: invitations.accept(on.demo, link, newcomer()) and None,
        lambda _: invitations.withdraw(on.demo, on.ada, ACME.demo, made.id),
    )

    assert len(came.answers) == 1
    assert set(came.refusals) <= {"link-not-good", "no-such-object"}
    assert events_of(on.demo, "UserJoined") + events_of(on.demo, "InvitationWithdrawn") == 1


@race(invitations.invite, invitations.join)
def one_address_has_one_good_link(on: Ground) -> Story:
    """Mallory is invited again and again while she joins: few mails, and she is a member at most once."""
    draft, mallory = invitations.Draft(MALLORY.email, SENDER.id), on.town.actor(MALLORY)
    invitations.invite(on.demo, on.ada, ACME.demo, draft)
    link = link_to(on.demo, MALLORY.email)
    came = yield taking_turns(
        lambda _: invitations.invite(on.demo, on.ada, ACME.demo, draft) and None,
        lambda _: invitations.join(on.demo, mallory, link) and None,
    )

    assert events_of(on.demo, "UserJoined") <= 1
    assert events_of(on.demo, "UserInvited") <= 3
    assert set(came.refusals) <= {"too-many-links", "already-a-member", "link-not-good"}


# ── accounts of one's own ───────────────────────────────────────────────────────────────────────────────────────────
@race(sign_ups.open_account, sign_ups.open_another, times=40)
def one_link_opens_one_account(on: Ground) -> Story:
    """Forty who open with one link, as somebody new and as a user: there is one account, and one user."""
    let_everybody_in(on.demo)
    link = asked(on.demo)
    came = yield taking_turns(
        lambda _: sign_ups.open_account(on.demo, link, NEWCOMER) and None,
        lambda _: sign_ups.open_another(on.demo, on.town.actor(MALLORY), link) and None,
    )

    assert len(came.answers) == 1
    assert set(came.refusals) <= {"link-not-good", "not-your-link", "has-a-user"}
    (standing,) = accounts.list_standings_by_email(on.demo, NINA)
    assert (standing.account.name, standing.is_admin) == ("Parcels", True)


@race(sign_ups.open_account, sign_ups.ask, times=40)
def a_link_is_asked_for_while_it_opens(on: Ground) -> Story:
    """Nina asks for another link while she uses the first: nobody waits in a circle, and she has one account."""
    let_everybody_in(on.demo)
    link = asked(on.demo)
    came = yield taking_turns(
        lambda _: sign_ups.open_account(on.demo, link, NEWCOMER) and None,
        lambda _: sign_ups.ask(on.demo, NINA, "Parcels"),
    )

    assert set(came.refusals) <= {"link-not-good", "has-a-user"}
    assert len(accounts.list_standings_by_email(on.demo, NINA)) <= 1


@race(sign_ups.ask, invitations.accept)
def one_address_is_one_user(on: Ground) -> Story:
    """Nell asks for accounts while she comes with an invitation: few mails, and she is one user."""
    let_everybody_in(on.demo)
    invitations.invite(on.demo, on.ada, ACME.demo, invitations.Draft(NEW, SENDER.id))
    link = link_to(on.demo, NEW)
    came = yield taking_turns(
        lambda _: sign_ups.ask(on.demo, NEW, "Nell alone"),
        lambda _: invitations.accept(on.demo, link, newcomer()) and None,
    )

    assert set(came.refusals) <= {"link-not-good", "has-a-user"}
    assert (events_of(on.demo, "UserJoined"), events_of(on.demo, "SignUpLinkSent")) == (1, 3)


# ── permission profiles ─────────────────────────────────────────────────────────────────────────────────────────────
@race(profiles.make, profiles.change, profiles.remove)
def one_name_is_one_profile(on: Ground) -> Story:
    """A hundred who make, rename and remove profiles under two names: each name is one profile's at most."""
    first = profiles.make(on.demo, on.ada, ACME.demo, profiles.Draft("First", frozenset()))
    came = yield taking_turns(
        lambda number: profiles.make(on.demo, on.ada, ACME.demo, profiles.Draft(f"Own {number % 2}", frozenset())),
        lambda _: profiles.change(on.demo, on.ada, ACME.demo, first.id, profiles.Draft("Own 1", frozenset())),
        lambda _: profiles.remove(on.demo, on.ada, ACME.demo, first.id),
    )

    names = [name for (name,) in rows(on.demo.database, "SELECT name FROM profiles")]
    assert len(set(names)) == len(names) <= 3
    assert set(came.refusals) <= {"invalid-field", "no-such-object"}


@race(profiles.remove, people.change_profile, times=40)
def a_profile_is_removed_or_had(on: Ground) -> Story:
    """While Sam is given a profile it is removed: either he has it, or it is gone."""
    made = profiles.make(on.demo, on.ada, ACME.demo, profiles.Draft("Own", frozenset()))
    came = yield taking_turns(
        lambda _: people.change_profile(on.demo, on.ada, ACME.demo, SAM.demo, made.id) and None,
        lambda _: profiles.remove(on.demo, on.ada, ACME.demo, made.id),
    )

    ((kept,),) = rows(on.demo.database, "SELECT count(*) FROM profiles")
    ((given,),) = rows(on.demo.database, "SELECT count(*) FROM memberships WHERE profile > 20000")
    assert kept == given
    assert set(came.refusals) <= {"profile-in-use", "invalid-field", "no-such-object"}


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
@race(account_states.open_for)
def operators_open_accounts(on: Ground) -> Story:
    """A hundred accounts opened at once: a hundred numbers, each with its admin."""
    came = yield lambda number: account_states.open_for(on.demo, HOST, opening(number))

    assert len({standing.account.number for standing in came.answers}) == 100


@race(account_states.change_state, account_states.change_plan)
def an_account_is_in_one_state(on: Ground) -> Story:
    """Suspended, closed and reopened a hundred times: each deed begins where the one before it ended."""
    came = yield taking_turns(
        lambda _: account_states.change_state(on.demo, HOST, ACME.demo, "suspend", "x"),
        lambda _: account_states.change_state(on.demo, HOST, ACME.demo, "close", "x"),
        lambda _: account_states.change_state(on.demo, HOST, ACME.demo, "reopen", "x"),
        lambda number: account_states.change_plan(
            on.demo, HOST, ACME.demo, ("Enhanced", "Standard")[number // 4 % 2], "x"
        ),
    )

    assert set(came.refusals) <= {"account-state", "invalid-field"}
    assert events_of(on.demo, "AccountChanged") == len(came.answers)
