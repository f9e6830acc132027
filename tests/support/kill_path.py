"""Run the whole path of a delivery and be killed on the way: a program of its own, started by the test of kill -9.

Its points, and how a child is killed at them, are those of `kill_points.py`. On SQLite, where what is left lies in files,
one walk tells what is left at every point (`kill_states.py`). The children are forks of a process that has walked the path
itself, but for the pixels (libvips has threads, and they do not survive a fork).

    python -m tests.support.kill_path DATABASE_URL FOLDER [PART PARTS]
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import delete, make_url, select, text

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
from tests.support.kill_points import child, kill_each, must_be_alone
from tests.support.kill_states import Disk, walk_on_from_each
from tests.support.workshops import HeldClock, accept, counted_blades, publish_all, take_in

_INDEXES = ("search_index", "find_index")
"""What is searched: no tables of models."""


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
    must_be_alone()


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
    """Kill at the points of one part, and compare. SQLite has no parts: what every point leaves is walked on from."""
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
    ready, walk = partial(make_fresh, settings, folder), partial(walk_the_path, settings, deliveries)
    see = partial(picture, settings)
    file = make_url(url).database if url.startswith("sqlite") else None
    if file is None:
        return kill_each(part, parts, ready, walk, see)
    return walk_on_from_each(Disk(settings.home_dir, Path(file), folder / "states"), ready, walk, see)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), *(int(number) for number in sys.argv[3:])))
