"""Records in the transaction of a publication: kept where their bytes changed, buried where they are not any more.

A record that did not change keeps its place in the sequence and its datestamp: harvesters saw it. Called under
`Catalogue.publication_lock()`.
"""

import hashlib
from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.catalogue.items import load_collection_labels
from server.catalogue.publication_models import OaiRecordRow, OaiRecordSetRow, OaiSetRow
from server.catalogue.published import moment
from server.oai.formats.header import write_header
from server.oai.formats.render import RenderedRecord
from server.publish.stamp import Stamp


def keep_records(
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
            bury_record(session, row, stamp, oai_identifier)


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


def bury_record(session: Session, row: OaiRecordRow, stamp: Stamp, oai_identifier: str) -> None:
    """Make a record's tombstone: it keeps its identifier and its sets for ever."""
    specs = tuple(
        session.scalars(
            select(OaiRecordSetRow.spec)
            .where(
                OaiRecordSetRow.repository == row.repository,
                OaiRecordSetRow.prefix == row.prefix,
                OaiRecordSetRow.name == row.name,
            )
            .order_by(OaiRecordSetRow.spec)
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
