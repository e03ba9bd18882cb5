"""Judge, explain and prove reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "app_attempts",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("grant", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("sdk", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    with op.batch_alter_table("app_attempts", schema=None) as batch_op:
        batch_op.create_index("app_attempts_of_key", ["key", "number"], unique=False)
        batch_op.create_index("app_attempts_old", ["at"], unique=False)

    op.create_table(
        "key_reminders",
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("about", "occasion"),
    )
    op.create_table(
        "packs",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("installed_at", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version"),
    )
    op.create_table(
        "operators",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("user"),
    )
    op.create_table(
        "smoke_tests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kept_by", sa.String(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key"],
            ["apps.key"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("smoke_tests", schema=None) as batch_op:
        batch_op.create_index("smoke_tests_of_key", ["key", "at"], unique=False)

    op.create_table(
        "judged_calls",
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review"],
            ["reviews.id"],
        ),
        sa.PrimaryKeyConstraint("review"),
    )
    op.create_table(
        "review_notes",
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("by_email", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review"],
            ["reviews.id"],
        ),
        sa.PrimaryKeyConstraint("review", "number"),
    )
    op.create_table(
        "review_reminders",
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review"],
            ["reviews.id"],
        ),
        sa.PrimaryKeyConstraint("review", "days"),
    )
    op.create_table(
        "rulings",
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_by_email", sa.String(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review"],
            ["reviews.id"],
        ),
        sa.PrimaryKeyConstraint("review"),
    )
    op.create_table(
        "promotion_papers",
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["review"],
            ["reviews.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket"],
            ["tickets.id"],
        ),
        sa.PrimaryKeyConstraint("ticket"),
    )
    with op.batch_alter_table("promotion_papers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promotion_papers_review"), ["review"], unique=False)

    with op.batch_alter_table("promotions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refused_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("refusal", sa.String(), nullable=True))
        batch_op.create_index(
            "promotions_undelivered",
            ["done_at"],
            unique=False,
            sqlite_where=sa.text("done_at IS NOT NULL AND delivered_at IS NULL AND refused_at IS NULL"),
            postgresql_where=sa.text("done_at IS NOT NULL AND delivered_at IS NULL AND refused_at IS NULL"),
        )

    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pending_since", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("packs", sa.Text(), nullable=True))
        batch_op.create_index(
            "reviews_pending",
            ["pending_since"],
            unique=False,
            sqlite_where=sa.text("pending_since IS NOT NULL"),
            postgresql_where=sa.text("pending_since IS NOT NULL"),
        )

    with op.batch_alter_table("token_uses", schema=None) as batch_op:
        batch_op.create_index("token_uses_by_grant", ["key", "grant", "hour"], unique=False)
