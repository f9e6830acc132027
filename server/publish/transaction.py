"""Making a rendering live, or a tombstone of it: all rows of one publication in one transaction.

Called under `Catalogue.publication_lock()`, which covers the choice of sequence and datestamp and the commit. The
sequence has no holes; the datestamp never falls, even if the clock does.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.items import load_collection_labels
from server.catalogue.publication_models import (
    DocumentRow,
    JournalRow,
    MemberRow,
    OaiRecordRow,
    OaiRecordSetRow,
    OaiSetRow,
    PublicationRow,
    PublishedCollectionRow,
    PublishedImageRow,
)
from server.catalogue.published import moment
from server.catalogue.values import ITEM
from server.iiif.build.collection import collection_name
from server.oai.formats.header import write_header
from server.oai.formats.render import RenderedRecord
from server.publish.documents import keep_documents
from server.publish.files import forget_files, keep_files
from server.publish.mementos import close_mementos, close_those_that_show, forget_payloads
from server.publish.outdated import RENDERING
from server.publish.packing import Packed
from server.publish.render import Rendering
from server.search import write as search

LIVE, WITHDRAWN = "live", "withdrawn"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A publication's place: its sequence, and its datestamp in seconds since 1970, UTC."""

    sequence: int
    datestamp: int


def next_stamp(session: Session, now: datetime) -> Stamp:
    """Return the stamp of the publication to come: the next sequence, and now unless the last one was later."""
    sequence, datestamp = session.execute(select(func.max(JournalRow.sequence), func.max(JournalRow.datestamp))).one()
    return Stamp((sequence or 0) + 1, max(int(now.timestamp()), datestamp or 0))


def make_live(
    session: Session,
    rendering: Rendering,
    packed: Mapping[str, Packed],
    stamp: Stamp,
    oai_identifier: str,
    plan: search.Plan | None = None,
) -> str:
    """Write every row of a publication; return the activity, Create or Update.

    `packed` are its documents, `plan` what must be written of its text; without one it is planned here.
    """
    name = rendering.item.name
    row = session.get(PublicationRow, name)
    activity = "Update" if row is not None and row.state == LIVE else "Create"
    if row is None:
        row = PublicationRow(name=name, first_sequence=stamp.sequence, first_datestamp=stamp.datestamp)
        session.add(row)
    row.state, row.reason = LIVE, ""
    row.sequence, row.datestamp = stamp.sequence, stamp.datestamp
    row.fingerprint, row.rendering = rendering.fingerprint, RENDERING
    row.item = ITEM.dump_python(rendering.item, mode="json")
    session.flush()
    shown = [view.number for view in rendering.item.public_views]
    replaced = keep_documents(session, name, {**packed, **rendering.pages}, stamp.sequence, stamp.datestamp, shown)
    withdrawn = _keep_images(session, rendering, stamp)
    forget_payloads(session, replaced | close_those_that_show(session, name, withdrawn))
    keep_files(session, name, rendering.files, stamp.datestamp)
    _keep_members(session, rendering, stamp)
    search.write_document(session, name, rendering.label, rendering.texts, plan)
    _keep_records(session, name, rendering.records, stamp, oai_identifier)
    _write_journal(session, name, activity, stamp, packed["manifest/3"].digest)
    return activity


def make_withdrawn(session: Session, row: PublicationRow, stamp: Stamp, oai_identifier: str, reason: str) -> None:
    """Turn a live publication into a tombstone: 410, deleted records that keep their sets, a Delete in the journal."""
    name = row.name
    row.state, row.reason = WITHDRAWN, reason
    row.sequence, row.datestamp, row.fingerprint = stamp.sequence, stamp.datestamp, ""
    forget_payloads(session, forget_documents(session, name) | close_mementos(session, name, reason))
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
        _bury(session, record, stamp, oai_identifier)
    _write_journal(session, name, "Delete", stamp, None, reason)


def forget_documents(session: Session, name: str, kinds: Iterable[str] | None = None) -> set[str]:
    """Remove the documents of an item, all or those of some kinds; return the digests that they named."""
    which = [DocumentRow.name == name]
    if kinds is not None:
        which.append(DocumentRow.kind.in_(list(kinds)))
    named = set(session.scalars(select(DocumentRow.payload).where(*which)))
    session.execute(delete(DocumentRow).where(*which))
    return named


