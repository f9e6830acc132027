"""Lists of checksums in the forms that suppliers write."""

import hashlib
from pathlib import Path

import pytest

from server.delivery.checksums import delivery_digest, hash_files, is_list, read_list
from server.delivery.folder import walk_folder

MD5 = hashlib.md5(b"x").hexdigest()
SHA256 = hashlib.sha256(b"x").hexdigest()


@pytest.mark.parametrize(
    ("name", "line", "algorithm"),
    [
        ("list.md5", f"{MD5}  images/x.tif", "md5"), ("list.md5", f"{MD5} *images\\x.tif", "md5"), ("checkmd5.txt", f"{MD5.upper()};images/x.tif", "md5"),
        ("checkmd5.txt", f"images/x.tif {MD5}", "md5"), ("SHA256SUMS", f"{SHA256}  ./images/x.tif", "sha256"),
        ("x.sha256", f"SHA256 (images/x.tif) = {SHA256}", "sha256"), ("manifest-md5.txt", f"{MD5}  images/x.tif", "md5"),
        ("images/x.tif.md5", MD5, "md5"), ("list.MD5", f"{MD5}\tIMAGES/X.TIF", "md5"), ("list.md5", f"{MD5}  D:\\lot1\\images\\x.tif", "md5"),
    ],
)  # fmt: skip
def test_every_form_names_the_file_and_its_digest(tmp_path: Path, name: str, line: str, algorithm: str) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/x.tif").write_bytes(b"x")
    (tmp_path / name).write_text(f"# made by a supplier\r\n\r\n{line}\r\n")
    folder = walk_folder(tmp_path)
    assert is_list(name)
    claims, findings = read_list(folder, name)
    assert findings == ()
    listed = hash_files(folder, claims).listed
    assert [(c.path, c.algorithm, c.actual == c.expected, c.line) for c in listed] == [
        ("images/x.tif", algorithm, True, 3)
    ]


def test_a_line_that_is_no_checksum_or_leads_out_is_told_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "list.md5").write_text(f"hello\n{MD5}  ../../etc/passwd\n{MD5}  gone.tif\n")
    claims, findings = read_list(walk_folder(tmp_path), "list.md5")
    assert [(f.rule, "line 1" in f.message, "line 2" in f.message) for f in findings] == [
        ("checksum-list-unreadable", True, False), ("path-unsafe", False, True),
    ]  # fmt: skip
    assert [(claim.path, claim.found) for claim in claims] == [("gone.tif", False)]


def test_names_of_bags_are_decoded_as_the_standard_says_and_no_further(tmp_path: Path) -> None:
    for name in ("a%b.tif", "a%20b.tif"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "manifest-md5.txt").write_text(f"{MD5}  a%25b.tif\n{MD5}  a%20b.tif\n")
    claims, _ = read_list(walk_folder(tmp_path), "manifest-md5.txt")
    assert [(claim.path, claim.found) for claim in claims] == [("a%b.tif", True), ("a%20b.tif", True)]


def test_other_files_are_no_lists() -> None:
    assert not any(is_list(name) for name in ("items.csv", "bag-info.txt", "readme.txt", "md5", "manifest.xml"))


def test_the_digest_depends_on_names_and_bytes_and_not_on_order() -> None:
    expected = hashlib.sha256(b"11  b\n22  a\n").hexdigest()
    assert delivery_digest({"a": "22", "b": "11"}) == delivery_digest({"b": "11", "a": "22"}) == expected
    assert delivery_digest({"a": "11", "b": "22"}) != expected
