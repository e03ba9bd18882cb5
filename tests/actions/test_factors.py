"""What does a second factor open, and what does it keep shut?"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from keysteward.actions import accounts, factors, passkeys, signin
from keysteward.actions.context import Context, InForce
from keysteward.assembly import assemble, close
from keysteward.rules.refusals import (
    FACTOR_EXISTS,
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    NO_FACTOR_YET,
    NO_SUCH_OBJECT,
    NOT_SIGNED_IN,
    PASSKEY_NOT_GOOD,
    SETUP_OVER,
    SIGN_IN_OVER,
    TOO_MANY_ATTEMPTS,
    TOO_MANY_PASSKEYS,
    WRONG_CODE,
)
from keysteward.rules.signin import Proof, Source
from keysteward.settings import Settings
from tests.authenticator import Authenticator
from tests.cast import ADA, BO, PASSWORD, SAM, Town, refused
from tests.factors import add_app, add_passkey, code_of, half
from tests.peers.databases import kept_in, rows
from tests.racing import at_once


def by_code(code: str) -> Proof:
    """What somebody typed."""
    return Proof(unverified_code=code)


def by_passkey(answer: str) -> Proof:
    """What a browser answered."""
    return Proof(unverified_passkey=answer)


def ask(town: Town, purpose: passkeys.Purpose = "second step") -> str:
    """What Ada's browser is asked."""
    return passkeys.ask(town.demo, accounts.load_user(town.demo, ADA.demo), purpose)


# ── codes of an app ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_password_alone_opens_nothing_any_more(town: Town, demo: Context) -> None:
    """With an authenticator app the first step gives no session; the code gives one, and the first step is over."""
    letters, _ = add_app(demo, town.actor(ADA))
    town.clock.advance(seconds=30)
    first = half(town)
    with refused(NOT_SIGNED_IN):
        signin.visit(demo, first)
    session = signin.pass_second_step(demo, first, by_code(code_of(letters, demo.machine_clock())))

    assert signin.visit(demo, session).user.id == ADA.demo
    with refused(SIGN_IN_OVER):
        signin.second_step(demo, first)


def test_a_code_is_good_once(town: Town, demo: Context) -> None:
    """Neither the code that set the app up nor one that was used opens a second session; the next one does."""
    letters, _ = add_app(demo, town.actor(ADA))
    code = code_of(letters, demo.machine_clock())
    with refused(WRONG_CODE, "code"):
        signin.pass_second_step(demo, half(town), by_code(code))
    town.clock.advance(seconds=30)
    code = code_of(letters, demo.machine_clock())
    signin.pass_second_step(demo, half(town), by_code(f" {code[:3]} {code[3:]} "))

    with refused(WRONG_CODE, "code"):
        signin.pass_second_step(demo, half(town), by_code(code))


def test_of_a_hundred_with_one_code_one_gets_in(town: Town, demo: Context) -> None:
    """Each with a first step of their own: the code is burnt by the database."""
    letters, _ = add_app(demo, town.actor(ADA))
    town.clock.advance(seconds=30)
    steps = [half(town) for _ in range(20)]
    code = code_of(letters, demo.machine_clock())
    done, codes = at_once(lambda number: signin.pass_second_step(demo, steps[number], by_code(code)), 20)

    assert len(done) == 1
    assert set(codes) <= {"wrong-code", "too-many-attempts"}


def test_the_app_goes_by_the_machines_clock(town: Town, demo: Context) -> None:
    """Where the twin's clock was moved, an authenticator app knows nothing of it."""
    elsewhere = replace(demo, machine_clock=lambda: 1_111_111_109.0)
    draft = factors.draft_app(elsewhere, town.actor(ADA))

    with refused(WRONG_CODE, "code"):
        factors.add_app(elsewhere, town.actor(ADA), draft.sealed, code_of(draft.letters, demo.now.timestamp()))
    factors.add_app(elsewhere, town.actor(ADA), draft.sealed, code_of(draft.letters, 1_111_111_109))


