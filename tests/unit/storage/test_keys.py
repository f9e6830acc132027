"""The table of keys: readable, safe, and the same in the documentation."""

import re
from pathlib import Path

import pytest

from server.errors import StorageError
from server.storage.base import checked_key
from server.storage.keys import KEY_PATTERNS, index_key, master_key, pyramid_key, rendering_key, source_key

SHA = "0123456789abcdef" * 4
DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "storage-keys.md"


def test_keys_are_readable() -> None:
    assert (
        pyramid_key("v1b7xk2", 12, SHA, "jpeg85-512-v1") == "pyramids/v1b7xk2/f0012-0123456789abcdef-jpeg85-512-v1.tif"
    )
    assert index_key("v1b7xk2", 12, SHA, "jpeg85-512-v1") == "pyramids/v1b7xk2/f0012-0123456789abcdef-jpeg85-512-v1.idx"
    assert master_key("v1b7xk2", 12, SHA, ".TIF") == "masters/v1b7xk2/f0012-0123456789abcdef.tif"
    assert master_key("v1b7xk2", 12345, SHA, "jp2") == "masters/v1b7xk2/f12345-0123456789abcdef.jp2"
    assert source_key("v1b7xk2", SHA, "xml") == "sources/v1b7xk2/0123456789abcdef.xml"
    assert rendering_key("v1b7xk2", SHA, "pdf1-2000q72") == "renderings/v1b7xk2/0123456789abcdef-pdf1-2000q72.pdf"


def test_every_key_is_storable() -> None:
    for key in (
        pyramid_key("a", 1, SHA, "r"),
        index_key("a", 1, SHA, "r"),
        master_key("a", 1, SHA, "tif"),
        source_key("a", SHA, "xml"),
        rendering_key("a", SHA, "r"),
    ):
        assert checked_key(key) == key


@pytest.mark.parametrize("name", ["", "..", "a/b", "é", ".a", "a b"])
def test_names_cannot_leave_their_folder(name: str) -> None:
    with pytest.raises(StorageError, match="cannot be part of a storage key"):
        pyramid_key(name, 1, SHA, "r")


def test_digests_suffixes_and_numbers_are_checked() -> None:
    with pytest.raises(StorageError, match="not a SHA-256"):
        master_key("a", 1, SHA.upper(), "tif")
    with pytest.raises(StorageError, match="suffix"):
        master_key("a", 1, SHA, "t/f")
    with pytest.raises(StorageError, match="view number"):
        master_key("a", -1, SHA, "tif")


def test_documented_table_equals_the_code() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| `([^`]+)` \|$", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert rows == KEY_PATTERNS
