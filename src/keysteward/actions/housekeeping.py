"""What is forgotten once nobody can use it any more?"""

from datetime import timedelta

from keysteward.actions.context import Context
from keysteward.store import idempotency, signin, tokens

_KEPT_AFTERWARDS = timedelta(days=1)


def forget_what_expired(ctx: Context) -> None:
    """Forget sessions, codes, refresh tokens and the like a day after they expired, and kept answers in time.

    The day lets a code or refresh token that comes back still be known for what it was.
    """
    now = ctx.now
    with ctx.database.writing() as tx:
        tokens.forget_expired(tx, now - _KEPT_AFTERWARDS)
        signin.forget_expired(tx, now - _KEPT_AFTERWARDS)
        idempotency.forget_claims(tx, now - ctx.policy.idempotency_life)
