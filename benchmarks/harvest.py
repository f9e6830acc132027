"""Harvesting whole repositories by HTTP: 100 000 and a million records, on SQLite and PostgreSQL, in two formats.

    python -m benchmarks.harvest [--quick] [--records 100000] [--million 1000000] [--only sqlite] [--write]

The records are drawn from templates: 1.5 kB at `/oai`, as in oai_dc, and 4 kB at `/oai/edm`, as in EDM. `vitrine
serve` with one worker is asked for page after page over one connection, as a harvester does. In the same run: the same
rows read and joined without HTTP, and BatchingServer of the oaipmh toolkit over the same database (its offsets make it
slower page by page, so it is given the first pages only where there are many). Exit status 1 where a floor is missed.
"""

import asyncio
import itertools
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from re import compile as pattern

from sqlalchemy import insert, text

from benchmarks.client import Client
from benchmarks.load import Failed
from benchmarks.peers.batching import batching_server
from benchmarks.peers.peer import BUILD, Peer, proportional_bytes
from benchmarks.report import Mark, finish, options, table
from server.catalogue import migrations
from server.catalogue.models import ArkRow, DeliveryRow, InstitutionRow, ItemRow
from server.catalogue.publication_models import JournalRow, OaiRecordRow, OaiRecordSetRow, OaiSetRow, PublicationRow
from server.catalogue.records import Listed, list_records
from server.catalogue.session import Catalogue
from server.model.addresses import Addresses
from server.oai.formats.header import write_header
from tests.support.postgres import postgres_server
from tests.support.processes import free_port, running

DATABASES = ("sqlite", "postgresql")
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PAGE = 100
SIZES = {"": 1500, "edm": 4000}
"""Bytes of a record's metadata, at least, by repository: at `/oai` that of oai_dc, at `/oai/edm` that of EDM."""

BEGUN = datetime(2026, 1, 2, tzinfo=UTC)
BASE = "http://vitrine.test"
SETS = ("type", "type:presse")
KEPT = BUILD / "harvest"
SETTINGS = {
    "fsync": "off", "synchronous_commit": "off", "shared_buffers": "1GB", "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB", "listen_addresses": "",
}  # fmt: skip
_WORDS = [
    "gazette",
    "lille",
    "rue",
    "place",
    "gare",
    "tisserand",
    "filature",
    "mairie",
    "pont",
    "canal",
    "marche",
    "fabrique",
    "ecole",
    "theatre",
    "musee",
    "parc",
]
_TOKEN = pattern(rb"<resumptionToken[^>]*>([^<]+)<")
_HEADER = pattern(rb"<header")
_DATE = pattern(rb"<responseDate>([^<]+)<")


