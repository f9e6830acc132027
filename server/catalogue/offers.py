"""What the repositories of harvesters offer, as pages tell it: of a collection how many documents, of a document where it is.

That a portal shows a document is nowhere known: that its record is offered is, and when that record was taken.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from server.catalogue.base import bytewise
from server.catalogue.offered import Offered, Taken, load_former
from server.catalogue.publication_models import (
    OaiRecordRow,
    OaiRecordSetRow,
    OaiRepositoryRow,
    OaiSetRow,
    OaiStandingRow,
    PublicationRow,
)
from server.catalogue.takings import Former, Taking, Takings
from server.errors import Unknown


@dataclass(frozen=True, slots=True)
class Offer:
    """A harvester's repository with the documents of a collection that it offers.

    `taken` is when records were last taken from it, None where nobody came yet; `format` is the first that it has; `spec`
    is the set that lists these documents, empty where it has none; `contact` answers for the repository. Of the offered
    documents so many are taken as they are now (`current`), only in an `earlier` state, or `pending`; of the collection
    so many are `unoffered`.
    """

    repository: str
    label: Mapping[str, str]
    documents: int
    taken: datetime | None
    format: str
    spec: str
    contact: str = ""
    current: int = 0
    earlier: int = 0
    pending: int = 0
    unoffered: int = 0


@dataclass(frozen=True, slots=True)
class OfferedDocument:
    """A harvester's repository that offers a document; `record` names its record, or that of the whole that stands for it.

    `taken` is when the record as it is now was last taken, None where it was not yet; then `earlier` is when an earlier state
    of it was first taken. `format` is one that it has.
    """

    repository: str
    label: Mapping[str, str]
    record: str
    is_whole: bool
    taken: datetime | None
    format: str
    earlier: datetime | None = None


class Offers:
    """Tells of collections and documents."""

    def __init__(self) -> None:
        self._takings = Takings()
        self._offered = Offered(self._takings)

    def list_offers(self, connection: Connection, collection: str, spec: str) -> list[Offer]:
        """Return the repositories that offer live members of a collection, by name; `spec` is the set that would list them.

        A document counts where its record is there, be it of the state before, or where the record of its whole stands
        for it.
        """
        offered = self._offered.count(connection, collection)
        return self._tell(connection, offered, spec)

    def find_offer(self, connection: Connection, collection: str, spec: str, repository: str) -> Offer:
        """Return how a repository stands to a collection, be it that it offers nothing of it. Raises Unknown."""
        offered = self._offered.count(connection, collection)
        nothing = dict.fromkeys(Taken, 0) | {Taken.UNOFFERED: self._offered.size(connection, collection)}
        for offer in self._tell(connection, {repository: offered.get(repository, nothing)}, spec):
            return offer
        raise Unknown(f"there is no portal {repository[:40]}; the page of the institution names those there are")

    def _tell(self, connection: Connection, offered: Mapping[str, Mapping[Taken, int]], spec: str) -> list[Offer]:
        listing = frozenset(connection.scalars(select(OaiSetRow.repository).where(OaiSetRow.spec == spec)))
        rows = connection.execute(
            select(OaiRepositoryRow.name, OaiRepositoryRow.label, OaiRepositoryRow.formats, OaiRepositoryRow.contact)
            .where(OaiRepositoryRow.name.in_(offered))
            .order_by(bytewise(OaiRepositoryRow.name))
        )
        offers = []
        for row in rows:
            numbers = offered[row.name]
            current, earlier, pending = (numbers[each] for each in (Taken.CURRENT, Taken.EARLIER, Taken.PENDING))
            offers.append(
                Offer(
                    row.name, row.label, current + earlier + pending, self._takings.last(row.name),
                    row.formats[0] if row.formats else "oai_dc", spec if row.name in listing else "", row.contact,
                    current, earlier, pending, numbers[Taken.UNOFFERED],
                )
            )  # fmt: skip
        return offers

    def list_names(
        self, connection: Connection, collection: str, repository: str, wanted: Iterable[Taken]
    ) -> Sequence[str]:
        """Return the names of live members of a collection that stand so in a repository, in the collection's order."""
        return self._offered.list_names(connection, collection, repository, wanted)

    def find_offers(self, connection: Connection, names: Iterable[str]) -> dict[str, list[OfferedDocument]]:
        """Return the repositories that offer each of some live documents, by name; nothing of what none offers."""
        rows = connection.execute(
            select(
                OaiStandingRow.name.label("document"), OaiRepositoryRow.name, OaiRepositoryRow.label, OaiRepositoryRow.formats,
                OaiStandingRow.state, OaiStandingRow.whole, PublicationRow.first_sequence,
            )
            .join(OaiStandingRow, OaiStandingRow.repository == OaiRepositoryRow.name)
            .join(PublicationRow, PublicationRow.name == OaiStandingRow.name)
            .where(OaiStandingRow.name.in_(list(names)), OaiStandingRow.state != "refused")
            .order_by(bytewise(OaiRepositoryRow.name))
        ).all()  # fmt: skip
        held = self._records_of(connection, {row.whole if row.state == "covered" else row.document for row in rows})
        before = self._earlier(connection, {key for key, (taken, _prefixes) in held.items() if taken is None})
        offers: dict[str, list[OfferedDocument]] = {}
        for row in rows:
            is_whole = row.state == "covered"
            record = row.whole if is_whole else row.document
            if (found := held.get((row.name, record))) is not None:
                taken, prefixes = found
                prefix = next((each for each in row.formats if each in prefixes), prefixes[0])
                known = before.get((row.name, record))
                # a whole that was taken before this document was published did not tell of it
                earlier = known.moment if known and (not is_whole or known.sequence > row.first_sequence) else None
                offer = OfferedDocument(row.name, row.label, record, is_whole, taken, prefix, earlier)
                offers.setdefault(row.document, []).append(offer)
        return offers

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

    def _earlier(self, connection: Connection, records: Collection[tuple[str, str]]) -> dict[tuple[str, str], Taking]:
        """Return by repository and name when an earlier state of some records was taken, of those of which one was."""
        asked = {(repository, name) for repository, name in records if self._takings.stretches(repository)}
        states: dict[tuple[str, str], list[Former]] = {}
        for repository, name, state in load_former(
            connection, {name for _repository, name in asked}, {repository for repository, _name in asked}
        ):
            states.setdefault((repository, name), []).append(state)
        found = {key: self._takings.find_earlier(key[0], states[key]) for key in states if key in asked}
        return {key: taking for key, taking in found.items() if taking is not None}
