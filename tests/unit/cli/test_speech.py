"""What the commands say at the keyboard: in French first, in English where it is asked for, and kept in both."""

import json
import shlex
import zipfile
from pathlib import Path

import pytest

from server.cli import speech
from server.cli.speech import spoken
from server.told import told
from tests.support.deliveries import Row, write_table
from tests.support.typed import Typed

ACCEPTED = ("--by", "Mme Martin", "--for", "bm-lille")


@pytest.fixture
def in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_LANGUAGE", "fr")


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ({}, "fr"),
        ({"LANG": "C.UTF-8"}, "fr"),
        ({"LANG": "POSIX"}, "fr"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "fr_FR", "LC_MESSAGES": "en_GB.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "VITRINE_LANGUAGE": "en"}, "en"),
        ({"LANG": "en_GB.UTF-8", "VITRINE_LANGUAGE": "fr"}, "fr"),
    ],
)
def test_the_language_is_the_one_that_is_asked_for_and_french_otherwise(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], language: str
) -> None:
    for name in ("VITRINE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert spoken() == language


def test_another_language_is_refused_by_name(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_LANGUAGE", "de")
    assert "VITRINE_LANGUAGE" in typed.badly("status")


def test_what_a_terminal_would_obey_is_not_printed(in_french: None) -> None:
    assert speech.spell(told("{path}: {fault}", path="a\x1b[2Jb", fault="x")) == "a\ufffd[2Jb\u00a0: x"


def test_ingest_refuses_and_reports_in_french(typed: Typed, in_french: None, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes postales", [Row("c1"), Row("c2")])
    (folder / "c2_0002.png").write_bytes(b"cut off")
    refused = typed.badly("ingest", folder)
    assert "repris" in refused
    assert "cartes postales-" in refused
    assert "1 document repris (2 vues), déjà conservés : 0, refusés : 1, en " in refused
    assert "vue 2 : c2_0002.png" in refused
    assert not {"document", "ingested", "view"} & set(refused.replace("1 document repris", "").split())
    assert "il n’y a pas de campagne 1789" in typed.badly("report", "1789")
    assert "dites quoi exporter" in typed.badly("export")
    assert "il n’y a pas d’institution nobody" in typed.badly("export", "--institution", "nobody")
    assert "n’a pas été contrôlée" in typed.badly("accept", "cartes postales", *ACCEPTED)
    done = typed.well("inspect", folder)
    assert "2 documents, 4 vues, dont 0 avec texte" in done


def test_a_failure_is_kept_so_that_it_can_be_said_in_both(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes", [Row("c1")])
    (folder / "c1_0002.png").write_bytes(b"cut off")
    typed.badly("ingest", folder)
    english = typed.well("status")
    monkeypatch.setenv("VITRINE_LANGUAGE", "fr")
    french = typed.well("status")
    assert "view 2: c1_0002.png" in english
    assert "vue 2 : c1_0002.png" in french


def test_findings_leave_in_an_export_in_both_languages(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes", [Row("c1")])
    typed("check", folder)
    typed.well("ingest", folder)
    typed.well("export", "--institution", "bm-lille", "--to", tmp_path / "out")
    [quality] = (tmp_path / "out").rglob("quality.json")
    findings = json.loads(quality.read_text(encoding="utf-8"))["findings"]
    assert findings, "the sample views are small: some rule says so"
    for finding in findings:
        assert finding["message_fr"] != finding["message"]
        assert set(finding) >= {"rule", "message", "template", "values"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("inspect", "pas-là"), "pas-là : fichier ou dossier introuvable"),
        (("ingest", "livraison.zip"), "livraison.zip est une archive : décompressez-la"),
        (("check", "notes.txt"), "notes.txt est un fichier ; donnez le dossier qui le contient"),
        (("check", "vide", "--order", "vide"), "vide est un dossier ; désignez le fichier"),
        (("review", "import", "pas-là.json"), "pas-là.json : fichier ou dossier introuvable"),
        (("inspect", "vide"), "le dossier est vide ; attendu : ce que `vitrine export` a écrit ; ou "),
        (("inspect", "zip"), "envoi.zip est une archive : décompressez-la, et donnez le dossier qu’elle contenait"),
        (("publish",), "dites quoi publier"),
        (("withdraw", "v1", "--view", "recto", "--reason", "essai"), "« recto » n’est pas une vue"),
    ],
)
def test_what_was_given_by_mistake_is_told_in_french(
    typed: Typed, in_french: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    typed.well("init")
    monkeypatch.chdir(tmp_path)
    for folder in ("vide", "zip"):
        (tmp_path / folder).mkdir()
    for archive in ("livraison.zip", "zip/envoi.zip"):
        with zipfile.ZipFile(tmp_path / archive, "w") as packed:
            packed.writestr("notice.txt", "x")
    (tmp_path / "notes.txt").write_text("x")
    told_so = typed.badly(*words)
    assert said in told_so
    assert told_so.startswith("vitrine: ")


def test_what_publish_says_can_be_copied(typed: Typed, in_french: None, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes postales de l'été", [Row("c1")])
    typed.well("ingest", folder)
    refused = typed("publish", "--all").output
    command = refused.split("`")[1]
    assert shlex.split(command)[:4] == ["vitrine", "accept", folder.name, "--by"]
    assert "1 document (refusé\u00a0: 1)." in refused


def test_a_workbook_that_is_cut_off_is_no_archive(
    typed: Typed, in_french: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "envoi").mkdir()
    (tmp_path / "envoi/notices.xlsx").write_bytes(b"PK\x03\x04" + b"x" * 500)
    monkeypatch.chdir(tmp_path)
    said = typed.badly("inspect", "envoi")
    assert "notices.xlsx : n’est pas un classeur lisible" in said
    assert "archive" not in said
