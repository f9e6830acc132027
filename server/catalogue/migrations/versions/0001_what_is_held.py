"""What is held: institutions, deliveries, items, views, files, text, events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "ark",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("minted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ark")),
    )
    op.create_table(
        "campaign",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("theme", sa.JSON(), nullable=False),
        sa.Column("order_reference", sa.String(), nullable=False),
        sa.Column("keep_masters", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_campaign")),
    )
    op.create_table(
        "collection",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_collection")),
    )
    op.create_table(
        "event",
        sa.Column("identifier", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("recipe", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("identifier", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_subject"), ["subject"], unique=False)

    op.create_table(
        "installation",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_installation")),
    )
    op.create_table(
        "institution",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("isil", sa.String(), nullable=False),
        sa.Column("rcr", sa.String(), nullable=False),
        sa.Column("gallica_label", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("insee", sa.String(), nullable=False),
        sa.Column("homepage", sa.String(), nullable=False),
        sa.Column("logo", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_institution")),
    )
    op.create_table(
        "supplier",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_supplier")),
    )
    op.create_table(
        "delivery",
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("institution", sa.String(length=80), nullable=True),
        sa.Column("supplier", sa.String(length=80), nullable=True),
        sa.Column("campaign", sa.String(length=80), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_for", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("state in ('received', 'checked', 'accepted', 'refused')", name=op.f("ck_delivery_state")),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_delivery_campaign_campaign")),
        sa.ForeignKeyConstraint(
            ["decided_for"], ["institution.name"], name=op.f("fk_delivery_decided_for_institution")
        ),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.name"], name=op.f("fk_delivery_institution_institution")
        ),
        sa.ForeignKeyConstraint(["supplier"], ["supplier.name"], name=op.f("fk_delivery_supplier_supplier")),
        sa.PrimaryKeyConstraint("identifier", name=op.f("pk_delivery")),
        sa.UniqueConstraint("digest", name=op.f("uq_delivery_digest")),
    )
    op.create_table(
        "partnership",
        sa.Column("institution", sa.String(length=80), nullable=False),
        sa.Column("programme", sa.String(length=80), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.name"], name=op.f("fk_partnership_institution_institution")
        ),
        sa.PrimaryKeyConstraint("institution", "programme", "since", name=op.f("pk_partnership")),
    )
    op.create_table(
        "finding",
        sa.Column("delivery", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("view", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.identifier"], name=op.f("fk_finding_delivery_delivery")),
        sa.PrimaryKeyConstraint("delivery", "position", name=op.f("pk_finding")),
    )
    op.create_table(
        "item",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("institution", sa.String(length=80), nullable=False),
        sa.Column("identifier", sa.String(length=300), nullable=False),
        sa.Column("delivery", sa.String(length=200), nullable=False),
        sa.Column("campaign", sa.String(length=80), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("typology", sa.String(length=40), nullable=False),
        sa.Column("rights_status", sa.String(length=40), nullable=False),
        sa.Column("not_before", sa.Date(), nullable=True),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("structure", sa.JSON(), nullable=False),
        sa.Column("viewing_direction", sa.String(length=20), nullable=False),
        sa.Column("paged", sa.Boolean(), nullable=False),
        sa.Column("thumbnail_view", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publish_wanted", sa.Boolean(), nullable=False),
        sa.Column("acceptance_waived", sa.String(), nullable=True),
        sa.CheckConstraint("state in ('ingesting', 'ready', 'failed')", name=op.f("ck_item_state")),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_item_campaign_campaign")),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.identifier"], name=op.f("fk_item_delivery_delivery")),
        sa.ForeignKeyConstraint(["institution"], ["institution.name"], name=op.f("fk_item_institution_institution")),
        sa.ForeignKeyConstraint(["name"], ["ark.name"], name=op.f("fk_item_name_ark")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_item")),
        sa.UniqueConstraint("institution", "identifier", name=op.f("uq_item_institution_identifier")),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_campaign"), ["campaign"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_delivery"), ["delivery"], unique=False)

    op.create_table(
        "alias",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.CheckConstraint("kind in ('ark', 'url', 'oai')", name=op.f("ck_alias_kind")),
        sa.ForeignKeyConstraint(["item"], ["item.name"], name=op.f("fk_alias_item_item")),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_alias")),
    )
    with op.batch_alter_table("alias", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alias_item"), ["item"], unique=False)

    op.create_table(
        "file",
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("view", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["item.name"], name=op.f("fk_file_item_item")),
        sa.PrimaryKeyConstraint("item", "role", "path", name=op.f("pk_file")),
    )
    op.create_table(
        "item_collection",
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("collection", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection"], ["collection.name"], name=op.f("fk_item_collection_collection_collection")
        ),
        sa.ForeignKeyConstraint(["item"], ["item.name"], name=op.f("fk_item_collection_item_item")),
        sa.PrimaryKeyConstraint("item", "collection", name=op.f("pk_item_collection")),
    )
    op.create_table(
        "view",
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("master_digest", sa.String(length=64), nullable=False),
        sa.Column("recipe", sa.String(), nullable=False),
        sa.Column("tile_size", sa.Integer(), nullable=False),
        sa.Column("pyramid_key", sa.String(), nullable=False),
        sa.Column("index_key", sa.String(), nullable=False),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["item.name"], name=op.f("fk_view_item_item")),
        sa.PrimaryKeyConstraint("item", "number", name=op.f("pk_view")),
    )
    op.create_table(
        "view_text",
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("plain", sa.String(), nullable=False),
        sa.Column("layout", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item", "number"], ["view.item", "view.number"], name=op.f("fk_view_text_item_number_view")
        ),
        sa.PrimaryKeyConstraint("item", "number", name=op.f("pk_view_text")),
    )


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("view_text")
    op.drop_table("view")
    op.drop_table("item_collection")
    op.drop_table("file")
    with op.batch_alter_table("alias", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alias_item"))

    op.drop_table("alias")
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_delivery"))
        batch_op.drop_index(batch_op.f("ix_item_campaign"))

    op.drop_table("item")
    op.drop_table("finding")
    op.drop_table("partnership")
    op.drop_table("delivery")
    op.drop_table("supplier")
    op.drop_table("institution")
    op.drop_table("installation")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_subject"))

    op.drop_table("event")
    op.drop_table("collection")
    op.drop_table("campaign")
    op.drop_table("ark")
