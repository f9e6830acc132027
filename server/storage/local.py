"""A folder as a store.

What is written lies under a temporary name in `.incoming/` of the same folder, is flushed to the disk and then
renamed, so that a key is there whole or not at all, whenever the power goes. A temporary name tells machine and
process: what a killed process left is removed by `remove_leftovers`.
"""

import errno
import os
import re
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server.errors import NotStored, StorageError, StorageFull
from server.storage.base import Stored, checked_key, checked_prefix
from server.told import told

INCOMING = ".incoming"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class LocalStorage:
    """Bytes in files below `root`, which is made where it is missing."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._incoming = self.root / INCOMING
        self._machine = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())
        with _told(str(self.root)):
            self._incoming.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, data: bytes) -> None:
        """Store `data`, replacing what was there."""
        target = self._path(key)
        with _told(key), self._temporary() as fresh:
            with fresh.open("xb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            self._rename(fresh, target)

    def put_file(self, key: str, path: Path, *, move: bool = False) -> None:
        """Store the content of a file; with `move` the file itself is renamed where it lies on the same disk."""
        target = self._path(key)
        with _told(key):
            if move and path.stat().st_dev == self.root.stat().st_dev:
                _flush(path)
                self._rename(path, target)
                return
            with self._temporary() as fresh:
                shutil.copyfile(path, fresh)
                _flush(fresh)
                self._rename(fresh, target)
            if move:
                path.unlink()

    def get(self, key: str) -> bytes:
        """Return everything under a key."""
        path = self._path(key)
        with _told(key):
            return path.read_bytes()

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from `offset`."""
        path = self._path(key)
        with _told(key), path.open("rb", buffering=0) as file:
            data = os.pread(file.fileno(), length, offset)
            while len(data) < length and (more := os.pread(file.fileno(), length - len(data), offset + len(data))):
                data += more
        if len(data) != length:
            raise StorageError(
                told(
                    "{key}: ends before byte {end}; it is damaged, ingest its view again",
                    key=key,
                    end=offset + length,
                )
            )
        return data

    def size(self, key: str) -> int:
        """Return the size in bytes."""
        path = self._path(key)
        with _told(key):
            return path.stat().st_size

    def exists(self, key: str) -> bool:
        """Tell whether something is stored under a key."""
        return self._path(key).is_file()

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Yield all that lies below a folder."""
        folder = checked_prefix(prefix)
        yield from self._walk(self.root / folder, f"{folder}/" if folder else "")

    def delete(self, key: str) -> None:
        """Forget a key."""
        path = self._path(key)
        with _told(key):
            path.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Return the room that is left for this user, in bytes."""
        with _told(str(self.root)):
            left = os.statvfs(self.root)
        return left.f_bavail * left.f_frsize

    def local_path(self, key: str) -> Path:
        """Return the file that holds a key."""
        path = self._path(key)
        if not path.is_file():
            raise NotStored(told("{key}: nothing is stored under this key in {root}", key=key, root=str(self.root)))
        return path

    def remove_leftovers(self) -> int:
        """Remove temporary files of processes of this machine that are gone."""
        count = 0
        with _told(str(self._incoming)):
            for left in sorted(self._incoming.iterdir()):
                machine, _, rest = left.name.rpartition(".")[0].rpartition(".")
                if machine == self._machine and rest.isdigit() and not _is_alive(int(rest)):
                    left.unlink(missing_ok=True)
                    count += 1
        return count

    def check(self) -> None:
        """Raise StorageError where the folder is gone or cannot be written to."""
        if not os.access(self._incoming, os.R_OK | os.W_OK | os.X_OK):
            raise StorageError(
                told(
                    "storage folder {root} is missing or not writable; mount it, or give this user the right to write",
                    root=str(self.root),
                )
            )

    def _path(self, key: str) -> Path:
        return self.root / checked_key(key)

    def _rename(self, fresh: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(fresh, target)  # noqa: PTH105  # the one call that makes a key appear: fault tests stand in for it
        _flush(target.parent)

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        fresh = self._incoming / f"{self._machine}.{os.getpid()}.{secrets.token_hex(8)}"
        try:
            yield fresh
        finally:
            with suppress(FileNotFoundError):
                fresh.unlink()

    def _walk(self, folder: Path, prefix: str) -> Iterator[Stored]:
        try:
            found = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise StorageError(told("{folder}: {strerror}", folder=str(folder), strerror=error.strerror)) from error
        for entry in found:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(Path(entry.path), f"{prefix}{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                yield Stored(f"{prefix}{entry.name}", entry.stat().st_size)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn errors of the operating system into ours, with the key in the message."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotStored(told("{what}: nothing is stored under this key", what=what)) from error
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                told("{what}: no room left on the disk; free some, then run the same command again", what=what)
            ) from error
        raise StorageError(told("{what}: {strerror}", what=what, strerror=error.strerror or str(error))) from error


def _flush(path: Path) -> None:
    """Wait until a file or a folder's entries are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
