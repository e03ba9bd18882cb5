"""How does somebody make a passkey, and prove with one that it is them?"""

import secrets
from typing import Literal

from keysteward.actions.context import Context
from keysteward.crypto.passkeys import (
    Answer,
    BadPasskey,
    Party,
    Registered,
    ask_to_prove,
    ask_to_register,
    proved,
    registered,
    take_apart,
)
from keysteward.rules.accounts import User
from keysteward.rules.refusals import FACTOR_EXISTS, PASSKEY_NOT_GOOD, TOO_MANY_PASSKEYS, Refusal
from keysteward.rules.words import new_guid
from keysteward.store import factors
from keysteward.store.database import Connection
from keysteward.store.factors import Passkey

Purpose = Literal["add", "second step", "alone"]


def ask(ctx: Context, user: User, purpose: Purpose) -> str:
    """What the user's browser is to be asked, as JSON; its challenge is good once, for a few minutes."""
    challenge = secrets.token_bytes(32)
    with ctx.database.writing() as tx:
        has = [passkey.credential for passkey in factors.list_passkeys(tx, user.id)]
        until = ctx.now + ctx.policy.ceremony_life
        factors.save_ceremony(tx, _digest(ctx, challenge), user.id, purpose, until)
    if purpose == "add":
        return ask_to_register(_party(ctx), user.id, user.email, has, challenge)
    return ask_to_prove(_party(ctx), has, challenge)


def added(ctx: Context, tx: Connection, user: str, name: str, unverified_answer: str) -> Passkey:
    """Keep the passkey that the user's browser made, within the transaction of a deed."""
    if len(factors.list_passkeys(tx, user)) >= ctx.policy.passkeys_per_user:
        raise Refusal(TOO_MANY_PASSKEYS, limit=ctx.policy.passkeys_per_user)
    try:
        answer = take_apart(unverified_answer)
        _burn(ctx, tx, user, "add", answer)
        made = registered(answer, _party(ctx))
    except BadPasskey as error:
        raise Refusal(PASSKEY_NOT_GOOD, detail=str(error)) from None
    passkey = Passkey(new_guid(), user, made.credential, made.public_key, made.uses, name, ctx.now)
    if not factors.save_passkey(tx, passkey):
        raise Refusal(FACTOR_EXISTS)
    return passkey


def is_proved(ctx: Context, tx: Connection, user: str, purpose: Purpose, unverified_answer: str) -> bool:
    """Whether one of the user's passkeys signed the challenge that was made for this; it is used up either way."""
    try:
        answer = take_apart(unverified_answer)
        _burn(ctx, tx, user, purpose, answer)
        known = {passkey.credential: passkey for passkey in factors.list_passkeys(tx, user)}
        passkey = known.get(answer.unverified_credential)
        if passkey is None:
            return False
        kept = Registered(passkey.credential, passkey.public_key, passkey.uses)
        uses = proved(answer, _party(ctx), kept, is_alone=purpose == "alone")
    except BadPasskey:
        return False
    return factors.use_passkey(tx, passkey, uses, ctx.now)


def _burn(ctx: Context, tx: Connection, user: str, purpose: Purpose, answer: Answer) -> None:
    if not factors.burn_ceremony(tx, _digest(ctx, answer.unverified_challenge), user, purpose, ctx.now):
        raise BadPasskey("the challenge was not made for this, was used, or is too old")


def _digest(ctx: Context, challenge: bytes) -> str:
    return ctx.digester.digest(challenge.hex())


def _party(ctx: Context) -> Party:
    return Party(ctx.origin, ctx.authority.partition(":")[0] if "[" not in ctx.authority else ctx.authority)
