"""Locks of many names at once, and taking turns inside a transaction.

`Catalogue.lock` holds a connection (PostgreSQL) or a file (SQLite) for each name. An ingest holds a lock for each
document that is on its way: here they share one connection, or are single bytes of one lock file (Linux open file
description locks, fcntl(2)). All end with the process, whatever ends it.
"""

import fcntl
import hashlib
import os
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from server.catalogue.session import Catalogue
from server.errors import Busy, CatalogueError
from server.told import told


class Locks(Protocol):
    """Named locks held by one process until they are released, or until it ends."""

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Hold a lock in the block. Raises Busy when somebody else has it, CatalogueError when it is held here."""
        yield


def document_lock(institution: str | None, identifier: str) -> str:
    """Return the name of the lock on a document: whoever writes or deletes bytes of it holds it."""
    return f"document {identifier} of {institution}"


@contextmanager
def open_locks(catalogue: Catalogue) -> Iterator[Locks]:
    """Open a set of locks; those that are still held at the end of the block are released."""
    if not catalogue.is_sqlite:
        with catalogue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield _AdvisoryLocks(connection)
            return
    folder = Path(f"{catalogue.url.database}.locks")
    folder.mkdir(exist_ok=True)
    descriptor = os.open(folder / "items", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield _ByteLocks(descriptor)
    finally:
        os.close(descriptor)


def serialise(session: Session, name: str) -> None:
    """Let the transactions that say the same name run one after the other: what one reads, no other adds meanwhile.

    On SQLite writers take turns anyway (`BEGIN IMMEDIATE`); on PostgreSQL the lock ends with the transaction.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _number(f"transaction {name}")})


class _OneHolder(ABC):
    """What both kinds share: a name is held once, and known to be held here."""

    def __init__(self) -> None:
        self._held: set[int] = set()

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Hold a lock in the block."""
        number = _number(name)
        if number in self._held:
            raise CatalogueError(told("{name}: it comes twice; leave one of them out", name=name))
        if not self._take(number):
            raise Busy(
                told("{name}: another process is at it; nothing was changed, run the same command again", name=name)
            )
        with ExitStack() as after:
            after.callback(self._give, number)
            self._held.add(number)
            after.callback(self._held.discard, number)
            yield

    @abstractmethod
    def _take(self, number: int) -> bool:
        """Take a lock by its number; False where somebody else holds it."""

    @abstractmethod
    def _give(self, number: int) -> None:
        """Give it back."""


class _AdvisoryLocks(_OneHolder):
    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def _take(self, number: int) -> bool:
        return bool(self._connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": number}))

    def _give(self, number: int) -> None:
        self._connection.execute(text("select pg_advisory_unlock(:key)"), {"key": number})


class _ByteLocks(_OneHolder):
    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def _take(self, number: int) -> bool:
        try:
            self._set(fcntl.F_WRLCK, number)
        except (BlockingIOError, PermissionError):  # EAGAIN or EACCES, as the file system says
            return False
        return True

    def _give(self, number: int) -> None:
        self._set(fcntl.F_UNLCK, number)

    def _set(self, kind: int, number: int) -> None:
        # struct flock: type, whence, start, length, pid (0 for these locks); a byte far beyond the end may be locked
        flock = struct.pack("hhqqi", kind, os.SEEK_SET, number & (2**62 - 1), 1, 0)
        fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, flock)


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
