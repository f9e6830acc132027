"""Records in the transaction of a publication: kept where their bytes changed, buried where they are not any more.

A record that did not change keeps its place in the sequence and its datestamp: harvesters saw it. Called under
`Catalogue.publication_lock()`.
"""

import hashlib
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, delete, func, insert, select, true
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.items import load_collection_labels
from server.catalogue.publication_models import (
    OaiFormerRecordRow,
    OaiRecordRow,
    OaiRecordSetRow,
    OaiSetRow,
    OaiStandingRow,
    OaiWholeRow,
)
from server.catalogue.published import moment
from server.oai.formats.header import write_header
from server.oai.formats.render import RenderedRecord
from server.publish.repositories import EVERYTHING, Place, Standing
from server.publish.stamp import Stamp

LATE = "late"
"""A newer record of an item is refused, and the last valid one stays."""

IN_A_WHOLE = frozenset({Place.LISTED.value, Place.COVERED.value, LATE})
"""States in which an item counts among the parts of its title or work."""


def keep_records(
    session: Session,
    repository: str,
    name: str,
    records: Iterable[RenderedRecord],
    stamp: Stamp,
    oai_identifier: str,
) -> None:
    """Keep the records of one repository under a name; one whose bytes and sets did not change keeps its datestamp.

    A format in which there is a record no more leaves a tombstone.
    """
    held = {row.prefix: row for row in session.scalars(_rows(repository, name))}
    records = tuple(records)
    _keep_sets(session, repository, records)
    for record in records:
        row = held.pop(record.prefix, None)
        specs = tuple(membership.spec for membership in record.sets)
        fingerprint = record_fingerprint(record)
        if row is not None and not row.deleted and row.fingerprint == fingerprint:
            continue
        if row is None:
            row = OaiRecordRow(repository=repository, prefix=record.prefix, name=name)
            session.add(row)
        else:
            _keep_former(session, row, stamp)
        row.sequence, row.datestamp, row.deleted = stamp.sequence, stamp.datestamp, False
        row.fingerprint, row.body = fingerprint, record.body
        row.header = write_header(oai_identifier, moment(stamp.datestamp), specs, deleted=False)
        session.flush()
        _keep_set_rows(session, row, specs)
    for row in held.values():
        if not row.deleted:
            bury_record(session, row, stamp, oai_identifier)


def keep_standing(
    session: Session, repository: str, name: str, standing: Standing, stamp: Stamp, oai_identifier: str
) -> str:
    """Bring records and standing of a live item in one repository to what they should be; return its state there.

    A broken rule leaves the last valid record as it is, and the item is `late`; whatever else takes it out of the
    repository (the selection, its rights, a whole that stands for it) is a deletion. In the repository of everything public
    each live item is listed: that needs no row.
    """
    if repository == EVERYTHING:
        keep_records(session, repository, name, standing.records, stamp, oai_identifier)
        return Place.LISTED.value
    row = session.get(OaiStandingRow, (repository, name))
    state = _state(session, repository, name, standing)
    if state != LATE:
        keep_records(session, repository, name, standing.records, stamp, oai_identifier)
    whole = standing.whole if state in IN_A_WHOLE else ""
    for each in {whole, row.whole if row is not None else ""} - {""}:
        want_whole(session, repository, each, name)
    if state == Place.OUT:
        if row is not None:
            session.delete(row)
    else:
        if row is None:
            row = OaiStandingRow(repository=repository, name=name)
            session.add(row)
        row.state, row.whole, row.problems = state, whole, list(standing.texts)
    session.flush()
    return state


def differs(session: Session, repository: str, name: str, standing: Standing) -> bool:
    """Whether `keep_standing` would change anything."""
    if repository == EVERYTHING:
        return not are_kept(session, repository, name, standing.records)
    state = _state(session, repository, name, standing)
    row = session.get(OaiStandingRow, (repository, name))
    if state == Place.OUT:
        if row is not None:
            return True
    elif (
        row is None
        or (row.state, row.problems) != (state, list(standing.texts))
        or row.whole != (standing.whole if state in IN_A_WHOLE else "")
    ):
        return True
    return state != LATE and not are_kept(session, repository, name, standing.records)


