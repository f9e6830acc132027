"""Opening the catalogue: SQLite (WAL, `BEGIN IMMEDIATE` for writers) or PostgreSQL, behind one class."""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.orm import Session

from server.errors import Busy, CatalogueError, SettingsError, StorageFull
from server.model.clock import utc_now
from server.told import told

PUBLICATION = "publication"
BUSY_SECONDS = 30


class Catalogue:
    """A catalogue, opened. Make it after a fork: connections are not shared between processes."""

    def __init__(self, url: str) -> None:
        try:
            self.url: URL = make_url(url)
        except (ArgumentError, ValueError):
            # it is not shown: it may hold a password
            raise SettingsError(
                told(
                    "VITRINE_DATABASE_URL is not a database address; write sqlite:///file or "
                    "postgresql+psycopg://user@host/name"
                )
            ) from None
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _make_room(self.url)
        self.engine = make_engine(self.url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one consistent snapshot; nothing in it can be written."""
        with self.snapshot() as connection, Session(connection, autoflush=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection on one consistent snapshot, for hot reads with SQLAlchemy Core.

        Raises CatalogueError where the database does not answer, or goes away while it is read.
        """
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            if error.connection_invalidated:
                raise _problem(self.url, error.orig) from error
            raise

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back if it raises."""
        with self.engine.connect().execution_options(vitrine_write=True) as connection:
            try:
                transaction = connection.begin()
            except OperationalError as error:
                raise _problem(self.url, error.orig) from error
            with transaction, Session(connection) as session:
                yield session
                session.flush()

    @contextmanager
    def publication_lock(self) -> Iterator[None]:
        """Hold the one lock around sequence, datestamp and commit: readers never see a hole that is filled later."""
        with self.lock(PUBLICATION):
            yield

    def is_publishing(self) -> bool:
        """Whether a publisher is between its datestamp and its commit right now."""
        try:
            with self.lock(PUBLICATION, wait=False, shared=True):
                return False
        except Busy:
            return True

    @contextmanager
    def lock(self, name: str, *, wait: bool = True, shared: bool = False) -> Iterator[None]:
        """Hold a named lock that ends with the process, whatever ends it; a lock file or an advisory lock.

        Raises Busy when `wait` is off and somebody else holds it.
        """
        with (
            _file_lock(self._lock_path(name), wait, shared)
            if self.is_sqlite
            else self._advisory_lock(name, wait, shared)
        ):
            yield

    @contextmanager
    def _advisory_lock(self, name: str, wait: bool, shared: bool) -> Iterator[None]:
        key = {"key": int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)}
        suffix = "_shared" if shared else ""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if wait:
                connection.execute(text(f"select pg_advisory_lock{suffix}(:key)"), key)
            elif not connection.scalar(text(f"select pg_try_advisory_lock{suffix}(:key)"), key):
                raise Busy(told("{name}: another process is at it; nothing was changed", name=name))
            try:
                yield
            finally:
                connection.execute(text(f"select pg_advisory_unlock{suffix}(:key)"), key)

    def clock(self) -> datetime:
        """Return the present moment in UTC, to the second, from the one clock that all machines share.

        That is the database server's: a publisher whose own clock is behind could else write a datestamp that
        harvesters, told the time by another machine, have already passed.
        """
        if self.is_sqlite:
            return utc_now()
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            now: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
        return now.astimezone(UTC).replace(microsecond=0)

    def check(self) -> None:
        """Raise CatalogueError unless the database answers and holds our tables."""
        try:
            with self.snapshot() as connection:
                connection.execute(text("select count(*) from installation"))
        except CatalogueError:
            raise
        except Exception as error:
            raise _problem(self.url, error) from error

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _lock_path(self, name: str) -> Path:
        folder = Path(f"{self.url.database}.locks")
        _make_folder(folder)
        return folder / hashlib.sha256(name.encode()).hexdigest()[:16]


@contextmanager
def _file_lock(path: Path, wait: bool, shared: bool) -> Iterator[None]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise CatalogueError(
            told(
                "the lock {path} cannot be opened: {strerror}; look who may write there",
                path=str(path),
                strerror=error.strerror,
            )
        ) from None
    try:
        operation = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(descriptor, operation)
        except BlockingIOError:
            raise Busy(told("another process is at it; nothing was changed")) from None
        yield
    finally:
        os.close(descriptor)


def make_engine(url: URL) -> Engine:
    """Return the engine of a database, set up as the catalogue needs it; nothing is opened yet.

    Raises SettingsError for a database that is not offered.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
    elif url.get_backend_name() == "postgresql":
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=8, max_overflow=8
        )
    else:
        raise SettingsError(
            told("VITRINE_DATABASE_URL: {name} is not offered; use SQLite or PostgreSQL", name=url.get_backend_name())
        )

    @event.listens_for(engine, "handle_error")
    def _explain(context: ExceptionContext) -> None:
        """A connection that cannot be made is mostly a setting that is wrong: SQLAlchemy's error becomes a sentence."""
        if context.connection is None and not context.is_pre_ping:
            raise _problem(url, context.original_exception) from context.original_exception
        if _is_full(context.original_exception):
            raise StorageFull(
                told(
                    "the disk of the catalogue is full; nothing was changed. Free some room, then run the same command again"
                )
            ) from context.original_exception

    return engine


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # `_begin` says BEGIN itself
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: upgrading from a read in the middle would fail without waiting.
    connection.exec_driver_sql(
        "BEGIN IMMEDIATE" if connection.get_execution_options().get("vitrine_write") else "BEGIN"
    )


def _is_full(error: BaseException | None) -> bool:
    """Whether a database says that its disk is full: SQLITE_FULL, or PostgreSQL's 53100 (disk_full)."""
    return (
        getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or getattr(error, "sqlstate", None) == "53100"
    )


def _problem(url: URL, error: BaseException | None) -> CatalogueError:
    said = " ".join(str(error).split())
    if url.get_backend_name() == "sqlite" and "locked" in said:
        return Busy(told("the catalogue was locked by another writer for {seconds} s; try again", seconds=BUSY_SECONDS))
    # without its query, which may hold a password too
    shown = url.set(query={}).render_as_string()
    return CatalogueError(
        told(
            "the catalogue at {shown} does not answer: {said}; look whether the database runs and whether "
            "VITRINE_DATABASE_URL (for SQLite also VITRINE_HOME_DIR) names it rightly",
            shown=shown,
            said=said,
        )
    )


def _make_room(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise SettingsError(
            told("VITRINE_DATABASE_URL: SQLite needs a file, for example sqlite:///data/var/catalogue.sqlite")
        )
    _make_folder(Path(url.database).parent)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            told(
                "the catalogue's folder {folder} cannot be made: {strerror}; set VITRINE_HOME_DIR or "
                "VITRINE_DATABASE_URL to a place where you may write",
                folder=str(folder),
                strerror=error.strerror,
            )
        ) from None
