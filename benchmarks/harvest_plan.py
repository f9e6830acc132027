"""What a page of a list costs, by how long the list is and where the page stands: not in time, but in what is read for it.

    python -m benchmarks.harvest_plan [--quick] [--largest 200000] [--page 500] [--only sqlite] [--write]

Lists of small records are filled, each four times as long as the one before, and the query of `ListRecords` is asked for the
first page, one in the middle and the last. PostgreSQL counts the blocks and rows of it (`EXPLAIN (ANALYZE, BUFFERS)`);
SQLite tells its plan, the steps of its machine are counted as it takes them, and `dbstat` tells how deep the trees are. What
is left to grow with a list is the depth of the index, and of that it is known how it grows: told for fifty million. Nothing
here is a matter of time, so it does not matter who else works on the machine. Exit status 1 where a floor is missed.
"""

import argparse
import math
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.records import BEGUN, insert_rows
from benchmarks.report import Mark, finish, options, table
from benchmarks.search import DATABASES, NAMES
from server.catalogue import migrations
from server.catalogue.publication_models import OaiRecordRow
from server.catalogue.records import Listed, select_page
from server.catalogue.session import Catalogue
from server.oai.formats.header import write_header
from tests.support.postgres import postgres_server

FORETOLD = 50_000_000
BODY = 300
"""Bytes of a record: a page of many stays small, and the trees are as deep as for large ones."""

