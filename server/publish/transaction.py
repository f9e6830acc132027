"""Making a rendering live, or a tombstone of it: all rows of one publication in one transaction.

Called under `Catalogue.publication_lock()`, which covers the choice of sequence and datestamp and the commit. The
sequence has no holes; the datestamp never falls, even if the clock does.
"""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import brotli
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.catalogue.items import load_collection_labels
from server.catalogue.publication_models import (
    DocumentRow,
    JournalRow,
    MemberRow,
    OaiRecordRow,
    PayloadRow,
    PublicationRow,
    PublishedCollectionRow,
    PublishedImageRow,
)
from server.catalogue.values import ITEM
from server.iiif.build.collection import collection_name
from server.publish.files import forget_files, keep_files
from server.publish.records import bury_record, forget_standings, keep_records, keep_standing
from server.publish.render import Rendering
from server.publish.repositories import Standing
from server.publish.stamp import Stamp
from server.search import write as search

LIVE, WITHDRAWN = "live", "withdrawn"


def pack(documents: Mapping[str, bytes]) -> dict[str, PayloadRow]:
    """Return each document's bytes ready to be kept, plain and compressed; done before the lock is taken.

    Words are kept compressed only: a newspaper page has thousands, which are a megabyte of JSON and a twentieth of that
    packed, and hardly anybody takes them unpacked.
    """
    return {
        kind: PayloadRow(
            digest=hashlib.sha256(body).hexdigest(),
            plain=b"" if kind.startswith("words/") else body,
            gzip=gzip.compress(body, 6, mtime=0),
            brotli=brotli.compress(body, quality=5),
        )
        for kind, body in documents.items()
    }


def make_live(
    session: Session,
    rendering: Rendering,
    packed: Mapping[str, PayloadRow],
    stamp: Stamp,
    oai_identifier: str,
    standings: Mapping[str, Standing] = MappingProxyType({}),
) -> str:
    """Write every row of a publication; return the activity, Create or Update.

    `standings` say by repository how the item stands with each harvester.
    """
    name = rendering.item.name
    row = session.get(PublicationRow, name)
    activity = "Update" if row is not None and row.state == LIVE else "Create"
    if row is None:
        row = PublicationRow(name=name, first_sequence=stamp.sequence, first_datestamp=stamp.datestamp)
        session.add(row)
    row.state, row.reason = LIVE, ""
    row.sequence, row.datestamp = stamp.sequence, stamp.datestamp
    row.fingerprint = rendering.fingerprint
    row.item = ITEM.dump_python(rendering.item, mode="json")
    session.flush()
    _keep_documents(session, name, packed, stamp)
    _keep_images(session, rendering, stamp)
    keep_files(session, name, rendering.files, stamp.datestamp)
    _keep_members(session, rendering, stamp)
    search.write_document(
        session, name, rendering.label, rendering.texts, [each.name for each in rendering.collections]
    )
    for repository, records in rendering.records.items():
        keep_records(session, repository, name, records, stamp, oai_identifier)
    for repository, standing in standings.items():
        keep_standing(session, repository, name, standing, stamp, oai_identifier)
    write_journal(session, name, activity, stamp, packed["manifest/3"].digest)
    return activity


def make_withdrawn(session: Session, row: PublicationRow, stamp: Stamp, oai_identifier: str, reason: str) -> None:
    """Turn a live publication into a tombstone: 410, deleted records that keep their sets, a Delete in the journal."""
    name = row.name
    row.state, row.reason = WITHDRAWN, reason
    row.sequence, row.datestamp, row.fingerprint = stamp.sequence, stamp.datestamp, ""
    session.execute(delete(DocumentRow).where(DocumentRow.name == name))
    forget_files(session, name)
    search.remove_document(session, name)
    session.execute(
        update(PublishedImageRow)
        .where(PublishedImageRow.name == name)
        .values(state=WITHDRAWN, datestamp=stamp.datestamp)
    )
    _touch_collections(
        session, list(session.scalars(select(MemberRow.collection).where(MemberRow.name == name))), stamp
    )
    session.execute(delete(MemberRow).where(MemberRow.name == name))
    for record in session.scalars(
        select(OaiRecordRow).where(OaiRecordRow.name == name, OaiRecordRow.deleted.is_(False))
    ):
        bury_record(session, record, stamp, oai_identifier)
    forget_standings(session, name)
    write_journal(session, name, "Delete", stamp, None, reason)


