"""Every kind of delivery leaves by an export and comes back by it into an empty catalogue: the same documents stand there."""

from collections.abc import Iterator
from pathlib import Path

import bagit  # type: ignore[import-untyped]  # it has no types
import pytest

from server.delivery.export_reader import exported_packages
from server.delivery.opening import open_delivery
from server.delivery.values import Context
from server.export.run import export
from server.ingest.run import ingest
from server.settings import load_settings
from server.workshop import Workshop
from tests.support.holdings import everything
from tests.support.kinds import KINDS
from tests.support.notices import BOOK, in_exchange_format
from tests.support.printed import write_printed
from tests.support.supplied import write_table
from tests.support.workshops import Quiet, make_workshop

ABOUT = Context(institution="bm-lille", typology="presse", rights="public-domain", language="fre")
WORDS = ((("Le", 100, 200), ("beffroi", 180, 200)), (), (("Inauguration", 100, 200),))


def write_two_pdfs(folder: Path) -> Path:
    """Write a record of a book in two volumes, each a PDF with a text layer on some of its pages."""
    folder.mkdir()
    (folder / "notice.mrc").write_bytes(in_exchange_format(BOOK))
    for volume in ("t1", "t2"):
        write_printed(folder / f"RES 12/{volume}.pdf", WORDS, title=volume)
    return folder


def write_table_of_a_body(folder: Path) -> Path:
    """Write a table that says that a firm made a document."""
    write_table(folder)
    table = folder / "items.csv"
    said = table.read_text("utf-8")
    assert said.count(";Delsart, Jean (1852-1930). Photographe ") == 1
    table.write_text(
        said.replace(";Delsart, Jean (1852-1930). Photographe ", ";Delsart frères [collectivité]. Photographe ")
    )
    return folder


WRITERS = {
    **{kind.name: kind.write for kind in KINDS},
    "table-of-a-body": write_table_of_a_body,
    "two-pdfs": write_two_pdfs,
}


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[tuple[Workshop, Workshop]]:
    """Two houses with the same registers, both empty."""
    opened = [
        make_workshop(
            load_settings(home_dir=tmp_path / name, workers=1, base_url="http://127.0.0.1:8000"), tmp_path / f"{name}-r"
        )
        for name in ("here", "there")
    ]
    yield opened[0], opened[1]
    for workshop in opened:
        workshop.catalogue.close()


@pytest.mark.parametrize("kind", WRITERS)
def test_a_kind_comes_back_the_same(houses: tuple[Workshop, Workshop], tmp_path: Path, kind: str) -> None:
    here, there = houses
    taken = ingest(open_delivery(WRITERS[kind](tmp_path / "delivery"), ABOUT), here, Quiet())
    assert taken.outcomes
    assert not taken.failed, taken
    done = export(here, tmp_path / "out", institution="bm-lille", campaign=None, places=False)
    assert done.problems == []
    [package] = exported_packages(tmp_path / "out")
    bagit.Bag(str(package)).validate()
    back = ingest(open_delivery(package, Context()), there, Quiet())
    assert not back.failed, back
    before, after = everything(here), everything(there)
    assert before["sources"]
    if kind in ("pdf-with-text", "two-pdfs"):
        assert any("beffroi" in str(text[3]) for text in before["texts"])
    if kind == "table-of-a-body":
        assert "'is_body': True" in str(before)
        mets = b"".join(path.read_bytes() for path in package.rglob("*mets*.xml"))
        assert b'<mods:name type="corporate"' in mets
    if kind == "spar":  # what came packed by gzip leaves as it came
        assert any(path.suffix == ".gz" for path in package.rglob("*"))
    for part, rows in before.items():
        assert after[part] == rows, part
