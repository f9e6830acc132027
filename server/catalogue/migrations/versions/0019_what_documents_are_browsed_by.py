"""The places and the year by which published documents are browsed; `vitrine publish --all` fills them in."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "published_trait",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_published_trait_name_publication")),
        sa.PrimaryKeyConstraint("name", "kind", "value", name=op.f("pk_published_trait")),
    )
    op.create_index("ix_published_trait_value", "published_trait", ["kind", "value", "name"], unique=False)


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("published_trait")
