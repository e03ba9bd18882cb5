"""How does an app get what it proves itself with: secret keys and keypairs?"""

from dataclasses import dataclass

from keysteward.actions.context import Context
from keysteward.actions.keys import changeable, demand_changeable, recorded
from keysteward.actions.notices import announce
from keysteward.actions.sealing import seal
from keysteward.crypto.hashing import new_secret
from keysteward.crypto.papers import kept_ticket
from keysteward.crypto.signing import BadPublicKey, checked_public_key, generate_keypair, thumbprint
from keysteward.rules import notices
from keysteward.rules.access import Actor
from keysteward.rules.keys import NO_WISH, App, Keypair, Secret, Wish, checked_secret, checked_wish, is_live
from keysteward.rules.refusals import (
    BAD_PUBLIC_KEY,
    INVALID_FIELD,
    KEYPAIR_EXISTS,
    KEYPAIR_OF_DEMO,
    NO_SUCH_OBJECT,
    TOO_MANY_KEYPAIRS,
    TOO_MANY_SECRETS,
    Refusal,
)
from keysteward.rules.signin import demand_fresh_person
from keysteward.rules.words import new_guid
from keysteward.store import keys, leaks, promotion, sealed_credentials
from keysteward.store.database import Connection, bump_epoch, lock


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret key at the one moment its value is known."""

    secret: Secret
    value: str
    sealed_to: int = 0


@dataclass(frozen=True, slots=True)
class NewKeypair:
    """A generated keypair at the one moment its private half is known."""

    keypair: Keypair
    private_pem: str
    sealed_to: int = 0


def add_secret(ctx: Context, actor: Actor, key: str, wish: Wish = NO_WISH) -> NewSecret:
    """Make a secret key; its value is shown only now."""
    return _add_secret(ctx, actor, key, new_secret("kss_"), wish)


def declare_secret(ctx: Context, actor: Actor, key: str, value: str, wish: Wish = NO_WISH) -> NewSecret:
    """Take a secret key that somebody else chose: only the seed of a twin does, for programs that have theirs."""
    return _add_secret(ctx, actor, key, checked_secret(value), wish, is_declared=True)


def _add_secret(
    ctx: Context, actor: Actor, key: str, value: str, wish: Wish, *, is_declared: bool = False
) -> NewSecret:
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        lock(tx, "record", ctx.digester.digest(value))
        new = keep_secret(ctx, tx, actor, app, value, wish)
        if is_declared:
            keys.mark_declared(tx, app.key)
        recorded(ctx, tx, "SecretAdded", actor, app, secret=new.secret.id, **_said(new.secret, new.sealed_to))
        bump_epoch(tx)
    return new


def keep_secret(
    ctx: Context, tx: Connection, actor: Actor, app: App, value: str, wish: Wish, instead_of: str = ""
) -> NewSecret:
    """Keep a secret key within the transaction of a deed; one that it replaces does not count against the limit."""
    now, limit, is_sealed = ctx.now, ctx.policy.secrets_per_key, wish.seal
    wish = checked_wish(wish, now, ctx.policy)
    present = keys.list_secrets(tx, app.key)
    if sum(is_live(each, now) for each in present if each.id != instead_of) >= limit:
        raise Refusal(TOO_MANY_SECRETS, limit=limit)
    if keys.find_owner_of_secret(tx, ctx.digester.digests(value)):
        raise Refusal(INVALID_FIELD, field="value", reason="another secret key has this value.")
    secret = Secret(new_guid(), value[-4:], now, actor.email, wish.expires_at, wish.reason)
    keys.save_secret(tx, app.key, secret, ctx.digester.digest(value))
    announce(ctx, tx, notices.new_secret(app, secret, actor.email), but=actor.user)
    return NewSecret(secret, value, seal(ctx, tx, actor, app, secret, value) if is_sealed else 0)


def delete_secret(ctx: Context, actor: Actor, key: str, secret: str) -> None:
    """Delete a secret key; it stops working at once, and so does what was made with it where it had leaked."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if not keys.delete_secret(tx, app.key, secret):
            raise Refusal(NO_SUCH_OBJECT, thing="secret key")
        leaks.hasten(tx, secret, ctx.now)
        sealed_credentials.remove(tx, secret)
        recorded(ctx, tx, "SecretDeleted", actor, app, secret=secret)
        bump_epoch(tx)


