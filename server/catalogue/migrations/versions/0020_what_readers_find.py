"""What readers find: documents with what is searched, counted and sorted of them, and an index of their terms."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step. `vitrine init` and the sweep fill in what is published already; nothing is published anew."""
    op.create_table(
        "find_document",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text_number", sa.BigInteger(), nullable=True),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("sort_key", sa.String(200, collation="C").with_variant(sa.String(200), "sqlite"), nullable=False),
        sa.Column("earliest", sa.Integer(), nullable=True),
        sa.Column("latest", sa.Integer(), nullable=True),
        sa.Column("facets", sa.JSON(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_find_document_name_publication")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_find_document")),
        sa.UniqueConstraint("name", name=op.f("uq_find_document_name")),
        sa.UniqueConstraint("change", name=op.f("uq_find_document_change")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "create virtual table find_index using fts5("
            "terms, detail=none, columnsize=0, tokenize=\"ascii tokenchars '_'\")"
        )
    else:
        # As in 0007: terms lie outside the rows, so that the rows that GIN finds are close together.
        op.execute(
            "create table find_index (identifier bigint primary key, terms tsvector not null) "
            "with (toast_tuple_target = 128)"
        )
        op.execute("alter table find_index alter column terms set storage external")
        op.execute("create index ix_find_index_terms on find_index using gin (terms) with (fastupdate = off)")


def downgrade() -> None:
    """Take this step back."""
    op.execute("drop table find_index")
    op.drop_table("find_document")
