"""Who races over sessions and second factors?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import accounts, factors, passkeys, sessions, signin
from keysteward.rules.access import Actor
from keysteward.rules.signin import NOWHERE, Proof
from tests.authenticator import Authenticator
from tests.cast import ADA, PASSWORD
from tests.factors import add_app, add_passkey, code_of
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]

ANOTHER = "another correct horse battery"


def visiting(on: Ground) -> tuple[Actor, str]:
    """Ada in a session of hers, and the session's id."""
    visitor = signin.visit(on.demo, signin.sign_in(on.demo, ADA.email, PASSWORD))
    return visitor.actor, visitor.session


# ── sessions ────────────────────────────────────────────────────────────────────────────────────────────────────────
@race(signin.visit, sessions.end_one)
def a_session_is_ended_once(on: Ground) -> Story:
    """While a session is seen again and again it is ended once; afterwards it is nobody's."""
    token = signin.sign_in(on.demo, ADA.email, PASSWORD)
    session = signin.visit(on.demo, token).session
    on.town.clock.advance(minutes=6)
    came = yield taking_turns(
        lambda _: signin.visit(on.demo, token), lambda _: sessions.end_one(on.demo, on.ada, session)
    )

    assert events_of(on.demo, "SessionsEnded") == 1
    assert came.refusals["no-such-object"] == 49
    assert set(came.refusals) <= {"no-such-object", "not-signed-in"}


@race(sessions.change_password, signin.sign_in, sessions.prove_again, times=40)
def an_old_password_leaves_no_session(on: Ground) -> Story:
    """Whoever signs in with the old password while it is changed has no session afterwards."""
    actor, own = visiting(on)

    def deed(number: int) -> object:
        if number == 20:
            sessions.change_password(on.demo, actor, own, ANOTHER)
            return None
        if number % 2:
            sessions.prove_again(on.demo, actor, own, Proof(PASSWORD), NOWHERE)
            return None
        return signin.sign_in(on.demo, ADA.email, PASSWORD)

    came = yield deed

    assert set(came.refusals) <= {"wrong-credentials", "too-many-attempts"}
    assert rows(on.demo.database, "SELECT id FROM sessions") == [(own,)]


@race(sessions.end_others, signin.sign_in)
def all_others_end(on: Ground) -> Story:
    """Of fifty who end all other sessions while fifty sign in, each ends what was there; this one stays."""
    actor, own = visiting(on)
    came = yield taking_turns(
        lambda _: sessions.end_others(on.demo, actor, own), lambda _: signin.sign_in(on.demo, ADA.email, PASSWORD)
    )

    ended = sum(answer for answer in came.answers if isinstance(answer, int))
    left = rows(on.demo.database, "SELECT id FROM sessions")
    assert (came.refusals, ended + len(left), (own,) in left) == (Counter(), 51, True)


# ── second factors ──────────────────────────────────────────────────────────────────────────────────────────────────
@race(factors.add_app)
def one_app_is_added(on: Ground) -> Story:
    """Of a hundred who set up an authenticator app each, one has it, with its recovery codes."""
    drafts = [factors.draft_app(on.demo, on.ada) for _ in range(100)]
    codes = [code_of(draft.letters, on.demo.machine_clock()) for draft in drafts]
    came = yield lambda number: factors.add_app(on.demo, on.ada, drafts[number].sealed, codes[number])

    codes = came.once("factor-exists")
    half = signin.sign_in(on.demo, ADA.email, PASSWORD)
    assert signin.pass_second_step(on.demo, half, Proof(unverified_code=codes[0]))


@race(factors.add_passkey, passkeys.ask)
def one_answer_is_one_passkey(on: Ground) -> Story:
    """A hundred who send what a browser answered, while others are asked, make one passkey."""
    user = accounts.load_user(on.demo, ADA.demo)
    answer = Authenticator(on.demo.origin).register(passkeys.ask(on.demo, user, "add"))
    came = yield taking_turns(
        lambda _: factors.add_passkey(on.demo, on.ada, "Key", answer), lambda _: passkeys.ask(on.demo, user, "add")
    )

    assert (len(came.answers), came.refusals) == (51, Counter({"passkey-not-good": 49}))
    assert len(factors.view(on.demo, ADA.demo).passkeys) == 1


@race(factors.remove_app, factors.remove_passkey, factors.make_recovery_codes)
def the_last_factor_takes_the_codes_along(on: Ground) -> Story:
    """While both factors go and new codes are made, no recovery code outlives the last factor."""
    add_app(on.demo, on.ada)
    add_passkey(on.demo, on.ada)
    passkey = factors.view(on.demo, ADA.demo).passkeys[0].id
    came = yield taking_turns(
        lambda _: factors.make_recovery_codes(on.demo, on.ada),
        lambda _: factors.remove_app(on.demo, on.ada),
        lambda _: factors.remove_passkey(on.demo, on.ada, passkey),
    )

    assert set(came.refusals) <= {"no-such-object", "no-second-factor-yet"}
    assert events_of(on.demo, "SecondFactorRemoved") == 2
    assert factors.view(on.demo, ADA.demo) == factors.Factors(None, [], 0)


@race(signin.pass_second_step)
def a_recovery_code_is_used_once(on: Ground) -> Story:
    """Of a hundred first steps that bring one recovery code, one gets in."""
    _, codes = add_app(on.demo, on.ada)
    halves = [signin.sign_in(on.demo, ADA.email, PASSWORD) for _ in range(100)]
    proof = Proof(unverified_code=codes[0])
    came = yield lambda number: signin.pass_second_step(on.demo, halves[number], proof)

    assert signin.visit(on.demo, came.once("wrong-code", "too-many-attempts")).user.id == ADA.demo


@race(signin.pass_second_step)
def a_first_step_is_used_once(on: Ground) -> Story:
    """Of ten recovery codes that one first step brings ten times each, one opens one session."""
    _, codes = add_app(on.demo, on.ada)
    half = signin.sign_in(on.demo, ADA.email, PASSWORD)
    came = yield lambda number: signin.pass_second_step(on.demo, half, Proof(unverified_code=codes[number % 10]))

    came.once("sign-in-over")
    assert factors.view(on.demo, ADA.demo).recovery_codes == 9


@race(signin.pass_second_step)
def a_first_step_has_five_tries(on: Ground) -> Story:
    """A hundred wrong codes at once: five are looked at."""
    add_app(on.demo, on.ada)
    half = signin.sign_in(on.demo, ADA.email, PASSWORD)
    came = yield lambda _: signin.pass_second_step(on.demo, half, Proof(unverified_code="000000"))

    assert came.refusals == Counter({"wrong-code": 5, "sign-in-over": 95})


@race(signin.pass_second_step, times=20)
def a_challenge_is_answered_once(on: Ground) -> Story:
    """Of twenty first steps that bring one answer of a passkey, one gets in."""
    key = add_passkey(on.demo, on.ada)
    asked = passkeys.ask(on.demo, accounts.load_user(on.demo, ADA.demo), "second step")
    proof = Proof(unverified_passkey=key.prove(asked))
    halves = [signin.sign_in(on.demo, ADA.email, PASSWORD) for _ in range(20)]
    came = yield lambda number: signin.pass_second_step(on.demo, halves[number], proof)

    came.once("passkey-not-good", "too-many-attempts")
