"""Who races over accounts, people, sign-ins and organizations?"""

from collections import Counter
from collections.abc import Generator
from dataclasses import replace

from keysteward.actions import accounts, kept_forms, keys, organizations, setup, signin
from keysteward.rules.access import PERMISSIONS
from keysteward.rules.accounts import ADMIN, SENDER, NewUser, Profile
from keysteward.rules.kept_forms import MOST_OF_A_USER, KeptForm
from keysteward.rules.words import new_guid
from keysteward.store import accounts as stored
from tests.cast import ACME, ADA, BO, CY, ORGANIZATION, PASSWORD, ROBIN, SAM, SMALL, VERA
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]


def newcomer(number: int, profile: Profile = SENDER) -> NewUser:
    """Somebody who has no user yet."""
    return NewUser(f"nell{number}@acme.example", "Nell", f"Number {number}", profile)


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
@race(accounts.close_membership)
def ten_admins_throw_each_other_out(on: Ground) -> Story:
    """Of ten admins nine go, each once; the last one stays, whoever it is."""
    added = [accounts.add_user(on.demo, ACME.demo, newcomer(number, ADMIN), "x").user.id for number in range(7)]
    admins = [ADA.demo, BO.demo, ROBIN.demo, *added]
    came = yield lambda number: accounts.close_membership(on.demo, ACME.demo, admins[number % 10], "x")

    assert len(came.answers) == 9
    assert set(came.refusals) == {"last-admin", "no-such-user"}
    assert events_of(on.demo, "UserClosed") == 9


@race(accounts.close_membership, accounts.add_user)
def admins_come_and_go(on: Ground) -> Story:
    """While three admins are thrown out, others come: whoever was refused, somebody administers the account."""
    admins = [ADA.demo, BO.demo, ROBIN.demo]
    came = yield taking_turns(
        lambda number: accounts.close_membership(on.demo, ACME.demo, admins[number % 3], "x"),
        lambda number: accounts.add_user(on.demo, ACME.demo, newcomer(number, ADMIN), "x"),
    )

    assert set(came.refusals) <= {"last-admin", "no-such-user"}
    assert events_of(on.demo, "UserClosed") + came.refusals.total() == 50


@race(accounts.add_user)
def one_address_joins_once(on: Ground) -> Story:
    """A hundred invitations of one address make one member."""
    came = yield lambda _: accounts.add_user(on.demo, ACME.demo, newcomer(0), "x")

    came.once("email-taken")


@race(accounts.open_account, accounts.add_user)
def one_address_everywhere_is_one_user(on: Ground) -> Story:
    """Whoever opens fifty accounts while being invited to another is one user, and all accounts have their number."""
    came = yield taking_turns(
        lambda number: accounts.open_account(on.demo, f"Firm {number}", "Developer", newcomer(0, ADMIN)),
        lambda _: accounts.add_user(on.demo, ACME.demo, newcomer(0), "x"),
    )

    assert (len(came.answers), came.refusals) == (51, Counter({"email-taken": 49}))
    assert len({standing.user.id for standing in came.answers}) == 1
    assert len({standing.account.number for standing in came.answers}) == 51


@race(accounts.change_account, keys.create)
def nothing_is_made_in_a_suspended_account(on: Ground) -> Story:
    """Whoever creates a key while the account is suspended comes before that, or is refused."""

    def suspend(_: int) -> None:
        accounts.change_account(on.demo, ACME.demo, "operator", state="suspended")

    draft = keys.Draft("Racer", "team@acme.example")
    came = yield taking_turns(lambda _: keys.create(on.demo, on.ada, ACME.demo, draft), suspend)

    order = [name for (name,) in rows(on.demo.database, "SELECT name FROM events ORDER BY sequence")]
    assert "KeyCreated" not in order[order.index("AccountChanged") :]
    assert set(came.refusals) <= {"account-not-open"}
    assert len(came.answers) + came.refusals.total() == 100


@race(accounts.create_organization)
def one_domain_founds_one_organization(on: Ground) -> Story:
    """A hundred organizations that claim one domain at their birth: one is born."""
    with on.demo.database.reading() as tx:
        founder = stored.find_user(tx, CY.demo)
    assert founder is not None
    came = yield lambda number: accounts.create_organization(
        on.demo, f"Group {number}", founder, [SMALL.demo], "small.example", new_guid()
    )

    came.once("invalid-field")
    assert events_of(on.demo, "OrganizationCreated") == 2


@race(organizations.add_admin)
def one_person_administers_once(on: Ground) -> Story:
    """Whoever is made an organization admin a hundred times is one once."""
    came = yield lambda _: organizations.add_admin(on.demo, ORGANIZATION["demo"], SAM.demo, CY.email)

    came.once("invalid-field")


@race(organizations.claim_domain)
def one_domain_is_claimed_once(on: Ground) -> Story:
    """Two organizations that claim one domain fifty times each: one of them has it."""
    second = new_guid()
    with on.demo.database.reading() as tx:
        founder = stored.find_user(tx, ADA.demo)
    assert founder is not None
    accounts.create_organization(on.demo, "Second", founder, [SMALL.demo], None, second)
    groups = (ORGANIZATION["demo"], second)
    came = yield lambda number: organizations.claim_domain(
        on.demo, groups[number % 2], "new.example", "active", CY.email
    )

    came.once("invalid-field")


