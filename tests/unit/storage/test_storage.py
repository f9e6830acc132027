"""What both stores promise, tested on both."""

import os
from pathlib import Path

import pytest

from server.errors import NotStored, StorageError
from server.storage import Storage, Stored


def test_bytes_come_back(any_storage: Storage) -> None:
    any_storage.put("pyramids/a/f0001.idx", b"hello")
    assert any_storage.get("pyramids/a/f0001.idx") == b"hello"
    assert any_storage.size("pyramids/a/f0001.idx") == 5
    assert any_storage.exists("pyramids/a/f0001.idx")
    assert not any_storage.exists("pyramids/a/f0002.idx")
    assert not any_storage.exists("pyramids/a")


def test_second_write_replaces_the_first(any_storage: Storage) -> None:
    any_storage.put("a", b"first")
    any_storage.put("a", b"second, longer")
    assert any_storage.get("a") == b"second, longer"


def test_ranges_are_exact(any_storage: Storage) -> None:
    any_storage.put("a", bytes(range(256)))
    assert any_storage.read("a", 0, 1) == b"\x00"
    assert any_storage.read("a", 250, 6) == bytes(range(250, 256))
    assert any_storage.read("a", 10, 0) == b""
    with pytest.raises(StorageError, match="ends before byte 257"):
        any_storage.read("a", 250, 7)


@pytest.mark.parametrize("size", [0, 1, 12_000_000])
def test_files_come_back(any_storage: Storage, tmp_path: Path, size: int) -> None:
    source = tmp_path / "file.tif"
    content = os.urandom(size)
    source.write_bytes(content)
    any_storage.put_file("masters/a/f0001.tif", source)
    assert any_storage.size("masters/a/f0001.tif") == size
    assert any_storage.get("masters/a/f0001.tif") == content
    assert source.exists()
    any_storage.put_file("masters/a/f0002.tif", source, move=True)
    assert any_storage.get("masters/a/f0002.tif") == content
    assert not source.exists()


def test_list_knows_folders(any_storage: Storage) -> None:
    keys = {"b/2", "b-1/1", "b/10", "a", "b.x", "bb/1", "b/c/d"}
    for key in keys:
        any_storage.put(key, key.encode())
    everything = [found.key for found in any_storage.list()]
    assert len(everything) == len(keys)
    assert set(everything) == keys
    assert set(any_storage.list("b")) == {Stored("b/10", 4), Stored("b/2", 3), Stored("b/c/d", 5)}
    assert set(any_storage.list("b/")) == set(any_storage.list("b"))
    assert list(any_storage.list("nothing/here")) == []


def test_delete_forgets_and_may_be_repeated(any_storage: Storage) -> None:
    any_storage.put("a/b", b"x")
    any_storage.delete("a/b")
    any_storage.delete("a/b")
    assert not any_storage.exists("a/b")
    assert list(any_storage.list()) == []


def test_missing_keys_are_named(any_storage: Storage) -> None:
    for ask in (any_storage.get, any_storage.size, lambda key: any_storage.read(key, 0, 1)):
        with pytest.raises(NotStored, match="pyramids/x/f0001"):
            ask("pyramids/x/f0001")


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "../a", "a/../b", "a//b", "a b", "é", "a\x00", ".incoming/a", "a/.b", "a" * 513, "a\n"]
)
def test_bad_keys_are_refused_everywhere(any_storage: Storage, tmp_path: Path, key: str) -> None:
    source = tmp_path / "file"
    source.write_bytes(b"x")
    for refused in (
        lambda: any_storage.put(key, b"x"),
        lambda: any_storage.put_file(key, source),
        lambda: any_storage.get(key),
        lambda: any_storage.read(key, 0, 1),
        lambda: any_storage.size(key),
        lambda: any_storage.exists(key),
        lambda: any_storage.delete(key),
        lambda: any_storage.local_path(key),
    ):
        with pytest.raises(StorageError, match="storage key"):
            refused()


def test_bad_prefix_is_refused(any_storage: Storage) -> None:
    with pytest.raises(StorageError, match="storage key"):
        list(any_storage.list("../x"))


def test_missing_file_stores_nothing(any_storage: Storage, tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        any_storage.put_file("a", tmp_path / "absent")
    assert list(any_storage.list()) == []


def test_check_passes_on_a_sound_store(any_storage: Storage) -> None:
    any_storage.check()
    assert any_storage.remove_leftovers() == 0
