"""What is searched: the words of published views, and an index of them as each database makes it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step. What is published already becomes searchable when it is published again."""
    op.create_table(
        "search_document",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_search_document_name_publication")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_search_document")),
        sa.UniqueConstraint("number", name=op.f("uq_search_document_number")),
    )
    op.create_table(
        "search_view",
        sa.Column(
            "identifier", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("layout", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("identifier", name=op.f("pk_search_view")),
    )
    op.create_table(
        "search_term",
        sa.Column("term", sa.String(200, collation="C").with_variant(sa.String(200), "sqlite"), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_search_term")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        # Our words hold letters and digits of any alphabet; to the tokenizer `ascii` all above ASCII are letters.
        op.execute(
            "create virtual table search_index using fts5("
            "terms, detail=none, columnsize=0, prefix='1 2 3', tokenize=\"ascii tokenchars '_'\")"
        )
    else:
        # Terms lie outside the rows: GIN fetches the row of every view that it finds, and finds them close together so.
        op.execute(
            "create table search_index (identifier bigint primary key, terms tsvector not null) "
            "with (toast_tuple_target = 128)"
        )
        op.execute("alter table search_index alter column terms set storage external")
        op.execute("create index ix_search_index_terms on search_index using gin (terms) with (fastupdate = off)")


def downgrade() -> None:
    """Take this step back."""
    op.execute("drop table search_index")
    op.drop_table("search_term")
    op.drop_table("search_view")
    op.drop_table("search_document")
