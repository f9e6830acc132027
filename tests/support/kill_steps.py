"""The steps of a delivery's way that `kill_path.py` does not walk, killed at each of their points: check, update, parts, export.

What goes before them (a delivery taken in, accepted, published) is done once; each child begins from a copy of that. On SQLite,
where such a copy is a file.

    python -m tests.support.kill_steps FOLDER
"""

import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from server.catalogue import migrations
from server.catalogue.deliveries import receive, record_check
from server.catalogue.models import DeliveryRow, DeliveryState
from server.delivery.digests import open_digests
from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery
from server.export.run import export
from server.ingest.run import arrival_of, ingest
from server.publish.run import publish_item
from server.quality.checking import check
from server.quality.journal import open_journal
from server.settings import Settings
from server.workshop import Workshop
from tests.support.deliveries import Row, draw, write_registers, write_table
from tests.support.kill_path import make_fresh, open_catalogue, open_tools, picture, settings_for
from tests.support.kill_points import child, must_be_alone
from tests.support.kill_states import Disk, walk_on_from_each
from tests.support.workshops import Quiet, accept, publish_all, take_in

EXPORTED = "exported"


def steps(workshop: Workshop, folder: Path) -> None:
    """Check, accept and take in a delivery that replaces a view, then one of a description alone; publish; export.

    Where the second was begun, it is what a person goes on with: handing in the first again would be to ask for it back.
    """
    brought = [("again", Context()), ("described", Context(brings=("description",)))]
    with workshop.catalogue.read() as session:
        known = set(session.scalars(select(DeliveryRow.name)))
    for name, about in brought[1:] if "described" in known else brought:
        _check(workshop, folder / name, about)
        with open_digests(workshop.settings.home_dir, folder / name) as digests:
            delivery = open_delivery(folder / name, about, digests=digests)
        _take(workshop, delivery)
        publish_all(workshop)
    target = workshop.settings.home_dir / EXPORTED
    if not target.exists():
        export(workshop, target, institution="bm-lille", campaign=None, places=False)


def _check(workshop: Workshop, folder: Path, about: Context) -> None:
    delivery = open_delivery(folder, about)
    with open_journal(workshop.settings.home_dir, delivery.digest) as journal:
        report = check(delivery, journal=journal)
    with workshop.catalogue.write() as session:
        row = receive(session, arrival_of(delivery), workshop.clock(), workshop.actor)
        if row.state == DeliveryState.RECEIVED:  # a check that was recorded is not asked for again
            record_check(session, row, [], workshop.clock(), workshop.actor, report.contract)


def _take(workshop: Workshop, delivery: Delivery) -> None:
    """Take in a delivery that waits for acceptance first, as a person does."""
    summary = ingest(delivery, workshop, Quiet())
    with workshop.catalogue.write() as session:
        state = receive(session, arrival_of(delivery), workshop.clock(), workshop.actor).state
    if state != DeliveryState.ACCEPTED:
        accept(workshop, summary.delivery)
        summary = ingest(delivery, workshop, Quiet())
    if summary.failed:
        raise RuntimeError(f"what was accepted was refused: {summary}")


def walk_with(settings: Settings, walk: Callable[[Workshop], None]) -> None:
    """Walk with what a command opens."""
    workshop = open_tools(settings)
    walk(workshop)
    workshop.catalogue.close()


def seen(settings: Settings) -> dict[str, Any]:
    """Return everything that is kept, and every file of the export; none of it has a name that says it is not whole."""
    told = picture(settings)
    home = settings.home_dir
    told["export"] = {
        str(path.relative_to(home)): path.read_bytes().hex()
        for path in sorted((home / EXPORTED).rglob("*"))
        if path.is_file()
    }
    told["partial"] = [path.name for path in home.glob(".*.partial")]
    return told


def main(folder: Path) -> int:
    """Walk on from what every point leaves, and compare."""
    database = folder / "catalogue.sqlite"
    settings = settings_for(f"sqlite:///{database}", folder)
    write_registers(folder / "registers")
    write_table(folder / "first", [Row("c1", text=True), Row("c2")])
    write_table(folder / "again", [Row("c1", text=True), Row("c2", title="Le beffroi")])
    draw(folder / "again" / "c1_0002.png", seed=77)
    for path in write_table(folder / "described", [Row("c1", title="Autre titre", text=True)]).rglob("*"):
        if path.suffix in (".png", ".xml"):
            path.unlink()
    catalogue = open_catalogue(settings.database)
    migrations.upgrade(catalogue)
    catalogue.close()
    make_fresh(settings, folder)

    def first(workshop: Workshop) -> None:
        summary = take_in(workshop, folder / "first")
        accept(workshop, summary.delivery)
        for outcome in summary.outcomes:
            publish_item(workshop, outcome.name)

    def further(workshop: Workshop) -> None:
        steps(workshop, folder)

    child(None, partial(walk_with, settings, first))
    beginning, disk = (Disk(settings.home_dir, database, folder / name) for name in ("beginning", "states"))
    beginning.keep()
    walk = partial(walk_with, settings, further)
    learn(walk, beginning, settings)
    return walk_on_from_each(disk, partial(beginning.restore, beginning.states[0]), walk, partial(seen, settings))


def learn(walk: Callable[[], None], beginning: Disk, settings: Settings) -> None:
    """Walk in this process, after a child looked at the images and made the pyramids: what children need is then loaded."""
    child(None, walk)
    made = settings.home_dir.rename(settings.home_dir.with_name("made"))
    beginning.restore(beginning.states[0])
    shutil.rmtree(settings.home_dir)
    made.rename(settings.home_dir)
    shutil.rmtree(settings.home_dir / EXPORTED)
    walk()
    must_be_alone()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
