"""What the world sees: publications, journal, records."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "oai_record_set",
        sa.Column("repository", sa.String(length=40), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("spec", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("datestamp", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "prefix", "spec", "name", name=op.f("pk_oai_record_set")),
    )
    with op.batch_alter_table("oai_record_set", schema=None) as batch_op:
        batch_op.create_index(
            "ix_oai_record_set_date", ["repository", "prefix", "spec", "datestamp", "sequence"], unique=False
        )
        batch_op.create_index("ix_oai_record_set_list", ["repository", "prefix", "spec", "sequence"], unique=False)
        batch_op.create_index("ix_oai_record_set_name", ["repository", "prefix", "name"], unique=False)

    op.create_table(
        "oai_set",
        sa.Column("repository", sa.String(length=40), nullable=False),
        sa.Column("spec", sa.String(length=200), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "spec", name=op.f("pk_oai_set")),
    )
    op.create_table(
        "payload",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("plain", sa.LargeBinary(), nullable=False),
        sa.Column("gzip", sa.LargeBinary(), nullable=False),
        sa.Column("brotli", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_payload")),
    )
    op.create_table(
        "published_collection",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("datestamp", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_published_collection")),
    )
    op.create_table(
        "publication",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("datestamp", sa.BigInteger(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("first_datestamp", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("item", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("state in ('live', 'withdrawn')", name=op.f("ck_publication_state")),
        sa.ForeignKeyConstraint(["name"], ["item.name"], name=op.f("fk_publication_name_item")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_publication")),
    )
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publication_sequence"), ["sequence"], unique=False)
        batch_op.create_index("ix_publication_state_first", ["state", "first_sequence"], unique=False)

    op.create_table(
        "document",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("datestamp", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_document_name_publication")),
        sa.ForeignKeyConstraint(["payload"], ["payload.digest"], name=op.f("fk_document_payload_payload")),
        sa.PrimaryKeyConstraint("name", "kind", name=op.f("pk_document")),
    )
    op.create_table(
        "journal",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("datestamp", sa.BigInteger(), nullable=False),
        sa.Column("activity", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("manifest", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_journal_name_publication")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_datestamp"), ["datestamp"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_name"), ["name"], unique=False)

    op.create_table(
        "member",
        sa.Column("collection", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sort_key", sa.String(length=200), nullable=False),
        sa.Column("fragment", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection"], ["published_collection.name"], name=op.f("fk_member_collection_published_collection")
        ),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_member_name_publication")),
        sa.PrimaryKeyConstraint("collection", "name", name=op.f("pk_member")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index("ix_member_collection_sort", ["collection", "sort_key", "name"], unique=False)

    op.create_table(
        "oai_record",
        sa.Column("repository", sa.String(length=40), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("datestamp", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_oai_record_name_publication")),
        sa.PrimaryKeyConstraint("repository", "prefix", "name", name=op.f("pk_oai_record")),
    )
    with op.batch_alter_table("oai_record", schema=None) as batch_op:
        batch_op.create_index("ix_oai_record_date", ["repository", "prefix", "datestamp", "sequence"], unique=False)
        batch_op.create_index("ix_oai_record_list", ["repository", "prefix", "sequence"], unique=False)
        batch_op.create_index(batch_op.f("ix_oai_record_name"), ["name"], unique=False)

    op.create_table(
        "published_image",
        sa.Column("image", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("pyramid_key", sa.String(), nullable=False),
        sa.Column("index_key", sa.String(), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("rights", sa.String(), nullable=False),
        sa.Column("datestamp", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state in ('live', 'withdrawn')", name=op.f("ck_published_image_state")),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_published_image_name_publication")),
        sa.PrimaryKeyConstraint("image", name=op.f("pk_published_image")),
    )
    with op.batch_alter_table("published_image", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_published_image_name"), ["name"], unique=False)


def downgrade() -> None:
    """Take this step back."""
    with op.batch_alter_table("published_image", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_published_image_name"))

    op.drop_table("published_image")
    with op.batch_alter_table("oai_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oai_record_name"))
        batch_op.drop_index("ix_oai_record_list")
        batch_op.drop_index("ix_oai_record_date")

    op.drop_table("oai_record")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index("ix_member_collection_sort")

    op.drop_table("member")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journal_name"))
        batch_op.drop_index(batch_op.f("ix_journal_datestamp"))

    op.drop_table("journal")
    op.drop_table("document")
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.drop_index("ix_publication_state_first")
        batch_op.drop_index(batch_op.f("ix_publication_sequence"))

    op.drop_table("publication")
    op.drop_table("published_collection")
    op.drop_table("payload")
    op.drop_table("oai_set")
    with op.batch_alter_table("oai_record_set", schema=None) as batch_op:
        batch_op.drop_index("ix_oai_record_set_name")
        batch_op.drop_index("ix_oai_record_set_list")
        batch_op.drop_index("ix_oai_record_set_date")

    op.drop_table("oai_record_set")
