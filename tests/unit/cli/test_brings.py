"""A corrected description, as a coordinator brings it: said on the command line, checked, accepted, ingested, published."""

from pathlib import Path

from tests.support.deliveries import Row, write_table
from tests.support.typed import Typed


def test_a_description_alone(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    first = write_table(tmp_path / "cartes", [Row("c1", title="Le befroi"), Row("c2")])
    typed.well("check", first)
    typed.well("accept", first, "--by", "M. Leroy", "--for", "bm-lille")
    typed.well("ingest", first)
    typed.well("publish", "--all")
    again = write_table(tmp_path / "corrige", [Row("c1", title="Le beffroi"), Row("c2")])
    for image in again.glob("*.png"):
        image.unlink()
    assert "c1_0001.png" in typed.badly("check", again)
    assert "brings only description" in typed.well("inspect", again, "--brings", "description")
    assert "vitrine accept" in typed.well("check", again, "--brings", "description")
    typed.well("accept", again, "--by", "M. Leroy", "--for", "bm-lille")
    assert "say --brings description" in typed.badly("ingest", again)
    told = typed.well("ingest", again, "--brings", "description")
    assert "description (titles)" in " ".join(told.split())
    assert "2 updated" in told
    assert "1 unchanged" in typed.well("publish", "--delivery", "corrige")
    assert "2 already held" in typed.well("ingest", again, "--brings", "description")
