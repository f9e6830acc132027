"""Opening: what is found, what is not looked at, what stands beside the documents."""

import hashlib
import os
from pathlib import Path

import pytest

from server.delivery.context import checked, find_typology
from server.delivery.folder import natural_key, walk_folder
from server.delivery.opening import open_delivery
from server.delivery.registry import readers
from server.delivery.structure import fit_box, fit_structure, merge_targets
from server.delivery.values import Context
from server.errors import DeliveryError, FormatError
from server.model.description import TYPOLOGY_LABELS, Typology
from server.model.structure import Target
from server.model.text import Box
from tests.support.supplied import METS, pack, write_mets, write_table

CONTEXT = Context(rights="public-domain")


def test_opening_changes_nothing_and_says_the_same_twice(tmp_path: Path) -> None:
    folder = write_mets(tmp_path)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
    first, second = open_delivery(folder, CONTEXT), open_delivery(folder, CONTEXT)
    assert first == second
    assert before == {
        path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()
    }


def test_the_digest_is_that_of_the_sorted_lines_of_all_files(tmp_path: Path) -> None:
    delivery = open_delivery(write_mets(tmp_path), CONTEXT)
    lines = sorted(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(tmp_path).as_posix()}\n"
        for path in tmp_path.rglob("*")
        if path.is_file()
    )
    assert delivery.digest == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert len(delivery.files) == len(lines) == 5


def test_progress_tells_every_byte(tmp_path: Path) -> None:
    told: list[int] = []
    open_delivery(write_mets(tmp_path), CONTEXT, progress=told.append)
    assert sum(told) == sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())


def test_what_file_managers_leave_behind_is_no_part_of_the_delivery(tmp_path: Path) -> None:
    clean = open_delivery(write_mets(tmp_path), CONTEXT)
    for name in (".DS_Store", "images/Thumbs.db", "images/._p_0001.png"):
        (tmp_path / name).write_bytes(b"junk")
    littered = open_delivery(tmp_path, CONTEXT)
    assert littered.digest == clean.digest
    assert [finding.rule for finding in littered.findings] == ["junk-ignored"] * 3


def test_a_link_inside_the_delivery_is_the_file_itself(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "images/p_0001.png").rename(tmp_path / "images/p_0003.png")
    (tmp_path / "images/p_0001.png").symlink_to("p_0003.png")
    delivery = open_delivery(tmp_path, CONTEXT)
    assert delivery.files["images/p_0001.png"] == delivery.files["images/p_0003.png"]


def test_names_that_differ_only_in_case_are_told(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "images/P_0001.PNG").write_bytes(b"x")
    assert [finding.rule for finding in open_delivery(tmp_path, CONTEXT).findings] == ["case-duplicate"]


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / os.fsdecode(b"\xe9t\xe9.tif")).write_bytes(b"x")
    with pytest.raises(DeliveryError, match="not in UTF-8; rename it"):
        open_delivery(tmp_path, CONTEXT)


def test_the_kind_is_found_by_content_and_never_by_name(tmp_path: Path) -> None:
    write_mets(tmp_path / "a")
    (tmp_path / "a/LIL_0001-METS.xml").rename(tmp_path / "a/lisezmoi.dat")
    assert open_delivery(tmp_path / "a", CONTEXT).kind == "mets"
    write_table(tmp_path / "b")
    (tmp_path / "b/METS.xml").write_text("<notes/>")
    assert open_delivery(tmp_path / "b", CONTEXT).kind == "table"
    assert [(reader.kind, reader.stage) for reader in readers()] == [
        ("ead", 0), ("mets", 0), ("refnum", 0), ("table", 0), ("unimarc", 1), ("pdf", 2)
    ]  # fmt: skip


def test_no_folder_and_a_file_are_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="there is no such folder"):
        open_delivery(tmp_path / "absent")
    (tmp_path / "a.zip").write_bytes(b"x")
    with pytest.raises(DeliveryError, match="is not a folder; give the folder of the delivery, unpacked"):
        open_delivery(tmp_path / "a.zip")


def test_folders_without_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "/".join("d" * 50)).mkdir(parents=True)
    with pytest.raises(DeliveryError, match="nested deeper"):
        walk_folder(tmp_path)


# delivery.toml


def test_the_context_is_read_and_the_command_line_wins(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "delivery.toml").write_text(
        'institution = "bm"\nsupplier = "s"\nrights = "domaine public"\ncollections = ["a"]\n'
    )
    delivery = open_delivery(tmp_path, Context(supplier="other", typology="Presse"))
    assert delivery.context == Context("bm", "other", "", "presse", "public-domain", collections=("a",))
    assert delivery.used == delivery.files.keys()


