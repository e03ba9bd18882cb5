"""Who is signed in where, and who proves again who they are?"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from keysteward.actions import accounts, passkeys, sessions, signin
from keysteward.actions.context import Context
from keysteward.rules.access import PERMISSIONS, Actor
from keysteward.rules.refusals import (
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    NOT_SIGNED_IN,
    PASSKEY_NOT_GOOD,
    SIGN_IN_OVER,
    TOO_MANY_ATTEMPTS,
    WRONG_CREDENTIALS,
    Refusal,
)
from keysteward.rules.signin import NOWHERE, Proof, Source
from tests.authenticator import Authenticator
from tests.cast import ADA, BO, PASSWORD, START, Town, refused
from tests.factors import add_app, add_passkey, half
from tests.peers.databases import rows

OFFICE = Source("203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
ANOTHER = "another correct horse battery"


def is_over(ctx: Context, token: str) -> bool:
    """Whether a session is nobody's any more."""
    try:
        signin.visit(ctx, token)
    except Refusal:
        return True
    return False


def of(ctx: Context, token: str) -> tuple[Actor, str]:
    """Who somebody is in a session, and its id."""
    visitor = signin.visit(ctx, token)
    return visitor.actor, visitor.session


# ── where somebody is signed in ─────────────────────────────────────────────────────────────────────────────────────
def test_a_session_says_where_it_is(town: Town, demo: Context) -> None:
    """Address, browser, since when; and of others nobody learns anything."""
    signin.sign_in(demo, ADA.email, PASSWORD, OFFICE)
    signin.sign_in(demo, BO.email, PASSWORD, OFFICE)
    (session,) = sessions.list_own(demo, town.actor(ADA))

    assert (session.address, session.agent) == (OFFICE.address, OFFICE.agent)
    assert (session.began_at, session.seen_at, session.signed_in_at) == (START, START, START)


def test_a_session_is_seen_every_few_minutes(town: Town, demo: Context) -> None:
    """Looking is written down at most every five minutes, and when the clock was set back."""
    token = signin.sign_in(demo, ADA.email, PASSWORD)
    seen = []
    for minutes in (4, 1, 4, -20):
        town.clock.advance(minutes=minutes)
        signin.visit(demo, token)
        seen.append(sessions.list_own(demo, town.actor(ADA))[0].seen_at - START)

    assert seen == [timedelta(0), timedelta(minutes=5), timedelta(minutes=5), timedelta(minutes=-11)]


def test_one_session_is_ended_by_its_user(town: Town, demo: Context) -> None:
    """By nobody else, and once."""
    first, second = (signin.sign_in(demo, ADA.email, PASSWORD) for _ in range(2))
    session = of(demo, first)[1]
    with refused(NO_SUCH_OBJECT):
        sessions.end_one(demo, town.actor(BO), session)
    sessions.end_one(demo, town.actor(ADA), session)

    assert (is_over(demo, first), is_over(demo, second)) == (True, False)
    with refused(NO_SUCH_OBJECT):
        sessions.end_one(demo, town.actor(ADA), session)


def test_all_other_sessions_end_together(town: Town, demo: Context) -> None:
    """This one stays, other people's stay, and first steps that wait are over."""
    others, bo = [signin.sign_in(demo, ADA.email, PASSWORD) for _ in range(3)], signin.sign_in(demo, BO.email, PASSWORD)
    own = signin.sign_in(demo, ADA.email, PASSWORD)
    add_app(demo, town.actor(ADA))
    waiting = half(town)

    assert sessions.end_others(demo, *of(demo, own)) == 3
    assert [is_over(demo, token) for token in (*others, own, bo)] == [True, True, True, False, False]
    with refused(SIGN_IN_OVER):
        signin.second_step(demo, waiting)
    assert sessions.end_others(demo, *of(demo, own)) == 0


# ── a fresh sign-in ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_password_makes_a_session_fresh(town: Town, demo: Context) -> None:
    """From then on dangerous deeds are done again, and whoever asks when the user signed in is told that."""
    token = signin.sign_in(demo, ADA.email, PASSWORD)
    town.clock.advance(hours=1)
    actor, session = of(demo, token)
    with refused(FRESH_SIGN_IN_NEEDED):
        sessions.end_others(demo, actor, session)
    sessions.prove_again(demo, actor, session, Proof(PASSWORD), NOWHERE)

    assert signin.visit(demo, token).actor.signed_in_at == demo.now
    assert sessions.end_others(demo, *of(demo, token)) == 0
    assert rows(demo.database, "SELECT name FROM events ORDER BY sequence DESC LIMIT 1") == [("SignedInAgain",)]


