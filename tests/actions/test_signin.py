"""Who gets in, and for how long?"""

import pytest

from keysteward.actions import accounts, signin
from keysteward.actions.context import Context
from keysteward.crypto.hashing import new_secret
from keysteward.rules.access import PERMISSIONS, READ_KEYS, WRITE_KEYS
from keysteward.rules.refusals import (
    ALREADY_SHOWN,
    INVALID_FIELD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    NOT_SIGNED_IN,
    TOO_MANY_ATTEMPTS,
    WRONG_CREDENTIALS,
)
from keysteward.store import accounts as records
from tests.cast import ACME, ADA, BO, COUNCIL, MALLORY, PASSWORD, SMALL, STRANGE, VERA, Town, refused
from tests.racing import at_once


def close_user(ctx: Context, user: str) -> None:
    """Close a user in every account."""
    with ctx.database.writing() as tx:
        records.change_user(tx, user, state="closed")


def fail(ctx: Context, times: int, email: str = ADA.email) -> None:
    """Try wrong passwords."""
    for _ in range(times):
        with refused(WRONG_CREDENTIALS, "password"):
            signin.sign_in(ctx, email, "wrong")


# ── signing in ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_address_and_password_open_a_session(town: Town, demo: Context) -> None:
    """Whoever knows both is that user, looking at their default account."""
    visitor = signin.visit(demo, signin.sign_in(demo, ADA.email, PASSWORD))

    assert (visitor.actor, visitor.user.id) == (town.actor(ADA), ADA.demo)
    assert visitor.standing is not None
    assert visitor.standing.account.id == ACME.demo
    assert [each.account.id for each in visitor.standings] == [ACME.demo, SMALL.demo, COUNCIL.demo]


def test_the_address_may_be_in_any_letter_case(demo: Context) -> None:
    """People write their address as they like."""
    assert signin.visit(demo, signin.sign_in(demo, "Ada@ACME.example", PASSWORD)).user.id == ADA.demo


@pytest.mark.parametrize(("email", "password"), [
    (ADA.email, "wrong"),
    (ADA.email, ""),
    (ADA.email, PASSWORD + " "),
    ("nobody@acme.example", PASSWORD),
    ("", PASSWORD),
    ("x" * 5_000, PASSWORD),
    ("ada@acme.example\x00", PASSWORD),
])  # fmt: skip
def test_wrong_credentials_are_one_refusal(demo: Context, email: str, password: str) -> None:
    """A wrong password and an unknown address cannot be told apart."""
    with refused(WRONG_CREDENTIALS, "password"):
        signin.sign_in(demo, email, password)


def test_a_closed_user_does_not_get_in(demo: Context) -> None:
    """Whoever left knows the password and is refused like a stranger."""
    close_user(demo, BO.demo)

    with refused(WRONG_CREDENTIALS, "password"):
        signin.sign_in(demo, BO.email, PASSWORD)


def test_a_user_without_a_password_does_not_get_in(demo: Context) -> None:
    """Where no password was set, none is right."""
    with demo.database.writing() as tx:
        records.change_user(tx, ADA.demo, password=None)

    with refused(WRONG_CREDENTIALS, "password"):
        signin.sign_in(demo, ADA.email, "")


# ── lockout ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_ten_failures_close_the_door(town: Town, demo: Context) -> None:
    """After ten failures the right password is refused too; nine do nothing."""
    fail(demo, 9)
    signin.sign_in(demo, ADA.email, PASSWORD)
    fail(demo, 1)

    for password in (PASSWORD, "wrong"):
        with refused(TOO_MANY_ATTEMPTS, "password"):
            signin.sign_in(demo, ADA.email, password)


def test_the_door_opens_after_fifteen_minutes(town: Town, demo: Context) -> None:
    """Who waits gets in, even if they kept trying meanwhile: refused attempts do not prolong it."""
    fail(demo, 10)
    town.clock.advance(minutes=14, seconds=59)
    with refused(TOO_MANY_ATTEMPTS, "password"):
        signin.sign_in(demo, ADA.email, PASSWORD)
    town.clock.advance(seconds=2)

    assert signin.visit(demo, signin.sign_in(demo, ADA.email, PASSWORD)).user.id == ADA.demo


