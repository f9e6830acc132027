"""Searching 100 000 and a million pages, on SQLite and on PostgreSQL: median and 95th percentile of whole answers.

    python -m benchmarks.search [--quick] [--pages 100000] [--million 1000000] [--asked 25] [--drawn 0] [--only sqlite]
        [--fill] [--write]

The corpus (`corpus.py`) is written by the code that publishes. What was filled is kept in `build/bench/search` and, for
PostgreSQL, in `vitrine-search-…` of the folder for temporary files (a million pages: 11 GB and 13 GB), and is measured
again the next time; `--fill` only fills, which needs no calm machine. An answer is measured from the request as the ASGI server
hands it over to the last byte; the questions of every kind differ from each other and are asked in turn. Exit status 1
where a floor is missed.
"""

import argparse
import itertools
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import text

from benchmarks.corpus import BASE, Vocabulary, document_name, fill, institution, make_vocabulary, multiply
from benchmarks.report import Mark, finish, options, table
from server.catalogue.session import Catalogue
from server.iiif.search import SearchService
from server.settings import load_settings
from tests.support.asking import ask_now
from tests.support.postgres import postgres_server

DATABASES = ("sqlite", "postgresql")
ROUNDS = 4
FLOORS = ((100_000, 20.0, 100.0), (1_000_000, 50.0, 250.0))
"""Pages, and the most milliseconds of the median and of the 95th percentile."""

KINDS = ("a rare word", "the commonest word", "a phrase of two common words", "a prefix", "no hit")
SETTINGS = {
    "fsync": "off", "synchronous_commit": "off", "shared_buffers": "2GB", "maintenance_work_mem": "1GB", "max_wal_size": "8GB",
    "listen_addresses": "",
}  # fmt: skip
"""Of the PostgreSQL that is measured: memory as on a machine of its own, no waiting for the disk while it is filled."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of one kind of question in one scope: of the clock, and of this process on a core."""

    scope: str
    kind: str
    times: tuple[float, ...]
    busy: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of the answers took no longer."""
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        """Of twenty answers nineteen took no longer."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * 0.95))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, ask, tell; return the exit status."""
    parser: argparse.ArgumentParser = options("Search", pages=100_000, million=1_000_000, asked=25, drawn=0)
    parser.add_argument("--only", choices=DATABASES, help="measure one database only")
    parser.add_argument("--fill", action="store_true", help="fill the databases and keep them; measure nothing")
    chosen = parser.parse_args(arguments)
    sizes = (2_000,) if chosen.quick else tuple(size for size in (chosen.pages, chosen.million) if size)
    vocabulary = make_vocabulary()
    parts, marks = [], []
    for size in sizes:
        for database in (chosen.only,) if chosen.only else DATABASES:
            with _filled(database, size, min(size, chosen.drawn or size), vocabulary) as (catalogue, filled):
                if chosen.fill:
                    print(f"{size} pages on {NAMES[database]}: {filled}", flush=True)
                    continue
                measured = _measure(catalogue, _questions(vocabulary, chosen.asked), size)
            title = f"### {size:,} pages on {NAMES[database]}".replace(",", " ")
            parts.append(f"{title}\n\n{_table(measured)}\n\n{filled}")
            marks += _marks(database, size, measured)
            print(parts[-1], flush=True)
    if chosen.fill:
        return 0
    load = "On average {:.1f}, {:.1f} and {:.1f} processes wanted a core in the last 1, 5 and 15 minutes."
    parts.append(load.format(*os.getloadavg()))
    return finish("search", "\n\n".join(parts), marks, write=chosen.write)


KEPT = Path(__file__).parents[1] / "build" / "bench" / "search"
TOLD = "filled"
LIFETIME = 6 * 3600
"""Seconds that filling a million pages may take on a machine that does much else."""

HURRY, AS_USUAL = (
    f"insert into search_index (search_index, rank) values ('hashsize', {size})" for size in (1 << 26, 1 << 20)
)
"""FTS5 writes what it holds in memory each 64 MB while it is filled, and each 1 MB afterwards, its usual size."""

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@contextmanager
def _filled(database: str, size: int, drawn: int, vocabulary: Vocabulary) -> Iterator[tuple[Catalogue, str]]:
    """Give a catalogue with so many pages, and how it was filled."""
    name = f"{size}-{drawn}"
    if database == "sqlite":
        folder = KEPT / name
        if not (folder / TOLD).exists():
            shutil.rmtree(folder, ignore_errors=True)
        with _told(folder, f"sqlite:///{folder / 'catalogue.sqlite'}", size, drawn, vocabulary) as filled:
            yield filled
    else:
        # not with SQLite's: the path of a socket is short, and the wheel opens every folder above its data
        folder = Path(tempfile.gettempdir(), f"vitrine-search-{name}")
        if not (folder / TOLD).exists():
            shutil.rmtree(folder, ignore_errors=True)
        with postgres_server(SETTINGS, kept=folder, lifetime=LIFETIME) as server:
            if not (folder / TOLD).exists():
                server.execute("CREATE DATABASE {}", "filled")
            with _told(folder, server.url("filled"), size, drawn, vocabulary) as filled:
                yield filled


@contextmanager
def _told(folder: Path, url: str, size: int, drawn: int, vocabulary: Vocabulary) -> Iterator[tuple[Catalogue, str]]:
    """Open a catalogue, filled now or before: what is whole is told by a file that is written last."""
    catalogue = Catalogue(url)
    try:
        if not (folder / TOLD).exists():
            (folder / TOLD).write_text(_fill(catalogue, size, drawn, vocabulary))
        yield catalogue, (folder / TOLD).read_text()
    finally:
        catalogue.close()


