"""Harvesting whole repositories by HTTP: 100 000 and a million records, on SQLite and PostgreSQL, in two formats.

    python -m benchmarks.harvest [--quick] [--records 100000] [--million 1000000] [--only sqlite] [--fill] [--write]

`vitrine serve` with one worker is asked for page after page over one connection, as a harvester does: oai_dc of 1.5 kB and
more, EDM of 4 kB and more, plain and gzipped. In the same run: the same rows read and joined without HTTP, and two peers
over the same database, BatchingServer of the oaipmh toolkit and oai-repo in Flask, with as many records on a page (their
offsets make them slower page by page, so where there are many they are asked for the first pages only). Exit status 1 where a floor is missed.

`--fill` only fills what is measured; that is kept, and measured next time.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.harvester import Harvest, come_back, harvest
from benchmarks.load import Failed
from benchmarks.peers.batching import batching_server
from benchmarks.peers.oai_repo import oai_repo_server
from benchmarks.peers.peer import Peer, proportional_bytes
from benchmarks.records import AT_LAST, BASE, KEPT, KINDS, LAST_DAY, Kind, filled
from benchmarks.report import Mark, finish, options, table
from server.catalogue.records import Listed, list_records
from server.catalogue.session import Catalogue
from server.settings import load_settings
from tests.support.processes import free_port, running

DATABASES = ("sqlite", "postgresql")
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PEER_PAGES = 100
"""Pages that peers are asked for where the list is long."""

BATCH = 10
"""Records on a page of BatchingServer where it is not told otherwise."""

AS_IT_COMES = f"BatchingServer of oaipmh, batches of {BATCH} as it comes"

RETURNS = 15
"""Harvests of the last day, of which the median counts: one of them is a single page of a few milliseconds."""

HEAD = ("", "records/s", "MB/s", "very first page, ms", "first pages, ms", "last pages, ms", "memory of the worker, MB")


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, harvest, tell; return the exit status."""
    parser = options("Harvesting", records=100_000, million=1_000_000)
    parser.add_argument("--only", choices=DATABASES, help="measure one database only")
    parser.add_argument("--fill", action="store_true", help="fill what is measured, and measure nothing")
    chosen = parser.parse_args(arguments)
    sizes = (3_000,) if chosen.quick else tuple(size for size in (chosen.records, chosen.million) if size)
    parts, marks, status = [], [], 0
    for size in sizes:
        for database in (chosen.only,) if chosen.only else DATABASES:
            with filled(database, size) as url:
                if chosen.fill:
                    continue
                told, reached = _measure(url, database, size)
            load = " and ".join(f"{value:.1f}" for value in os.getloadavg()[:2])
            note = f"On average {load} processes wanted a core in the last 1 and 5 minutes, our own two or three among them."
            parts.append(f"{told}\n\n{note}")
            marks += reached
            # after each of them: they take minutes, and a run that is broken off leaves what it measured
            status = finish("harvest", "\n\n".join(parts), marks, write=chosen.write)
    return status


@contextmanager
def serving(url: str) -> Iterator[Peer]:
    """Run `vitrine serve` with one worker on a catalogue."""
    port, home = free_port(), KEPT / "home"
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
    ours = {
        "HOME_DIR": home, "DATABASE_URL": url, "BASE_URL": BASE, "PORT": port, "WORKERS": 1, "SECRET_KEY": "k" * 40,
        "DATA_DIR": home, "MANIFESTS_DIR": home,
    }  # fmt: skip
    log = home / f"serve-{port}.log"
    command: list[str | Path] = [Path(sys.executable).with_name("vitrine"), "serve", "--no-sweep"]
    env = kept | {f"VITRINE_{name}": str(value) for name, value in ours.items()}
    with running(command, log, lambda: b"Ctrl-C ends it." in log.read_bytes(), env=env) as process:
        yield Peer("Vitrine", port, "/oai", {}, (process,), log=log)


def _read_without_http(url: str, kind: Kind) -> Harvest:
    """Read and join the same rows in pages as large as those that are served, with nothing around them."""
    settings = load_settings(database_url=url)
    listed = Listed(kind.repository, kind.prefix)
    catalogue = Catalogue(url)
    records = size = after = 0
    begun = time.perf_counter()
    while True:
        with catalogue.snapshot() as connection:
            rows = list_records(connection, listed, after, 2**62, settings.oai_page_size, size=settings.oai_page_bytes)
        if not rows:
            break
        body = b"".join([part for row in rows for part in (b"<record>", row.header, row.body, b"</record>")])
        records, size, after = records + len(rows), size + len(body), rows[-1].sequence
    seconds = time.perf_counter() - begun
    catalogue.close()
    return Harvest(records, size, seconds)