def test_a_second_step_has_five_tries(town: Town, demo: Context) -> None:
    """Then one begins again, and after ten failures in all one waits, as for any password."""
    letters, _ = add_app(demo, town.actor(ADA))
    town.clock.advance(seconds=30)
    code = code_of(letters, demo.machine_clock())
    for _ in range(2):
        first = half(town)
        for _ in range(5):
            with refused(WRONG_CODE, "code"):
                signin.pass_second_step(demo, first, by_code("000000"))
        with refused(SIGN_IN_OVER):
            signin.pass_second_step(demo, first, by_code(code))

    with refused(TOO_MANY_ATTEMPTS, "password"):
        signin.sign_in(demo, ADA.email, PASSWORD)


def test_a_first_step_lasts_ten_minutes(town: Town, demo: Context) -> None:
    """Who comes back from lunch begins again."""
    letters, _ = add_app(demo, town.actor(ADA))
    first = half(town)
    town.clock.advance(minutes=10)

    with refused(SIGN_IN_OVER):
        signin.pass_second_step(demo, first, by_code(code_of(letters, demo.machine_clock())))


@pytest.mark.parametrize("token", [None, "", "garbage", "ksp_" + "A" * 49])
def test_nobody_takes_a_second_step_without_a_first(demo: Context, token: str | None) -> None:
    """What was never issued is over."""
    with refused(SIGN_IN_OVER):
        signin.pass_second_step(demo, token, by_code("000000"))


def test_an_app_is_kept_once_its_code_was_right(town: Town, demo: Context) -> None:
    """A wrong code keeps nothing, a draft is its maker's and lasts half an hour, and a second app is refused."""
    ada, bo = town.actor(ADA), town.actor(BO)
    draft = factors.draft_app(demo, ada)
    code = code_of(draft.letters, demo.machine_clock())
    with refused(WRONG_CODE, "code"):
        factors.add_app(demo, ada, draft.sealed, "000000")
    for sealed in (draft.sealed, "", "garbage", "A" * 80):
        with refused(SETUP_OVER):
            factors.add_app(demo, bo, sealed, code)
    assert not factors.view(demo, ADA.demo).has_any
    assert factors.drafted(demo, ada, draft.sealed) == draft
    factors.add_app(demo, ada, draft.sealed, code)
    with refused(FACTOR_EXISTS):
        factors.add_app(demo, ada, draft.sealed, code)
    town.clock.advance(minutes=31)
    with refused(SETUP_OVER):
        factors.add_app(demo, town.actor(ADA), draft.sealed, code)


def test_secrets_and_codes_are_nowhere_in_the_clear(town: Town, demo: Context) -> None:
    """The secret of an app is sealed, recovery codes are hashed."""
    letters, codes = add_app(demo, town.actor(ADA))
    kept = kept_in(demo)

    for secret in (letters, *codes, *(code.replace("-", "") for code in codes)):
        assert secret.encode() not in kept


def test_another_master_key_keeps_the_apps(town: Town, demo: Context) -> None:
    """Where another master key comes first, codes are still good, and the old key may go."""
    letters, _ = add_app(demo, town.actor(ADA))
    folder = town._folder
    new, own = folder / "new.key", folder / "demo.key"
    new.write_bytes(b"n" * 32)
    address = demo.database.url.render_as_string(hide_password=False)
    for files in ((new, own), (new,)):
        later = assemble(Settings("demo", "twin", address, files, demo.origin, demo.counterpart.origin))
        later = replace(later, clock=town.clock.read, machine_clock=town.clock.seconds)
        town.clock.advance(seconds=30)
        first = signin.sign_in(later, ADA.email, PASSWORD)
        assert signin.pass_second_step(later, first, by_code(code_of(letters, later.machine_clock())))
        close(later)


# ── recovery codes ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_recovery_code_stands_in_once(town: Town, demo: Context) -> None:
    """Ten come with the first factor; each is good once, however it is typed."""
    _, codes = add_app(demo, town.actor(ADA))
    signin.pass_second_step(demo, half(town), by_code(codes[0].replace("-", " ").upper()))

    assert (len(codes), factors.view(demo, ADA.demo).recovery_codes) == (10, 9)
    with refused(WRONG_CODE, "code"):
        signin.pass_second_step(demo, half(town), by_code(codes[0]))
    signin.pass_second_step(demo, half(town), by_code(codes[1]))


