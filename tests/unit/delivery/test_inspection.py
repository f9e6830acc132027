"""Inspecting: what is seen of a delivery before anything is judged or recorded."""

from pathlib import Path

from server.delivery.inspection import Inspection, inspect_delivery
from server.delivery.opening import look_into
from server.delivery.values import Context
from tests.support.supplied import METS, pack, write_mets, write_table

CONTEXT = Context(institution="bm-lille", rights="public-domain")


def see(folder: Path, *, hashed: bool = True) -> Inspection:
    return inspect_delivery(look_into(folder, CONTEXT), hashed=hashed)


def test_a_mets_shows_its_document_views_texts_and_contents(tmp_path: Path) -> None:
    seen = see(write_mets(tmp_path / "echo"))
    assert (seen.name, seen.kinds, seen.is_bag, seen.files, seen.images) == ("echo", ("METS",), False, 5, 2)
    assert seen.context == {"institution": "bm-lille", "rights": "public-domain"}
    [item] = seen.items
    assert (item.identifier, item.views, item.texts, item.missing, item.ranges) == ("LIL_0001", 2, 2, 0, 2)
    assert (item.title, item.typology, item.rights) == ("L’Écho du Nord, n° 5", "presse", "public-domain")
    assert (seen.checksums.listed, seen.unused, seen.missing) == (0, (), ())


def test_what_is_missing_and_what_nothing_names_is_said(tmp_path: Path) -> None:
    folder = write_mets(tmp_path, METS)
    (folder / "images/p_0002.png").rename(folder / "images/page two.png")
    seen = see(folder)
    assert [item.missing for item in seen.items] == [1]
    assert [item.problems for item in seen.items] == [1]
    assert seen.unused == ("images/page two.png",)
    assert any("view f2 needs image images/p_0002.png" in said for said in seen.missing)


def test_checksums_are_verified_unless_it_must_be_quick(tmp_path: Path) -> None:
    folder = pack(write_table(tmp_path / "cartes"), "md5")
    seen = see(folder)
    assert (seen.is_bag, seen.kinds, seen.kind) == (True, ("table",), "bagit/table")
    assert (seen.checksums.lists, seen.checksums.verified) == (("manifest-md5.txt",), 6)
    (folder / "data/images/cp_001_r.png").write_bytes(b"other")
    (folder / "data/images/cp_001_v.png").unlink()
    seen = see(folder)
    assert seen.checksums.wrong == ("data/images/cp_001_r.png",)
    assert seen.checksums.absent == ("data/images/cp_001_v.png",)
    assert seen.checksums.verified == 4
    assert see(folder, hashed=False).checksums.verified is None
