"""Files of a publication that lie in the storage: its PDF, the ALTO of its views. The next publication fills the table."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "published_file",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("file", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("datestamp", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_published_file_name_publication")),
        sa.PrimaryKeyConstraint("name", "file", name=op.f("pk_published_file")),
    )


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("published_file")
