"""Which views a check saw, and what a person marked on them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "checked_view",
        sa.Column("delivery", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=300), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pixels", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.identifier"], name=op.f("fk_checked_view_delivery_delivery")),
        sa.PrimaryKeyConstraint("delivery", "item", "number", name=op.f("pk_checked_view")),
    )
    op.create_index("ix_checked_view_item", "checked_view", ["item"], unique=False)
    op.create_table(
        "view_mark",
        sa.Column("delivery", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=300), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=10), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("marked_by", sa.String(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.identifier"], name=op.f("fk_view_mark_delivery_delivery")),
        sa.PrimaryKeyConstraint("delivery", "item", "number", name=op.f("pk_view_mark")),
    )


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("view_mark")
    op.drop_table("checked_view")