def _write_journal(
    session: Session, name: str, activity: str, stamp: Stamp, manifest: str | None, reason: str = ""
) -> None:
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


def _keep_images(session: Session, rendering: Rendering, stamp: Stamp) -> list[int]:
    """Keep what the Image API needs of each view; return the numbers of those that were ever public and are not now."""
    held = {
        row.image: row
        for row in session.scalars(select(PublishedImageRow).where(PublishedImageRow.name == rendering.item.name))
    }
    new: list[dict[str, Any]] = []
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
            new.append({"image": image.image, "name": rendering.item.name, "datestamp": stamp.datestamp, **facts})
        elif any(getattr(row, key) != value for key, value in facts.items()):
            for key, value in facts.items():
                setattr(row, key, value)
            row.datestamp = stamp.datestamp
    if new:
        session.connection().execute(insert(PublishedImageRow), new)
    for row in held.values():
        if row.state == LIVE:
            row.state, row.datestamp = WITHDRAWN, stamp.datestamp
    return [row.number for row in held.values()]


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


def _keep_records(
    session: Session,
    name: str,
    repositories: Mapping[str, tuple[RenderedRecord, ...]],
    stamp: Stamp,
    oai_identifier: str,
) -> None:
    """Keep each record; one whose bytes and sets did not change keeps its datestamp, for harvesters saw it."""
    held = {
        (row.repository, row.prefix): row
        for row in session.scalars(select(OaiRecordRow).where(OaiRecordRow.name == name))
    }
    for repository, record in ((key, record) for key, records in repositories.items() for record in records):
        row = held.pop((repository, record.prefix), None)
        specs = tuple(membership.spec for membership in record.sets)
        fingerprint = hashlib.sha256(record.body + repr(specs).encode()).hexdigest()
        _keep_sets(session, repository, record)
        if row is not None and not row.deleted and row.fingerprint == fingerprint:
            continue
        if row is None:
            row = OaiRecordRow(repository=repository, prefix=record.prefix, name=name)
            session.add(row)
        row.sequence, row.datestamp, row.deleted = stamp.sequence, stamp.datestamp, False
        row.fingerprint, row.body = fingerprint, record.body
        row.header = write_header(oai_identifier, moment(stamp.datestamp), specs, deleted=False)
        session.flush()
        _keep_set_rows(session, row, specs)
    for row in held.values():
        if not row.deleted:
            _bury(session, row, stamp, oai_identifier)


def _keep_sets(session: Session, repository: str, record: RenderedRecord) -> None:
    for membership in record.sets:
        label: dict[str, str] = dict(membership.label)
        description: dict[str, str] = {}
        if membership.collection:
            label, description = load_collection_labels(session, (membership.collection,))[membership.collection]
        row = session.get(OaiSetRow, (repository, membership.spec))
        if row is None:
            row = OaiSetRow(repository=repository, spec=membership.spec)
            session.add(row)
        row.label, row.description = label, description
    session.flush()


def _bury(session: Session, row: OaiRecordRow, stamp: Stamp, oai_identifier: str) -> None:
    """Make a record's tombstone: it keeps its identifier and its sets for ever."""
    specs = tuple(
        session.scalars(
            select(OaiRecordSetRow.spec)
            .where(
                OaiRecordSetRow.repository == row.repository,
                OaiRecordSetRow.prefix == row.prefix,
                OaiRecordSetRow.name == row.name,
            )
            .order_by(bytewise(OaiRecordSetRow.spec))
        )
    )
    row.sequence, row.datestamp, row.deleted = stamp.sequence, stamp.datestamp, True
    row.fingerprint, row.body = "", b""
    row.header = write_header(oai_identifier, moment(stamp.datestamp), specs, deleted=True)
    session.flush()
    _keep_set_rows(session, row, specs)


def _keep_set_rows(session: Session, row: OaiRecordRow, specs: tuple[str, ...]) -> None:
    session.execute(
        delete(OaiRecordSetRow).where(
            OaiRecordSetRow.repository == row.repository,
            OaiRecordSetRow.prefix == row.prefix,
            OaiRecordSetRow.name == row.name,
        )
    )
    for spec in specs:
        session.add(
            OaiRecordSetRow(
                repository=row.repository,
                prefix=row.prefix,
                spec=spec,
                name=row.name,
                sequence=row.sequence,
                datestamp=row.datestamp,
            )
        )
