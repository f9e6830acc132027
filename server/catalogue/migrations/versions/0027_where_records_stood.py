"""Where the records of harvesters stood before, so that it is known whether an earlier state was taken (decision 48)."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step. What was moved before it is not known: it counts as not taken until a harvest brings it."""
    op.create_table(
        "oai_former_record",
        sa.Column("repository", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("specs", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "name", "prefix", "sequence", name=op.f("pk_oai_former_record")),
    )
    op.create_index("ix_oai_former_record_moved", "oai_former_record", ["moved"])


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("oai_former_record")
