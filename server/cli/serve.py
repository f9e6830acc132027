"""`vitrine serve`: gunicorn with its ASGI worker on uvloop, and beside it the sweep that publishes what becomes due.

What must be right is looked at before anything starts: tables, addresses, the port. Then gunicorn's arbiter runs in this
process; it ends on Ctrl-C and on SIGTERM, with its workers and the sweep.
"""

import contextlib
import errno
import gc
import logging
import multiprocessing
import signal
import socket
from multiprocessing import connection
from multiprocessing.context import SpawnProcess
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from server.catalogue.migrations import must_be_current
from server.catalogue.session import Catalogue
from server.errors import SettingsError
from server.health import check_addresses
from server.log import configure_logging
from server.publish.outdated import count_outdated, tell_outdated
from server.publish.sweep import run_sweeps
from server.settings import Settings, load_settings
from server.static_files import StaticFiles
from server.worker import loads

NEEDED = (
    "vendor/openseadragon/openseadragon.min.js",
    "vendor/mirador/mirador.min.js",
    "vendor/fonts/eb-garamond-latin-400-normal.woff2",
)
"""Files that are not ours and that the pages cannot do without."""

_LONGEST_SOCKET_PATH = 100  # a Unix socket's path holds 107 bytes
_ENDING_SECONDS = 5

_log = logging.getLogger("vitrine.serve")


def gunicorn_options(settings: Settings) -> dict[str, Any]:
    """Return how gunicorn runs the server; `gunicorn.conf.py` is made of the same."""
    control = (settings.home_dir / f"gunicorn-{settings.port}.ctl").absolute()
    return {
        "bind": f"{settings.host}:{settings.port}",
        "worker_class": "server.worker.Worker",
        "asgi_lifespan": "on",
        "workers": settings.processes,
        # Connections and the object store are opened after the fork: they do not survive one.
        "preload_app": False,
        "timeout": 60,
        "graceful_timeout": 10,
        "keepalive": 30,
        # Each instance has a control socket of its own.
        "control_socket": str(control),
        "control_socket_disable": len(str(control)) > _LONGEST_SOCKET_PATH,
        # Requests are counted at nginx; a line for each tile here would only cost time.
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "proc_name": "vitrine",
        "post_worker_init": settle,
        "child_exit": forget,
    }


def settle(_worker: Any) -> None:
    """Set what a worker has made at its start aside from garbage collection, and collect more seldom.

    What is there at the start stays; looking at it again and again would hold tiles back for tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def forget(_arbiter: Any, worker: Any) -> None:
    """Let the other workers know that one has ended: connections are not left to it any more."""
    loads.leave(worker.age)


@click.command()
@click.option("--host", default=None, help="Address to listen on; otherwise VITRINE_HOST.")
@click.option("--port", default=None, type=click.IntRange(1, 65535), help="Port to listen on; otherwise VITRINE_PORT.")
@click.option("--no-sweep", is_flag=True, help="Do not publish what becomes due; some other process does.")
def serve(host: str | None, port: int | None, no_sweep: bool) -> None:
    """Serve what is published: IIIF, OAI-PMH and the pages for readers.

    Ends on Ctrl-C. In production it stands behind nginx (see deploy/nginx.conf).
    """
    chosen = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(**chosen)
    check_installation(settings)
    check_port(settings.host, settings.port)
    configure_logging()
    if outdated := look_for_outdated(settings):
        _log.warning("%s", outdated)
    _Server(settings, sweeps=not no_sweep).run()


def check_installation(settings: Settings) -> None:
    """Raise SettingsError or CatalogueError unless the tables, the addresses and the pages' files are in order."""
    catalogue = Catalogue(settings.database)
    try:
        must_be_current(catalogue)
        check_addresses(settings, catalogue)
    finally:
        catalogue.close()  # the workers are forked from this process and must not share its connections
    missing = StaticFiles().missing(NEEDED)  # what it compresses, the workers have from this process
    if missing:
        raise SettingsError(f"the pages lack {', '.join(missing)}; run `make install`, which puts them in place")


def look_for_outdated(settings: Settings) -> str:
    """Return what an operator is to be told of documents that an earlier version rendered; they are served as they are."""
    catalogue = Catalogue(settings.database)
    try:
        with catalogue.read() as session:
            return tell_outdated(count_outdated(session))
    finally:
        catalogue.close()


def check_port(host: str, port: int) -> None:
    """Raise SettingsError unless this machine lets us listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except PermissionError:
            raise SettingsError(f"port {port} is reserved for the administrator; choose one from 1024 on") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise SettingsError(
                    f"port {port} of {host} is in use by another program; end that one, or choose another port: "
                    f"vitrine serve --port {port + 1 if port < 65535 else port - 1}"
                ) from None
            raise SettingsError(f"cannot listen on {host}: {error.strerror}; set VITRINE_HOST") from None


def greeting(settings: Settings) -> str:
    """Return where to look, in plain words."""
    base = settings.base
    return (
        f"Vitrine is serving.\n"
        f"  for readers        {base}/\n"
        f"  for IIIF viewers   {base}/iiif/presentation/3/collection/top\n"
        f"  for harvesters     {base}/oai?verb=Identify\n"
        f"Ctrl-C ends it."
    )


class _Sweeper:
    """The sweep as a process of its own, begun again should it die."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: SpawnProcess | None = None

    def keep_running(self) -> None:
        """Begin it, unless it runs. The arbiter reaps every child, so only the sentinel knows whether it lives."""
        if self._process is not None:
            if not connection.wait([self._process.sentinel], 0):
                return
            _log.warning("the sweep has ended; it is begun again")
        self._process = multiprocessing.get_context("spawn").Process(
            target=_sweep, args=(self._settings,), name="vitrine-sweep", daemon=True
        )
        # Ctrl-C reaches every process of a terminal; until the sweep can take it, it must not die of it.
        heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._process.start()
        finally:
            signal.signal(signal.SIGINT, heard)

    def end(self) -> None:
        """End it and wait for it."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        if not connection.wait([self._process.sentinel], _ENDING_SECONDS):
            self._process.kill()
        self._process = None


def _sweep(settings: Settings) -> None:
    configure_logging()
    run_sweeps(settings)


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's arbiter, which also keeps the sweep running."""

    sweeper: _Sweeper | None = None

    def manage_workers(self) -> None:
        """Called about every second: keep the wanted number of workers, and the sweep."""
        super().manage_workers()
        if self.sweeper is not None:
            self.sweeper.keep_running()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """The server as a gunicorn application."""

    def __init__(self, settings: Settings, *, sweeps: bool) -> None:
        self._settings = settings
        self._sweeper = _Sweeper(settings) if sweeps else None
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options; its command line and its environment variable do not count here."""
        for key, value in gunicorn_options(self._settings).items():
            self.cfg.set(key, value)
        self.cfg.set("post_worker_init", self._greet)

    def load(self) -> Any:
        """Make the application, in a worker."""
        from server.asgi import create_application

        return create_application(self._settings)

    def run(self) -> None:
        """Serve until told to end."""
        arbiter = _Arbiter(self)
        arbiter.sweeper = self._sweeper
        try:
            arbiter.run()
        finally:
            if self._sweeper is not None:
                self._sweeper.end()

    def _greet(self, worker: Any) -> None:
        settle(worker)
        # Workers are counted by age; the first one speaks, one that replaces it later does not.
        if worker.age == 1:
            click.echo(greeting(self._settings))
