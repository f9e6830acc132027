"""The log of harvests: who took what, when, and how far."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "harvest",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("repository", sa.String(length=40), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("spec", sa.String(length=200), nullable=False),
        sa.Column("since", sa.String(length=20), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("network", sa.String(length=50), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("pages", "records", "errors", "size", "first", "upto", "reached")
        ),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_harvest")),
    )
    op.create_index("ix_harvest_ended", "harvest", ["ended"], unique=False)
    op.create_index("ix_harvest_reached", "harvest", ["repository", "verb", "prefix", "upto"], unique=False)


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("harvest")
