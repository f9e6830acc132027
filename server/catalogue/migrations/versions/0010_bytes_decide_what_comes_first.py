"""A publication says which version of the software rendered it; keys by which is sorted are compared byte by byte."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SORTED = ("member", "published_collection")


def upgrade() -> None:
    """Apply this step. SQLite compares bytes anyway; PostgreSQL compared as its database's language does."""
    op.add_column("publication", sa.Column("rendering", sa.Integer(), server_default="0", nullable=False))
    _collate("C")


def downgrade() -> None:
    """Take this step back."""
    _collate("default")
    op.drop_column("publication", "rendering")


def _collate(collation: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in SORTED:
            op.alter_column(table, "sort_key", type_=sa.String(200, collation=collation))
