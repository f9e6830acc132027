"""A workshop for tests: a catalogue of its own, a clock that stands still, ARK names that are counted."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.catalogue import migrations
from server.catalogue.deliveries import Decision, decide, find_delivery, record_check
from server.catalogue.registers import read_registers
from server.catalogue.session import Catalogue
from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery
from server.ingest.run import Summary, ingest
from server.model.ark import ALPHABET, BLADE_LENGTH, Blades
from server.publish.run import Outcome, list_items, publish_item
from server.settings import Settings
from server.storage import open_storage
from server.workshop import Workshop
from tests.support.deliveries import write_registers

BEGIN = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)


@dataclass
class HeldClock:
    """A clock that stands still until it is moved."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move it on; `by` as in timedelta."""
        self.now += timedelta(**by)


def counted_blades() -> Blades:
    """Return a source of blades that counts, so that two runs give the same names."""
    numbers = itertools.count()

    def blade() -> str:
        number = next(numbers)
        digits = []
        for _ in range(BLADE_LENGTH):
            number, digit = divmod(number, len(ALPHABET))
            digits.append(ALPHABET[digit])
        return "".join(reversed(digits))

    return blade


class Quiet:
    """Progress that nobody looks at."""

    def start(self, views: int, size: int) -> None:
        """The work is known."""

    def done(self, views: int, size: int) -> None:
        """So many more views are done."""


def make_tables(url: str) -> None:
    """Bring the database at this address to the present tables."""
    catalogue = Catalogue(url)
    migrations.upgrade(catalogue)
    catalogue.close()


def make_workshop(settings: Settings, registers: Path) -> Workshop:
    """Open a catalogue, bring it to the present tables, read the tests' registers."""
    data, manifests = write_registers(registers)
    workshop = Workshop(
        settings, Catalogue(settings.database), open_storage(settings), HeldClock(), counted_blades(), "tests"
    )
    migrations.upgrade(workshop.catalogue)
    with workshop.catalogue.write() as session:
        read_registers(session, data, manifests)
    return workshop


def take_in(workshop: Workshop, folder: Path, institution: str = "") -> Summary:
    """Open and ingest a delivery."""
    return ingest(open_delivery(folder, Context(institution=institution)), workshop, Quiet())


def accept(workshop: Workshop, delivery: str, institution: str = "bm-lille") -> None:
    """Record a check without findings and the acceptance of a delivery."""
    with workshop.catalogue.write() as session:
        row = find_delivery(session, delivery)
        record_check(session, row, [], workshop.clock(), workshop.actor, "tests")
        decide(session, row, Decision(True, "A. Person", institution), workshop.clock(), workshop.actor)


def publish_all(workshop: Workshop) -> list[Outcome]:
    """Publish everything that is held."""
    with workshop.catalogue.read() as session:
        names = list_items(session)
    return [publish_item(workshop, name) for name in names]


def bring_online(workshop: Workshop, folder: Path, institution: str = "bm-lille") -> list[Outcome]:
    """Ingest, accept and publish a delivery."""
    summary = take_in(workshop, folder, institution=institution)
    accept(workshop, summary.delivery, institution)
    return publish_all(workshop)


def opened(folder: Path) -> Delivery:
    """Open a delivery."""
    return open_delivery(folder, Context())