def test_failures_are_counted_by_address_in_any_case(demo: Context) -> None:
    """Other spellings share the count, other people do not, and unknown addresses have one too."""
    fail(demo, 5)
    fail(demo, 5, "ADA@acme.example")
    fail(demo, 10, "nobody@acme.example")

    for email in ("Ada@Acme.Example", "Nobody@acme.example"):
        with refused(TOO_MANY_ATTEMPTS, "password"):
            signin.sign_in(demo, email, PASSWORD)
    assert signin.sign_in(demo, BO.email, PASSWORD)


def test_many_guesses_at_once_are_no_way_round(demo: Context) -> None:
    """Of fifty wrong guesses at once at most ten are judged, and the door is closed after."""
    _, codes = at_once(lambda number: signin.sign_in(demo, ADA.email, f"guess {number}"), 50)

    assert codes.count("wrong-credentials") == 10
    assert codes.count("too-many-attempts") == 40


# ── sessions ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_session_ends_after_twelve_hours(town: Town, demo: Context) -> None:
    """In its last moment a session is good; at twelve hours it is over."""
    token = signin.sign_in(demo, ADA.email, PASSWORD)
    town.clock.advance(hours=12, microseconds=-1)
    signin.visit(demo, token)
    town.clock.advance(microseconds=1)

    with refused(NOT_SIGNED_IN):
        signin.visit(demo, token)


def test_signing_out_ends_a_session_at_once(demo: Context) -> None:
    """After signing out the session is unknown; doing it again is no mistake; other sessions live."""
    token, other = (signin.sign_in(demo, ADA.email, PASSWORD) for _ in range(2))
    signin.sign_out(demo, token)
    signin.sign_out(demo, token)

    with refused(NOT_SIGNED_IN):
        signin.visit(demo, token)
    assert signin.visit(demo, other).user.id == ADA.demo


def test_closing_a_user_ends_their_sessions(demo: Context) -> None:
    """Whoever is closed is out at once."""
    token = signin.sign_in(demo, BO.email, PASSWORD)
    close_user(demo, BO.demo)

    with refused(NOT_SIGNED_IN):
        signin.visit(demo, token)


@pytest.mark.parametrize(
    "token",
    [None, "", "garbage", new_secret("ksw_"), new_secret("kst_"), "ksw_" + "A" * 49],
    ids=["none", "empty", "garbage", "unknown", "another kind", "wrong checksum"],
)
def test_an_unknown_session_is_nobody(demo: Context, token: str | None) -> None:
    """Nothing, garbage and what was never issued are refused alike."""
    with refused(NOT_SIGNED_IN):
        signin.visit(demo, token)


def test_a_session_is_of_one_environment(demo: Context, production: Context) -> None:
    """A session of demo opens nothing in production."""
    token = signin.sign_in(demo, ADA.email, PASSWORD)

    with refused(NOT_SIGNED_IN):
        signin.visit(production, token)


def test_a_visitor_looks_at_the_account_they_choose(demo: Context) -> None:
    """The choice stays with the session, and is one of one's own accounts."""
    token = signin.sign_in(demo, ADA.email, PASSWORD)
    signin.choose_account(demo, token, SMALL.demo)
    standing = signin.visit(demo, token).standing

    assert standing is not None
    assert standing.account.id == SMALL.demo
    with refused(NO_SUCH_ACCOUNT):
        signin.choose_account(demo, token, STRANGE.demo)


def test_a_visitor_whose_membership_ended_looks_elsewhere(demo: Context) -> None:
    """An account one left is no longer shown, and the next one is; who has none left sees none."""
    ada, vera = (signin.sign_in(demo, person.email, PASSWORD) for person in (ADA, VERA))
    accounts.close_membership(demo, ACME.demo, ADA.demo, BO.email)
    accounts.close_membership(demo, ACME.demo, VERA.demo, BO.email)
    standing = signin.visit(demo, ada).standing

    assert standing is not None
    assert standing.account.id == SMALL.demo
    assert signin.visit(demo, vera).standing is None


