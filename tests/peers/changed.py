"""How do tests change what no deed changes yet, so that everybody hears of it?"""

from keysteward.actions.context import Context
from keysteward.store.database import bump_epoch


def changed(ctx: Context, statement: str) -> None:
    """Run one statement in a transaction of its own that raises the epoch, as a deed does."""
    with ctx.database.writing() as tx:
        tx.exec_driver_sql(statement)
        bump_epoch(tx)