def _measure(url: str, database: str, size: int) -> tuple[str, list[Mark]]:
    rows, marks = [], []
    what = f"{size:,} records on {NAMES[database]}".replace(",", " ")
    page = load_settings(database_url=url).oai_page_size
    for kind in KINDS:
        shown, listed = f"{kind.prefix}, {kind.size / 1000:g} kB", f"verb=ListRecords&metadataPrefix={kind.prefix}"
        with serving(url) as peer:
            [worker] = [pid for pid in peer.pids() if pid != peer.programs[0].pid][-1:]
            harvest(peer.port, kind.path, listed, most=20)
            ours = harvest(peer.port, kind.path, listed, memory=partial(proportional_bytes, worker))
            packed = harvest(peer.port, kind.path, listed, packed=True, most=PEER_PAGES if size > 100_000 else 0)
            late = come_back(peer.port, kind.path, f"{listed}&from={LAST_DAY:%Y-%m-%d}", RETURNS)
            headers = harvest(peer.port, kind.path, f"verb=ListIdentifiers&metadataPrefix={kind.prefix}")
        limit = _read_without_http(url, kind)  # after the harvest: who comes first reads the file from the disk
        if (ours.records, late.records, headers.records) != (size, AT_LAST, size):
            raise Failed(
                f"{ours.records}, {late.records} and {headers.records} records came where {size} were published"
            )
        rows += [
            _row(f"Vitrine, {shown}", ours),
            _row(f"read and joined without HTTP, {shown}", limit),
            _row(f"Vitrine, {shown}, gzipped", packed),
            _row(f"Vitrine, {shown}, the last day", late),
            _row(f"Vitrine, {kind.prefix}, ListIdentifiers", headers),
        ]
        marks += _marks(f"{shown}, {what}", ours, limit, late)
        if kind is KINDS[0]:
            best = ours
    most = 0 if size <= 100_000 else PEER_PAGES
    peers = (
        ("BatchingServer of oaipmh", batching_server, page, most),
        (AS_IT_COMES, batching_server, BATCH, 0 if database == "sqlite" and not most else 10 * PEER_PAGES),
        ("oai-repo in Flask", oai_repo_server, page, PEER_PAGES),
    )
    for name, server, limited, pages in peers:
        note = f", its first {pages} pages" if pages and size > limited * pages else ""
        with server(url, limited) as port:
            theirs = harvest(port, "/", "verb=ListRecords&metadataPrefix=oai_dc", most=pages)
        rows.append(_row(f"{name}, oai_dc{note}", theirs))
        is_floor = size == 100_000 and name == AS_IT_COMES
        marks.append(Mark(f"oai_dc, {what}: against {name}{note}", best.speed / theirs.speed, 30, is_floor=is_floor))
    return f"### {what}\n\n{table(HEAD, rows)}", marks


def _marks(what: str, ours: Harvest, limit: Harvest, late: Harvest) -> list[Mark]:
    marks = [
        Mark(f"{what}: records a second", ours.speed, 20_000, unit="/s"),
        Mark(f"{what}: records a second", ours.speed, 60_000, is_floor=False, unit="/s"),
        Mark(f"{what}: against reading without HTTP", ours.speed / limit.speed, 0.5, is_floor=False),
        Mark(f"{what}: last pages against the first", ours.last / ours.first, 1.2, at_most=True),
        Mark(f"{what}: the last day against a page", late.seconds * 1e3 / ours.first, 1, at_most=True),
    ]
    if len(ours.memory) > 3:
        grown = ours.memory[-1] / ours.memory[len(ours.memory) // 4]
        marks.append(Mark(f"{what}: memory at the end against the first quarter", grown, 1.05, at_most=True))
    return marks


def _row(name: str, taken: Harvest) -> tuple[str, ...]:
    pages = (f"{value:.2f}" if value else "–" for value in (taken.opening, taken.first, taken.last))
    memory = f"{taken.memory[-1] / 1e6:.0f}" if taken.memory else "–"
    return name, f"{taken.speed:,.0f}".replace(",", " "), f"{taken.size / taken.seconds / 1e6:.0f}", *pages, memory


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"not measured: {failure}")