# ── personal access tokens ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_personal_token_speaks_for_its_maker(town: Town, demo: Context) -> None:
    """A program with the token is that user, with the permissions it was made for and no others."""
    value = signin.issue_personal_token(demo, town.actor(ADA), "ci", frozenset({READ_KEYS}), 90)

    assert signin.recognize(demo, value) == town.actor(ADA, permissions=frozenset({READ_KEYS}))


def test_a_personal_token_ends_with_its_days(town: Town, demo: Context) -> None:
    """A token of one day is good for one day."""
    value = signin.issue_personal_token(demo, town.actor(ADA), "ci", frozenset({READ_KEYS}), 1)
    town.clock.advance(days=1, microseconds=-1)
    signin.recognize(demo, value)
    town.clock.advance(microseconds=1)

    with refused(NOT_SIGNED_IN):
        signin.recognize(demo, value)


@pytest.mark.parametrize("days", [0, -1, 91])
def test_a_personal_token_lives_one_to_ninety_days(town: Town, demo: Context, days: int) -> None:
    """Other lives are refused, naming the field."""
    with refused(INVALID_FIELD, "days"):
        signin.issue_personal_token(demo, town.actor(ADA), "ci", frozenset({READ_KEYS}), days)


@pytest.mark.parametrize("permissions", [set(), {"account:key:steal"}, {READ_KEYS, "x"}])
def test_a_personal_token_has_known_permissions(town: Town, demo: Context, permissions: set[str]) -> None:
    """No permission and unknown ones are refused, naming the field."""
    with refused(INVALID_FIELD, "permissions"):
        signin.issue_personal_token(demo, town.actor(ADA), "ci", frozenset(permissions), 30)


def test_a_personal_token_has_a_name(town: Town, demo: Context) -> None:
    """A token is called something."""
    with refused(INVALID_FIELD, "name"):
        signin.issue_personal_token(demo, town.actor(ADA), " ", frozenset(PERMISSIONS), 30)


def test_a_revoked_token_is_dead_at_once(town: Town, demo: Context) -> None:
    """Its owner revokes it once; to others it is unknown."""
    value = signin.issue_personal_token(demo, town.actor(ADA), "ci", frozenset({WRITE_KEYS}), 30)
    (token,) = signin.list_personal_tokens(demo, town.actor(ADA))
    with refused(NO_SUCH_OBJECT):
        signin.revoke_personal_token(demo, town.actor(MALLORY), token.id)
    signin.recognize(demo, value)
    signin.revoke_personal_token(demo, town.actor(ADA), token.id)

    with refused(NOT_SIGNED_IN):
        signin.recognize(demo, value)
    with refused(NO_SUCH_OBJECT):
        signin.revoke_personal_token(demo, town.actor(ADA), token.id)
    assert signin.list_personal_tokens(demo, town.actor(ADA)) == []


def test_closing_a_user_ends_their_tokens(town: Town, demo: Context) -> None:
    """A leaver's programs stop with them."""
    value = signin.issue_personal_token(demo, town.actor(BO), "ci", frozenset({READ_KEYS}), 30)
    close_user(demo, BO.demo)

    with refused(NOT_SIGNED_IN):
        signin.recognize(demo, value)


@pytest.mark.parametrize(
    "token",
    ["", "garbage", new_secret("kst_"), new_secret("ksw_")],
    ids=["empty", "garbage", "unknown", "another kind"],
)
def test_an_unknown_token_is_nobody(demo: Context, token: str) -> None:
    """Garbage and what was never issued are refused alike."""
    with refused(NOT_SIGNED_IN):
        signin.recognize(demo, token)


# ── forms ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_form_is_taken_once(demo: Context) -> None:
    """Of a hundred that send the same form at once, one is served."""
    done, codes = at_once(lambda _: signin.use_form_once(demo, "a-nonce-of-a-form"))

    assert (len(done), codes) == (1, ["already-created"] * 99)


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65])
def test_a_form_without_its_nonce_is_not_taken(demo: Context, nonce: str) -> None:
    """A form that somebody made up is refused."""
    with refused(ALREADY_SHOWN):
        signin.use_form_once(demo, nonce)
