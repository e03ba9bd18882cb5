"""Does whoever lost a password, a second factor or an address come back, and nobody else?"""

from dataclasses import replace

import pytest

from keysteward.actions import accounts, factors, leaks, mailing, recovery, sessions, signin
from keysteward.actions.context import Context
from keysteward.crypto.hashing import new_secret
from keysteward.crypto.totp import code_at
from keysteward.rules.refusals import (
    ADDRESS_TAKEN,
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    LINK_NOT_GOOD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_USER,
    NOT_AN_ADMIN,
    NOT_SIGNED_IN,
    NOT_YOUR_LINK,
    TOO_MANY_LINKS,
    WRONG_CREDENTIALS,
)
from keysteward.rules.signin import NOWHERE
from keysteward.store import accounts as stored
from tests.cast import ACME, ADA, BO, CY, MALLORY, PASSWORD, ROBIN, SAM, Person, Town, refused
from tests.mails import letters_to, link_to
from tests.peers.databases import kept_in, rows

NEW = "another correct horse battery"
NEW_ADDRESS = "ada@elsewhere.example"


def with_factor(ctx: Context, town: Town, person: Person) -> None:
    """Give somebody an authenticator app."""
    actor = town.actor(person, ctx)
    draft = factors.draft_app(ctx, actor)
    secret = factors._drafted(ctx, actor, draft.sealed)
    factors.add_app(ctx, actor, draft.sealed, code_at(secret, int(ctx.machine_clock()) // 30))


# ── a forgotten password ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_link_leads_to_a_new_password(demo: Context) -> None:
    """The new password signs in, the old one does not, everybody signed in before is out, and the user is told."""
    session = signin.sign_in(demo, SAM.email, PASSWORD)
    recovery.ask_for_password(demo, SAM.email.upper())
    link = link_to(demo, SAM.email)
    assert recovery.look_at_password_link(demo, link).email == SAM.email
    recovery.reset_password(demo, link, NEW)

    with refused(NOT_SIGNED_IN):
        signin.visit(demo, session)
    with refused(WRONG_CREDENTIALS):
        signin.sign_in(demo, SAM.email, PASSWORD)
    assert signin.visit(demo, signin.sign_in(demo, SAM.email, NEW)).user.email == SAM.email
    assert "password-changed" in letters_to(demo, SAM.email)


def test_a_password_that_is_changed_makes_links_useless(demo: Context, town: Town) -> None:
    """Whoever holds a link to a new password or address from before has nothing more of it."""
    recovery.ask_for_password(demo, ADA.email)
    recovery.ask_for_address(demo, town.actor(ADA), NEW_ADDRESS)
    sessions.change_password(demo, town.actor(ADA), "any", NEW)

    with refused(LINK_NOT_GOOD):
        recovery.look_at_password_link(demo, link_to(demo, ADA.email))
    with refused(LINK_NOT_GOOD):
        recovery.look_at_address_link(demo, town.actor(ADA), link_to(demo, NEW_ADDRESS))


def test_a_link_works_once_and_for_half_an_hour(demo: Context, town: Town) -> None:
    """A used link, one that is half an hour old, and an older one than the newest are the same: not good."""
    recovery.ask_for_password(demo, SAM.email)
    first = link_to(demo, SAM.email)
    town.clock.advance(seconds=1)
    recovery.ask_for_password(demo, SAM.email)
    second = link_to(demo, SAM.email)
    with refused(LINK_NOT_GOOD):
        recovery.reset_password(demo, first, NEW)
    recovery.reset_password(demo, second, NEW)
    with refused(LINK_NOT_GOOD):
        recovery.reset_password(demo, second, "yet another password")
    recovery.ask_for_password(demo, SAM.email)
    third = link_to(demo, SAM.email)
    town.clock.advance(minutes=30)
    with refused(LINK_NOT_GOOD):
        recovery.look_at_password_link(demo, third)


@pytest.mark.parametrize("link", ["", "ksl_", "nonsense", "ksl_" + "a" * 49, "🔑"])
def test_garbage_is_no_link(demo: Context, link: str) -> None:
    """Whatever is sent in the place of a link is refused."""
    with refused(LINK_NOT_GOOD):
        recovery.look_at_password_link(demo, link)
    with refused(LINK_NOT_GOOD):
        recovery.reset_password(demo, new_secret("ksl_"), NEW)


def test_whether_an_address_is_known_is_not_told(demo: Context) -> None:
    """Strangers, closed users and words that are no address are asked for like users, and nothing is sent to them."""
    with demo.database.writing() as tx:
        stored.change_user(tx, BO.demo, state="closed")
    for address in ("nobody@acme.example", BO.email, "no address", ""):
        recovery.ask_for_password(demo, address)

    assert mailing.list_newest(demo) == []


def test_a_network_asks_for_few_links(demo: Context, town: Town) -> None:
    """A hundred an hour, for whatever addresses; another network asks on, and after an hour so does this one."""
    for _ in range(100):
        recovery.demand_patience(demo, "192.0.2.1")
    with refused(TOO_MANY_LINKS):
        recovery.demand_patience(demo, "192.0.2.1")
    recovery.demand_patience(demo, "192.0.2.2")
    leaks.demand_patience(demo, "192.0.2.1", 1)

    town.clock.advance(hours=1)
    recovery.demand_patience(demo, "192.0.2.1")


def test_an_address_is_sent_few_links(demo: Context, town: Town) -> None:
    """Three an hour, whoever asks; then the newest stays good."""
    for _ in range(5):
        recovery.ask_for_password(demo, SAM.email)
        town.clock.advance(seconds=1)
    assert letters_to(demo, SAM.email) == ["new-password"] * 3
    recovery.reset_password(demo, link_to(demo, SAM.email), NEW)
    town.clock.advance(hours=1)
    recovery.ask_for_password(demo, SAM.email)

    assert letters_to(demo, SAM.email)[0] == "new-password"


def test_a_weak_password_keeps_the_link(demo: Context) -> None:
    """Who chose too short a password chooses another with the same link."""
    recovery.ask_for_password(demo, SAM.email)
    link = link_to(demo, SAM.email)
    with refused(INVALID_FIELD, "password"):
        recovery.reset_password(demo, link, "short")
    recovery.reset_password(demo, link, NEW)


def test_a_new_password_is_no_way_past_a_second_factor(demo: Context, town: Town) -> None:
    """Whoever has a second factor is asked for it after the new password as after the old."""
    with_factor(demo, town, SAM)
    recovery.ask_for_password(demo, SAM.email)
    recovery.reset_password(demo, link_to(demo, SAM.email), NEW)

    assert signin.is_half(signin.sign_in(demo, SAM.email, NEW))


def test_the_value_of_a_link_is_kept_nowhere(demo: Context) -> None:
    """The database holds a keyed hash of it, and the mail sealed."""
    recovery.ask_for_password(demo, SAM.email)

    assert link_to(demo, SAM.email).encode() not in kept_in(demo)


# ── another address ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_address_is_changed_by_a_link_sent_there(demo: Context, town: Town) -> None:
    """Nothing changes before the link; the old address hears of it before and after."""
    recovery.ask_for_address(demo, town.actor(ADA), NEW_ADDRESS)
    assert letters_to(demo, ADA.email) == ["address-asked"]
    assert accounts.load_user(demo, ADA.demo).email == ADA.email
    town.clock.advance(seconds=1)
    assert recovery.confirm_address(demo, town.actor(ADA), link_to(demo, NEW_ADDRESS)) == NEW_ADDRESS

    user = accounts.load_user(demo, ADA.demo)
    assert (user.email, user.email_verified) == (NEW_ADDRESS, True)
    assert letters_to(demo, ADA.email) == ["address-changed", "address-asked"]
    assert rows(demo.database, "SELECT email_folded FROM users WHERE email = 'ada@elsewhere.example'") == [
        (NEW_ADDRESS,)
    ]
    assert signin.visit(demo, signin.sign_in(demo, NEW_ADDRESS, PASSWORD)).user.id == ADA.demo


def test_every_user_of_today_is_verified(demo: Context) -> None:
    """Whoever was invited, or opened an account, has an address that counts as verified since then."""
    assert rows(demo.database, "SELECT count(*) FROM users WHERE email_verified_at IS NULL") == [(0,)]
    assert accounts.load_user(demo, SAM.demo).email_verified


def test_a_taken_address_is_found_out_at_the_end(demo: Context, town: Town) -> None:
    """Asking tells nobody whether an address is a user's here; confirming it is refused, in any letter case."""
    recovery.ask_for_address(demo, town.actor(ADA), SAM.email.upper())
    with refused(ADDRESS_TAKEN):
        recovery.confirm_address(demo, town.actor(ADA), link_to(demo, SAM.email.upper()))

    assert accounts.load_user(demo, ADA.demo).email == ADA.email


def test_a_link_is_for_who_asked(demo: Context, town: Town) -> None:
    """Mallory cannot lend her user to whoever reads the mail at an address, and nobody takes another's link."""
    recovery.ask_for_address(demo, town.actor(MALLORY), "cy@acme.example.org")
    link = link_to(demo, "cy@acme.example.org")
    with refused(NOT_YOUR_LINK):
        recovery.look_at_address_link(demo, town.actor(CY), link)
    with refused(NOT_YOUR_LINK):
        recovery.confirm_address(demo, town.actor(CY), link)


def test_asking_needs_a_fresh_sign_in(demo: Context, town: Town) -> None:
    """Who finds a browser that somebody left does not take over their user; programs cannot ask at all."""
    actor = town.actor(ADA)
    with refused(FRESH_SIGN_IN_NEEDED):
        recovery.ask_for_address(demo, town.actor(ADA, permissions=frozenset()), NEW_ADDRESS)
    town.clock.advance(minutes=11)
    with refused(FRESH_SIGN_IN_NEEDED):
        recovery.ask_for_address(demo, actor, NEW_ADDRESS)


@pytest.mark.parametrize("address", ["", "no address", ADA.email, "a@b", "ada@acme.example\r\nBcc: all@acme.example"])
def test_what_is_no_new_address_is_refused(demo: Context, town: Town, address: str) -> None:
    """At the field where it was typed."""
    with refused(INVALID_FIELD, "email"):
        recovery.ask_for_address(demo, town.actor(ADA), address)


def test_links_to_new_addresses_are_few(demo: Context, town: Town) -> None:
    """Nobody fills the mailboxes of others: three links an hour for each user."""
    for number in range(3):
        recovery.ask_for_address(demo, town.actor(ADA), f"victim{number}@elsewhere.example")
    with refused(TOO_MANY_LINKS):
        recovery.ask_for_address(demo, town.actor(ADA), "victim3@elsewhere.example")


def test_an_address_link_ages_and_is_replaced(demo: Context, town: Town) -> None:
    """It is good for a day, only the newest is, and a new password makes it useless."""
    recovery.ask_for_address(demo, town.actor(ADA), "first@elsewhere.example")
    first = link_to(demo, "first@elsewhere.example")
    recovery.ask_for_address(demo, town.actor(ADA), NEW_ADDRESS)
    second = link_to(demo, NEW_ADDRESS)
    with refused(LINK_NOT_GOOD):
        recovery.confirm_address(demo, town.actor(ADA), first)
    recovery.ask_for_password(demo, ADA.email)
    recovery.reset_password(demo, link_to(demo, ADA.email), NEW)
    with refused(LINK_NOT_GOOD):
        recovery.confirm_address(demo, town.actor(ADA), second)
    town.clock.advance(hours=1)
    recovery.ask_for_address(demo, town.actor(ADA), NEW_ADDRESS)
    third = link_to(demo, NEW_ADDRESS)
    town.clock.advance(hours=24)
    with refused(LINK_NOT_GOOD):
        recovery.confirm_address(demo, town.actor(ADA), third)


# ── a lost second factor ────────────────────────────────────────────────────────────────────────────────────────────
def test_another_admin_resets_a_second_factor(demo: Context, town: Town) -> None:
    """It is gone, sessions end, the password stays, and the user and every admin of their accounts are told."""
    with_factor(demo, town, SAM)
    session = session_of(demo, SAM)
    recovery.reset_factors(demo, town.actor(ADA), ACME.demo, SAM.demo)

    assert not factors.view(demo, SAM.demo).has_any
    with refused(NOT_SIGNED_IN):
        signin.visit(demo, session)
    assert not signin.is_half(signin.sign_in(demo, SAM.email, PASSWORD))
    told = {mail.recipient for mail in mailing.list_newest(demo) if mail.about == "factor-reset"}
    assert told == {SAM.email, ADA.email, BO.email, ROBIN.email}


def session_of(ctx: Context, person: Person) -> str:
    """A session that began before anything was lost."""
    with ctx.database.writing() as tx:
        return sessions.begin(ctx, tx, accounts.load_user(ctx, person.demo), NOWHERE)


def test_who_may_reset_a_second_factor(demo: Context, town: Town) -> None:
    """An admin of the account, freshly signed in, for another member: nobody else, and nobody for themselves."""
    with refused(NOT_AN_ADMIN):
        recovery.reset_factors(demo, town.actor(SAM), ACME.demo, ADA.demo)
    with refused(NO_SUCH_ACCOUNT):
        recovery.reset_factors(demo, town.actor(MALLORY), ACME.demo, ADA.demo)
    with refused(NO_SUCH_USER):
        recovery.reset_factors(demo, town.actor(ADA), ACME.demo, MALLORY.demo)
    with refused(INVALID_FIELD, "user"):
        recovery.reset_factors(demo, town.actor(ADA), ACME.demo, ADA.demo)
    with refused(FRESH_SIGN_IN_NEEDED):
        recovery.reset_factors(demo, replace(town.actor(ADA), permissions=frozenset()), ACME.demo, SAM.demo)


def test_an_operator_resets_a_second_factor(demo: Context, town: Town) -> None:
    """On the host, for the last admin too; an unknown address is said to be one."""
    with_factor(demo, town, MALLORY)
    user = recovery.reset_factors_as_operator(demo, MALLORY.email, "operator Olga")
    with refused(NO_SUCH_USER):
        recovery.reset_factors_as_operator(demo, "nobody@acme.example", "operator Olga")

    assert (user.email, factors.view(demo, MALLORY.demo).has_any) == (MALLORY.email, False)
    assert letters_to(demo, MALLORY.email) == ["factor-reset"]