def are_kept(session: Session, repository: str, name: str, records: Iterable[RenderedRecord]) -> bool:
    """Whether exactly these records are there under a name."""
    live = select(OaiRecordRow.prefix, OaiRecordRow.fingerprint).where(
        OaiRecordRow.repository == repository, OaiRecordRow.name == name, OaiRecordRow.deleted.is_(False)
    )
    there = {row.prefix: row.fingerprint for row in session.execute(live)}
    return there == {record.prefix: record_fingerprint(record) for record in records}


def forget_standings(session: Session, name: str) -> None:
    """Forget how an item stood anywhere, as it is withdrawn; the wholes that it was a part of are made anew."""
    for row in session.scalars(select(OaiStandingRow).where(OaiStandingRow.name == name)):
        if row.whole:
            want_whole(session, row.repository, row.whole, name)
        session.delete(row)
    session.flush()


def want_whole(session: Session, repository: str, whole: str, because: str) -> None:
    """Remember that the records of a title or a work are to be made anew, since a part of it changed."""
    row = session.get(OaiWholeRow, (repository, whole))
    if row is None:
        session.add(OaiWholeRow(repository=repository, name=whole, because=because))
    else:
        row.because = because
    session.flush()


def record_fingerprint(record: RenderedRecord) -> str:
    """Return the digest of what a harvester sees of a record: its bytes and its sets."""
    return _fingerprint(record.body, tuple(membership.spec for membership in record.sets))


def _fingerprint(body: bytes, specs: tuple[str, ...]) -> str:
    return hashlib.sha256(body + repr(specs).encode()).hexdigest()


def _state(session: Session, repository: str, name: str, standing: Standing) -> str:
    """Return the state of an item in a repository: late where it is refused and an earlier record of it is there."""
    if standing.place is not Place.REFUSED or standing.loses_rights:
        return standing.place.value
    return LATE if has_live_record(session, repository, name) else Place.REFUSED.value


def has_live_record(session: Session, repository: str, name: str) -> bool:
    """Whether there is a record under a name in a repository, in any format."""
    return session.scalar(_rows(repository, name).where(OaiRecordRow.deleted.is_(False)).limit(1)) is not None


def _rows(repository: str, name: str) -> Select[OaiRecordRow]:
    return select(OaiRecordRow).where(OaiRecordRow.repository == repository, OaiRecordRow.name == name)


def _keep_sets(session: Session, repository: str, records: Iterable[RenderedRecord]) -> None:
    """Bring the sets that records are in to what they say of them: mostly the same in every format, so asked for once."""
    memberships = {membership.spec: membership for record in records for membership in record.sets}
    if not memberships:
        return
    curated = tuple(membership.collection for membership in memberships.values() if membership.collection)
    words = load_collection_labels(session, curated) if curated else {}
    ours = select(OaiSetRow).where(OaiSetRow.repository == repository, OaiSetRow.spec.in_(memberships))
    held = {row.spec: row for row in session.scalars(ours)}
    for spec, membership in memberships.items():
        label: dict[str, str] = dict(membership.label)
        description: dict[str, str] = {}
        if membership.collection:
            label, description = words[membership.collection]
        row = held.get(spec)
        if row is None:
            row = OaiSetRow(repository=repository, spec=spec)
            session.add(row)
        row.label, row.description = label, description
    session.flush()


def list_late(session: Session) -> list[str]:
    """Return the names of the documents that are late in some repository."""
    names = select(OaiStandingRow.name).where(OaiStandingRow.state == LATE).group_by(OaiStandingRow.name)
    return list(session.scalars(names.order_by(bytewise(OaiStandingRow.name))))


