"""Which keys sign tokens, how does a new one take over without a token being refused, and what if one is stolen?"""

from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.crypto.signing import SigningKey, algorithm_of, load_public_key, new_signing_key, public_pem, thumbprint
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, ROTATION_UNDER_WAY, Refusal
from keysteward.rules.signing_keys import SigningKeyLife, believed_until, signing_at
from keysteward.store import audit
from keysteward.store.audit import SigningKeyRow
from keysteward.store.database import Connection, bump_epoch, lock

LEAST_AHEAD = timedelta(seconds=5)
_NOW = timedelta(0)


class Listed(NamedTuple):
    """A key with its life. `believed_until` is None while no other takes over from it."""

    life: SigningKeyLife
    thumbprint: str
    signs: bool
    believed_until: datetime | None


class Distrusted(NamedTuple):
    """Which key signs now that another is distrusted, and whether it was made for that."""

    signs: str
    is_new: bool


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
        mine = (each.life for each in audit.list_access_keys(tx) if each.algorithm == key.algorithm)
        if any(life.active_from > ctx.now and life.takes_over for life in mine):
            raise Refusal(ROTATION_UNDER_WAY)
        _save(ctx, tx, row, "operator")
        bump_epoch(tx)
    return row.life


def distrust(ctx: Context, kid: str, by: str, reason: str) -> Distrusted:
    """Believe nothing any more that a key signed: somebody else has it. Doing it twice changes nothing.

    Where it was the key that signs, a new one signs from this moment on.
    """
    operator, said = checked_text(by, "by", most=100), checked_text(reason, "reason", most=500)
    with ctx.database.reading() as tx:
        algorithm = algorithm_of(load_public_key(_find(tx, kid).public_pem))
    successor = _sealed_row(ctx, new_signing_key(algorithm), _NOW)
    with ctx.database.writing() as tx:
        lock(tx, "record", "signing keys")
        lives = [row.life for row in audit.list_access_keys(tx)]
        signs = signing_at(lives, algorithm, ctx.now).kid
        if not audit.distrust_signing_key(tx, kid, ctx.now):
            return Distrusted(signs, is_new=False)
        told = {"kid": kid, "thumbprint": thumbprint(_find(tx, kid).public_pem), "reason": said}
        audit.record(tx, ctx.event("SigningKeyDistrusted", operator, **told))
        if signs == kid:
            _save(ctx, tx, successor, operator)
        bump_epoch(tx)
    return Distrusted(successor.kid, is_new=True) if signs == kid else Distrusted(signs, is_new=False)


def _find(tx: Connection, kid: str) -> SigningKeyRow:
    found = next((row for row in audit.list_access_keys(tx) if row.kid == kid), None)
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="key that signs tokens")
    return found


def _save(ctx: Context, tx: Connection, row: SigningKeyRow, operator: str) -> None:
    audit.save_signing_key(tx, row)
    said = {"kid": row.kid, "use": row.use, "thumbprint": thumbprint(row.public_pem)}
    audit.record(tx, ctx.event("SigningKeyMade", operator, **said))


def _sealed_row(ctx: Context, key: SigningKey, ahead: timedelta) -> SigningKeyRow:
    sealed, now = ctx.sealer.seal(key.sealed_form(), key.kid), ctx.now
    return SigningKeyRow(key.kid, "access", key.algorithm, sealed, public_pem(key.public), now, now + ahead)
