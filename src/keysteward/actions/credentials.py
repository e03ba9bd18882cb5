"""How does an app get what it proves itself with: secret keys and keypairs?"""

from dataclasses import dataclass

from keysteward.actions.context import Context
from keysteward.actions.keys import changeable, demand_changeable, recorded
from keysteward.crypto.hashing import new_secret
from keysteward.crypto.signing import BadPublicKey, checked_public_key, generate_keypair, thumbprint
from keysteward.rules.access import Actor
from keysteward.rules.keys import Keypair, Secret, checked_secret
from keysteward.rules.refusals import (
    BAD_PUBLIC_KEY,
    INVALID_FIELD,
    KEYPAIR_EXISTS,
    NO_SUCH_OBJECT,
    TOO_MANY_KEYPAIRS,
    TOO_MANY_SECRETS,
    Refusal,
)
from keysteward.rules.words import new_guid
from keysteward.store import keys
from keysteward.store.database import bump_epoch, lock


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret key at the one moment its value is known."""

    secret: Secret
    value: str


@dataclass(frozen=True, slots=True)
class NewKeypair:
    """A generated keypair at the one moment its private half is known."""

    keypair: Keypair
    private_pem: str


def add_secret(ctx: Context, actor: Actor, key: str) -> NewSecret:
    """Make a secret key; its value is shown only now."""
    return _add_secret(ctx, actor, key, new_secret("kss_"))


def declare_secret(ctx: Context, actor: Actor, key: str, value: str) -> NewSecret:
    """Take a secret key that somebody else chose: only the seed of a twin does, for programs that have theirs."""
    return _add_secret(ctx, actor, key, checked_secret(value))


def _add_secret(ctx: Context, actor: Actor, key: str, value: str) -> NewSecret:
    secret, digest = Secret(new_guid(), value[-4:], ctx.now, actor.email), ctx.digester.digest(value)
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        lock(tx, "record", digest)
        if len(keys.list_secrets(tx, app.key)) >= ctx.policy.secrets_per_key:
            raise Refusal(TOO_MANY_SECRETS, limit=ctx.policy.secrets_per_key)
        if keys.is_secret_known(tx, ctx.digester.digests(value)):
            raise Refusal(INVALID_FIELD, field="value", reason="another secret key has this value.")
        keys.save_secret(tx, app.key, secret, digest)
        recorded(ctx, tx, "SecretAdded", actor, app, secret=secret.id)
        bump_epoch(tx)
    return NewSecret(secret, value)


def delete_secret(ctx: Context, actor: Actor, key: str, secret: str) -> None:
    """Delete a secret key; it stops working at once."""
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if not keys.delete_secret(tx, app.key, secret):
            raise Refusal(NO_SUCH_OBJECT, thing="secret key")
        recorded(ctx, tx, "SecretDeleted", actor, app, secret=secret)
        bump_epoch(tx)


def add_generated_keypair(ctx: Context, actor: Actor, key: str) -> NewKeypair:
    """Generate an RSA keypair; its private half is in the answer only, and not kept with the app."""
    demand_changeable(ctx, actor, key)
    private_pem, public_pem = generate_keypair()
    return NewKeypair(_add_keypair(ctx, actor, key, public_pem), private_pem)


def add_public_key(ctx: Context, actor: Actor, key: str, unverified_pem: str) -> Keypair:
    """Take the public half of a keypair that was made elsewhere."""
    try:
        public_pem = checked_public_key(unverified_pem)
    except BadPublicKey as error:
        raise Refusal(BAD_PUBLIC_KEY, reason=str(error)) from None
    return _add_keypair(ctx, actor, key, public_pem)


def delete_keypair(ctx: Context, actor: Actor, key: str, keypair: str) -> None:
    """Delete a keypair; assertions it signs are refused at once."""
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if not keys.delete_keypair(tx, app.key, keypair):
            raise Refusal(NO_SUCH_OBJECT, thing="keypair")
        recorded(ctx, tx, "KeypairDeleted", actor, app, keypair=keypair)
        bump_epoch(tx)


def _add_keypair(ctx: Context, actor: Actor, key: str, public_pem: str) -> Keypair:
    keypair = Keypair(new_guid(), public_pem, thumbprint(public_pem), ctx.now, actor.email)
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        present = keys.list_keypairs(tx, app.key)
        if keypair.thumbprint in {each.thumbprint for each in present}:
            raise Refusal(KEYPAIR_EXISTS)
        if len(present) >= ctx.policy.keypairs_per_key:
            raise Refusal(TOO_MANY_KEYPAIRS, limit=ctx.policy.keypairs_per_key)
        keys.save_keypair(tx, app.key, keypair)
        recorded(ctx, tx, "KeypairAdded", actor, app, keypair=keypair.id, thumbprint=keypair.thumbprint)
        bump_epoch(tx)
    return keypair
