"""Which keys sign tokens, and how does a new one take over without a token being refused?"""

from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.crypto.signing import SigningKey, new_signing_key, public_pem, thumbprint
from keysteward.rules.refusals import INVALID_FIELD, ROTATION_UNDER_WAY, Refusal
from keysteward.rules.signing_keys import SigningKeyLife, believed_until, signing_at
from keysteward.store import audit
from keysteward.store.audit import SigningKeyRow
from keysteward.store.database import bump_epoch, lock

LEAST_AHEAD = timedelta(seconds=5)


class Listed(NamedTuple):
    """A key with its life. `believed_until` is None while no other takes over from it."""

    life: SigningKeyLife
    thumbprint: str
    signs: bool
    believed_until: datetime | None


def list_keys(ctx: Context) -> list[Listed]:
    """Every key that signs tokens or did, the newest first."""
    with ctx.database.reading() as tx:
        rows = audit.list_access_keys(tx)
    lives = [row.life for row in rows]
    signing = signing_at(lives, ctx.keyring.algorithm, ctx.now)
    longest = ctx.longest_token_life
    return [
        Listed(row.life, thumbprint(row.public_pem), row.life == signing, believed_until(row.life, lives, longest))
        for row in rows
    ]


def rotate(ctx: Context, ahead: timedelta) -> SigningKeyLife:
    """Make a key that takes over after a while, in which everybody who checks tokens learns of it.

    The key before it is believed until its last token has expired. A second rotation waits for the first.
    """
    if ahead < LEAST_AHEAD:
        raise Refusal(INVALID_FIELD, field="ahead", reason="workers need at least 5 seconds to learn of a new key.")
    key = new_signing_key(ctx.keyring.algorithm)
    row = _sealed_row(ctx, key, ahead)
    with ctx.database.writing() as tx:
        lock(tx, "record", "signing keys")
        waiting = [each.life for each in audit.list_access_keys(tx) if each.life.active_from > ctx.now]
        if any(life.algorithm == key.algorithm for life in waiting):
            raise Refusal(ROTATION_UNDER_WAY)
        audit.save_signing_key(tx, row)
        said = {"kid": row.kid, "use": row.use, "thumbprint": thumbprint(row.public_pem)}
        audit.record(tx, ctx.event("SigningKeyMade", "operator", **said))
        bump_epoch(tx)
    return row.life


def _sealed_row(ctx: Context, key: SigningKey, ahead: timedelta) -> SigningKeyRow:
    sealed, now = ctx.sealer.seal(key.sealed_form(), key.kid), ctx.now
    return SigningKeyRow(key.kid, "access", key.algorithm, sealed, public_pem(key.public), now, now + ahead)