def _fill(catalogue: Catalogue, size: int, drawn: int, vocabulary: Vocabulary) -> str:
    begun = time.monotonic()
    filling = itertools.chain(fill(catalogue, drawn, vocabulary), multiply(catalogue, drawn, size))
    next(filling)
    _execute(catalogue, HURRY if catalogue.is_sqlite else "drop index ix_search_index_terms")
    for done in filling:
        if done % 10_000 == 0:
            print(f"  {done} pages after {time.monotonic() - begun:.0f} s", flush=True)
    if catalogue.is_sqlite:
        _execute(catalogue, AS_USUAL)
    else:
        _execute(
            catalogue, "create index ix_search_index_terms on search_index using gin (terms) with (fastupdate = off)"
        )
        for name in ("search_index", "search_view", "search_term", "search_document"):
            _execute(catalogue, f"vacuum analyze {name}")
        _execute(catalogue, "checkpoint")
    taken = time.monotonic() - begun
    how = "all drawn" if drawn == size else f"{drawn} drawn, the others copies of them"
    return f"Filled in {taken:.0f} s, {how}; the database has {_bytes(catalogue) / 1e9:.1f} GB."


def _execute(catalogue: Catalogue, statement: str) -> None:
    with catalogue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))


def _bytes(catalogue: Catalogue) -> int:
    if catalogue.is_sqlite:
        return Path(str(catalogue.url.database)).stat().st_size
    with catalogue.snapshot() as connection:
        return int(connection.execute(text("select pg_database_size(current_database())")).scalar_one())


def _questions(vocabulary: Vocabulary, count: int) -> Mapping[str, list[str]]:
    """Return so many different questions of each kind."""
    words = list(vocabulary.folded)
    common = words[:25]
    prefixes = dict.fromkeys(word[: 3 + number % 3] for number, word in enumerate(words[200 : 200 + 7 * count : 7]))
    return {
        KINDS[0]: words[60_000 : 60_000 + 6_000 * count : 6_000][:count],
        KINDS[1]: common[:1] * count,
        KINDS[2]: [f'"{one} {other}"' for one in common for other in common if one != other][: count * 20 : 20],
        KINDS[3]: [f"{prefix}*" for prefix in prefixes][:count],
        KINDS[4]: [f"zzyx{number}" for number in range(count)],
    }


def _measure(catalogue: Catalogue, questions: Mapping[str, list[str]], size: int) -> list[Measured]:
    settings = load_settings(
        base_url=BASE, database_url=catalogue.url.render_as_string(hide_password=False), secret_key="k" * 32
    )
    service = SearchService(settings, catalogue)
    scopes = {
        "everything": "collection/top",
        "a tenth, a collection": f"collection/{institution(3)}",
        "one document": document_name(min(2, size // 500 - 1)),
    }
    times: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for round_ in range(ROUNDS + 1):
        for number in range(max(map(len, questions.values()))):
            for kind, asked in questions.items():
                for scope, path in scopes.items():
                    if number < len(asked):
                        taken = _ask(service, f"/iiif/search/1/{path}?{urlencode({'q': asked[number]})}", kind)
                        if round_:  # the first round opens connections and reads what is always needed
                            times.setdefault((scope, kind), []).append(taken)
    service.close()
    return [
        Measured(scope, kind, tuple(clock for clock, _ in each), tuple(busy for _, busy in each))
        for (scope, kind), each in sorted(times.items(), key=_order)
    ]


def _order(entry: tuple[tuple[str, str], object]) -> tuple[bool, bool, str, int]:
    (scope, kind), _ = entry
    return scope != "everything", scope == "one document", scope, KINDS.index(kind)


def _ask(service: SearchService, path: str, kind: str) -> tuple[float, float]:
    begun, busy = time.perf_counter(), time.process_time()
    answer = ask_now(service, path)
    taken = (time.perf_counter() - begun) * 1000, (time.process_time() - busy) * 1000
    if answer.status != 200 or (b'"hits":[]' in answer.body) != (kind == KINDS[4]):
        is_expected = answer.status == 200 and (kind in {KINDS[0], KINDS[3]} or b"top" not in path.encode())
        if not is_expected:
            raise SystemExit(f"{path} was answered with {answer.status}: {answer.text[:200]}")
    return taken


def _table(measured: Sequence[Measured]) -> str:
    head = ("searched", "question", "median ms", "p95 ms", "slowest ms", "median ms of our own work")
    rows = [
        (
            each.scope,
            each.kind,
            *(f"{value:.1f}" for value in (each.median, each.p95, max(each.times), statistics.median(each.busy))),
        )
        for each in measured
    ]
    return table(head, rows)


def _marks(database: str, size: int, measured: Sequence[Measured]) -> list[Mark]:
    marks = []
    median, p95 = next(((median, p95) for pages, median, p95 in FLOORS if size <= pages), FLOORS[-1][1:])
    for each in measured:
        if each.scope == "everything":
            what = f"{size} pages on {NAMES[database]}, {each.kind}"
            marks.append(Mark(f"{what}: median", each.median, median, at_most=True, unit="ms"))
            marks.append(Mark(f"{what}: p95", each.p95, p95, at_most=True, unit="ms"))
    return marks


if __name__ == "__main__":
    sys.exit(main())
