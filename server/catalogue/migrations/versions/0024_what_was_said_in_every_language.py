"""Findings and failures keep what was said as template and values, so that it can be told in French as in English."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step. What was found until now is there in English alone; the next check or ingest says it anew."""
    op.add_column("finding", sa.Column("said", sa.JSON(), nullable=True))
    op.add_column("item", sa.Column("failure_said", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take this step back."""
    op.drop_column("item", "failure_said")
    op.drop_column("finding", "said")
