"""A delivery may bring only parts of documents: what was accepted as such is never taken for whole documents."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step. What was received until now brought whole documents."""
    op.add_column("delivery", sa.Column("brings", sa.String(80), nullable=False, server_default=""))


def downgrade() -> None:
    """Take this step back."""
    op.drop_column("delivery", "brings")
