"""One database of each kind for all tests of a worker, emptied between them.

It keeps its address, and so its engine: what SQLAlchemy has translated into SQL stays translated, which else is a third of what
a test of the catalogue takes. To empty a PostgreSQL costs a hundredth of copying one.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, Engine, make_url

from server.catalogue import session
from tests.support.postgres import Postgres
from tests.support.workshops import make_tables

_make_engine = session.make_engine
_engines: dict[URL, Engine] = {}


def keep_engines() -> None:
    """Give whoever opens a kept database, in this process, the engine that was made first."""
    session.make_engine = lambda url: _engines[url] if url in _engines else _make_engine(url)
    os.register_at_fork(after_in_child=_engines.clear)  # connections are not shared between processes


def _keep(url: str) -> None:
    address = make_url(url)
    _engines[address] = _make_engine(address)


def _close(url: str) -> None:
    _engines[make_url(url)].dispose()


class KeptSQLite:
    """A database in a file, over which the file with nothing but tables is copied."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "kept" / "catalogue.sqlite"
        self._bare = folder / "bare.sqlite"
        make_tables(f"sqlite:///{self._bare}")
        self._path.parent.mkdir()
        self.url = f"sqlite:///{self._path}"
        _keep(self.url)

    def empty(self) -> None:
        """Make it as it was."""
        _close(self.url)
        shutil.rmtree(self._path.parent)
        self._path.parent.mkdir()
        shutil.copyfile(self._bare, self._path)


class KeptPostgres:
    """A database of a PostgreSQL server, whose rows are taken away; made anew where that is not enough."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._names: list[str] = []
        self._first: dict[str, list[tuple[Any, ...]]] = {}
        self.url = server.url("kept")
        _keep(self.url)
        self._make()

    def empty(self) -> None:
        """Make it as it was."""
        _close(self.url)
        try:
            with self._connection() as connection:
                if self._shape(connection) == self._made:
                    self._take_away(connection)
                    return
        except psycopg.Error:
            pass  # a test has changed more than rows
        self._server.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", "kept")
        self._make()

    def _make(self) -> None:
        self._server.execute("CREATE DATABASE {}", "kept")
        make_tables(self.url)
        _close(self.url)
        with self._connection() as connection:
            self._made = self._shape(connection)
            query = "select tablename from pg_tables where schemaname = 'public' order by 1"
            self._names = [name for (name,) in connection.execute(query)]
            self._first = {
                name: rows
                for name in self._names
                if (rows := connection.execute(sql.SQL("select * from {}").format(sql.Identifier(name))).fetchall())
            }

    def _connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(f"host={self._server.folder} user=postgres dbname=kept")

    def _shape(self, connection: psycopg.Connection[tuple[Any, ...]]) -> object:
        """What a test changes that is no row: tables and columns, and what the planner has learned of them."""
        return connection.execute(
            "select count(*), max(oid), (select count(*) from pg_attribute), (select count(*) from pg_statistic) from pg_class"
        ).fetchone()

    def _take_away(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        # whoever a test has left behind may hold locks
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'kept' and pid <> pg_backend_pid()"
        )
        connection.execute("set lock_timeout = '10s'")
        connection.execute("set session_replication_role = replica")  # in any order: no foreign key is looked at
        for name in self._names:
            connection.execute(sql.SQL("delete from {}").format(sql.Identifier(name)))
        for name, rows in self._first.items():
            marks = sql.SQL(", ").join(sql.Placeholder() * len(rows[0]))
            with connection.cursor() as cursor:
                cursor.executemany(sql.SQL("insert into {} values ({})").format(sql.Identifier(name), marks), rows)
        connection.execute("select setval(oid::regclass, 1, false) from pg_class where relkind = 'S'")
