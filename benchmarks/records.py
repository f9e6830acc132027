"""Catalogues full of records, for what measures harvests: rows as publication leaves them, drawn from templates.

Every document has a record in oai_dc at `/oai`, of 1.5 kB or more, and one in EDM at `/oai/europeana`, of 4 kB or more. A
thousand are published in a second of the clock; the last of them weeks later, for a harvester that comes back.
"""

import itertools
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from benchmarks.peers.peer import BUILD
from server.catalogue import migrations
from server.catalogue.models import ArkRow, DeliveryRow, InstitutionRow, ItemRow
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
from tests.support.postgres import postgres_server

BASE = "http://vitrine.test"
SETS = ("type", "type:presse")
BEGUN = datetime(2026, 1, 2, tzinfo=UTC)
LAST_DAY = BEGUN + timedelta(days=60)
AT_LAST = 50
"""Records of the last day."""

KEPT = BUILD / "harvest"
_CLUSTERS = Path(tempfile.gettempdir()) / "vitrine-harvest"
"""PostgreSQL runs as a user of its own, and the path of its socket must be short."""

_VERSION = 1
_BATCH = 5_000
_SETTINGS = {
    "fsync": "off", "synchronous_commit": "off", "shared_buffers": "1GB", "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB", "listen_addresses": "",
}  # fmt: skip
"""Of the PostgreSQL that is measured: memory as on a machine of its own, no waiting for the disk while it is filled."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Records in one format of one repository; `size` is the least of a body in bytes, `opening` and `closing` its ends."""

    repository: str
    prefix: str
    size: int
    opening: str
    closing: str

    @property
    def path(self) -> str:
        """Where they are harvested."""
        return f"/oai/{self.repository}".rstrip("/")


KINDS = (
    Kind(
        "", "oai_dc", 1500,
        '<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier>http://vitrine.test/ark:/99999/{name}</dc:identifier>',
        "</oai_dc:dc></metadata>",
    ),
    Kind(
        "europeana", "edm", 4000,
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:edm="http://www.europeana.eu/schemas/edm/"><edm:ProvidedCHO rdf:about="http://vitrine.test/ark:/99999/{name}">',
        "</edm:ProvidedCHO></rdf:RDF></metadata>",
    ),
)  # fmt: skip

_WORDS = (
    "gazette", "lille", "rue", "place", "gare", "tisserand", "filature", "mairie", "pont", "canal", "marché", "fabrique",
    "école", "théâtre", "musée", "parc",
)  # fmt: skip


@contextmanager
def filled(database: str, size: int) -> Iterator[str]:
    """Give the address of a catalogue with so many records in each format; what was filled once is kept for next time."""
    folder = (KEPT if database == "sqlite" else _CLUSTERS) / f"{database}-{size}-{_VERSION}"
    whole = folder / "filled"  # written last
    if not whole.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    if database == "postgresql":
        with postgres_server(_SETTINGS, kept=folder, lifetime=7200) as server:
            url = server.url("harvest")
            if not whole.exists():
                server.execute("CREATE DATABASE {}", "harvest")
                fill(url, size)
                server.execute("CHECKPOINT")
                whole.touch()
            _bring_up(url)
            yield url
    else:
        url = f"sqlite:///{folder / 'catalogue.sqlite'}"
        if not whole.exists():
            fill(url, size)
            whole.touch()
        _bring_up(url)
        yield url


def _bring_up(url: str) -> None:
    """Bring what was filled by an earlier version of this software up to the present one."""
    catalogue = Catalogue(url)
    migrations.upgrade(catalogue)
    catalogue.close()


