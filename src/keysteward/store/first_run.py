"""What is remembered of an environment's first run?"""

from sqlalchemy import Connection, select

from keysteward.rules.first_run import Done, Progress
from keysteward.store.database import upsert
from keysteward.store.tables import setup_steps


def load(tx: Connection) -> Progress:
    """How far it is."""
    rows = tx.execute(select(setup_steps))
    return Progress({row.step: Done(row.step, row.done_by, row.done_at, row.result) for row in rows})


def save(tx: Connection, done: Done) -> bool:
    """Note a step that is done; False where it was done before."""
    values = {"step": done.mark, "done_by": done.by_email, "done_at": done.at, "result": done.result}
    adding = upsert(tx, setup_steps).values(**values).on_conflict_do_nothing()
    return bool(tx.execute(adding).rowcount)
