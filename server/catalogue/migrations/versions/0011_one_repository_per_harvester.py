"""Repositories of single harvesters, how documents stand in them, and records of wholes that no publication stands behind.

The first `vitrine init` reads `manifests/harvesters`; `vitrine publish --repository` fills what it finds there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_FOREIGN = "fk_oai_record_name_publication"


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "oai_repository",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("formats", sa.JSON(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("applied", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_oai_repository")),
    )
    op.create_table(
        "oai_standing",
        sa.Column("repository", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("whole", sa.String(length=80), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.CheckConstraint("state in ('listed', 'covered', 'refused', 'late')", name=op.f("ck_oai_standing_state")),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_oai_standing_name_publication")),
        sa.PrimaryKeyConstraint("repository", "name", name=op.f("pk_oai_standing")),
    )
    op.create_index("ix_oai_standing_name", "oai_standing", ["name"], unique=False)
    op.create_index("ix_oai_standing_state", "oai_standing", ["repository", "state"], unique=False)
    op.create_index("ix_oai_standing_whole", "oai_standing", ["repository", "whole"], unique=False)
    op.create_table(
        "oai_whole",
        sa.Column("repository", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("because", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["because"], ["publication.name"], name=op.f("fk_oai_whole_because_publication")),
        sa.PrimaryKeyConstraint("repository", "name", name=op.f("pk_oai_whole")),
    )
    with op.batch_alter_table("oai_record") as batch:
        batch.drop_constraint(_FOREIGN, type_="foreignkey")


def downgrade() -> None:
    """Take this step back: what the repositories of single harvesters hold is forgotten."""
    for table in ("oai_record_set", "oai_record", "oai_set"):
        op.execute(sa.text(f"delete from {table} where repository <> ''"))  # noqa: S608  # three names of ours
    with op.batch_alter_table("oai_record") as batch:
        batch.create_foreign_key(_FOREIGN, "publication", ["name"], ["name"])
    op.drop_table("oai_whole")
    op.drop_table("oai_standing")
    op.drop_table("oai_repository")