def fill(url: str, size: int) -> None:
    """Write the rows as publication leaves them."""
    catalogue = Catalogue(url)
    migrations.upgrade(catalogue)
    templates = {kind: _templates(kind) for kind in KINDS}
    addresses = Addresses(BASE, "99999", "vitrine.example.org")
    with catalogue.write() as session:
        session.add(InstitutionRow(name="bm", label={"fr": "BM"}))
        session.add(DeliveryRow(identifier="d", name="d", path="", digest="0" * 64, kind="table", received_at=BEGUN))
        for kind in KINDS:
            session.add_all(OaiSetRow(repository=kind.repository, spec=spec, label={"fr": spec}) for spec in SETS)
            if kind.repository:
                session.add(
                    OaiRepositoryRow(
                        name=kind.repository, label={"fr": kind.repository}, contact="", formats=[kind.prefix], definition={},
                        digest="", applied="", day=None,
                    )
                )  # fmt: skip
    for start in range(1, size + 1, _BATCH):
        rows: dict[type, list[dict[str, object]]] = {}
        for number in range(start, min(start + _BATCH, size + 1)):
            name = f"v1{number:08d}"
            moment = LAST_DAY if number > size - AT_LAST else BEGUN + timedelta(seconds=number // 1000)
            stamp = int(moment.timestamp())
            header = write_header(addresses.oai_identifier(name), moment, SETS, deleted=False)
            written = itertools.chain(_rows(name, number, stamp), _records(name, number, stamp, header, templates))
            for table, row in written:
                rows.setdefault(table, []).append(row)
        with catalogue.write() as session:
            for table, held in rows.items():
                insert_rows(session, table, held)
    with catalogue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze" if catalogue.is_sqlite else "vacuum analyze"))
    catalogue.close()


def insert_rows(session: Session, table: type, rows: list[dict[str, object]]) -> None:
    """Add rows; on PostgreSQL those that are many by COPY, which is many times quicker."""
    if session.connection().dialect.name == "sqlite" or table in (ItemRow, PublicationRow):
        session.execute(insert(table), rows)  # these have columns of JSON, with defaults of their own
        return
    columns = list(rows[0])
    driver = session.connection().connection.driver_connection
    assert driver is not None
    name = table.__tablename__  # type: ignore[attr-defined]  # every one of them has it
    with driver.cursor() as cursor, cursor.copy(f"copy {name} ({', '.join(columns)}) from stdin") as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])


def _rows(name: str, number: int, stamp: int) -> Iterator[tuple[type, dict[str, object]]]:
    yield ArkRow, {"name": name, "minted_at": BEGUN}
    yield ItemRow, {
        "name": name, "institution": "bm", "identifier": name, "delivery": "d", "state": "ready", "input_digest": "0" * 64,
        "typology": "presse", "rights_status": "public-domain", "description": {}, "structure": [], "created_at": BEGUN,
        "failure": "", "viewing_direction": "left-to-right", "paged": False, "publish_wanted": False,
    }  # fmt: skip
    yield PublicationRow, {
        "name": name, "state": "live", "sequence": number, "datestamp": stamp, "first_sequence": number,
        "first_datestamp": stamp, "fingerprint": "0" * 64, "item": {}, "reason": "",
    }  # fmt: skip
    yield JournalRow, {"sequence": number, "datestamp": stamp, "activity": "Create", "name": name, "reason": ""}


def _records(
    name: str, number: int, stamp: int, header: bytes, templates: dict[Kind, list[bytes]]
) -> Iterator[tuple[type, dict[str, object]]]:
    for kind, drawn in templates.items():
        body = drawn[number % len(drawn)].replace(b"{name}", name.encode())
        place = {
            "repository": kind.repository, "prefix": kind.prefix, "name": name, "sequence": number, "datestamp": stamp,
        }  # fmt: skip
        yield OaiRecordRow, place | {"deleted": False, "fingerprint": "0" * 64, "header": header, "body": body}
        for spec in SETS:
            yield OaiRecordSetRow, place | {"spec": spec}


def _templates(kind: Kind) -> list[bytes]:
    """Return bodies of at least the wanted size, each with words of its own."""
    chance = random.Random(f"templates of {kind.prefix}")
    drawn = []
    for _ in range(64):
        wanted = kind.size * chance.uniform(1.0, 1.2)
        body = kind.opening
        while len((body + kind.closing).encode()) < wanted:
            field = chance.choice(("title", "subject", "description", "coverage", "relation"))
            body += f'<dc:{field} xml:lang="fr">{" ".join(chance.choices(_WORDS, k=9))}</dc:{field}>'
        drawn.append((body + kind.closing).encode())
    return drawn
