"""Remember when an organization lost an admin by another's word, after which nobody stands in for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("admin_removed_at", sa.BigInteger(), nullable=True))
