"""Each document says which of the commonest words it holds: looking them up in the index would read most of its rows."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step. `vitrine init` and the sweep fill it in; until then the index is asked, as before."""
    op.add_column("find_document", sa.Column("common", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take this step back."""
    op.drop_column("find_document", "common")