def test_new_recovery_codes_replace_the_old(town: Town, demo: Context) -> None:
    """Old ones are refused, and who has no second factor has no use for any."""
    with refused(NO_FACTOR_YET):
        factors.make_recovery_codes(demo, town.actor(ADA))
    _, old = add_app(demo, town.actor(ADA))
    new = factors.make_recovery_codes(demo, town.actor(ADA))

    with refused(WRONG_CODE, "code"):
        signin.pass_second_step(demo, half(town), by_code(old[0]))
    signin.pass_second_step(demo, half(town), by_code(new[0]))
    assert set(old) & set(new) == set()


def test_anothers_recovery_code_opens_nothing(town: Town, demo: Context) -> None:
    """A code belongs to one user."""
    _, codes = add_app(demo, town.actor(BO))
    add_app(demo, town.actor(ADA))

    with refused(WRONG_CODE, "code"):
        signin.pass_second_step(demo, half(town), by_code(codes[0]))


# ── passkeys ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_passkey_is_a_second_step(town: Town, demo: Context) -> None:
    """It signs a challenge, once; the same answer again is refused."""
    key = add_passkey(demo, town.actor(ADA))
    answer = key.prove(ask(town))
    session = signin.pass_second_step(demo, half(town), by_passkey(answer))

    assert signin.visit(demo, session).user.id == ADA.demo
    assert factors.view(demo, ADA.demo).passkeys[0].used_at == demo.now
    with refused(PASSKEY_NOT_GOOD, "passkey"):
        signin.pass_second_step(demo, half(town), by_passkey(answer))


def test_a_challenge_lasts_five_minutes(town: Town, demo: Context) -> None:
    """And is for what it was made for."""
    key = add_passkey(demo, town.actor(ADA))
    answers = [key.prove(ask(town)), key.prove(ask(town, "alone"))]
    town.clock.advance(minutes=5)

    for answer in (answers[0], answers[1], key.prove(ask(town, "alone"))):
        with refused(PASSKEY_NOT_GOOD, "passkey"):
            signin.pass_second_step(demo, half(town), by_passkey(answer))


@pytest.mark.parametrize("answer", ["garbage", "{}", "[]", '{"id":1}', '{"id":"","response":{"clientDataJSON":"!"}}'])
def test_garbage_is_no_passkey(town: Town, demo: Context, answer: str) -> None:
    """Nothing that is typed breaks anything."""
    add_passkey(demo, town.actor(ADA))

    with refused(PASSKEY_NOT_GOOD, "passkey"):
        signin.pass_second_step(demo, half(town), by_passkey(answer))


def test_another_key_another_site_and_a_copied_key_are_refused(town: Town, demo: Context) -> None:
    """A key that nobody added, one that looks at another origin, and one whose count went back."""
    key = add_passkey(demo, town.actor(ADA))
    stranger, elsewhere = Authenticator(demo.origin), Authenticator("https://evil.example")
    elsewhere.credential, elsewhere._private = key.credential, key._private
    copied = Authenticator(demo.origin)
    copied.credential, copied._private = key.credential, key._private
    signin.pass_second_step(demo, half(town), by_passkey(key.prove(ask(town))))

    for other in (stranger, elsewhere, copied):
        with refused(PASSKEY_NOT_GOOD, "passkey"):
            signin.pass_second_step(demo, half(town), by_passkey(other.prove(ask(town))))


def test_a_passkey_is_kept_once(town: Town, demo: Context) -> None:
    """One credential is one passkey, an answer is good once, and a passkey has a name."""
    ada, key = town.actor(ADA), Authenticator(demo.origin)
    answer = key.register(ask(town, "add"))
    with refused(INVALID_FIELD, "name"):
        factors.add_passkey(demo, ada, " ", answer)
    codes = factors.add_passkey(demo, ada, "Blue key", answer)
    with refused(PASSKEY_NOT_GOOD, "passkey"):
        factors.add_passkey(demo, ada, "Blue key", answer)
    with refused(FACTOR_EXISTS):
        factors.add_passkey(demo, ada, "Blue key", key.register(ask(town, "add")))

    assert len(codes) == 10
    assert [each.name for each in factors.view(demo, ADA.demo).passkeys] == ["Blue key"]


