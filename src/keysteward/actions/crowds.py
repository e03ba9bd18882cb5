"""How often may one network ask this worker, where nobody needs to sign in?"""

from datetime import timedelta

from keysteward.actions.context import Context

_HOUR = timedelta(hours=1)


def is_too_much(ctx: Context, what: str, count: int, most: int) -> bool:
    """Count what was asked; whether that is more than so much within an hour. What is refused does not count."""
    now = ctx.now
    since, before = ctx.askers.get(what) or (now, 0)
    if not timedelta(0) <= now - since < _HOUR:
        since, before = now, 0
    if before + count > most:
        return True
    ctx.askers.add(what, (since, before + count))
    return False
