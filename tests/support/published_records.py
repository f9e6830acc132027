"""Records as `publish` leaves them, many and fast: rows for tests of what harvesters take."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, update

from server.catalogue import migrations
from server.catalogue.models import AliasRow, ArkRow, DeliveryRow, InstitutionRow, ItemRow
from server.catalogue.publication_models import (
    JournalRow,
    OaiRecordRow,
    OaiRecordSetRow,
    OaiRepositoryRow,
    OaiSetRow,
    PublicationRow,
)
from server.catalogue.session import Catalogue
from server.model.addresses import Addresses
from server.oai.formats.header import write_header
from server.oai.formats.render import render_record
from tests.support.publications import make_postcard, renamed

MOMENT = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)
ADDRESSES = Addresses("http://127.0.0.1:8000", "99999", "vitrine.example.org")
SETS = ("institution", "institution:bm-lille", "type", "type:cartes-postales")


def register(name: str, formats: Sequence[str] = ("oai_dc",)) -> OaiRepositoryRow:
    """Return the row of a harvester's repository, as far as serving asks for it."""
    return OaiRepositoryRow(
        name=name, label={"fr": f"Pour {name}", "en": f"For {name}"}, contact=f"{name}@example.org",
        formats=list(formats), definition={}, digest="", applied="", day=None,
    )  # fmt: skip


@dataclass
class Records:
    """A catalogue with records in it; sequence rises by one, datestamps by `step` seconds (0: all in one second)."""

    catalogue: Catalogue
    repository: str = ""
    step: int = 1
    sequence: int = 0
    now: datetime = MOMENT
    sets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    about: bytes = b""

    def prepare(self) -> "Records":
        """Make the tables."""
        migrations.upgrade(self.catalogue)
        with self.catalogue.write() as session:
            session.add(InstitutionRow(name="bm-lille", label={"fr": "BM Lille"}))
            session.add(
                DeliveryRow(identifier="d", name="d", path="", digest="0" * 64, kind="table", received_at=MOMENT)
            )
            session.add_all(
                OaiSetRow(repository=self.repository, spec=spec, label={"fr": spec.title(), "en": spec})
                for spec in SETS
            )
        return self

    def elsewhere(self, repository: str) -> "Records":
        """Return the same for the repository of a harvester: items of its own, after those that are there."""
        with self.catalogue.write() as session:
            session.add(register(repository))
            session.add_all(
                OaiSetRow(repository=repository, spec=spec, label={"fr": spec.title(), "en": spec}) for spec in SETS
            )
        return replace(self, repository=repository, sets=dict(self.sets))

    def add(self, count: int, sets: Sequence[str] = SETS, *, title: str = "Carte", prefix: str = "oai_dc") -> list[str]:
        """Publish so many new items; return their names."""
        names = [f"v1{len(self.sets) + number:06d}" for number in range(count)]
        held: dict[type, list[dict[str, object]]] = {
            kind: [] for kind in (ArkRow, ItemRow, PublicationRow, JournalRow, OaiRecordRow, OaiRecordSetRow)
        }
        for name in names:
            sequence, stamp = self._next()
            self.sets[name] = tuple(sets)
            held[ArkRow].append({"name": name, "minted_at": MOMENT})
            held[ItemRow].append(
                {
                    "name": name, "institution": "bm-lille", "identifier": name, "delivery": "d", "state": "ready",
                    "input_digest": "0" * 64, "typology": "cartes-postales", "rights_status": "public-domain",
                    "description": {}, "structure": [], "created_at": MOMENT, "failure": "",
                    "viewing_direction": "left-to-right", "paged": False, "publish_wanted": False,
                }
            )  # fmt: skip
            held[PublicationRow].append(
                {
                    "name": name, "state": "live", "sequence": sequence, "datestamp": stamp, "first_sequence": sequence,
                    "first_datestamp": stamp, "fingerprint": "0" * 64, "item": {}, "reason": "",
                }
            )  # fmt: skip
            held[JournalRow].append(
                {"sequence": sequence, "datestamp": stamp, "activity": "Create", "name": name, "reason": ""}
            )
            body = render_record(renamed(make_postcard(), name, f"{title} {name}"), ADDRESSES).body + self.about
            held[OaiRecordRow].append(
                {
                    "repository": self.repository, "prefix": prefix, "name": name, "sequence": sequence,
                    "datestamp": stamp, "deleted": False, "fingerprint": "0" * 64,
                    "header": self._header(name, deleted=False), "body": body,
                }
            )  # fmt: skip
            held[OaiRecordSetRow].extend(self._set_rows(name, prefix, sequence, stamp))
        with self.catalogue.write() as session:
            for kind, rows in held.items():
                if rows:
                    session.execute(insert(kind), rows)
        return names

    def change(
        self, name: str, *, deleted: bool = False, title: str = "Changée", sets: Sequence[str] | None = None
    ) -> None:
        """Publish an item anew, or withdraw it: its record moves to the end of the sequence."""
        sequence, stamp = self._next()
        if sets is not None:
            self.sets[name] = tuple(sets)
        body = render_record(renamed(make_postcard(), name, title), ADDRESSES).body + self.about
        activity = "Delete" if deleted else "Update"
        with self.catalogue.write() as session:
            session.add(JournalRow(sequence=sequence, datestamp=stamp, activity=activity, name=name, reason=""))
            session.execute(
                update(OaiRecordRow)
                .where(OaiRecordRow.name == name)
                .values(
                    sequence=sequence,
                    datestamp=stamp,
                    deleted=deleted,
                    header=self._header(name, deleted),
                    body=b"" if deleted else body,
                )
            )
            session.execute(delete(OaiRecordSetRow).where(OaiRecordSetRow.name == name))
            if rows := self._set_rows(name, "oai_dc", sequence, stamp):
                session.execute(insert(OaiRecordSetRow), rows)

    def alias(self, kind: str, value: str, name: str) -> None:
        """Keep a former name of an item."""
        with self.catalogue.write() as session:
            session.add(AliasRow(kind=kind, value=value, item=name))

    def identifier(self, name: str) -> str:
        """The OAI identifier of an item."""
        return ADDRESSES.oai_identifier(name)

    def _next(self) -> tuple[int, int]:
        self.sequence += 1
        self.now += timedelta(seconds=self.step)
        return self.sequence, int(self.now.timestamp())

    def _header(self, name: str, deleted: bool) -> bytes:
        return write_header(self.identifier(name), self.now, self.sets[name], deleted=deleted)

    def _set_rows(self, name: str, prefix: str, sequence: int, stamp: int) -> list[dict[str, object]]:
        return [
            {
                "repository": self.repository, "prefix": prefix, "spec": spec, "name": name, "sequence": sequence,
                "datestamp": stamp,
            }
            for spec in self.sets[name]
        ]  # fmt: skip
