"""Several processes at the same work: nothing is doubled, nothing is lost, the sequence has no hole."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.catalogue.models import ItemRow, ViewRow
from server.catalogue.publication_models import JournalRow
from server.catalogue.session import Catalogue
from tests.support.deliveries import Row, write_registers, write_table


class Machine:
    """Commands of one installation, run as processes of their own."""

    def __init__(self, vitrine: Path, folder: Path, url: str) -> None:
        data, manifests = write_registers(folder / "registers")
        self._vitrine = vitrine
        ours = {
            "VITRINE_HOME_DIR": str(folder / "home"), "VITRINE_DATABASE_URL": url, "VITRINE_DATA_DIR": str(data),
            "VITRINE_MANIFESTS_DIR": str(manifests), "VITRINE_WORKERS": "1", "VITRINE_SECRET_KEY": "of the tests",
        }  # fmt: skip
        self._environment = os.environ | ours

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self._vitrine, *words], env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *words: str | Path) -> str:
        return self.together(words)[0][1]

    def together(self, *commands: tuple[str | Path, ...]) -> list[tuple[int, str]]:
        started = [self.start(*words) for words in commands]
        told = [process.communicate(timeout=120)[0] for process in started]
        return [(process.returncode, output) for process, output in zip(started, told, strict=True)]


@pytest.fixture
def machine(vitrine: Path, tmp_path: Path, database_url: str) -> Machine:
    made = Machine(vitrine, tmp_path, database_url)
    made.run("init")
    return made


def test_two_ingests_of_one_delivery_at_once(machine: Machine, tmp_path: Path, database_url: str) -> None:
    folder = write_table(tmp_path / "cartes", [Row(f"c{number}") for number in range(6)])
    results = machine.together(("ingest", folder), ("ingest", folder))
    for status, output in results:
        assert status == 0 or "another process is at it" in output, output
    assert any(status == 0 for status, _ in results)
    assert "6 already held" in " ".join(machine.run("ingest", folder).split())
    catalogue = Catalogue(database_url)
    with catalogue.read() as session:
        assert session.scalar(select(func.count()).select_from(ItemRow)) == 6
        assert session.scalar(select(func.count()).select_from(ViewRow)) == 12
    catalogue.close()


def test_two_deliveries_and_two_publishers_at_once(machine: Machine, tmp_path: Path, database_url: str) -> None:
    first = write_table(tmp_path / "a", [Row(f"a{number}") for number in range(5)])
    second = write_table(tmp_path / "b", [Row(f"b{number}") for number in range(5)])
    for status, output in machine.together(("ingest", first), ("ingest", second)):
        assert status == 0, output
    publish = ("publish", "--all", "--without-acceptance", "--reason", "essai")
    for status, output in machine.together(publish, publish):
        assert status == 0, output
    assert json.loads(machine.run("status", "--json"))["totals"]["published"] == 10
    catalogue = Catalogue(database_url)
    with catalogue.read() as session:
        rows = session.execute(select(JournalRow.sequence, JournalRow.datestamp).order_by(JournalRow.sequence)).all()
    catalogue.close()
    assert [row.sequence for row in rows] == list(range(1, 11))
    assert [row.datestamp for row in rows] == sorted(row.datestamp for row in rows)


def test_two_deliveries_with_the_same_documents_at_once(machine: Machine, tmp_path: Path, database_url: str) -> None:
    numbers = range(6)
    sound = write_table(tmp_path / "a", [Row(f"c{number}") for number in numbers])
    broken = write_table(tmp_path / "b", [Row(f"c{number}", title="La gare") for number in numbers])
    for number in numbers:
        picture = broken / f"c{number}_0002.png"
        picture.write_bytes(picture.read_bytes()[:400])
    publish = ("publish", "--all", "--without-acceptance", "--reason", "essai")
    machine.together(("ingest", sound), ("ingest", broken), publish)
    assert "6 refused" in " ".join(machine.run("ingest", broken).split())
    machine.run("ingest", sound)
    machine.run(*publish)
    assert json.loads(machine.run("status", "--json"))["totals"]["published"] == 6
    catalogue = Catalogue(database_url)
    with catalogue.read() as session:
        items = session.scalars(select(ItemRow)).all()
        keys = {key for row in session.scalars(select(ViewRow)) for key in (row.pyramid_key, row.index_key)}
    catalogue.close()
    assert {(item.state, item.delivery.split("-")[0]) for item in items} == {("ready", "a")}
    storage = tmp_path / "home" / "storage"
    assert {str(path.relative_to(storage)) for path in (storage / "pyramids").rglob("*.*")} == keys
