"""Versions of manifests keep an address, and bytes that nobody names are deleted.

The versions begin with the manifests that stand now: of those before, nothing is known but the digest, and none had an
address of its own.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_CANVAS = re.compile(rb"/canvas/f([1-9][0-9]{0,5})\"")
_document = sa.table(
    "document",
    *(sa.column(name, sa.String()) for name in ("name", "kind", "payload")),
    *(sa.column(name, sa.BigInteger()) for name in ("sequence", "datestamp")),
)
_payload = sa.table("payload", sa.column("digest", sa.String()), sa.column("plain", sa.LargeBinary()))
_image = sa.table(
    "published_image",
    sa.column("name", sa.String()),
    sa.column("number", sa.Integer()),
    sa.column("state", sa.String()),
)
_memento = sa.table(
    "memento",
    *(sa.column(name, sa.String()) for name in ("name", "payload", "closed")),
    *(sa.column(name, sa.BigInteger()) for name in ("version", "sequence", "datestamp")),
    sa.column("views", sa.JSON()),
)


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "memento",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("datestamp", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=True),
        sa.Column("views", sa.JSON(), nullable=False),
        sa.Column("closed", sa.String(), nullable=False),
        sa.CheckConstraint("(payload is null) = (closed <> '')", name=op.f("ck_memento_closed")),
        sa.ForeignKeyConstraint(["name"], ["publication.name"], name=op.f("fk_memento_name_publication")),
        sa.ForeignKeyConstraint(["payload"], ["payload.digest"], name=op.f("fk_memento_payload_payload")),
        sa.PrimaryKeyConstraint("name", "version", "sequence", name=op.f("pk_memento")),
    )
    op.create_index(op.f("ix_memento_payload"), "memento", ["payload"])
    op.create_index(op.f("ix_document_payload"), "document", ["payload"])
    connection = op.get_bind()
    _keep_what_stands(connection)
    connection.execute(
        sa.delete(_payload).where(~sa.exists().where(_document.c.payload == _payload.c.digest))
    )  # versions name no others yet


def downgrade() -> None:
    """Take this step back."""
    op.drop_index(op.f("ix_document_payload"), "document")
    op.drop_table("memento")


def _keep_what_stands(connection: sa.Connection) -> None:
    """Keep each manifest that stands now, but for one that still shows a view that was withdrawn a moment ago."""
    withdrawn: dict[str, set[int]] = {}
    for row in connection.execute(sa.select(_image.c.name, _image.c.number).where(_image.c.state == "withdrawn")):
        withdrawn.setdefault(row.name, set()).add(row.number)
    for kind, version in (("manifest/3", 3), ("manifest/2", 2)):
        for row in connection.execute(sa.select(_document).where(_document.c.kind == kind)).all():
            plain = connection.scalar(sa.select(_payload.c.plain).where(_payload.c.digest == row.payload)) or b""
            views = sorted({int(number) for number in _CANVAS.findall(plain)})
            if withdrawn.get(row.name, set()).intersection(views):
                continue
            kept = {
                "name": row.name, "version": version, "sequence": row.sequence, "datestamp": row.datestamp,
                "payload": row.payload, "views": views, "closed": "",
            }  # fmt: skip
            connection.execute(sa.insert(_memento), kept)
