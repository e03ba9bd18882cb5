"""Put any API behind the gateway."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "call_hours",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("error_code", sa.String(), nullable=False),
        sa.Column("sdk", sa.String(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "hour", "account", "user", "operation", "status", "error_code", "sdk"),
    )
    with op.batch_alter_table("call_hours", schema=None) as batch_op:
        batch_op.create_index("call_hours_in_account", ["account", "hour"], unique=False)
        batch_op.create_index("call_hours_old", ["hour"], unique=False)

    op.create_table(
        "call_marks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("summed_to", sa.BigInteger(), nullable=False),
        sa.Column("seen_to", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "gateways",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "limit_trials",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("hourly", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("burst", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "hour", "hourly", "burst"),
    )
    with op.batch_alter_table("limit_trials", schema=None) as batch_op:
        batch_op.create_index("limit_trials_old", ["hour"], unique=False)

    op.create_table(
        "limit_windows",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("hourly", sa.BigInteger(), nullable=False),
        sa.Column("burst_from", sa.BigInteger(), nullable=False),
        sa.Column("burst", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "request_log_entries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("entry_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user", "number"),
    )
    with op.batch_alter_table("request_log_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_log_entries_at"), ["at"], unique=False)

    op.create_table(
        "request_logging",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("user"),
    )
    with op.batch_alter_table("request_logging", schema=None) as batch_op:
        batch_op.create_index(
            "request_logging_on",
            ["user"],
            unique=False,
            sqlite_where=sa.text("is_on"),
            postgresql_where=sa.text("is_on"),
        )

    op.create_table(
        "limit_overrides",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hourly", sa.Integer(), nullable=True),
        sa.Column("burst", sa.Integer(), nullable=True),
        sa.Column("candidate_hourly", sa.Integer(), nullable=True),
        sa.Column("candidate_burst", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("account", "number"),
    )
    op.create_table(
        "unlogged_profiles",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("profile", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("forbidden_at", sa.BigInteger(), nullable=False),
        sa.Column("forbidden_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("account", "profile"),
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gateway", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("outcome_at", sa.BigInteger(), nullable=True))
        batch_op.create_index(
            "calls_awaited",
            ["key", "sequence"],
            unique=False,
            sqlite_where=sa.text("gateway IS NOT NULL AND outcome_at IS NULL"),
            postgresql_where=sa.text("gateway IS NOT NULL AND outcome_at IS NULL"),
        )
        batch_op.create_index(
            "calls_decided",
            ["trace"],
            unique=True,
            sqlite_where=sa.text("gateway IS NOT NULL"),
            postgresql_where=sa.text("gateway IS NOT NULL"),
        )
        batch_op.create_index("calls_in_account", ["account", "sequence"], unique=False)

    with op.batch_alter_table("families", schema=None) as batch_op:
        batch_op.create_index("families_expired", ["expires_at"], unique=False)

    with op.batch_alter_table("signing_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("distrusted_at", sa.BigInteger(), nullable=True))
