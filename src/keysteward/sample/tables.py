"""What does the sample API remember, and in which tables?

Moments are texts as `answers.stamp` writes them; order is by sequence number, never by time.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

envelopes = Table(
    "envelopes",
    metadata,
    Column("sequence", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("account", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("blurb", Text, nullable=False),
    Column("custom_fields", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("sender_name", Text, nullable=False),
    Column("sender_email", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Column("status_changed_at", Text, nullable=False),
    Column("sent_at", Text),
    Column("voided_at", Text),
    Column("voided_reason", Text),
    Index("envelopes_of_account", "account", "sequence"),
    sqlite_autoincrement=True,
)

documents = Table(
    "documents",
    metadata,
    Column("envelope", ForeignKey("envelopes.id"), primary_key=True),
    Column("id", Integer, primary_key=True),
    Column("guid", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("extension", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

recipients = Table(
    "recipients",
    metadata,
    Column("envelope", ForeignKey("envelopes.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("guid", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("routing_order", Integer, nullable=False),
    Column("details", Text, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("sequence", Integer, primary_key=True),
    Column("envelope", ForeignKey("envelopes.id"), nullable=False, index=True),
    Column("happened_at", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("user_name", Text, nullable=False),
    sqlite_autoincrement=True,
)
