"""What do operators and auditors ask of an environment?"""

from keysteward.actions.context import Context
from keysteward.store.database import Unreadable, current_epoch


def can_read(ctx: Context) -> bool:
    """Whether the database answers."""
    try:
        with ctx.database.reading() as tx:
            return current_epoch(tx) > 0
    except Unreadable:
        return False
