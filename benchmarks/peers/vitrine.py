"""Ours: an installation that has ingested and published the scans, served as `vitrine serve` does it."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from benchmarks.peers.peer import BUILD, WORKERS, Peer
from benchmarks.scans import SCANS, draw_scans
from server.catalogue.publication_models import PublishedImageRow
from server.settings import Settings, load_settings
from tests.support.deliveries import Row, write_table
from tests.support.processes import free_port, running
from tests.support.workshops import bring_online, make_workshop

BASE_URL = "http://vitrine.test"
PREFIX = "/iiif/image/3"


@dataclass(frozen=True, slots=True)
class Installation:
    """A home folder with the scans published; `images` has their image names, `views` where their pyramids lie."""

    settings: Settings
    images: dict[str, str]
    pyramids: dict[str, tuple[str, str]]
    """Storage keys of pyramid and index, by scan."""

    def environment(self, port: int) -> dict[str, str]:
        """Return the environment that names it, without what is set for another installation."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
        return kept | {
            "VITRINE_HOME_DIR": str(self.settings.home_dir),
            "VITRINE_BASE_URL": BASE_URL,
            "VITRINE_PORT": str(port),
            "VITRINE_WORKERS": str(WORKERS),
            "VITRINE_TILE_SIZE": str(self.settings.tile_size),
        }


def install(tile_size: int, folder: Path = BUILD) -> Installation:
    """Take the scans the whole way, from a supplier's table to what is published, in a home made anew."""
    masters = draw_scans(folder / "scans")
    top = folder / f"vitrine-{tile_size}"
    shutil.rmtree(top, ignore_errors=True)
    delivery = top / "delivery"
    delivery.mkdir(parents=True)
    for master in masters:
        os.link(master, delivery / master.name)
    own = delivery.rename(top / "images")
    written = write_table(top / "delivery", [Row(scan.name, (m.name,)) for scan, m in zip(SCANS, masters, strict=True)])
    for image in own.iterdir():
        image.replace(written / image.name)
    for name in [name for name in os.environ if name.startswith("VITRINE_") and "BENCH" not in name]:
        del os.environ[name]
    settings = load_settings(home_dir=top / "home", base_url=BASE_URL, tile_size=tile_size, workers=WORKERS)
    workshop = make_workshop(settings, top / "registers")
    with closing(workshop.catalogue):
        bring_online(workshop, written)
        with workshop.catalogue.read() as session:
            rows = session.scalars(select(PublishedImageRow).order_by(PublishedImageRow.image)).all()
            by_size = {(row.width, row.height): row for row in rows}
            found = {scan.name: by_size[scan.width, scan.height] for scan in SCANS}
            return Installation(
                settings,
                {name: row.image for name, row in found.items()},
                {name: (row.pyramid_key, row.index_key) for name, row in found.items()},
            )


@contextmanager
def vitrine(installation: Installation) -> Iterator[Peer]:
    """Serve an installation while the block lasts: gunicorn, its ASGI worker on uvloop, two workers."""
    port = free_port()
    log = installation.settings.home_dir / f"serve-{port}.log"
    command: list[str | Path] = [Path(sys.executable).with_name("vitrine"), "serve", "--no-sweep"]

    def ready() -> bool:
        return b"Ctrl-C ends it." in log.read_bytes()

    with running(command, log, ready, env=installation.environment(port)) as process:
        yield Peer("Vitrine", port, PREFIX, installation.images, (process,), "lanczos3", log)
