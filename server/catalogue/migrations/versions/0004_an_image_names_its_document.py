"""An image carries the label of its document, which its info.json gives."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_publication = sa.table("publication", sa.column("name", sa.String()), sa.column("item", sa.JSON()))
_image = sa.table("published_image", sa.column("name", sa.String()), sa.column("label", sa.JSON()))


def upgrade() -> None:
    """Apply this step; what was published keeps its datestamps, for no document has changed."""
    # With a default, and not through a batch: on SQLite a batch would make the table anew without its check.
    op.add_column("published_image", sa.Column("label", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
    connection = op.get_bind()
    for name in connection.scalars(sa.select(_publication.c.name)).all():
        item = connection.scalar(sa.select(_publication.c.item).where(_publication.c.name == name))
        connection.execute(sa.update(_image).where(_image.c.name == name).values(label=_label(item)))


def downgrade() -> None:
    """Take this step back."""
    op.drop_column("published_image", "label")


def _label(item: Any) -> dict[str, list[str]]:
    """Return the label that the manifest of a stored item has: as the software of this step made it, for good."""
    titles = item["description"]["titles"]
    main = next((title for title in titles if title["kind"] == "main"), titles[0])
    label = {main["language"] or "none": [main["value"]]} if main["value"] else {}
    for title in titles:
        if title["kind"] == "parallel" and title["language"] and title["language"] not in label:
            label[title["language"]] = [title["value"]]
    return label