def move_late_records(session: Session, name: str, old: str, new: str, stamp: Stamp, oai_identifier: str) -> None:
    """Bring the last valid records of a late document to another base URL: what they say stays, where it is said moves.

    What they were made from is not there any more. A base URL is scheme and host, so that it stands as it is in XML, and a
    slash follows it.
    """
    late = select(OaiStandingRow.repository).where(OaiStandingRow.name == name, OaiStandingRow.state == LATE)
    _move(session, OaiRecordRow.repository.in_(late), name, old, new, stamp, oai_identifier)


def list_whole_records(session: Session) -> list[tuple[str, str]]:
    """Return the names of the wholes that have a record somewhere, each with the name of a part of it."""
    rows = session.execute(
        select(OaiRecordRow.name, func.min(bytewise(OaiStandingRow.name)))
        .join(
            OaiStandingRow,
            (OaiStandingRow.repository == OaiRecordRow.repository) & (OaiStandingRow.whole == OaiRecordRow.name),
        )
        .where(OaiRecordRow.deleted.is_(False))
        .group_by(OaiRecordRow.name)
        .order_by(bytewise(OaiRecordRow.name))
    )
    return [(name, part) for name, part in rows]


def move_whole_records(session: Session, name: str, old: str, new: str, stamp: Stamp, oai_identifier: str) -> None:
    """Bring the records of a whole to another base URL: where one breaks a rule now it stays as it was, and is not made anew."""
    _move(session, true(), name, old, new, stamp, oai_identifier)


def _move(
    session: Session, which: ColumnElement[bool], name: str, old: str, new: str, stamp: Stamp, oai_identifier: str
) -> None:
    rows = select(OaiRecordRow).where(OaiRecordRow.name == name, which, OaiRecordRow.deleted.is_(False))
    for row in session.scalars(rows):
        specs = _specs(session, row)
        _keep_former(session, row, stamp, specs)
        row.body = row.body.replace(f"{old}/".encode(), f"{new}/".encode())
        row.sequence, row.datestamp, row.fingerprint = stamp.sequence, stamp.datestamp, _fingerprint(row.body, specs)
        row.header = write_header(oai_identifier, moment(stamp.datestamp), specs, deleted=False)
        session.flush()
        _keep_set_rows(session, row, specs)


def _specs(session: Session, row: OaiRecordRow) -> tuple[str, ...]:
    """Return the sets that a record is in."""
    return tuple(
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


def bury_record(session: Session, row: OaiRecordRow, stamp: Stamp, oai_identifier: str) -> None:
    """Make a record's tombstone: it keeps its identifier and its sets for ever."""
    specs = _specs(session, row)
    _keep_former(session, row, stamp, specs)
    row.sequence, row.datestamp, row.deleted = stamp.sequence, stamp.datestamp, True
    row.fingerprint, row.body = "", b""
    row.header = write_header(oai_identifier, moment(stamp.datestamp), specs, deleted=True)
    session.flush()
    _keep_set_rows(session, row, specs)


def _keep_former(session: Session, row: OaiRecordRow, stamp: Stamp, specs: tuple[str, ...] | None = None) -> None:
    """Keep where a record of a harvester's repository stood before it moves; of the one of everything nobody asks it."""
    if row.repository == EVERYTHING or row.sequence == stamp.sequence:
        return
    specs = _specs(session, row) if specs is None else specs
    state = {
        "repository": row.repository, "name": row.name, "prefix": row.prefix, "sequence": row.sequence,
        "moved": stamp.datestamp, "deleted": row.deleted, "specs": list(specs),
    }  # fmt: skip
    session.execute(insert(OaiFormerRecordRow), [state])


def _keep_set_rows(session: Session, row: OaiRecordRow, specs: tuple[str, ...]) -> None:
    session.execute(
        delete(OaiRecordSetRow).where(
            OaiRecordSetRow.repository == row.repository,
            OaiRecordSetRow.prefix == row.prefix,
            OaiRecordSetRow.name == row.name,
        )
    )
    place = {
        "repository": row.repository,
        "prefix": row.prefix,
        "name": row.name,
        "sequence": row.sequence,
        "datestamp": row.datestamp,
    }
    if specs:
        session.execute(insert(OaiRecordSetRow), [place | {"spec": spec} for spec in specs])
