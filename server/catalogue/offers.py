"""What the repositories of harvesters offer, as pages tell it: of a collection how many documents, of a document where it is.

That a portal shows a document is nowhere known: that its record is offered is, and when that record was last taken.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from server.catalogue.base import bytewise
from server.catalogue.publication_models import (
    RECORDS,
    JournalRow,
    MemberRow,
    OaiRecordRow,
    OaiRecordSetRow,
    OaiRepositoryRow,
    OaiSetRow,
    OaiStandingRow,
    PublishedCollectionRow,
)
from server.catalogue.published import last_change
from server.catalogue.takings import Takings


@dataclass(frozen=True, slots=True)
class Offer:
    """A harvester's repository with the documents of a collection that it offers.

    `taken` is when records were last taken from it, None where nobody came yet; `format` is the first that it has; `spec`
    is the set that lists these documents, empty where it has none.
    """

    repository: str
    label: Mapping[str, str]
    documents: int
    taken: datetime | None
    format: str
    spec: str


@dataclass(frozen=True, slots=True)
class OfferedDocument:
    """A harvester's repository that offers a document; `record` names its record, or that of the whole that stands for it.

    `taken` is when the record as it is now was last taken, None where it was not yet. `format` is one that it has.
    """

    repository: str
    label: Mapping[str, str]
    record: str
    is_whole: bool
    taken: datetime | None
    format: str


class Offers:
    """Tells of collections and documents. How many of a collection are offered is counted again only when that changed.

    Whatever changes members of a collection moves its place in the publication sequence; whatever changes only how
    documents stand in repositories is a journal entry of its own.
    """

    def __init__(self) -> None:
        self._mark = (0, 0)
        self._counts: dict[str, tuple[tuple[int, int], dict[str, int]]] = {}
        self._takings = Takings()

    def list_offers(self, connection: Connection, collection: str, spec: str) -> list[Offer]:
        """Return the repositories that offer live members of a collection, by name; `spec` is the set that would list them.

        A document counts where its record is there, be it of the state before, or where the record of its whole stands
        for it.
        """
        offered = self._count(connection, collection)
        self._takings.refresh(connection)
        listing = frozenset(connection.scalars(select(OaiSetRow.repository).where(OaiSetRow.spec == spec)))
        rows = connection.execute(
            select(OaiRepositoryRow.name, OaiRepositoryRow.label, OaiRepositoryRow.formats)
            .where(OaiRepositoryRow.name.in_(offered))
            .order_by(bytewise(OaiRepositoryRow.name))
        )
        return [
            Offer(
                row.name, row.label, offered[row.name], self._takings.last(row.name), row.formats[0] if row.formats else "oai_dc",
                spec if row.name in listing else "",
            )
            for row in rows
        ]  # fmt: skip

    def find_offers(self, connection: Connection, names: Iterable[str]) -> dict[str, list[OfferedDocument]]:
        """Return the repositories that offer each of some live documents, by name; nothing of what none offers."""
        rows = connection.execute(
            select(
                OaiStandingRow.name.label("document"), OaiRepositoryRow.name, OaiRepositoryRow.label, OaiRepositoryRow.formats,
                OaiStandingRow.state, OaiStandingRow.whole,
            )
            .join(OaiStandingRow, OaiStandingRow.repository == OaiRepositoryRow.name)
            .where(OaiStandingRow.name.in_(list(names)), OaiStandingRow.state != "refused")
            .order_by(bytewise(OaiRepositoryRow.name))
        ).all()  # fmt: skip
        held = self._records_of(connection, {row.whole if row.state == "covered" else row.document for row in rows})
        offers: dict[str, list[OfferedDocument]] = {}
        for row in rows:
            is_whole = row.state == "covered"
            record = row.whole if is_whole else row.document
            if (found := held.get((row.name, record))) is not None:
                taken, prefixes = found
                prefix = next((each for each in row.formats if each in prefixes), prefixes[0])
                offer = OfferedDocument(row.name, row.label, record, is_whole, taken, prefix)
                offers.setdefault(row.document, []).append(offer)
        return offers

    def _count(self, connection: Connection, collection: str) -> dict[str, int]:
        """Return by repository how many documents of a collection are in `find_offers`: those whose record is there."""
        changed = connection.scalar(
            select(PublishedCollectionRow.sequence).where(PublishedCollectionRow.name == collection)
        )
        state = (changed or 0, self._records_mark(connection))
        known = self._counts.get(collection)
        if known is not None and known[0] == state:
            return known[1]
        # a document's own record is written with its standing, that of its whole later: looked up once for each whole
        whole = case((OaiStandingRow.state == "covered", OaiStandingRow.whole), else_="").label("whole")
        members = (
            select(OaiStandingRow.repository, whole, func.count().label("documents"))
            .join(MemberRow, MemberRow.name == OaiStandingRow.name)
            .where(MemberRow.collection == collection, OaiStandingRow.state != "refused")
            .group_by(OaiStandingRow.repository, whole)
        )
        wholes = select(members.subquery().c.whole)
        there = {
            (row.repository, row.name)
            for row in connection.execute(
                select(OaiRecordRow.repository, OaiRecordRow.name)
                .where(OaiRecordRow.name.in_(wholes), OaiRecordRow.deleted.is_(False))
                .distinct()
            )
        }
        told: dict[str, int] = {}
        for row in connection.execute(members):
            if not row.whole or (row.repository, row.whole) in there:
                told[row.repository] = told.get(row.repository, 0) + row.documents
        if changed is not None:  # what anybody may ask for by a name of their own is not kept
            self._counts[collection] = (state, told)
        return told

    def _records_mark(self, connection: Connection) -> int:
        """Return the place of the last change of records alone that a snapshot sees; only what is new is looked through."""
        newest, _moment = last_change(connection)
        seen, mark = self._mark
        if newest < seen:  # a snapshot that is older than what another thread has seen
            seen = mark = 0
        if newest > seen:
            entries = select(func.max(JournalRow.sequence)).where(JournalRow.sequence > seen)
            mark = connection.scalar(entries.where(JournalRow.activity == RECORDS)) or mark
            self._mark = (newest, mark)
        return mark

    def _records_of(
        self, connection: Connection, names: Collection[str]
    ) -> dict[tuple[str, str], tuple[datetime | None, list[str]]]:
        """Return by repository and name when each of some live records was last taken, and its formats."""
        if not names:
            return {}
        self._takings.refresh(connection)
        same = [getattr(OaiRecordSetRow, key) == getattr(OaiRecordRow, key) for key in ("repository", "prefix", "name")]
        rows = connection.execute(
            select(
                OaiRecordRow.repository, OaiRecordRow.name, OaiRecordRow.prefix, OaiRecordRow.sequence, OaiRecordSetRow.spec
            )
            .outerjoin(OaiRecordSetRow, and_(*same))
            .where(OaiRecordRow.name.in_(names), OaiRecordRow.repository != "", OaiRecordRow.deleted.is_(False))
            .order_by(bytewise(OaiRecordRow.prefix))
        )  # fmt: skip
        found: dict[tuple[str, str], tuple[datetime | None, list[str]]] = {}
        for row in rows:  # one for each set that a record is in
            last, prefixes = found.get((row.repository, row.name), (None, []))
            specs = [row.spec] if row.spec else []
            taken = self._takings.last_past(row.repository, row.prefix, specs, row.sequence)
            told = prefixes if row.prefix in prefixes else [*prefixes, row.prefix]
            found[row.repository, row.name] = (max(filter(None, (last, taken)), default=None), told)
        return found
