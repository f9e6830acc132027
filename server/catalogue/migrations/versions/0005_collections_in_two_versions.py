"""Collections have a place in a tree, and entries for Presentation API 2.1.

What was published before has no entries for 2.1: publishing it again makes them, with its manifest of 2.1.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLE = "published_collection"


def upgrade() -> None:
    """Apply this step."""
    empty = sa.text("''")
    op.add_column(_TABLE, sa.Column("parent", sa.String(100), nullable=False, server_default=empty))
    op.add_column(_TABLE, sa.Column("sort_key", sa.String(200), nullable=False, server_default=empty))
    op.create_index(op.f("ix_published_collection_kind"), _TABLE, ["kind", "sort_key", "name"])
    op.create_index(op.f("ix_published_collection_parent"), _TABLE, ["parent", "sort_key", "name"])
    op.add_column("member", sa.Column("fragment_2", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take this step back."""
    op.drop_column("member", "fragment_2")
    op.drop_index(op.f("ix_published_collection_parent"), _TABLE)
    op.drop_index(op.f("ix_published_collection_kind"), _TABLE)
    op.drop_column(_TABLE, "sort_key")
    op.drop_column(_TABLE, "parent")