def test_somebody_has_only_so_many_passkeys(town: Town, demo: Context) -> None:
    """The next is refused, with what to do."""
    few = replace(demo, in_force=InForce(replace(demo.policy, passkeys_per_user=1)))
    add_passkey(few, town.actor(ADA))

    with refused(TOO_MANY_PASSKEYS):
        add_passkey(few, town.actor(ADA), "Red key")


# ── adding and removing ─────────────────────────────────────────────────────────────────────────────────────────────
def test_removing_the_last_factor_takes_the_codes_along(town: Town, demo: Context) -> None:
    """With another factor left the codes stay; with none the password is enough again."""
    ada = town.actor(ADA)
    add_app(demo, ada)
    key = add_passkey(demo, ada)
    (passkey,) = factors.view(demo, ADA.demo).passkeys
    factors.remove_app(demo, ada)
    assert factors.view(demo, ADA.demo).recovery_codes == 10
    with refused(NO_SUCH_OBJECT):
        factors.remove_passkey(demo, town.actor(BO), passkey.id)
    factors.remove_passkey(demo, ada, passkey.id)

    assert key.uses == 0
    assert factors.view(demo, ADA.demo) == factors.Factors(None, [], 0)
    assert not signin.is_half(signin.sign_in(demo, ADA.email, PASSWORD))
    with refused(NO_SUCH_OBJECT):
        factors.remove_app(demo, ada)
    with refused(NO_SUCH_OBJECT):
        factors.remove_passkey(demo, ada, passkey.id)


def test_factors_change_with_a_fresh_sign_in_only(town: Town, demo: Context) -> None:
    """Whoever finds a browser open after lunch adds and removes nothing."""
    ada = town.actor(ADA)
    draft = factors.draft_app(demo, ada)
    town.clock.advance(minutes=11)
    deeds: list[Callable[[], object]] = [
        lambda: factors.draft_app(demo, ada),
        lambda: factors.add_app(demo, ada, draft.sealed, code_of(draft.letters, demo.machine_clock())),
        lambda: factors.add_passkey(demo, ada, "Key", "{}"),
        lambda: factors.remove_app(demo, ada),
        lambda: factors.remove_passkey(demo, ada, "x"),
        lambda: factors.make_recovery_codes(demo, ada),
    ]

    for deed in deeds:
        with refused(FRESH_SIGN_IN_NEEDED):
            deed()


def test_every_change_is_in_the_history(town: Town, demo: Context) -> None:
    """What came, what went, and with what somebody signed in."""
    ada = town.actor(ADA)
    _, codes = add_app(demo, ada)
    signin.pass_second_step(demo, half(town), by_code(codes[0]), Source("203.0.113.7"))
    factors.make_recovery_codes(demo, ada)
    factors.remove_app(demo, ada)
    told = rows(demo.database, "SELECT name, actor, data FROM events ORDER BY sequence DESC LIMIT 4")

    assert [(name, actor) for name, actor, _ in reversed(told)] == [
        ("SecondFactorAdded", ADA.email), ("SignedIn", ADA.email), ("RecoveryCodesMade", ADA.email),
        ("SecondFactorRemoved", ADA.email),
    ]  # fmt: skip
    assert '"factor":"recovery code"' in told[2][2]


def test_policy_asks_admins_for_a_second_factor(town: Town, demo: Context) -> None:
    """An admin without one lacks it, with one does not; others are not asked."""
    strict = replace(demo, in_force=InForce(replace(demo.policy, second_factor="admins")))
    ada, sam = (signin.sign_in(strict, person.email, PASSWORD) for person in (ADA, SAM))

    assert (signin.visit(strict, ada).lacks_factor, signin.visit(strict, sam).lacks_factor) == (True, False)
    assert not signin.visit(demo, ada).lacks_factor
    add_app(strict, town.actor(ADA))
    assert not signin.visit(strict, ada).lacks_factor
