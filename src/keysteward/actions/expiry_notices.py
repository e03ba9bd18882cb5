"""Who hears that a secret key or keypair is about to expire, and when?

Each step is told once for each secret key, however many workers look and however the clock is moved: the unique
occasion of a notice says so. Where several steps came at once only the nearest is told.
"""

from keysteward.actions.context import Context
from keysteward.actions.notices import announce
from keysteward.rules.keys import Keypair, Secret
from keysteward.rules.notices import credential_expires, due_step
from keysteward.store import audit, expiring, keys
from keysteward.store.database import lock
from keysteward.store.expiring import Due

_MOST_AT_ONCE = 200


def tell_of_expiry(ctx: Context) -> int:
    """Tell the admins of secret keys and keypairs that expire soon; return of how many."""
    with ctx.database.reading() as tx:
        due = expiring.list_untold(tx, ctx.now, _MOST_AT_ONCE)
    return sum(_tell(ctx, each) for each in due)


def _tell(ctx: Context, due: Due) -> bool:
    with ctx.database.writing() as tx:
        lock(tx, "key", due.key)
        app = keys.find(tx, due.key)
        present: list[Secret | Keypair] = [*keys.list_secrets(tx, due.key), *keys.list_keypairs(tx, due.key)]
        credential = next((each for each in present if each.id == due.id), None)
        step = due_step(credential, ctx.now) if credential else None
        if app is None or app.deleted_at or credential is None or step is None:
            return False
        if not announce(ctx, tx, credential_expires(app, credential, step, ctx.now)):
            return False
        audit.record(tx, ctx.event("Reminded", "system", key=app.key, account=app.account, why="credential-expires"))
    return True
