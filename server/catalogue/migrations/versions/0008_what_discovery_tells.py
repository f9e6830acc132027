"""Change Discovery has activities of its own, filled from the journal: pages of them never change."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from server.errors import CatalogueError

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_installation = sa.table("installation", sa.column("key", sa.String()), sa.column("value", sa.String()))
_journal = sa.table(
    "journal",
    *(sa.column(name, sa.BigInteger()) for name in ("sequence", "datestamp")),
    *(sa.column(name, sa.String()) for name in ("activity", "name")),
)
_collection = sa.table(
    "published_collection",
    sa.column("name", sa.String()),
    *(sa.column(name, sa.BigInteger()) for name in ("sequence", "datestamp")),
)
_member = sa.table("member", sa.column("collection", sa.String()))
_activity = sa.table(
    "activity",
    *(sa.column(name, sa.BigInteger()) for name in ("number", "sequence", "datestamp")),
    *(sa.column(name, sa.String()) for name in ("activity", "subject", "name", "base")),
    sa.column("version", sa.Integer()),
    sa.column("body", sa.LargeBinary()),
)


def upgrade() -> None:
    """Apply this step. Raises CatalogueError in the middle of a rebase: two bases stand in what is published then."""
    op.create_table(
        "activity",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("datestamp", sa.BigInteger(), nullable=False),
        sa.Column("activity", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sequence"], ["journal.sequence"], name=op.f("fk_activity_sequence_journal")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_subject", "activity", ["subject", "name", "number"], unique=False)
    _tell_the_past(op.get_bind())


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("activity")


def _tell_the_past(connection: sa.Connection) -> None:
    """Write what the journal knows: every manifest; of collections, which it does not name, those that have members."""
    rows = connection.execute(sa.select(_installation.c.key, _installation.c.value))
    fixed: dict[str, str] = {row.key: row.value for row in rows}
    entries = connection.execute(sa.select(_journal).order_by(_journal.c.sequence)).all()
    if not entries:
        return
    if "rebasing_to" in fixed:
        raise CatalogueError(
            f"a rebase to {fixed['rebasing_to']} is not finished; run `vitrine rebase {fixed['rebasing_to']}` to its end "
            "with the version of the software that began it, then this one"
        )
    base, naan = fixed["base_url"], fixed["naan"]
    held = sa.select(_member.c.collection)
    changed: dict[int, list[Any]] = {}
    for row in connection.execute(
        sa.select(_collection).where(_collection.c.name.in_(held)).order_by(_collection.c.name)
    ):
        changed.setdefault(row.sequence, []).append(row)
    number, latest = 0, 0
    newest = max(changed, default=None)
    for entry in entries:
        subjects = [("Manifest", entry.activity, entry.name, entry.datestamp)]
        subjects += [("Collection", "Create", row.name, row.datestamp) for row in changed.get(entry.sequence, ())]
        if entry.sequence == newest:
            subjects.append(("Collection", "Create", "top", entry.datestamp))
        told = []
        for subject, activity, name, datestamp in subjects:
            latest = max(latest, datestamp)
            for version in (3, 2):
                body = _body(subject, activity, name, version, base, naan, latest)
                about = {"activity": activity, "subject": subject, "version": version, "name": name, "base": base}
                told.append({"number": number, "sequence": entry.sequence, "datestamp": latest, "body": body} | about)
                number += 1
        connection.execute(sa.insert(_activity), told)


def _body(subject: str, activity: str, name: str, version: int, base: str, naan: str, datestamp: int) -> bytes:
    """Return an activity as the software of this step writes it, for good; it says no more than the journal knows."""
    under, neutral = f"{base}/iiif/presentation/{version}", f"{base}/iiif/presentation"
    is_manifest = subject == "Manifest"
    about = {
        "id": f"{under}/{name}/manifest" if is_manifest else f"{under}/collection/{name}",
        "type": subject,
        "canonical": f"ark:/{naan}/{name}" if is_manifest else f"{neutral}/collection/{name}",
        "format": f'application/ld+json;profile="http://iiif.io/api/presentation/{version}/context.json"',
    }
    ended = datetime.fromtimestamp(datestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {"type": activity, "object": about, "endTime": ended}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
