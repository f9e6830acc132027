"""Image rules: each on a file that has exactly its fault, told by what the headers say; and on sound ones."""

from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from server.delivery.opening import open_delivery
from server.delivery.values import Context, Finding
from server.imaging.source import probe
from server.imaging.statements import read_statements
from server.quality.checking import check
from server.quality.contract import read_contract
from tests.support.file_faults import ASKED, FAULTS, SRGB, Save, noise, saved

AS_WELL = {
    "one bit": {"image-colour"}, "print colours": {"image-profile"}, "another format": {"image-compression"},
    "headers disagree": {"image-resolution"},
}  # fmt: skip
"""What else is true of a file with the fault."""


def found(folder: Path, contract: str = ASKED) -> list[Finding]:
    (folder / "asked.toml").write_text(contract)
    asked = read_contract(folder / "asked.toml")
    (folder / "asked.toml").unlink()
    [image] = [path.name for path in folder.iterdir() if path.suffix in {".jpg", ".tif", ".png"}]
    (folder / "items.csv").write_text(f"dc:identifier;dc:title;dc:type;images\nA;T;presse;{image}\n")
    report = check(open_delivery(folder, Context(rights="public-domain")), contract=asked)
    return [each for each in report.findings if each.rule.startswith("image-")]


@pytest.mark.parametrize("name", FAULTS)
def test_each_rule_finds_its_fault_and_nothing_else(tmp_path: Path, name: str) -> None:
    make, rule, told = FAULTS[name]
    make(tmp_path)
    findings = found(tmp_path)
    wanted = {rule} | AS_WELL.get(name, set())
    assert {each.rule for each in findings} == wanted
    [one] = [each for each in findings if each.rule == rule]
    assert told in one.message
    assert (one.item, one.view, one.path[:2]) == ("A", 1, "a.")


@pytest.mark.parametrize(
    "save", [saved("a.jpg"), saved("a.tif"), saved("a.tif", noise("L"), icc_profile=SRGB)], ids=["jpeg", "tiff", "gray"]
)
def test_a_sound_image_has_no_fault(tmp_path: Path, save: Save) -> None:
    save(tmp_path)
    assert found(tmp_path) == []


def test_without_a_contract_nothing_is_asked_of_formats_and_colours(tmp_path: Path) -> None:
    noise("CMYK").save(tmp_path / "a.tif")
    assert found(tmp_path, 'name = "asked"\nlabel.fr = "a"\nlabel.en = "b"\n') == []


def test_jp2_is_validated_by_jpylyzer(tmp_path: Path) -> None:
    pixels = np.asarray(noise())
    body = bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="jp2"))
    (tmp_path / "a.jp2").write_bytes(body)
    assert read_statements(tmp_path / "a.jp2", "jp2", 8).malformed == ""
    (tmp_path / "b.jp2").write_bytes(body.replace(b"ftypjp2 ", b"ftypxxx "))
    said = read_statements(tmp_path / "b.jp2", "jp2", 8).malformed
    assert "it is no valid JP2; of jpylyzer's tests it fails" in said


def test_resolutions_are_read_where_each_format_keeps_them(tmp_path: Path) -> None:
    for name, place in (("a.jpg", "JFIF"), ("a.tif", "TIFF"), ("a.png", "PNG")):
        saved(name)(tmp_path)
        statements = read_statements(tmp_path / name, probe(tmp_path / name).format, 8)
        assert [(told, round(across), round(down)) for told, across, down in statements.resolutions] == [
            (place, 400, 400)
        ]
        assert (statements.colour, statements.malformed) == ("rgb", "")


def test_a_density_without_a_unit_is_no_resolution(shared: Path) -> None:
    path = shared / "samples/gallicorpora-bpt6k6495917k-alto4-jpeg/bpt6k6495917k_f21.tif.jpeg"
    assert path.read_bytes()[13:18] == b"\0\x01\x90\x01\x90"  # 400 by 400 of nothing
    assert read_statements(path, "jpeg", 8).resolutions == (("EXIF", 400.0, 400.0),)
