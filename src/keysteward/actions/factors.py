"""Which second factors has somebody, how do they come and go, and what proves one?

An authenticator app's codes are judged by the machine's clock, for the app knows no other.
"""

import base64
import binascii
import secrets
from datetime import timedelta
from typing import NamedTuple

from cryptography.exceptions import InvalidTag

from keysteward.actions import passkeys
from keysteward.actions.context import Context
from keysteward.crypto.sealing import Sealer
from keysteward.crypto.totp import app_address, in_letters, new_totp_secret, steps_of
from keysteward.rules.access import Actor
from keysteward.rules.accounts import User
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import (
    FACTOR_EXISTS,
    NO_FACTOR_YET,
    NO_SUCH_OBJECT,
    SETUP_OVER,
    WRONG_CODE,
    Refusal,
)
from keysteward.rules.signin import Proof, demand_fresh
from keysteward.store import audit
from keysteward.store import factors as store
from keysteward.store.database import Connection, lock
from keysteward.store.factors import Passkey, TotpSecret

_DRAFT_LIFE = timedelta(minutes=30)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_CODE_LETTERS = 12


class Factors(NamedTuple):
    """The second factors of a user: their authenticator app, passkeys, and how many recovery codes are left."""

    app: TotpSecret | None
    passkeys: list[Passkey]
    recovery_codes: int

    @property
    def has_any(self) -> bool:
        """Whether a sign-in of this user takes a second step."""
        return self.app is not None or bool(self.passkeys)


class Draft(NamedTuple):
    """An authenticator app that is being set up: its secret in letters and as an address, and the same sealed."""

    letters: str
    address: str
    sealed: str


def view(ctx: Context, user: str) -> Factors:
    """The second factors of a user."""
    with ctx.database.reading() as tx:
        return of(tx, user)


def of(tx: Connection, user: str) -> Factors:
    """The second factors of a user, within a transaction."""
    return Factors(
        store.find_totp_secret(tx, user), store.list_passkeys(tx, user), store.count_recovery_codes(tx, user)
    )


# ── how they come and go ────────────────────────────────────────────────────────────────────────────────────────────
def draft_app(ctx: Context, actor: Actor, secret: bytes | None = None) -> Draft:
    """A new secret for an authenticator app, or one that a seed gives.

    Nothing is kept until a code proves that the app has it.
    """
    demand_fresh(actor, ctx.now, ctx.policy)
    secret = secret or new_totp_secret()
    until = int((ctx.now + _DRAFT_LIFE).timestamp())
    sealed = ctx.sealer.seal(until.to_bytes(8) + secret, _draft_label(actor))
    issuer = f"Keysteward {ctx.environment}"
    return Draft(in_letters(secret), app_address(secret, actor.email, issuer), base64.b64encode(sealed).decode())


def drafted(ctx: Context, actor: Actor, unverified_sealed: str) -> Draft:
    """The same draft again, so that a form that came back wrong shows the same secret."""
    secret = _drafted(ctx, actor, unverified_sealed)
    issuer = f"Keysteward {ctx.environment}"
    return Draft(in_letters(secret), app_address(secret, actor.email, issuer), unverified_sealed)


def add_app(ctx: Context, actor: Actor, unverified_sealed: str, unverified_code: str) -> list[str]:
    """Take an authenticator app once it shows a right code; return recovery codes where this is the first factor."""
    demand_fresh(actor, ctx.now, ctx.policy)
    secret = _drafted(ctx, actor, unverified_sealed)
    steps = steps_of(secret, _typed(unverified_code), ctx.machine_clock())
    if not steps:
        raise Refusal(WRONG_CODE)
    kept = TotpSecret(actor.user, ctx.sealer.seal(secret, _label_of(actor.user)), steps[0], ctx.now)
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        codes = _first_codes(ctx, tx, actor)
        if not store.save_totp_secret(tx, kept):
            raise Refusal(FACTOR_EXISTS)
        audit.record(tx, ctx.event("SecondFactorAdded", actor.email, factor="authenticator app"))
    return codes


def add_passkey(ctx: Context, actor: Actor, name: str, unverified_answer: str) -> list[str]:
    """Take a passkey that the actor's browser made; return recovery codes where this is the first factor."""
    demand_fresh(actor, ctx.now, ctx.policy)
    called = checked_text(name, "name", most=100)
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        codes = _first_codes(ctx, tx, actor)
        passkey = passkeys.added(ctx, tx, actor.user, called, unverified_answer)
        said = {"factor": "passkey", "passkey": passkey.id, "name": called}
        audit.record(tx, ctx.event("SecondFactorAdded", actor.email, **said))
    return codes


