"""What leaves comes back the same: export, an empty catalogue, ingest, and the same documents stand there."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bagit  # type: ignore[import-untyped]  # it has no types
import pytest

from server.delivery.export_reader import exported_packages
from server.delivery.opening import open_delivery
from server.delivery.values import Context
from server.errors import DeliveryError, Unknown
from server.export.run import export
from server.formats.mets import read_mets
from server.ingest.run import ingest
from server.settings import load_settings
from server.workshop import Workshop
from tests.support.deliveries import Row, write_table
from tests.support.holdings import everything
from tests.support.supplied import write_mets
from tests.support.workshops import Quiet, make_workshop, take_in


@pytest.fixture
def held(workshop: Workshop, tmp_path: Path) -> Workshop:
    """A catalogue with a table of two cards, a newspaper with text, and a card whose master is not kept."""
    cards = [
        Row(
            "c1",
            ark="ark:/99999/v1bcdfghj2",
            former_url="https://old.example.org/1",
            collections="grand-place",
            text=True,
        ),
        Row("c 2/é", ["é 1.png", "é 2.png"], ark="ark:/12345/x1", former_oai="oai:old:2", not_before="2999-01-01"),
    ]
    take_in(workshop, write_table(tmp_path / "in" / "cartes", cards))
    paper = write_mets(tmp_path / "in" / "journal")
    (paper / "delivery.toml").write_text('institution = "bm-lille"\nsupplier = "numerix"\n')
    take_in(workshop, paper)
    take_in(workshop, write_table(tmp_path / "in" / "places", [Row("p1")], campaign="2025-places"))
    return workshop


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Workshop]:
    """An empty catalogue of another house, with the same registers."""
    settings = load_settings(home_dir=tmp_path / "elsewhere", workers=1, base_url="http://127.0.0.1:8001")
    opened = make_workshop(settings, tmp_path / "registers-elsewhere")
    yield opened
    opened.catalogue.close()


def test_what_leaves_comes_back_the_same(held: Workshop, elsewhere: Workshop, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    done = export(held, folder, institution="bm-lille", campaign=None, places=False)
    assert (done.packages, done.documents, done.problems) == (["cartes", "journal", "places"], 4, [])
    for package in exported_packages(folder):
        bagit.Bag(str(package)).validate()
        summary = ingest(open_delivery(package, Context()), elsewhere, Quiet())
        assert not summary.failed, summary
    before, after = everything(held), everything(elsewhere)
    assert len(before["texts"]) >= 4
    assert len(before["former"]) == 3
    for part, rows in before.items():
        assert after[part] == rows, part


def test_an_export_can_be_exported_again(held: Workshop, elsewhere: Workshop, tmp_path: Path) -> None:
    export(held, tmp_path / "out", institution="bm-lille", campaign=None, places=False)
    for package in exported_packages(tmp_path / "out"):
        ingest(open_delivery(package, Context()), elsewhere, Quiet())
    export(elsewhere, tmp_path / "again", institution="bm-lille", campaign=None, places=False)
    for path in sorted((tmp_path / "out").glob("*/data/*/item.json")):
        assert (tmp_path / "again" / path.relative_to(tmp_path / "out")).read_bytes() == path.read_bytes()


def test_the_package_tells_other_programs_what_is_in_it(held: Workshop, tmp_path: Path) -> None:
    export(held, tmp_path / "out", institution=None, campaign="2026-fetes", places=False)
    [package] = exported_packages(tmp_path / "out")
    folder = package / "data" / "v1bcdfghj2"
    mets = read_mets((folder / "mets.xml").read_bytes(), "mets.xml")
    assert mets.objid == "ark:/99999/v1bcdfghj2"
    for file in mets.files.values():
        assert hashlib.sha256((folder / file.href).read_bytes()).hexdigest() == file.checksum
    assert {use for file in mets.files.values() for use in file.uses} == {"MASTER", "FULLTEXT"}
    assert mets.physical is not None
    assert [div.order for div in mets.physical.children] == ["1", "2"]
    quality = json.loads((package / "metadata" / "quality.json").read_text())
    assert quality["delivery"]["name"] == "cartes"
    assert [event["action"] for event in quality["events"]] == ["received"]


def test_masters_may_be_named_with_their_places(held: Workshop, tmp_path: Path) -> None:
    done = export(held, tmp_path / "out", institution=None, campaign="2025-places", places=True)
    assert done.elsewhere == 2
    [package] = exported_packages(tmp_path / "out")
    for line in (package / "fetch.txt").read_text().splitlines():
        url, size, name = line.split(" ", 2)
        master = Path(url.removeprefix("file://"))
        assert master.stat().st_size == int(size)
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_bytes(master.read_bytes())
    with pytest.raises(DeliveryError, match=r"fetch\.txt: files of this bag are elsewhere"):
        open_delivery(package, Context())
    (package / "fetch.txt").unlink()
    assert [len(item.views) for item in open_delivery(package, Context()).items] == [2]


def test_a_master_that_is_gone_is_told_and_stops_nothing(held: Workshop, tmp_path: Path) -> None:
    (tmp_path / "in" / "places" / "p1_0001.png").unlink()
    done = export(held, tmp_path / "out", institution="bm-lille", campaign=None, places=False)
    assert len(done.problems) == 1
    assert "p1, view f1: its master is not kept" in done.problems[0]
    assert done.documents == 4


def test_what_cannot_be_exported_is_said(held: Workshop, tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="there is no institution nobody"):
        export(held, tmp_path / "out", institution="nobody", campaign=None, places=False)
    with pytest.raises(DeliveryError, match="nothing is held of roubaix"):
        export(held, tmp_path / "out", institution="roubaix", campaign=None, places=False)
    (tmp_path / "out").mkdir()
    with pytest.raises(DeliveryError, match="is there already"):
        export(held, tmp_path / "out", institution="bm-lille", campaign=None, places=False)
    assert list(tmp_path.glob(".*.partial")) == []


def test_an_export_as_a_whole_is_no_delivery(held: Workshop, tmp_path: Path) -> None:
    export(held, tmp_path / "out", institution="bm-lille", campaign=None, places=False)
    with pytest.raises(
        DeliveryError, match="is an export of 3 deliveries; give one of its folders: cartes, journal, places"
    ):
        open_delivery(tmp_path / "out", Context())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda said: said.update(identifier=""), "identifier"),
        (lambda said: said["views"][0].update(number=2), "two views have the same number"),
        (lambda said: said["views"][0].update(master="../../../etc/passwd"), "which is not in the package"),
        (lambda said: said["source"].update(file="../../../etc/passwd"), "is not in the package"),
        (lambda said: said["description"].update(typology="x"), "description.typology"),
        (lambda said: said.update(more=1), "more"),
    ],
)
def test_an_item_that_was_altered_is_a_finding(held: Workshop, tmp_path: Path, change: Any, fault: str) -> None:
    export(held, tmp_path / "out", institution=None, campaign="2025-places", places=False)
    [package] = exported_packages(tmp_path / "out")
    [path] = package.glob("data/*/item.json")
    said = json.loads(path.read_text())
    change(said)
    path.write_text(json.dumps(said))
    found = [finding.message for finding in open_delivery(package, Context()).findings]
    assert any(fault in message for message in found), found
