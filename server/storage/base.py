"""What a store of bytes does, whichever back end holds them.

Keys look like paths (`pyramids/v1b7xk2/f0012-….tif`), are restricted to a small alphabet and are made by
`server/storage/keys.py` alone. Imports nothing but the errors: back ends import this, never the other way round.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from server.errors import StorageError
from server.told import told

MAX_KEY = 512
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored thing: its key and its size in bytes."""

    key: str
    size: int


class Storage(Protocol):
    """Bytes by key. Every method may raise StorageError; a write is seen whole or not at all.

    An instance belongs to the process that made it: make it after a fork, never before.
    """

    def put(self, key: str, data: bytes) -> None:
        """Store `data`, replacing what was there. Raises StorageFull where there is no room."""

    def put_file(self, key: str, path: Path, *, move: bool = False) -> None:
        """Store the content of a file, replacing what was there; with `move` the file is gone afterwards."""

    def get(self, key: str) -> bytes:
        """Return everything under a key. Raises NotStored."""

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from `offset`. Raises NotStored; StorageError where the end comes first."""

    def size(self, key: str) -> int:
        """Return the size in bytes. Raises NotStored."""

    def exists(self, key: str) -> bool:
        """Tell whether something is stored under a key."""

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Yield all that lies below a folder (`pyramids/v1b7xk2`), in no promised order; all with no prefix."""

    def delete(self, key: str) -> None:
        """Forget a key; that nothing is there is no error."""

    def free_bytes(self) -> int | None:
        """Return the room that is left in bytes, or None where the back end cannot say."""

    def local_path(self, key: str) -> Path | None:
        """Return the file that holds a key on this machine, or None where there is none. Raises NotStored."""

    def remove_leftovers(self) -> int:
        """Remove what interrupted writes of processes that are gone left behind; return how many."""

    def check(self) -> None:
        """Raise StorageError where the store does not answer or cannot be written to (readiness)."""


def checked_key(key: str) -> str:
    """Return `key` if it may name something stored. Raises StorageError: nothing may leave the root."""
    if len(key) > MAX_KEY or not _KEY.fullmatch(key):
        raise StorageError(
            told(
                "storage key {key!r} is not allowed: parts of letters, digits, '-', '_' and inner '.', joined by '/'",
                key=key[:80],
            )
        )
    return key


def checked_prefix(prefix: str) -> str:
    """Return the folder `prefix` without a final slash; empty means everything."""
    return checked_key(prefix.rstrip("/")) if prefix else ""