def test_in_a_bag_the_context_beside_bagit_wins_over_that_of_the_payload(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "delivery.toml").write_text('institution = "inner"\nsupplier = "inner"\n')
    pack(tmp_path)
    (tmp_path / "delivery.toml").write_text('institution = "outer"\n')
    context = open_delivery(tmp_path, CONTEXT).context
    assert (context.institution, context.supplier) == ("outer", "inner")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('rights = "public-domain"\n\ntypologie = "presse"\n', r"delivery\.toml, line 3: the key 'typologie' is not known"),
        ("institution = 3\n", r"line 1: institution is not a text"), ('collections = "a"\n', "line 1: collections is not a list"),
        ("institution = \n", r"line 1: is not TOML"), ("[rights]\nstatus = 1\n", r"line 1: rights is not a text"),
    ],
)  # fmt: skip
def test_a_wrong_context_is_refused_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    write_mets(tmp_path)
    (tmp_path / "delivery.toml").write_text(text)
    with pytest.raises(FormatError, match=fault):
        open_delivery(tmp_path, CONTEXT)


@pytest.mark.parametrize(
    "context", [Context(typology="romans"), Context(rights="gratuit"), Context(language="klingonais")]
)
def test_a_word_that_does_not_exist_is_refused(context: Context) -> None:
    with pytest.raises(DeliveryError, match="not known"):
        checked(context)


@pytest.mark.parametrize("typology", list(Typology))
def test_a_typology_is_known_by_slug_and_labels(typology: Typology) -> None:
    assert all(find_typology(said) is typology for said in (typology.value, *TYPOLOGY_LABELS[typology].values()))


# bags


def test_a_file_that_no_manifest_lists_and_a_wrong_sum_are_told(tmp_path: Path) -> None:
    pack(write_mets(tmp_path))
    (tmp_path / "data/extra.txt").write_text("x")
    findings = [(f.rule, f.path) for f in open_delivery(tmp_path, CONTEXT).findings]
    assert findings == [("bag-invalid", "bag-info.txt"), ("bag-invalid", "data/extra.txt")]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("bagit.txt", "hello", "this bag cannot be read"), ("bagit.txt", "BagIt-Version: 9.9\nTag-File-Character-Encoding: UTF-8\n", "Unsupported bag version"),
        ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: none\n", "Unsupported encoding"), ("bag-info.txt", "x" * 2_000_000, "the limit is"),
    ],
)  # fmt: skip
def test_a_broken_bag_is_refused(tmp_path: Path, name: str, text: str, fault: str) -> None:
    pack(write_mets(tmp_path))
    (tmp_path / name).write_text(text)
    with pytest.raises(DeliveryError, match=fault):
        open_delivery(tmp_path, CONTEXT)


def test_a_path_out_of_a_bag_refuses_the_document(tmp_path: Path) -> None:
    pack(write_mets(tmp_path, METS.replace("images/p_0001.png", "../../x.png")))
    findings = open_delivery(tmp_path, CONTEXT).findings
    assert [finding.rule for finding in findings] == ["path-unsafe"]


# helpers of order and place


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["p10.tif", "p2.tif", "P1.tif", "p02b.tif", "q.tif", "1.tif"]
    assert sorted(names, key=natural_key) == ["1.tif", "P1.tif", "p2.tif", "p02b.tif", "p10.tif", "q.tif"]


def test_boxes_are_fitted_to_the_image_and_stay_inside_it(tmp_path: Path) -> None:
    item = open_delivery(write_mets(tmp_path), CONTEXT).items[0]
    fitted = fit_structure(item, {1: (600, 800)})
    assert fitted[0].targets == (Target(1, Box(50, 50, 500, 400)), Target(2, Box(5, 5, 50, 10)))
    assert fit_box(Box(-10, 0, 20, 200), (100, 100), (50, 50)) == Box(0, 0, 5, 50)
    assert fit_box(Box(200, 0, 20, 20), (100, 100), (50, 50)) is None


def test_targets_of_one_column_are_joined_and_those_of_others_are_not() -> None:
    column = [
        Target(1, Box(0, 0, 10, 10)),
        Target(1, Box(1, 12, 8, 10)),
        Target(1, Box(20, 0, 10, 5)),
        Target(2, Box(0, 0, 5, 5)),
        Target(2),
    ]
    assert merge_targets(column) == (Target(1, Box(0, 0, 10, 22)), Target(1, Box(20, 0, 10, 5)), Target(2))
