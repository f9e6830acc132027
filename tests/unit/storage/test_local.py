"""What a folder does beyond the common promises: atomicity, leftovers, a full disk."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.errors import NotStored, StorageError, StorageFull
from server.storage.local import INCOMING, LocalStorage


def test_local_path_is_the_file(local_storage: LocalStorage) -> None:
    local_storage.put("a/b", b"x")
    assert local_storage.local_path("a/b").read_bytes() == b"x"
    with pytest.raises(NotStored):
        local_storage.local_path("a/c")


def test_room_is_told_in_bytes(local_storage: LocalStorage) -> None:
    left = os.statvfs(local_storage.root)
    assert 0 < local_storage.free_bytes() <= left.f_blocks * left.f_frsize


@pytest.mark.parametrize("stage", ["os.replace", "os.fsync"])
def test_interrupted_write_leaves_the_old_content_and_nothing_else(
    local_storage: LocalStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    local_storage.put("a", b"old")
    source = tmp_path / "file"
    source.write_bytes(b"new")

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(stage, broken)
    with pytest.raises(StorageError, match="a: Input/output error"):
        local_storage.put("a", b"new")
    with pytest.raises(StorageError, match="a: Input/output error"):
        local_storage.put_file("a", source)
    monkeypatch.undo()
    assert local_storage.get("a") == b"old"
    assert list((local_storage.root / INCOMING).iterdir()) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_is_told(local_storage: LocalStorage, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def full(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageFull, match="no room left"):
        local_storage.put("a", b"x")
    monkeypatch.undo()
    assert not local_storage.exists("a")


def test_leftovers_of_dead_processes_are_removed_and_of_live_ones_kept(local_storage: LocalStorage) -> None:
    script = (
        "import os, sys; from pathlib import Path; from server.storage.local import LocalStorage\n"
        "os.replace = lambda *_: os._exit(9)\n"
        "LocalStorage(Path(sys.argv[1])).put('a', b'x')"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(local_storage.root)], check=False, timeout=30)
    assert killed.returncode == 9
    mine = local_storage.root / INCOMING / f"{local_storage._machine}.{os.getpid()}.00"
    elsewhere = local_storage.root / INCOMING / "another-machine.1.00"
    mine.touch()
    elsewhere.touch()
    assert len(list((local_storage.root / INCOMING).iterdir())) == 3
    assert list(local_storage.list()) == []
    assert local_storage.remove_leftovers() == 1
    assert {left.name for left in (local_storage.root / INCOMING).iterdir()} == {mine.name, elsewhere.name}


def test_lost_folder_is_not_ready(local_storage: LocalStorage) -> None:
    (local_storage.root / INCOMING).rmdir()
    with pytest.raises(StorageError, match="missing or not writable"):
        local_storage.check()


def test_links_out_of_the_store_are_not_listed(local_storage: LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    (local_storage.root / "link").symlink_to(tmp_path / "secret")
    assert list(local_storage.list()) == []