def remove_app(ctx: Context, actor: Actor) -> None:
    """Take the actor's authenticator app away."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        if not store.delete_totp_secret(tx, actor.user):
            raise Refusal(NO_SUCH_OBJECT, thing="authenticator app")
        _forget_codes_of_nothing(tx, actor.user)
        audit.record(tx, ctx.event("SecondFactorRemoved", actor.email, factor="authenticator app"))


def remove_passkey(ctx: Context, actor: Actor, passkey: str) -> None:
    """Take one of the actor's passkeys away."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        if not store.delete_passkey(tx, actor.user, passkey):
            raise Refusal(NO_SUCH_OBJECT, thing="passkey")
        _forget_codes_of_nothing(tx, actor.user)
        audit.record(tx, ctx.event("SecondFactorRemoved", actor.email, factor="passkey", passkey=passkey))


def make_recovery_codes(ctx: Context, actor: Actor) -> list[str]:
    """Make recovery codes in the place of those before; they are shown only now."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        if not of(tx, actor.user).has_any:
            raise Refusal(NO_FACTOR_YET)
        codes = _new_codes(ctx, tx, actor.user)
        audit.record(tx, ctx.event("RecoveryCodesMade", actor.email, user=actor.user))
    return codes


def remove_all(tx: Connection, user: str) -> None:
    """Take every second factor of a user away, within the transaction of a deed that says why."""
    store.delete_totp_secret(tx, user)
    store.delete_passkeys(tx, user)
    store.delete_recovery_codes(tx, user)


# ── what proves one ─────────────────────────────────────────────────────────────────────────────────────────────────
def proved_second(ctx: Context, tx: Connection, user: str, proof: Proof) -> str:
    """Which factor a second step proves; empty where it proves none."""
    if proof.unverified_passkey:
        return "passkey" if passkeys.is_proved(ctx, tx, user, "second step", proof.unverified_passkey) else ""
    typed = _typed(proof.unverified_code)
    if _is_of_app(ctx, tx, user, typed):
        return "authenticator app"
    return "recovery code" if store.burn_recovery_code(tx, user, ctx.digester.digests(typed)) else ""


def proves_alone(ctx: Context, tx: Connection, user: User, proof: Proof) -> bool:
    """Whether a passkey proves somebody without a password: whoever holds it was checked by the device."""
    answer = proof.unverified_passkey
    return bool(answer) and passkeys.is_proved(ctx, tx, user.id, "alone", answer)


def app_secret(ctx: Context, kept: TotpSecret) -> str:
    """The secret of an authenticator app in letters: only a twin writes it down."""
    return in_letters(ctx.sealer.open(kept.secret_sealed, _label_of(kept.user)))


def seal_apps_anew(tx: Connection, sealer: Sealer) -> None:
    """Seal the secrets of all authenticator apps with the master key that comes first now."""
    for kept in store.list_totp_secrets(tx):
        label = _label_of(kept.user)
        store.change_totp_secret(tx, kept.user, sealer.seal(sealer.open(kept.secret_sealed, label), label))


def _label_of(user: str) -> str:
    return f"authenticator app of {user}"


def _is_of_app(ctx: Context, tx: Connection, user: str, typed: str) -> bool:
    found = store.find_totp_secret(tx, user)
    if found is None:
        return False
    steps = steps_of(ctx.sealer.open(found.secret_sealed, _label_of(user)), typed, ctx.machine_clock())
    return any(store.burn_totp_step(tx, user, step) for step in steps)


def _drafted(ctx: Context, actor: Actor, unverified_sealed: str) -> bytes:
    try:
        opened = ctx.sealer.open(base64.b64decode(unverified_sealed, validate=True), _draft_label(actor))
    except (InvalidTag, binascii.Error, ValueError):
        raise Refusal(SETUP_OVER) from None
    if int.from_bytes(opened[:8]) < ctx.now.timestamp():
        raise Refusal(SETUP_OVER)
    return opened[8:]


def _draft_label(actor: Actor) -> str:
    return f"draft of an authenticator app of {actor.user}"


def _typed(unverified_code: str) -> str:
    """A code as it is kept: people type spaces and dashes, and capitals."""
    return "".join(character for character in unverified_code if character.isalnum()).lower()


def _first_codes(ctx: Context, tx: Connection, actor: Actor) -> list[str]:
    return [] if of(tx, actor.user).has_any else _new_codes(ctx, tx, actor.user)


def _new_codes(ctx: Context, tx: Connection, user: str) -> list[str]:
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS)) for _ in range(ctx.policy.recovery_codes)]
    store.save_recovery_codes(tx, user, [ctx.digester.digest(code) for code in codes], ctx.now)
    return ["-".join(code[at : at + 4] for at in range(0, _CODE_LETTERS, 4)) for code in codes]


def _forget_codes_of_nothing(tx: Connection, user: str) -> None:
    if not of(tx, user).has_any:
        store.delete_recovery_codes(tx, user)
