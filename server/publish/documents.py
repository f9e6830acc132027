"""Writing ready-made documents, in bulk, under the publication lock.

One that the item's publication names already comes without bytes: while the item is what it was when it was looked at,
which is asked under the lock, nobody takes away what it names.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.catalogue.publication_models import DocumentRow, PayloadRow
from server.publish.mementos import MANIFESTS, keep_memento
from server.publish.packing import Packed

_Each = TypeVar("_Each")

_TOGETHER = 100
"""Rows that are written at once: of payloads they are megabytes."""


def list_kept(session: Session, name: str) -> dict[str, str]:
    """Return the digests of the documents that the publication of an item names, by kind."""
    rows = session.execute(select(DocumentRow.kind, DocumentRow.payload).where(DocumentRow.name == name))
    return {row.kind: row.payload for row in rows}


def keep_documents(
    session: Session, name: str, packed: Mapping[str, Packed], sequence: int, datestamp: int, views: list[int]
) -> set[str]:
    """Keep each document's bytes under their digest; return the digests that were replaced.

    A document that did not change keeps its stamp. A manifest that did, or is new, is a version of its own, which shows
    `views`.
    """
    session.flush()
    connection = session.connection()
    held = list_kept(session, name)
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    payloads = {each.digest: each for each in packed.values() if not each.is_kept}
    for some in _portions(payloads.values()):
        connection.execute(
            dialect.insert(PayloadRow).on_conflict_do_nothing(),
            [{"digest": one.digest, "plain": one.plain, "gzip": one.gzip, "brotli": one.brotli} for one in some],
        )
    stamp = {"sequence": sequence, "datestamp": datestamp}
    new = [
        {"name": name, "kind": kind, "payload": one.digest, **stamp} for kind, one in packed.items() if kind not in held
    ]
    changed = [
        {"of_kind": kind, "now": one.digest} for kind, one in packed.items() if held.get(kind, one.digest) != one.digest
    ]
    gone = [kind for kind in held if kind not in packed]
    if new:
        connection.execute(insert(DocumentRow), new)
    if changed:
        row = update(DocumentRow).where(DocumentRow.name == name, DocumentRow.kind == bindparam("of_kind"))
        connection.execute(row.values(payload=bindparam("now"), **stamp), changed)
    for kinds in _portions(gone):
        connection.execute(delete(DocumentRow).where(DocumentRow.name == name, DocumentRow.kind.in_(kinds)))
    for kind, version in MANIFESTS.items():
        if kind in packed and held.get(kind) != packed[kind].digest:
            keep_memento(session, name, version, sequence, datestamp, packed[kind].digest, views)
    return {digest for kind, digest in held.items() if kind not in packed or packed[kind].digest != digest}


def _portions(values: Iterable[_Each]) -> Iterable[Sequence[_Each]]:
    held = list(values)
    return (held[start : start + _TOGETHER] for start in range(0, len(held), _TOGETHER))
