"""How does Alembic run a step? In the one transaction that it is handed (`store/migrating.py`)."""

from alembic import context

from keysteward.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
