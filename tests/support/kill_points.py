"""Run the whole path of a delivery and be killed on the way: a program of its own, started by the test of kill -9.

The points are found by instrumentation, not listed by hand: every file opened for writing, every rename, link, removal
and new folder (Python's audit events), and both sides of every commit. A fresh child is killed at
each of them (at every second with `1 2` and `2 2`, and so on), the path is walked again to its end, and catalogue and
storage are compared with those of a run that nobody disturbed. A child is a fork of a process that has walked the path
itself, but for the pixels (libvips has threads, and they do not survive a fork): it need not load what takes long, nor
translate the statements of SQL, which would be nine tenths of its life.

    python -m tests.support.kill_points DATABASE_URL FOLDER [PART PARTS]
"""

import hashlib
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.engine.default import DefaultDialect

from server.catalogue import migrations
from server.catalogue.base import Base
from server.catalogue.deliveries import find_delivery
from server.catalogue.models import DeliveryRow, DeliveryState
from server.catalogue.registers import read_registers
from server.catalogue.session import Catalogue
from server.publish.making import PdfMaker
from server.publish.withdraw import withdraw_item, withdraw_view
from server.settings import Settings, load_settings
from server.storage import open_storage
from server.workshop import Workshop
from tests.support.deliveries import Row, write_registers, write_table
from tests.support.workshops import HeldClock, accept, counted_blades, publish_all, take_in

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"}

_INDEXES = ("search_index", "find_index")
"""What is searched: no tables of models."""


