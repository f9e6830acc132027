"""References of suppliers, to files of the delivery and to nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.delivery.folder import Folder
from server.delivery.paths import How, Resolved, resolve
from server.errors import UnsafePath

FILES = (
    "a b.tif",
    "images/x.tif",
    "images/É.tif",
    "one/scan/y.tif",
    "sub/mets.xml",
    "sub/z.tif",
    "two/scan/y.tif",
    "100%25.tif",
)
FOLDER = Folder(Path("/nowhere"), dict.fromkeys(FILES, 1))


@pytest.mark.parametrize(
    ("reference", "path", "how"),
    [
        ("z.tif", "sub/z.tif", How.EXACT), ("./z.tif", "sub/z.tif", How.EXACT), ("images/x.tif", "images/x.tif", How.EXACT),
        ("../images/x.tif", "images/x.tif", How.EXACT), ("file://./images/x.tif", "images/x.tif", How.EXACT),
        ("images\\x.tif", "images/x.tif", How.EXACT), ("a%20b.tif", "a b.tif", How.EXACT), ("100%25.tif", "100%25.tif", How.EXACT),
        ("IMAGES/X.TIF", "images/x.tif", How.INEXACT), ("images/e\u0301.tif".upper(), "images/É.tif", How.INEXACT),
        ("C:\\scan\\2024\\x.tif", "images/x.tif", How.INEXACT), ("file:///C:/scan/x.tif", "images/x.tif", How.INEXACT),
        ("//NAS/in/x.tif", "images/x.tif", How.INEXACT), ("/mnt/two/scan/y.tif", "two/scan/y.tif", How.INEXACT),
        ("/mnt/scan/y.tif", "y.tif", How.MISSING), ("absent.tif", "sub/absent.tif", How.MISSING), ("", "", How.MISSING),
        ("https://example.org/x.tif", "https://example.org/x.tif", How.REMOTE), ("urn:x", "urn:x", How.REMOTE),
    ],
)  # fmt: skip
def test_references_are_resolved_as_suppliers_mean_them(reference: str, path: str, how: How) -> None:
    assert resolve(FOLDER, reference, source="sub/mets.xml") == Resolved(path, how)


@pytest.mark.parametrize(
    "reference",
    [
        "../../x",
        "..\\..\\x",
        "%2e%2e/%2e%2e/x",
        "images/../../../x",
        "file://../../x",
        "/a/../x.tif",
        "C:\\..\\x.tif",
        "a\0b",
        "a%00b",
        "x" * 5000,
    ],
)
def test_a_reference_that_would_leave_is_refused_with_file_and_line(reference: str) -> None:
    with pytest.raises(UnsafePath, match=r"^sub/mets\.xml, line 7: "):
        resolve(FOLDER, reference, source="sub/mets.xml", line=7)


@given(st.text(max_size=30) | st.from_regex(r"(\.\./|%2e|\\|/|[a-z]:|file:|\.){0,6}[a-z]{0,3}", fullmatch=True))
def test_nothing_outside_is_ever_returned_as_found(reference: str) -> None:
    try:
        found = resolve(FOLDER, reference, source="sub/mets.xml")
    except UnsafePath:
        return
    assert found.path in FOLDER.files or not found.found
    assert found.how is How.REMOTE or ".." not in found.path.split("/")