def add_generated_keypair(ctx: Context, actor: Actor, key: str, wish: Wish = NO_WISH) -> NewKeypair:
    """Generate an RSA keypair; its private half is in the answer only, and not kept with the app."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    demand_changeable(ctx, actor, key)
    private_pem, public_pem = generate_keypair()
    return _add_keypair(ctx, actor, key, public_pem, wish, private_pem)


def add_public_key(ctx: Context, actor: Actor, key: str, unverified_pem: str, wish: Wish = NO_WISH) -> Keypair:
    """Take the public half of a keypair that was made elsewhere."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    try:
        public_pem = checked_public_key(unverified_pem)
    except BadPublicKey as error:
        raise Refusal(BAD_PUBLIC_KEY, reason=str(error)) from None
    if wish.seal:
        raise Refusal(INVALID_FIELD, field="seal", reason="only a private key that is generated here can be sealed.")
    return _add_keypair(ctx, actor, key, public_pem, wish).keypair


def delete_keypair(ctx: Context, actor: Actor, key: str, keypair: str) -> None:
    """Delete a keypair; assertions it signs are refused at once, and so are tokens of one that had leaked."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if not keys.delete_keypair(tx, app.key, keypair):
            raise Refusal(NO_SUCH_OBJECT, thing="keypair")
        leaks.hasten(tx, keypair, ctx.now)
        sealed_credentials.remove(tx, keypair)
        recorded(ctx, tx, "KeypairDeleted", actor, app, keypair=keypair)
        bump_epoch(tx)


def _add_keypair(
    ctx: Context, actor: Actor, key: str, public_pem: str, wish: Wish, private_pem: str = ""
) -> NewKeypair:
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        keypair = keep_keypair(ctx, tx, actor, app, public_pem, wish)
        sealed_to = seal(ctx, tx, actor, app, keypair, private_pem) if wish.seal else 0
        said = {"keypair": keypair.id, "thumbprint": keypair.thumbprint, **_said(keypair, sealed_to)}
        recorded(ctx, tx, "KeypairAdded", actor, app, **said)
        bump_epoch(tx)
    return NewKeypair(keypair, private_pem, sealed_to)


def keep_keypair(
    ctx: Context, tx: Connection, actor: Actor, app: App, public_pem: str, wish: Wish, instead_of: str = ""
) -> Keypair:
    """Keep a public key within the transaction of a deed; likewise."""
    now, limit = ctx.now, ctx.policy.keypairs_per_key
    wish = checked_wish(wish, now, ctx.policy)
    keypair = Keypair(new_guid(), public_pem, thumbprint(public_pem), now, actor.email, wish.expires_at, wish.reason)
    present = keys.list_keypairs(tx, app.key)
    if keypair.thumbprint in _known_in_demo(tx, app):
        raise Refusal(KEYPAIR_OF_DEMO)
    if keypair.thumbprint in {each.thumbprint for each in present}:
        raise Refusal(KEYPAIR_EXISTS)
    if sum(is_live(each, now) for each in present if each.id != instead_of) >= limit:
        raise Refusal(TOO_MANY_KEYPAIRS, limit=limit)
    keys.save_keypair(tx, app.key, keypair)
    announce(ctx, tx, notices.new_keypair(app, keypair, actor.email), but=actor.user)
    return keypair


def _known_in_demo(tx: Connection, app: App) -> tuple[str, ...]:
    """The thumbprints on the settings sheet of a promoted key."""
    row = promotion.find_promotion_of_key(tx, app.key) if app.promoted_at is not None else None
    return kept_ticket(row.paper).sheet.thumbprints if row else ()


def _said(new: Secret | Keypair, sealed_to: int) -> dict[str, str]:
    """What an event says of an expiry, a reason, and to how many recovery recipients it was sealed."""
    until = {"until": new.expires_at.isoformat()} if new.expires_at else {}
    sealed = {"sealed_to": str(sealed_to)} if sealed_to else {}
    return until | ({"reason": new.reason} if new.reason else {}) | sealed
