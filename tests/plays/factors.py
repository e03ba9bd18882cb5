"""How is each deed on second factors and sessions played?"""

from keysteward.actions import accounts, factors, passkeys, sessions, signin
from keysteward.rules.access import Actor
from keysteward.rules.signin import NOWHERE, Proof
from tests.authenticator import Authenticator
from tests.cast import ADA, PASSWORD
from tests.factors import add_app as set_up_app
from tests.factors import add_passkey as set_up_passkey
from tests.factors import code_of
from tests.plays.stage import Play, Scene, Stage, Told


def told(name: str) -> Told:
    """What is told of something that Ada does to her own sign-in."""
    return Told(name, ADA.email, "", "")


def visiting(on: Stage) -> tuple[Actor, str]:
    """Ada in a session of hers, and the session's id."""
    visitor = signin.visit(on.demo, signin.sign_in(on.demo, ADA.email, PASSWORD))
    return visitor.actor, visitor.session


# ── sessions ────────────────────────────────────────────────────────────────────────────────────────────────────────
def be_seen(on: Stage) -> Scene:
    """Ada comes back after a while."""
    token = signin.sign_in(on.demo, ADA.email, PASSWORD)
    on.town.clock.advance(minutes=6)
    return Scene(on.demo, lambda: signin.visit(on.demo, token), None)


def end_one(on: Stage) -> Scene:
    """Ada ends a session."""
    actor, session = visiting(on)
    return Scene(on.demo, lambda: sessions.end_one(on.demo, actor, session), told("SessionsEnded"))


def end_others(on: Stage) -> Scene:
    """Ada ends all others."""
    visiting(on)
    actor, session = visiting(on)
    return Scene(on.demo, lambda: sessions.end_others(on.demo, actor, session), told("SessionsEnded"))


def prove_again(on: Stage) -> Scene:
    """Ada says her password again."""
    actor, session = visiting(on)
    on.town.clock.advance(minutes=1)
    proof = Proof(PASSWORD)
    return Scene(on.demo, lambda: sessions.prove_again(on.demo, actor, session, proof, NOWHERE), told("SignedInAgain"))


def fail_to_prove(on: Stage) -> Scene:
    """Somebody at her browser guesses."""
    actor, session = visiting(on)
    return Scene(on.demo, lambda: sessions.prove_again(on.demo, actor, session, Proof("wrong"), NOWHERE), None)


def change_password(on: Stage) -> Scene:
    """Ada takes another password."""
    actor, session = visiting(on)
    new = "another correct horse battery"
    return Scene(on.demo, lambda: sessions.change_password(on.demo, actor, session, new), told("PasswordChanged"))


# ── second factors ──────────────────────────────────────────────────────────────────────────────────────────────────
def begin_in_two_steps(on: Stage) -> Scene:
    """Ada, who has an authenticator app, says her password."""
    set_up_app(on.demo, on.ada)
    return Scene(on.demo, lambda: signin.sign_in(on.demo, ADA.email, PASSWORD), None)


def pass_second_step(on: Stage) -> Scene:
    """And a recovery code."""
    _, codes = set_up_app(on.demo, on.ada)
    half, proof = signin.sign_in(on.demo, ADA.email, PASSWORD), Proof(unverified_code=codes[0])
    return Scene(on.demo, lambda: signin.pass_second_step(on.demo, half, proof), told("SignedIn"))


def fail_second_step(on: Stage) -> Scene:
    """Or a wrong one."""
    set_up_app(on.demo, on.ada)
    half, proof = signin.sign_in(on.demo, ADA.email, PASSWORD), Proof(unverified_code="000000")
    return Scene(on.demo, lambda: signin.pass_second_step(on.demo, half, proof), None)


def add_app(on: Stage) -> Scene:
    """Ada sets up an authenticator app."""
    draft = factors.draft_app(on.demo, on.ada)
    code = code_of(draft.letters, on.demo.machine_clock())
    return Scene(on.demo, lambda: factors.add_app(on.demo, on.ada, draft.sealed, code), told("SecondFactorAdded"))


def add_passkey(on: Stage) -> Scene:
    """Ada makes a passkey."""
    asked = passkeys.ask(on.demo, accounts.load_user(on.demo, ADA.demo), "add")
    answer = Authenticator(on.demo.origin).register(asked)
    return Scene(on.demo, lambda: factors.add_passkey(on.demo, on.ada, "Key", answer), told("SecondFactorAdded"))


def remove_app(on: Stage) -> Scene:
    """Ada removes her authenticator app."""
    set_up_app(on.demo, on.ada)
    return Scene(on.demo, lambda: factors.remove_app(on.demo, on.ada), told("SecondFactorRemoved"))


def remove_passkey(on: Stage) -> Scene:
    """Ada removes a passkey."""
    set_up_passkey(on.demo, on.ada)
    passkey = factors.view(on.demo, ADA.demo).passkeys[0].id
    return Scene(on.demo, lambda: factors.remove_passkey(on.demo, on.ada, passkey), told("SecondFactorRemoved"))


def make_recovery_codes(on: Stage) -> Scene:
    """Ada makes new recovery codes."""
    set_up_app(on.demo, on.ada)
    return Scene(on.demo, lambda: factors.make_recovery_codes(on.demo, on.ada), told("RecoveryCodesMade"))


def ask(on: Stage) -> Scene:
    """Ada's browser is asked for a passkey."""
    user = accounts.load_user(on.demo, ADA.demo)
    return Scene(on.demo, lambda: passkeys.ask(on.demo, user, "add"), None)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("sessions.end_one", end_one),
    ("sessions.end_others", end_others),
    ("sessions.prove_again", prove_again),
    ("sessions.change_password", change_password),
    ("signin.pass_second_step", pass_second_step),
    ("factors.add_app", add_app),
    ("factors.add_passkey", add_passkey),
    ("factors.remove_app", remove_app),
    ("factors.remove_passkey", remove_passkey),
    ("factors.make_recovery_codes", make_recovery_codes),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("signin._see", "when somebody was seen last changes nothing for anybody", be_seen),
    ("sessions.prove_again wrongly", "guesses are counted, as at sign-in", fail_to_prove),
    ("signin.sign_in with a second step", "nobody is signed in before the second step", begin_in_two_steps),
    ("signin.pass_second_step wrongly", "guesses are counted, as at sign-in", fail_second_step),
    ("passkeys.ask", "a question is no deed", ask),
)