@dataclass(frozen=True, slots=True)
class Harvest:
    """A harvest: records, bytes and seconds; `first` and `last` are milliseconds of pages at its beginning and its end."""

    records: int
    size: int
    seconds: float
    first: float
    last: float
    memory: tuple[int, int] = (0, 0)

    @property
    def speed(self) -> float:
        """Records a second."""
        return self.records / self.seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, harvest, tell; return the exit status."""
    parser = options("Harvesting", records=100_000, million=1_000_000)
    parser.add_argument("--only", choices=DATABASES, help="measure one database only")
    chosen = parser.parse_args(arguments)
    sizes = (3_000,) if chosen.quick else tuple(size for size in (chosen.records, chosen.million) if size)
    parts, marks = [], []
    for size in sizes:
        for database in (chosen.only,) if chosen.only else DATABASES:
            with filled(database, size) as url:
                told, reached = _measure(url, database, size)
            parts.append(told)
            marks += reached
            print(told, flush=True)
    return finish("harvest", "\n\n".join(parts), marks, write=chosen.write)


@contextmanager
def filled(database: str, size: int) -> Iterator[str]:
    """Give the address of a catalogue with so many records in each format."""
    if database == "postgresql":
        with postgres_server(SETTINGS) as server, server.database() as url:
            fill(url, size)
            yield url
        return
    folder = KEPT / f"sqlite-{size}"
    whole = folder / "filled"  # written last
    url = f"sqlite:///{folder / 'catalogue.sqlite'}"
    if not whole.exists():
        shutil.rmtree(folder, ignore_errors=True)
        fill(url, size)
        whole.touch()
    yield url


def fill(url: str, size: int) -> None:
    """Write the rows as publication leaves them: a thousand in a second of the clock, the last of them on a day of its own."""
    catalogue = Catalogue(url)
    migrations.upgrade(catalogue)
    addresses = Addresses(BASE, "99999", "vitrine.example.org")
    templates = {repository: _templates(repository, wanted) for repository, wanted in SIZES.items()}
    with catalogue.write() as session:
        session.add(InstitutionRow(name="bm", label={"fr": "BM"}))
        session.add(DeliveryRow(identifier="d", name="d", path="", digest="0" * 64, kind="table", received_at=BEGUN))
        session.add_all(OaiSetRow(repository=each, spec=spec, label={"fr": spec}) for each in SIZES for spec in SETS)
    for numbers in itertools.batched(range(1, size + 1), 5_000) if hasattr(itertools, "batched") else _batched(size):
        rows: dict[type, list[dict[str, object]]] = {}
        for number in numbers:
            name, moment = f"v1{number:08d}", BEGUN + timedelta(seconds=number // 1000)
            if number > size - min(PAGE, 50):
                moment = BEGUN + timedelta(days=60)  # what the incremental harvest takes
            stamp = int(moment.timestamp())
            for kind, row in _rows(name, number, stamp):
                rows.setdefault(kind, []).append(row)
            header = write_header(addresses.oai_identifier(name), moment, SETS, deleted=False)
            for repository, drawn in templates.items():
                body = drawn[number % len(drawn)].replace(b"{name}", name.encode())
                rows.setdefault(OaiRecordRow, []).append(
                    {"repository": repository, "prefix": "oai_dc", "name": name, "sequence": number, "datestamp": stamp,
                     "deleted": False, "fingerprint": "0" * 64, "header": header, "body": body}
                )  # fmt: skip
                rows.setdefault(OaiRecordSetRow, []).extend(
                    {"repository": repository, "prefix": "oai_dc", "spec": spec, "name": name, "sequence": number, "datestamp": stamp}
                    for spec in SETS
                )  # fmt: skip
        with catalogue.write() as session:
            for kind, held in rows.items():
                session.execute(insert(kind), held)
    with catalogue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze" if catalogue.is_sqlite else "vacuum analyze"))
    catalogue.close()


def _batched(size: int) -> Iterator[range]:
    yield from (range(start, min(start + 5_000, size + 1)) for start in range(1, size + 1, 5_000))


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


def _templates(repository: str, wanted: int) -> list[bytes]:
    """Return metadata of at least so many bytes, each with words of its own."""
    chance = random.Random(f"templates of {repository}")
    opening = (
        '<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier>http://vitrine.test/ark:/99999/{name}</dc:identifier>'
    )
    closing = "</oai_dc:dc></metadata>"
    drawn = []
    for _ in range(64):
        body = opening
        while len(body) + len(closing) < wanted * chance.uniform(0.97, 1.2):
            kind = chance.choice(("title", "subject", "description", "coverage", "relation"))
            body += f'<dc:{kind} xml:lang="fr">{" ".join(chance.choices(_WORDS, k=9))}</dc:{kind}>'
        while len(body) + len(closing) < wanted:
            body += f"<dc:subject>{chance.choice(_WORDS)}</dc:subject>"
        drawn.append((body + closing).encode())
    return drawn


@contextmanager
def serving(url: str, workers: int = 1) -> Iterator[Peer]:
    """Run `vitrine serve` on a catalogue."""
    port, home = free_port(), KEPT / "home"
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
    ours = {
        "HOME_DIR": home, "DATABASE_URL": url, "BASE_URL": BASE, "PORT": port, "WORKERS": workers, "OAI_PAGE_SIZE": PAGE,
        "SECRET_KEY": "k" * 40, "DATA_DIR": home, "MANIFESTS_DIR": home,
    }  # fmt: skip
    log = home / f"serve-{port}.log"
    command: list[str | Path] = [Path(sys.executable).with_name("vitrine"), "serve", "--no-sweep"]
    env = kept | {f"VITRINE_{name}": str(value) for name, value in ours.items()}
    with running(command, log, lambda: b"Ctrl-C ends it." in log.read_bytes(), env=env) as process:
        yield Peer("Vitrine", port, "/oai", {}, (process,), log=log)


async def harvest(port: int, start: str, *, pids: Sequence[int] = (), most: int = 0, path: str = "/oai") -> Harvest:
    """Take a list to its end, or so many pages of it; raise Failed where an answer is not what it must be."""
    times: list[float] = []
    memory: list[int] = []
    records = size = 0
    target = f"{path}?{start}"
    begun = time.perf_counter()
    async with Client(port) as client:
        while target:
            asked = time.perf_counter()
            answer = await client.get(target)
            times.append(time.perf_counter() - asked)
            found = answer.body.count(b"<header")
            if answer.status != 200 or not found:
                raise Failed(f"{target} was answered with {answer.status}: {answer.body[:300]!r}")
            records, size = records + found, size + len(answer.body)
            token = _TOKEN.search(answer.body[-2000:])
            verb = start.partition("&")[0]
            target = f"{path}?{verb}&resumptionToken={token[1].decode()}" if token else ""
            if len(times) % 100 == 20 and pids:
                memory.append(max(proportional_bytes(pid) for pid in pids))
            if most and len(times) >= most:
                break
    seconds = time.perf_counter() - begun
    edge = max(1, min(50, len(times) // 4))
    first, last = sorted(times[1 : edge + 1] or times), sorted(times[-edge - 1 : -1] or times)
    held = (memory[len(memory) // 4], memory[-1]) if len(memory) > 3 else (0, 0)
    return Harvest(records, size, seconds, first[len(first) // 2] * 1e3, last[len(last) // 2] * 1e3, held)


def _read_without_http(url: str, repository: str) -> Harvest:
    """Read and join the same rows in pages of the same size, with nothing around them."""
    catalogue = Catalogue(url)
    records = size = after = 0
    begun = time.perf_counter()
    while True:
        with catalogue.snapshot() as connection:
            rows = list_records(connection, Listed(repository, "oai_dc"), after, 2**62, PAGE)
        if not rows:
            break
        body = b"".join(part for row in rows for part in (b"<record>", row.header, row.body, b"</record>"))
        records, size, after = records + len(rows), size + len(body), rows[-1].sequence
    seconds = time.perf_counter() - begun
    catalogue.close()
    return Harvest(records, size, seconds, 0, 0)


def _measure(url: str, database: str, size: int) -> tuple[str, list[Mark]]:
    rows, marks = [], []
    what = f"{size:,} records on {NAMES[database]}".replace(",", " ")
    with serving(url) as peer:
        workers = [pid for pid in peer.pids() if pid != peer.programs[0].pid]
        start = "verb=ListRecords&metadataPrefix=oai_dc"
        for repository, wanted in SIZES.items():
            limit = _read_without_http(url, repository)
            path, kind = f"/oai/{repository}".rstrip("/"), f"{wanted / 1000:g} kB"
            asyncio.run(harvest(peer.port, start, most=20, path=path))  # warm
            ours = asyncio.run(harvest(peer.port, start, pids=workers, path=path))
            if ours.records != size:
                raise Failed(f"{ours.records} records came where {size} were published")
            rows += [_row(f"Vitrine, {kind}", ours), _row(f"read and joined without HTTP, {kind}", limit)]
            marks += [
                Mark(f"{kind}, {what}: records a second", ours.speed, 20_000, unit="/s"),
                Mark(f"{kind}, {what}: records a second", ours.speed, 60_000, is_floor=False, unit="/s"),
                Mark(f"{kind}, {what}: against reading without HTTP", ours.speed / limit.speed, 0.5, is_floor=False),
                Mark(f"{kind}, {what}: last pages against the first", ours.last / ours.first, 1.2, at_most=True),
            ]
            if ours.memory[0]:
                grown = ours.memory[1] / ours.memory[0]
                marks.append(
                    Mark(f"{kind}, {what}: memory at the end against the first quarter", grown, 1.05, at_most=True)
                )
        day = f"{BEGUN + timedelta(days=60):%Y-%m-%d}"
        late = asyncio.run(harvest(peer.port, f"verb=ListRecords&metadataPrefix=oai_dc&from={day}"))
        rows.append(_row("Vitrine, 1.5 kB, the last day", late))
        headers = asyncio.run(harvest(peer.port, "verb=ListIdentifiers&metadataPrefix=oai_dc"))
        rows.append(_row("Vitrine, ListIdentifiers", headers))
    with batching_server(url, PAGE) as other:
        most = 0 if size <= 20_000 else 400
        theirs = asyncio.run(harvest(other, "verb=ListRecords&metadataPrefix=oai_dc", most=most, path="/"))
    note = f", its first {most} pages" if most else ""
    rows.append(_row(f"BatchingServer of oaipmh, 1.5 kB{note}", theirs))
    best = next(mark.value for mark in marks)
    marks.append(Mark(f"1.5 kB, {what}: against BatchingServer{note}", best / theirs.speed, 30))
    head = ("", "records/s", "MB/s", "first pages, ms", "last pages, ms", "memory of the worker, MB")
    return f"### {what}\n\n{table(head, rows)}", marks


def _row(name: str, taken: Harvest) -> tuple[str, ...]:
    pages = (f"{value:.2f}" if value else "–" for value in (taken.first, taken.last))
    memory = f"{taken.memory[1] / 1e6:.0f}" if taken.memory[1] else "–"
    return name, f"{taken.speed:,.0f}".replace(",", " "), f"{taken.size / taken.seconds / 1e6:.0f}", *pages, memory


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"not measured: {failure}")