# ── who comes in ────────────────────────────────────────────────────────────────────────────────────────────────────
def first_admin(number: int) -> NewUser:
    """Whoever may be the first."""
    return replace(newcomer(number, ADMIN), password=PASSWORD)


@race(setup.set_up, setup.bootstrap, in_an_empty_town=True)
def one_is_the_first(on: Ground) -> Story:
    """Fifty with the printed code and fifty on the host open one account, with one admin."""
    code = setup.make_code(on.demo)
    assert code is not None
    came = yield taking_turns(
        lambda number: setup.set_up(on.demo, code, f"Firm {number}", "Developer", first_admin(number)),
        lambda number: setup.bootstrap(on.demo, f"Firm {number}", "Developer", first_admin(number)),
    )

    came.once("already-set-up")
    assert rows(on.demo.database, "SELECT count(*) FROM users") == [(1,)]


@race(setup.set_up, setup.make_code, in_an_empty_town=True)
def the_newest_code_counts(on: Ground) -> Story:
    """While codes are printed anew, one at most is the first, with the newest code; then none is printed any more."""
    code = setup.make_code(on.demo)
    assert code is not None
    came = yield taking_turns(
        lambda number: setup.set_up(on.demo, code, "Firm", "Developer", first_admin(number)),
        lambda _: setup.make_code(on.demo),
    )

    opened = [answer for answer in came.answers if not isinstance(answer, str | None)]
    assert len(opened) <= 1
    assert set(came.refusals) <= {"already-set-up", "wrong-setup-code"}
    assert rows(on.demo.database, "SELECT count(*) FROM setup_codes") == [(0 if opened else 1,)]


@race(signin.sign_in)
def guesses_are_counted(on: Ground) -> Story:
    """A hundred guesses at once, every fourth of them right: ten are told that they are wrong, then nobody gets in."""
    came = yield lambda number: signin.sign_in(on.demo, VERA.email, PASSWORD if number % 4 == 0 else "wrong")

    assert came.refusals["wrong-credentials"] == 10
    assert set(came.refusals) == {"wrong-credentials", "too-many-attempts"}
    assert len(set(came.answers)) == len(came.answers) == events_of(on.demo, "SignedIn")


@race(signin.sign_in, signin.choose_account, signin.sign_out)
def a_session_ends_once(on: Ground) -> Story:
    """A hundred who sign in, look at another account and sign out of one session: it ended, and others began."""
    session = signin.sign_in(on.demo, ADA.email, PASSWORD)
    came = yield taking_turns(
        lambda _: signin.choose_account(on.demo, session, SMALL.demo),
        lambda _: signin.sign_out(on.demo, session),
        lambda _: signin.sign_in(on.demo, ADA.email, PASSWORD),
    )

    assert set(came.refusals) <= {"not-signed-in"}
    assert events_of(on.demo, "SignedOut") == 1
    assert rows(on.demo.database, "SELECT count(*) FROM sessions") == [(33,)]


@race(signin.issue_personal_token, signin.revoke_personal_token)
def a_personal_token_is_revoked_once(on: Ground) -> Story:
    """While others are made, one personal access token is revoked fifty times and once it is told so."""
    signin.issue_personal_token(on.demo, on.ada, "First", frozenset(PERMISSIONS), 1)
    (first,) = signin.list_personal_tokens(on.demo, on.ada)
    came = yield taking_turns(
        lambda number: signin.issue_personal_token(on.demo, on.ada, f"{number}", frozenset(PERMISSIONS), 1),
        lambda _: signin.revoke_personal_token(on.demo, on.ada, first.id),
    )

    values = [answer for answer in came.answers if answer is not None]
    assert (len(set(values)), len(came.answers), came.refusals) == (50, 51, Counter({"no-such-object": 49}))
    assert len(signin.list_personal_tokens(on.demo, on.ada)) == 50


@race(kept_forms.keep)
def the_newest_forms_are_kept(on: Ground) -> Story:
    """A hundred forms of one user that come too late: as many wait for them as may, and each of these is whole."""
    came = yield lambda number: kept_forms.keep(
        on.demo, on.ada.user, KeptForm(f"/apps/{number}", (("name", f"Name {number}"),))
    )

    found = [kept_forms.find(on.demo, on.ada.user, name) for name in came.answers]
    waiting = [form for form in found if form is not None]
    assert (len(came.answers), len(waiting)) == (100, MOST_OF_A_USER)
    assert all(form.fields == (("name", f"Name {form.path.removeprefix('/apps/')}"),) for form in waiting)


@race(signin.use_form_once)
def a_form_is_used_once(on: Ground) -> Story:
    """A hundred who send one form are served once."""
    came = yield lambda _: signin.use_form_once(on.demo, "a-nonce-of-a-form")

    came.once("already-created")
