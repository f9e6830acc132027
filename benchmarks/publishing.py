"""Publishing a document of 1 000 views with full text: seconds, seconds under the publication lock, memory.

    python -m benchmarks.publishing [--quick] [--views 1000] [--words 1000] [--rounds 3] [--only sqlite] [--write]

Each publication is done as `vitrine publish` does it, in a process of its own, on SQLite and on PostgreSQL: of a new
document, of one of which a word of the description changed, of one where the text of one view changed, and of one where
nothing did. The limit is printed beside: packing the same bytes, and nothing else. Processor time of both is compared:
that of the clock depends on who else works on the machine. Exit status 1 where a floor is missed.
"""

import argparse
import gzip
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sqlalchemy import select, update

from benchmarks.corpus import BASE, Vocabulary, make_vocabulary
from benchmarks.report import Mark, finish, options, table
from benchmarks.search import DATABASES, NAMES, SETTINGS
from server.catalogue.models import DeliveryRow, ItemRow, ViewRow, ViewTextRow
from server.catalogue.publication_models import DocumentRow, PayloadRow
from server.catalogue.session import Catalogue
from server.catalogue.values import DESCRIPTION, NOTES, STRUCTURE, pack_text, unpack_text
from server.model.description import Text
from server.model.item import Item
from server.model.text import Block, Box, Line, PageText, Word
from server.publish.packing import pack
from server.publish.run import publish_item
from server.settings import Settings, load_settings
from server.storage import open_storage
from server.workshop import Workshop
from tests.support.postgres import postgres_server
from tests.support.publications import Shelf, make_newspaper, renamed

