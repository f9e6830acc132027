"""The deliveries: whole, labelled, the same each time, small enough to be kept; and faulty ones with their one fault."""

import hashlib
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from data.holdings import plan
from data.holdings.deliveries import COMMITTED, PLANS, Plan, make, make_all, make_faults
from data.holdings.drafting import SIZE
from data.holdings.faults import FAULTS
from data.holdings.folders import Folder
from server.delivery.opening import open_delivery
from server.delivery.values import Severity
from server.model.description import DateKind, Typology
from server.model.labels import shown_genre

ROOT = Path(__file__).resolve().parents[3]
KEPT = ROOT / "data" / "deliveries"
BY_NAME = {entry.name: entry for entry in PLANS}
METS = {"m": "http://www.loc.gov/METS/", "x": "http://www.w3.org/1999/xlink"}
ALTO = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_what_is_kept_is_small() -> None:
    files = [path for path in KEPT.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert max(path.stat().st_size for path in files) < 900_000
    assert sum(path.stat().st_size for path in files) < 10_000_000


@pytest.mark.parametrize("name", COMMITTED)
def test_what_is_kept_opens_without_an_error_and_says_that_it_is_a_demonstration(name: str) -> None:
    delivery = open_delivery(KEPT / name)
    assert [finding for finding in delivery.findings if finding.severity is not Severity.INFO] == []
    assert delivery.items
    assert delivery.context.institution == BY_NAME[name].institution
    for item in delivery.items:
        said = {text.language: text.value for text in (*item.description.abstracts, *item.description.notes)}
        assert "document de démonstration" in said["fr"].lower()
        assert "demonstration document" in said["en"].lower()


@pytest.mark.parametrize("name", COMMITTED)
def test_checksums_of_what_is_kept_hold(name: str) -> None:
    delivery = open_delivery(KEPT / name)
    assert len(delivery.checksums) >= 3
    assert all(checksum.expected == checksum.actual for checksum in delivery.checksums)


@pytest.mark.parametrize(
    "path", sorted(KEPT.glob("*/METS.xml")) + sorted(KEPT.glob("*/data/METS.xml")), ids=lambda path: path.parts[-2]
)
def test_mets_names_files_and_blocks_that_exist(path: Path) -> None:
    root = etree.parse(path).getroot()
    blocks: dict[str, set[str]] = {}
    for file in root.iterfind(".//m:file", METS):
        location = file.find("m:FLocat", METS)
        assert location is not None
        target = path.parent / location.get(f"{{{METS['x']}}}href", "")
        assert hashlib.sha256(target.read_bytes()).hexdigest() == file.get("CHECKSUM")
        if target.suffix == ".xml":
            alto = etree.parse(target).getroot()
            blocks[file.get("ID", "")] = {block.get("ID", "") for block in alto.iterfind(".//a:TextBlock", ALTO)}
            page = alto.find(".//a:Page", ALTO)
            assert page is not None
            with Image.open(target.parent.parent / "images" / f"{target.stem}.jpg") as picture:
                assert (int(page.get("WIDTH", "0")), int(page.get("HEIGHT", "0"))) == picture.size
    areas = list(root.iterfind(".//m:area", METS))
    assert all(area.get("BEGIN") in blocks[area.get("FILEID", "")] for area in areas)
    assert list(root.iterfind(".//m:structMap[@TYPE='LOGICAL']//m:fptr", METS))


@pytest.mark.parametrize("name", ["lettre-delattre", "courrier-deule-1909-03-08"])
def test_the_same_bytes_each_time(tmp_path: Path, name: str) -> None:
    smaller = replace(BY_NAME[name], small=0.3)
    make(smaller, tmp_path / "one", small=True)
    make(smaller, tmp_path / "two", small=True)
    assert _digests(tmp_path / "one") == _digests(tmp_path / "two")


def test_what_is_up_to_date_is_not_made_again(tmp_path: Path) -> None:
    (first,) = make_all(tmp_path, small=True, names=("lettre-delattre",))
    before = (first.path / "documents.csv").stat().st_mtime_ns
    (second,) = make_all(tmp_path, small=True, names=("lettre-delattre",))
    assert first.seconds > 0
    assert second.seconds == 0
    assert (second.path / "documents.csv").stat().st_mtime_ns == before


def test_a_delivery_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def broken(folder: Folder, scale: float, quality: int) -> None:
        folder.write("half.jpg", b"half")
        raise OSError("no space left")

    failing = Plan("broken", "bm-lille", "numerisud", "2025-villes-et-usines", 1, 1, 80, broken)
    with pytest.raises(OSError, match="no space left"):
        make(failing, tmp_path / "broken")
    assert list(tmp_path.iterdir()) == []


def test_every_delivery_names_what_the_registers_know() -> None:
    registers = {
        kind: {
            entry["name"]
            for entry in tomllib.loads((ROOT / "data" / f"{kind}s.toml").read_text(encoding="utf-8"))[kind]
        }
        for kind in ("institution", "supplier", "campaign")
    }
    collections = {path.stem for path in (ROOT / "manifests" / "collections").glob("*.toml")}
    assert {entry.institution for entry in PLANS} == registers["institution"]
    assert {entry.supplier for entry in PLANS} == registers["supplier"]
    assert {entry.campaign for entry in PLANS} == registers["campaign"]
    assert {name for entry in PLANS for name in entry.collections} <= collections


def test_one_of_five_institutions_is_no_partner_of_armarium() -> None:
    institutions = tomllib.loads((ROOT / "data" / "institutions.toml").read_text(encoding="utf-8"))["institution"]
    partners = [
        entry["name"]
        for entry in institutions
        if any(part["programme"] == "armarium" for part in entry.get("partnership", []))
    ]
    assert len(institutions) == 5
    assert len(partners) == 4
    assert all((ROOT / "data" / entry["logo"]).is_file() for entry in institutions)


def test_the_plan_has_more_than_a_hundred_megapixels() -> None:
    scale = BY_NAME["plan-lille"].scale
    assert SIZE[0] * scale * SIZE[1] * scale > 100_000_000
    assert plan.sheet(0.04).size == (440, 368)


def test_each_fault_is_there_and_the_rest_is_sound(tmp_path: Path) -> None:
    made = {path.name: path for path in make_faults(tmp_path)}
    assert set(made) == set(FAULTS)
    assert set(_digests(tmp_path)) == set(_digests(KEPT / "faults"))
    with (
        Image.open(made["truncated-image"] / "images/vue_002.jpg") as picture,
        pytest.raises(OSError, match="truncated"),
    ):
        picture.load()
    assert {finding.rule for finding in open_delivery(made["missing-file"]).findings} >= {"master-missing"}
    wrong = [
        checksum for checksum in open_delivery(made["wrong-checksum"]).checksums if checksum.expected != checksum.actual
    ]
    assert [checksum.path for checksum in wrong] == ["images/vue_002.jpg"]
    assert {finding.rule for finding in open_delivery(made["path-traversal"]).findings} == {"path-unsafe"}
    gap = open_delivery(made["numbering-gap"]).items[0]
    assert [view.master[-7:-4] for view in gap.views] == ["001", "002", "004"]
    for name in ("truncated-image", "numbering-gap"):
        assert open_delivery(made[name]).findings == ()


def test_what_was_written_has_a_date_of_creation_and_what_was_printed_one_of_publication() -> None:
    (letter,) = open_delivery(KEPT / "lettre-delattre").items
    (register,) = open_delivery(KEPT / "registre-tisserands").items
    (issue,) = open_delivery(KEPT / "courrier-deule-1909-03-07").items
    dated = {item.identifier: {date.kind for date in item.description.dates} for item in (letter, register, issue)}
    assert list(dated.values()) == [{DateKind.CREATED}, {DateKind.CREATED}, {DateKind.ISSUED}]


@pytest.mark.parametrize("name", COMMITTED)
def test_a_genre_is_in_words_and_the_category_is_right(name: str) -> None:
    categories = {
        "courrier-deule-1909-03-07": {Typology.PRESS},
        "images-roubaix": {Typology.POSTCARDS, Typology.PHOTOGRAPHS, Typology.ICONOGRAPHY},
        "lettre-delattre": {Typology.LETTERS},
        "registre-tisserands": {Typology.ARCHIVES},
    }
    items = open_delivery(KEPT / name).items
    assert {item.description.typology for item in items} == categories[name]
    for item in items:
        assert item.description.genre
        assert shown_genre(item.description) == item.description.genre