class Points:
    """Counts the points that are passed and kills the process at one of them."""

    def __init__(self, kill_at: int | None) -> None:
        self.passed = 0
        self.kill_at = kill_at
        self.is_on = False

    def hit(self) -> None:
        """Pass a point."""
        if not self.is_on:
            return
        self.passed += 1
        if self.passed == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Count from now on, for the life of the process."""

        def heard(event: str, arguments: tuple[Any, ...]) -> None:
            if event in _CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING):
                self.hit()

        sys.addaudithook(heard)
        commit = DefaultDialect.do_commit

        def watched_commit(dialect: DefaultDialect, connection: Any) -> None:
            self.hit()
            commit(dialect, connection)  # type: ignore[no-untyped-call]  # SQLAlchemy's own
            self.hit()

        DefaultDialect.do_commit = watched_commit  # type: ignore[method-assign]
        self.is_on = True


def settings_for(url: str, folder: Path) -> Settings:
    """Return the settings of every run: one process, so that the points come in one order."""
    return load_settings(database_url=url, home_dir=folder / "home", workers=1, base_url="http://127.0.0.1:8000")


@cache
def open_catalogue(url: str) -> Catalogue:
    """Open a catalogue, once: it knows the statements that were translated. No connection is open while we fork."""
    return Catalogue(url)


def open_tools(settings: Settings) -> Workshop:
    """Open the workshop, with blades that are counted from the first."""
    return Workshop(
        settings, open_catalogue(settings.database), open_storage(settings), HeldClock(), counted_blades(), "tests"
    )


def walk_the_path(settings: Settings, deliveries: Sequence[Path]) -> None:
    """Ingest, accept, publish, make PDFs, withdraw a view and an item: each step may have been done before."""
    workshop = open_tools(settings)
    names = take_in_both(workshop, deliveries)
    publish_all(workshop)
    PdfMaker(workshop).make_all()
    withdraw_view(workshop, names[0], 2, "essai")
    withdraw_item(workshop, names[1], "essai")
    PdfMaker(workshop).make_all()
    workshop.catalogue.close()


def take_in_both(workshop: Workshop, deliveries: Sequence[Path]) -> list[str]:
    """Ingest and accept the deliveries; return the names of the documents that are held.

    The second delivery brings the mended image of a document that failed in the first. Where it was begun, it is what a
    person goes on with: handing in the first again would be to ask for an update of the document by the broken image.
    """
    names: list[str] = []
    with workshop.catalogue.read() as session:
        known = set(session.scalars(select(DeliveryRow.name)))
    begun = max((place for place, delivery in enumerate(deliveries) if delivery.name in known), default=0)
    for delivery in deliveries[begun:]:
        summary = take_in(workshop, delivery)
        with workshop.catalogue.read() as session:
            is_accepted = find_delivery(session, summary.delivery).state == DeliveryState.ACCEPTED
        if not is_accepted:
            accept(workshop, summary.delivery)
        names = [outcome.name for outcome in summary.outcomes if outcome.state != "failed"]
    return names


def take_in_only(settings: Settings, deliveries: Sequence[Path]) -> None:
    """Walk the path as far as there are pixels to be read."""
    workshop = open_tools(settings)
    take_in_both(workshop, deliveries)
    workshop.catalogue.close()


def learn_the_path(settings: Settings, deliveries: Sequence[Path]) -> None:
    """Walk the path in this process, after a child made the images: loaded and translated is then what children need."""
    child(None, partial(take_in_only, settings, deliveries))
    walk_the_path(settings, deliveries)
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        raise SystemExit(f"{threads} threads are running: they would be missing in the children")


def child(kill_at: int | None, walk: Callable[[], None]) -> tuple[bool, int]:
    """Walk in a child process; return whether it was killed, and how many points it passed."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        status = 1
        try:
            points = Points(kill_at)
            points.watch()
            walk()
            points.is_on = False
            os.write(writing, str(points.passed).encode())
            status = 0
        except BaseException:  # noqa: BLE001  # the parent hears only the status: say here what happened
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _, status = os.waitpid(process, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit(f"the walk failed, killed at {kill_at}")
    return os.WIFSIGNALED(status), int(told or 0)


def make_fresh(settings: Settings, folder: Path) -> None:
    """Empty catalogue and home, with the registers read."""
    shutil.rmtree(settings.home_dir, ignore_errors=True)
    catalogue = open_catalogue(settings.database)
    with catalogue.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
        for index in _INDEXES:
            session.execute(text(f"delete from {index}"))
        read_registers(session, folder / "registers" / "data", folder / "registers" / "manifests")
    catalogue.close()


def picture(settings: Settings) -> dict[str, Any]:
    """Return everything that is kept: rows of all tables, digests of all files, what lies in the scratch folder."""
    catalogue = open_catalogue(settings.database)
    rows: dict[str, list[str]] = {}
    with catalogue.snapshot() as connection:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if (table.name, column.name) != ("event", "identifier")]
            rows[table.name] = sorted(
                json.dumps(list(row), default=_plain, sort_keys=True) for row in connection.execute(select(*columns))
            )
        key = "rowid" if connection.dialect.name == "sqlite" else "identifier"
        for index in _INDEXES:
            found = connection.execute(text(f"select {key}, cast(terms as text) from {index}"))
            rows[index] = sorted(f"{identifier} {terms}" for identifier, terms in found)
    catalogue.close()
    storage = Path(settings.storage)
    files = {
        str(path.relative_to(storage)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(storage.rglob("*"))
        if path.is_file()
    }
    scratch = [str(path) for path in (settings.home_dir / "scratch").rglob("*")]
    return {"rows": rows, "files": files, "scratch": scratch}


def _plain(value: object) -> str:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else str(value)


def main(url: str, folder: Path, part: int = 1, parts: int = 1) -> int:
    """Kill at the points of one part, and compare."""
    settings = settings_for(url, folder)
    write_registers(folder / "registers")
    rows = [Row("c1", text=True), Row("c2", ["c2.png"], collections="grand-place"), Row("c3", ["c3.png"])]
    delivery = write_table(folder / "cartes", rows)
    corrected = shutil.copytree(delivery, folder / "corrected")
    broken = delivery / "c3.png"
    broken.write_bytes(broken.read_bytes()[:400])
    deliveries = (delivery, corrected)
    catalogue = open_catalogue(settings.database)
    migrations.upgrade(catalogue)
    make_fresh(settings, folder)
    learn_the_path(settings, deliveries)
    return kill_each(
        part,
        parts,
        partial(make_fresh, settings, folder),
        partial(walk_the_path, settings, deliveries),
        partial(picture, settings),
    )


def kill_each(
    part: int, parts: int, make_ready: Callable[[], None], walk: Callable[[], None], see: Callable[[], dict[str, Any]]
) -> int:
    """Kill a walk at the points of one part and walk again; return the exit status: 1 where what is seen then is not the same."""
    make_ready()
    _, points = child(None, walk)
    expected = see()
    differences = 0
    chosen = range(part, points + 1, parts)
    for point in chosen:
        make_ready()
        was_killed, _ = child(point, walk)
        if not was_killed:
            print(f"point {point}: was not killed")
            differences += 1
        child(None, walk)
        found = see()
        for aspect in expected:
            if found[aspect] != expected[aspect]:
                print(f"point {point}: {aspect} differ: {_difference(expected[aspect], found[aspect])}")
                differences += 1
    print(f"killed at {len(chosen)} of {points} points, {differences} differences")
    return 1 if differences else 0


def _difference(expected: Any, found: Any) -> str:
    if isinstance(expected, dict):
        told = {}
        for key in {*expected, *found}:
            pair = expected.get(key), found.get(key)
            if pair[0] != pair[1]:
                # Of rows, those of one side only: a table may hold many.
                told[key] = [_only(*pair), _only(*reversed(pair))] if isinstance(pair[0], list) else list(pair)
        return str(told)[:1200]
    return f"{expected} {found}"[:600]


def _only(these: Any, those: Any) -> list[Any]:
    return [each for each in these or () if each not in (those or ())]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), *(int(number) for number in sys.argv[3:])))