def write_journal(
    session: Session, name: str, activity: str, stamp: Stamp, manifest: str | None, reason: str = ""
) -> None:
    """Write the entry that takes a place in the sequence."""
    session.add(
        JournalRow(
            sequence=stamp.sequence,
            datestamp=stamp.datestamp,
            activity=activity,
            name=name,
            manifest=manifest,
            reason=reason,
        )
    )


def _keep_documents(session: Session, name: str, packed: Mapping[str, PayloadRow], stamp: Stamp) -> None:
    """Keep each document's bytes under their digest; a document that did not change keeps its stamp."""
    held = {row.kind: row for row in session.scalars(select(DocumentRow).where(DocumentRow.name == name))}
    for kind, payload in packed.items():
        digest = payload.digest
        if session.scalar(select(PayloadRow.digest).where(PayloadRow.digest == digest)) is None:
            session.add(payload)
            session.flush()
        row = held.pop(kind, None)
        if row is None:
            session.add(
                DocumentRow(name=name, kind=kind, payload=digest, sequence=stamp.sequence, datestamp=stamp.datestamp)
            )
        elif row.payload != digest:
            row.payload, row.sequence, row.datestamp = digest, stamp.sequence, stamp.datestamp
    for row in held.values():
        session.delete(row)


def _keep_images(session: Session, rendering: Rendering, stamp: Stamp) -> None:
    held = {
        row.image: row
        for row in session.scalars(select(PublishedImageRow).where(PublishedImageRow.name == rendering.item.name))
    }
    for image in rendering.images:
        row = held.pop(image.image, None)
        facts = {
            "number": image.number,
            "state": LIVE,
            "width": image.width,
            "height": image.height,
            "pyramid_key": image.pyramid_key,
            "index_key": image.index_key,
            "version": image.version,
            "rights": rendering.rights,
            "label": rendering.label,
        }
        if row is None:
            session.add(
                PublishedImageRow(image=image.image, name=rendering.item.name, datestamp=stamp.datestamp, **facts)
            )
        elif any(getattr(row, key) != value for key, value in facts.items()):
            for key, value in facts.items():
                setattr(row, key, value)
            row.datestamp = stamp.datestamp
    for row in held.values():
        if row.state == LIVE:
            row.state, row.datestamp = WITHDRAWN, stamp.datestamp


def _keep_members(session: Session, rendering: Rendering, stamp: Stamp) -> None:
    name = rendering.item.name
    labels = load_collection_labels(session, rendering.item.collections)
    curated = {collection_name("curated", slug): words for slug, words in labels.items()}
    held = {row.collection: row for row in session.scalars(select(MemberRow).where(MemberRow.name == name))}
    for membership in rendering.collections:
        label: dict[str, str] = dict(membership.label)
        summary: dict[str, str] = {}
        if membership.kind == "curated":
            label, summary = curated[membership.name]
        collection = session.get(PublishedCollectionRow, membership.name)
        if collection is None:
            collection = PublishedCollectionRow(name=membership.name, kind=membership.kind)
            session.add(collection)
        collection.label, collection.summary = label, summary
        collection.parent, collection.sort_key = membership.parent, membership.sort_key
        collection.sequence, collection.datestamp = stamp.sequence, stamp.datestamp
        session.flush()
        row = held.pop(membership.name, None)
        if row is None:
            row = MemberRow(collection=membership.name, name=name)
            session.add(row)
        row.sort_key = membership.order or rendering.sort_key
        row.fragment, row.fragment_2 = rendering.fragment, rendering.fragment_2
    _touch_collections(session, held, stamp)
    for row in held.values():
        session.delete(row)


def _touch_collections(session: Session, names: Iterable[str], stamp: Stamp) -> None:
    session.execute(
        update(PublishedCollectionRow)
        .where(PublishedCollectionRow.name.in_(list(names)))
        .values(sequence=stamp.sequence, datestamp=stamp.datestamp)
    )