LISTED = Listed("", "oai_dc")
INDEX, TABLE = "ix_oai_record_list", "oai_record"
_BATCH = 10_000
_WALKS = {"Index Scan", "Index Only Scan", "Limit", "WindowAgg", "Subquery Scan"}
"""What PostgreSQL may do for a page: anything else reads, or sorts, more than the page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: `read` are blocks or steps, `levels` the height of the index, `is_walk` that nothing else is read."""

    size: int
    place: str
    plan: str
    rows: int
    read: int
    levels: int
    per_leaf: float
    is_walk: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, ask, tell; return the exit status."""
    parser: argparse.ArgumentParser = options("Harvest plan", largest=200_000, page=500)
    parser.add_argument("--only", choices=DATABASES, help="look at one database only")
    chosen = parser.parse_args(arguments)
    largest = 20_000 if chosen.quick else chosen.largest
    sizes = [largest // 16, largest // 4, largest]
    parts, marks = [], []
    for database in (chosen.only,) if chosen.only else DATABASES:
        pages = list(_look(database, sizes, chosen.page))
        unit = "blocks" if database == "postgresql" else "steps"
        parts.append(f"### {NAMES[database]}\n\n{_table(pages, unit)}\n\n{_foretold(pages)}")
        print(parts[-1], flush=True)
        first, last = pages[0], pages[-1]
        marks.append(
            Mark(
                f"{NAMES[database]}: last page of {largest} over first of {sizes[0]}",
                last.read / first.read,
                1.2,
                at_most=True,
            )
        )
        reads_more = sum(not page.is_walk for page in pages)
        marks.append(
            Mark(f"{NAMES[database]}: pages that sort or read anything else", reads_more, 0, at_most=True, unit="")
        )
        beyond = max(page.rows for page in pages) - chosen.page - 1
        marks.append(Mark(f"{NAMES[database]}: rows read beyond the page and one", beyond, 0, at_most=True, unit=""))
    return finish("harvest_plan", "\n\n".join(parts), marks, write=chosen.write)


def _look(database: str, sizes: Sequence[int], page: int) -> Iterator[Page]:
    with _opened(database) as catalogue:
        filled = 0
        for size in sizes:
            _fill(catalogue, filled, size)
            filled = size
            with catalogue.engine.connect() as connection:
                for place, after in (("first", 0), ("middle", size // 2), ("last", size - page)):
                    ask = _ask_sqlite if catalogue.is_sqlite else _ask_postgres
                    yield ask(connection, size, place, after, page)


@contextmanager
def _opened(database: str) -> Iterator[Catalogue]:
    """Give an empty catalogue."""
    with tempfile.TemporaryDirectory() as folder:
        if database == "sqlite":
            catalogue = Catalogue(f"sqlite:///{Path(folder) / 'catalogue.sqlite'}")
            migrations.upgrade(catalogue)
            yield catalogue
            catalogue.close()
        else:
            with postgres_server({"fsync": "off", "shared_buffers": "512MB"}) as server, server.database() as url:
                catalogue = Catalogue(url)
                migrations.upgrade(catalogue)
                yield catalogue
                catalogue.close()


def _fill(catalogue: Catalogue, held: int, size: int) -> None:
    """Add records as publication leaves them, up to so many."""
    stamp = int(BEGUN.timestamp())
    for start in range(held + 1, size + 1, _BATCH):
        rows = [
            {
                "repository": LISTED.repository, "prefix": LISTED.prefix, "name": f"v1{number:08d}", "sequence": number,
                "datestamp": stamp + number // 1000, "deleted": False, "fingerprint": "0" * 64,
                "header": write_header(f"oai:vitrine.example.org:v1{number:08d}", BEGUN), "body": b"x" * BODY,
            }
            for number in range(start, min(start + _BATCH, size + 1))
        ]  # fmt: skip
        with catalogue.write() as session:
            insert_rows(session, OaiRecordRow, rows)
    with catalogue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze" if catalogue.is_sqlite else "vacuum analyze"))


def _query(connection: Connection, after: int, page: int) -> str:
    query = select_page(connection.dialect, LISTED, after, 2**62, page + 1, bodies=True)
    return str(query.compile(connection.engine, compile_kwargs={"literal_binds": True}))


def _ask_postgres(connection: Connection, size: int, place: str, after: int, page: int) -> Page:
    query = _query(connection, after, page)
    connection.exec_driver_sql(query).all()  # what was never read is read and marked once
    [told] = connection.exec_driver_sql(f"explain (analyze, buffers, format json) {query}").scalar_one()
    nodes = list(_nodes(told["Plan"]))
    scans = [node for node in nodes if node["Node Type"].endswith("Scan") and node.get("Relation Name") == TABLE]
    blocks = told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"]
    leaves, entries = connection.execute(
        text("select relpages, reltuples from pg_class where relname = :name"), {"name": INDEX}
    ).one()
    per_leaf = entries / max(1, leaves)
    is_walk = {node["Node Type"] for node in nodes} <= _WALKS and [node.get("Index Name") for node in scans] == [INDEX]
    plan = ", ".join(dict.fromkeys(node["Node Type"] for node in reversed(nodes)))
    rows = sum(int(node["Actual Rows"]) for node in scans)
    return Page(size, place, plan, rows, blocks, _levels(size, per_leaf), per_leaf, is_walk)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _ask_sqlite(connection: Connection, size: int, place: str, after: int, page: int) -> Page:
    query = _query(connection, after, page)
    plan = "; ".join(row[-1] for row in connection.exec_driver_sql(f"explain query plan {query}"))
    driver = connection.connection.driver_connection
    assert driver is not None
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    driver.set_progress_handler(count, 1)
    try:
        rows = len(driver.execute(query).fetchall())
    finally:
        driver.set_progress_handler(None, 1)
    told = connection.execute(
        text(
            "select max(length(path) - length(replace(path, '/', ''))), "
            "sum(case when pagetype = 'leaf' then ncell end) * 1.0 / sum(pagetype = 'leaf') from dbstat where name = :name"
        ),
        {"name": INDEX},
    ).one()
    is_walk = plan.startswith("SEARCH oai_record USING INDEX ix_oai_record_list (") and ";" not in plan
    # the root has the path `/`, its children `/000/`
    return Page(size, place, plan.partition(" (")[0], rows, steps, told[0], told[1], is_walk)


def _levels(entries: int, per_leaf: float) -> int:
    """Return the height of a tree of so many entries, whose inner pages hold as many as its leaves."""
    return 1 + max(0, math.ceil(math.log(max(1.0, entries / per_leaf), per_leaf)))


def _table(pages: Sequence[Page], unit: str) -> str:
    head = ("records in the list", "page", "plan", "rows read", unit, "levels of the index")
    return table(
        head,
        [(f"{p.size:,}".replace(",", " "), p.place, p.plan, str(p.rows), str(p.read), str(p.levels)) for p in pages],
    )


def _foretold(pages: Sequence[Page]) -> str:
    """Say how deep the index is with fifty million records in as many formats as `/oai` has."""
    per_leaf = pages[-1].per_leaf
    entries = FORETOLD * 5
    return (
        f"A leaf of the index has {per_leaf:.0f} entries: {FORETOLD // 10**6} million documents in five formats make an index of "
        f"{_levels(entries, per_leaf)} levels, where {pages[-1].size} records make {pages[-1].levels}."
    )


if __name__ == "__main__":
    raise SystemExit(main())