WORDS_OF_A_LINE, LINES_OF_A_COLUMN = 8, 60
SIZE = (3600, 5000)
NEW, DESCRIBED, CORRECTED, SAME = "a new document", "a word of its description", "the text of one view", "nothing"
STATES = {NEW: "published", DESCRIBED: "updated", CORRECTED: "updated", SAME: "unchanged"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What one publication took: seconds, seconds under the lock, of the processors; the process's most memory in MB."""

    whole: float
    locked: float
    busy: float
    memory: float


class TimedCatalogue(Catalogue):
    """A catalogue that tells how long its publication lock was held."""

    held = 0.0

    @contextmanager
    def publication_lock(self) -> Iterator[None]:
        """Hold the lock and look at the clock."""
        with super().publication_lock():
            begun = time.perf_counter()
            yield
            self.held += time.perf_counter() - begun


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, publish, tell; return the exit status."""
    parser: argparse.ArgumentParser = options("Publishing", views=1000, words=1000, rounds=3)
    parser.add_argument("--only", choices=DATABASES, help="measure one database only")
    chosen = parser.parse_args(arguments)
    if chosen.quick:
        chosen.views, chosen.words, chosen.rounds = 20, 50, 1
    vocabulary = make_vocabulary()
    parts: list[str] = []
    marks: list[Mark] = []
    for database in (chosen.only,) if chosen.only else DATABASES:
        with _house(database) as settings:
            measured = _measure(settings, chosen.views, chosen.words, chosen.rounds, vocabulary)
            limit, told = _limit(settings, _name(0))
        title = f"### {chosen.views:,} views of {chosen.words:,} words on {NAMES[database]}".replace(",", " ")
        parts.append(f"{title}\n\n{_table(measured)}\n\n{told}")
        marks += _marks(database, measured, limit)
        print(parts[-1], flush=True)
    load = "On average {:.1f}, {:.1f} and {:.1f} processes wanted a core in the last 1, 5 and 15 minutes."
    parts.append(load.format(*os.getloadavg()))
    return finish("publishing", "\n\n".join(parts), marks, write=chosen.write)


@contextmanager
def _house(database: str) -> Iterator[Settings]:
    """Give the settings of an empty catalogue."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if database == "sqlite":
            url = f"sqlite:///{home / 'catalogue.sqlite'}"
            yield _prepared(url, home)
        else:
            with postgres_server(SETTINGS) as server, server.database() as url:
                yield _prepared(url, home)


def _prepared(url: str, home: Path) -> Settings:
    catalogue = Catalogue(url)
    Shelf(catalogue).prepare(BASE)
    catalogue.close()
    return load_settings(base_url=BASE, database_url=url, secret_key="k" * 32, home_dir=home)


def _measure(settings: Settings, views: int, words: int, rounds: int, vocabulary: Vocabulary) -> dict[str, list[Taken]]:
    measured: dict[str, list[Taken]] = {}
    rng = np.random.default_rng(1848)
    for number in range(rounds):
        catalogue = Catalogue(settings.database)
        _hold(
            catalogue, renamed(make_newspaper(pages=views), _name(number), f"Journal {number}"), words, vocabulary, rng
        )
        catalogue.close()
        for what in STATES:
            _change(settings, _name(number), what, number)
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
                taken = alone.submit(_publish, settings, _name(number), what).result()
            print(f"  {what}: {taken}", flush=True)
            measured.setdefault(what, []).append(taken)
    return measured


def _name(number: int) -> str:
    return f"v1pub{number}"


def _hold(catalogue: Catalogue, item: Item, words: int, vocabulary: Vocabulary, rng: np.random.Generator) -> None:
    """Leave what an ingest leaves of an accepted delivery."""
    with catalogue.write() as session:
        Shelf(catalogue)._hold(session, item)  # noqa: SLF001  # as the tests do
        session.execute(update(DeliveryRow).values(state="accepted"))
        row = session.get_one(ItemRow, item.name)
        row.description = DESCRIPTION.dump_python(item.description, mode="json")
        row.structure = STRUCTURE.dump_python(item.structure, mode="json")
        for view in item.views:
            session.add(
                ViewRow(
                    item=item.name, number=view.number, kind=view.notes.kind, public=view.notes.public,
                    label=view.notes.label, notes=NOTES.dump_python(view.notes, mode="json"), width=view.width,
                    height=view.height, master_digest=f"{view.number:064}", recipe="1", tile_size=512,
                    pyramid_key=f"p/{view.image}", index_key=f"i/{view.image}", withdrawn_reason=None,
                )
            )  # fmt: skip
        session.flush()
        for view in item.public_views:
            text = _page(words, vocabulary, rng)
            session.add(
                ViewTextRow(
                    item=item.name,
                    number=view.number,
                    language=text.language,
                    plain=text.plain(),
                    layout=pack_text(text),
                )
            )


def _page(words: int, vocabulary: Vocabulary, rng: np.random.Generator) -> PageText:
    """Return a page in columns, each word where chance moved it a little, as on paper."""
    places: list[int] = np.searchsorted(vocabulary.sums, rng.random(words)).tolist()
    shifts: list[int] = rng.integers(0, 12, words * 4).tolist()
    columns = max(1, -(-words // (WORDS_OF_A_LINE * LINES_OF_A_COLUMN)))
    wide = SIZE[0] // columns
    step = wide // (WORDS_OF_A_LINE + 1)
    lines: dict[int, list[Line]] = {}
    for start in range(0, words, WORDS_OF_A_LINE):
        column, line = divmod(start // WORDS_OF_A_LINE, LINES_OF_A_COLUMN)
        top = 100 + 80 * line
        printed = []
        for number, place in enumerate(places[start : start + WORDS_OF_A_LINE]):
            left, down, across, high = shifts[4 * (start + number) : 4 * (start + number) + 4]
            box = Box(column * wide + 40 + number * step + left, top + down, step - 30 + across, 48 + high)
            printed.append(Word(vocabulary.words[place], box, 0.5 + left / 25))
        lines.setdefault(column, []).append(Line(tuple(printed), Box(column * wide + 40, top, wide - 60, 70)))
    blocks = tuple(
        Block(f"block_{column}", tuple(held), Box(column * wide + 40, 100, wide - 60, 80 * LINES_OF_A_COLUMN))
        for column, held in lines.items()
    )
    return PageText(*SIZE, blocks, "fr")


def _change(settings: Settings, name: str, what: str, number: int) -> None:
    catalogue = Catalogue(settings.database)
    with catalogue.write() as session:
        if what == DESCRIBED:
            row = session.get_one(ItemRow, name)
            described = DESCRIPTION.validate_python(row.description)
            described = replace(described, abstracts=(Text(f"Numéro {number}, décrit autrement.", "fr"),))
            row.description = DESCRIPTION.dump_python(described, mode="json")
        elif what == CORRECTED:
            view = session.get_one(ViewTextRow, (name, 2))
            text = unpack_text(view.layout)
            first = text.blocks[0]
            line = first.lines[0]
            line = replace(line, words=(replace(line.words[0], content="corrigé"), *line.words[1:]))
            text = replace(text, blocks=(replace(first, lines=(line, *first.lines[1:])), *text.blocks[1:]))
            view.layout, view.plain = pack_text(text), text.plain()
    catalogue.close()


def _publish(settings: Settings, name: str, what: str) -> Taken:
    """Publish a document in this process, which does nothing else."""
    catalogue = TimedCatalogue(settings.database)
    workshop = Workshop(settings, catalogue, open_storage(settings), catalogue.clock)
    with catalogue.read() as session:
        session.scalar(select(ItemRow.name))  # a process that publishes has connected before
    begun, busy = time.perf_counter(), _busy()
    outcome = publish_item(workshop, name)
    taken, worked = time.perf_counter() - begun, _busy() - busy
    if outcome.state != STATES[what]:
        raise SystemExit(f"{name} was {outcome.state}: {outcome.problem}")
    catalogue.close()
    own, others = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Taken(taken, catalogue.held, worked, max(own, others))


def _busy() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def _limit(settings: Settings, name: str) -> tuple[float, str]:
    """Return the processor seconds of packing alone what was published, on all cores, with what is in it."""
    catalogue = Catalogue(settings.database)
    with catalogue.snapshot() as connection:
        rows = connection.execute(
            select(DocumentRow.kind, PayloadRow.gzip, PayloadRow.plain, PayloadRow.brotli)
            .join(DocumentRow, DocumentRow.payload == PayloadRow.digest)
            .where(DocumentRow.name == name)
        ).all()
    catalogue.close()
    bodies = {row.kind: gzip.decompress(row.gzip) for row in rows}
    begun, busy = time.perf_counter(), time.process_time()
    pack(bodies)
    taken, worked = time.perf_counter() - begun, time.process_time() - busy
    whole = sum(map(len, bodies.values())) / 1e6
    kept = sum(len(row.plain) + len(row.gzip) + len(row.brotli) for row in rows) / 1e6
    return worked, (
        f"{len(rows)} documents of {whole:.0f} MB, kept as {kept:.0f} MB; packing these alone takes {worked:.2f} s of "
        f"processors, here {taken:.2f} s by the clock."
    )


def _table(measured: dict[str, list[Taken]]) -> str:
    rows = [
        (
            what,
            f"{_median(taken, 'whole'):.2f}",
            f"{_median(taken, 'locked'):.2f}",
            f"{_median(taken, 'busy'):.2f}",
            f"{_median(taken, 'memory'):.0f}",
        )
        for what, taken in measured.items()
    ]
    return table(("published anew", "s", "s under the lock", "s of processors", "MB of memory"), rows)


def _median(taken: list[Taken], key: str) -> float:
    return float(statistics.median(getattr(one, key) for one in taken))


def _marks(database: str, measured: dict[str, list[Taken]], limit: float) -> list[Mark]:
    new = measured[NEW]
    on = f"on {NAMES[database]}"
    return [
        Mark(f"a new document {on}", _median(new, "whole"), 3.0, is_floor=False, at_most=True, unit="s"),
        Mark(
            f"processor time of it against packing alone {on}",
            _median(new, "busy") / limit,
            5.0,
            is_floor=False,
            at_most=True,
        ),
        Mark(f"under the lock {on}", _median(new, "locked"), 1.0, is_floor=False, at_most=True, unit="s"),
        Mark(f"memory {on}", _median(new, "memory"), 1000, at_most=True, unit="MB"),
    ]


if __name__ == "__main__":
    sys.exit(main())
