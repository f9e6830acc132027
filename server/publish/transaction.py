"""Making a rendering live, or a tombstone of it: all rows of one publication in one transaction.

Called under `Catalogue.publication_lock()`, which covers the choice of sequence and datestamp and the commit. The
sequence has no holes; the datestamp never falls, even if the clock does.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from server.catalogue.items import load_collection_labels
from server.catalogue.publication_models import (
    DocumentRow,
    JournalRow,
    MemberRow,
    OaiRecordRow,
    PublicationRow,
    PublishedCollectionRow,
    PublishedImageRow,
)
from server.catalogue.values import ITEM
from server.iiif.build.collection import collection_name
from server.publish.documents import keep_documents
from server.publish.files import forget_files, keep_files
from server.publish.mementos import close_mementos, close_those_that_show, forget_payloads
from server.publish.outdated import RENDERING
from server.publish.packing import Packed
from server.publish.records import bury_record, forget_standings, keep_records, keep_standing
from server.publish.render import Rendering
from server.publish.repositories import Standing
from server.publish.stamp import Stamp
from server.publish.traits import forget_traits, keep_traits
from server.search import write as search
from server.search.library.entry import Entry, file_item
from server.search.library.write import file_document, forget_document

LIVE, WITHDRAWN = "live", "withdrawn"


def make_live(
    session: Session,
    rendering: Rendering,
    packed: Mapping[str, Packed],
    stamp: Stamp,
    oai_identifier: str,
    standings: Mapping[str, Standing] = MappingProxyType({}),
    plan: search.Plan | None = None,
    entry: Entry | None = None,
) -> str:
    """Write every row of a publication; return the activity, Create or Update.

    `packed` are its documents, `plan` what must be written of its text, `entry` what readers find; without them they are
    made here. `standings` say by repository how the item stands in each; without that of everything public, it gets there
    what the fingerprint covers.
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
    keep_traits(session, rendering.item)
    search.write_document(session, name, rendering.label, rendering.texts, plan)
    file_document(session, name, entry or file_rendering(rendering), row.first_sequence)
    for repository in rendering.records.keys() - standings.keys():
        keep_records(session, repository, name, rendering.records[repository], stamp, oai_identifier)
    for repository, standing in standings.items():
        keep_standing(session, repository, name, standing, stamp, oai_identifier)
    write_journal(session, name, activity, stamp, packed["manifest/3"].digest)
    return activity


def file_rendering(rendering: Rendering) -> Entry:
    """Return what readers find of a rendering: a long text takes a moment, so before the publication lock is taken."""
    return file_item(rendering.item, (view.words for view in rendering.texts))


def make_withdrawn(session: Session, row: PublicationRow, stamp: Stamp, oai_identifier: str, reason: str) -> None:
    """Turn a live publication into a tombstone: 410, deleted records that keep their sets, a Delete in the journal."""
    name = row.name
    row.state, row.reason = WITHDRAWN, reason
    row.sequence, row.datestamp, row.fingerprint = stamp.sequence, stamp.datestamp, ""
    forget_payloads(session, forget_documents(session, name) | close_mementos(session, name, reason))
    forget_files(session, name)
    search.remove_document(session, name)
    forget_document(session, name)
    session.execute(
        update(PublishedImageRow)
        .where(PublishedImageRow.name == name)
        .values(state=WITHDRAWN, datestamp=stamp.datestamp)
    )
    _touch_collections(
        session, list(session.scalars(select(MemberRow.collection).where(MemberRow.name == name))), stamp
    )
    session.execute(delete(MemberRow).where(MemberRow.name == name))
    forget_traits(session, name)
    for record in session.scalars(
        select(OaiRecordRow).where(OaiRecordRow.name == name, OaiRecordRow.deleted.is_(False))
    ):
        bury_record(session, record, stamp, oai_identifier)
    forget_standings(session, name)
    write_journal(session, name, "Delete", stamp, None, reason)


def forget_documents(session: Session, name: str, kinds: Iterable[str] | None = None) -> set[str]:
    """Remove the documents of an item, all or those of some kinds; return the digests that they named."""
    which = [DocumentRow.name == name]
    if kinds is not None:
        which.append(DocumentRow.kind.in_(list(kinds)))
    named = set(session.scalars(select(DocumentRow.payload).where(*which)))
    session.execute(delete(DocumentRow).where(*which))
    return named


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