def test_a_passkey_makes_a_session_fresh(town: Town, demo: Context) -> None:
    """Alone it must have checked who holds it, by a finger or a PIN."""
    token = signin.sign_in(demo, ADA.email, PASSWORD)
    key = add_passkey(demo, town.actor(ADA))
    town.clock.advance(hours=1)

    def prove(authenticator: Authenticator, purpose: passkeys.Purpose = "alone") -> None:
        asked = passkeys.ask(demo, accounts.load_user(demo, ADA.demo), purpose)
        proof = Proof(unverified_passkey=authenticator.prove(asked))
        sessions.prove_again(demo, *of(demo, token), proof, NOWHERE)

    key.verifies = False
    with refused(PASSKEY_NOT_GOOD, "passkey"):
        prove(key)
    key.verifies = True
    with refused(PASSKEY_NOT_GOOD, "passkey"):
        prove(key, "second step")
    prove(key)
    assert signin.visit(demo, token).actor.signed_in_at == demo.now


@pytest.mark.parametrize("proof", [Proof(), Proof("wrong"), Proof(unverified_code="000000"), Proof("", "", "{}")])
def test_nothing_else_makes_it_fresh(demo: Context, proof: Proof) -> None:
    """And guesses are counted as anywhere."""
    token = signin.sign_in(demo, ADA.email, PASSWORD)
    kind = WRONG_CREDENTIALS if proof.unverified_password else PASSKEY_NOT_GOOD
    for _ in range(10):
        with refused(kind):
            sessions.prove_again(demo, *of(demo, token), proof, NOWHERE)

    with refused(TOO_MANY_ATTEMPTS, "password"):
        sessions.prove_again(demo, *of(demo, token), Proof(PASSWORD), NOWHERE)


def test_a_session_that_ended_is_not_made_fresh(demo: Context) -> None:
    """It is over."""
    token = signin.sign_in(demo, ADA.email, PASSWORD)
    actor, session = of(demo, token)
    signin.sign_out(demo, token)

    with refused(NOT_SIGNED_IN):
        sessions.prove_again(demo, actor, session, Proof(PASSWORD), NOWHERE)


# ── passwords ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_another_password_ends_the_other_sessions(demo: Context) -> None:
    """The old one opens nothing any more, the new one does; this session stays."""
    other, own = (signin.sign_in(demo, ADA.email, PASSWORD) for _ in range(2))
    sessions.change_password(demo, *of(demo, own), ANOTHER)

    assert (is_over(demo, other), is_over(demo, own)) == (True, False)
    with refused(WRONG_CREDENTIALS, "password"):
        signin.sign_in(demo, ADA.email, PASSWORD)
    assert signin.sign_in(demo, ADA.email, ANOTHER)


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 201])
def test_a_password_is_long_enough(town: Town, demo: Context, password: str) -> None:
    """And not too long to be hashed."""
    with refused(INVALID_FIELD, "password"):
        sessions.change_password(demo, town.actor(ADA), "any", password)


DANGEROUS: list[Callable[[Context, Actor], object]] = [
    lambda ctx, actor: sessions.change_password(ctx, actor, "any", ANOTHER),
    lambda ctx, actor: sessions.end_others(ctx, actor, "any"),
    lambda ctx, actor: signin.issue_personal_token(ctx, actor, "CI", frozenset(PERMISSIONS), 1),
]


@pytest.mark.parametrize("deed", DANGEROUS, ids=["password", "other sessions", "personal token"])
def test_dangerous_deeds_need_a_fresh_sign_in(
    town: Town, demo: Context, deed: Callable[[Context, Actor], object]
) -> None:
    """Neither a session of hours ago nor a program will do."""
    program, ada = town.actor(ADA, permissions=frozenset(PERMISSIONS)), town.actor(ADA)
    with refused(FRESH_SIGN_IN_NEEDED):
        deed(demo, program)
    town.clock.advance(minutes=11)
    with refused(FRESH_SIGN_IN_NEEDED):
        deed(demo, ada)
