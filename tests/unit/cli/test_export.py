"""`vitrine export` as a coordinator types it, and the way back."""

from pathlib import Path

import pytest

from tests.support.deliveries import Row, write_table
from tests.support.typed import Typed


def test_there_and_back_by_hand(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed.well("init")
    typed.well("ingest", write_table(tmp_path / "a" / "cartes", [Row("c1", text=True)]))
    typed.well("ingest", write_table(tmp_path / "b" / "cartes", [Row("c2")]))
    monkeypatch.chdir(tmp_path)
    assert "say what to export" in typed.badly("export")
    assert "there is no campaign 1999" in typed.badly("export", "--campaign", "1999")
    told = typed.well("export", "--institution", "bm-lille")
    assert "export-bm-lille: 2 packages, 2 documents, 4 views." in told
    assert "is there already" in typed.badly("export", "--institution", "bm-lille")
    monkeypatch.setenv("VITRINE_HOME_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("VITRINE_DATABASE_URL", f"sqlite:///{tmp_path / 'other.sqlite'}")
    typed.well("init")
    assert "give one of its folders" in typed.badly("check", "export-bm-lille")
    told = typed.well("ingest", "export-bm-lille")
    assert told.count("1 document ingested (2 views)") == 2
    for package in sorted((tmp_path / "export-bm-lille").glob("*/bagit.txt")):
        assert "Aucune erreur" in typed.well("check", package.parent, "--report-language", "fr")
