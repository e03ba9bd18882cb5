"""How does demo come to refuse a receipt for good in the tests, and think better of it?"""

from keysteward.actions.context import Context


def mix_up_tickets(demo: Context, key: str, other: str) -> None:
    """Let demo take the tickets of a key for those of another one: a receipt of the first names none of its own."""
    with demo.database.writing() as tx:
        tx.exec_driver_sql(f"UPDATE tickets SET key = '{other}' WHERE key = '{key}'")  # noqa: S608 — our own GUIDs
