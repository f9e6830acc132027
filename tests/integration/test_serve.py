"""`vitrine serve` as a person starts it: what it says, what it refuses, how it ends, whom it keeps waiting."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from server.catalogue.publication_models import PublishedFileRow
from server.catalogue.session import Catalogue
from tests.support.processes import bounded, end, listeners, running, wait_until
from tests.support.processes import free_port as choose_port
from tests.support.publications import MOMENT, Shelf, make_postcard

CLIENTS = 50
ROUNDS = 4
BURSTS, CONNECTIONS = 8, 8
LARGE = "/static/vendor/mirador/mirador.min.js"
PDF = "/renderings/v1bcdfg0/document.pdf"
PDF_BYTES = 30 * 2**20
PDF_KEY = "renderings/v1bcdfg0/0123456789abcdef-pdf1-2000q72.pdf"


class Installation:
    """A home folder that has published a postcard, and the environment that names it."""

    def __init__(self, folder: Path) -> None:
        self.port = choose_port()
        self.folder = folder
        home = folder / "home"
        home.mkdir()
        catalogue = Catalogue(f"sqlite:///{home / 'catalogue.sqlite'}")
        shelf = Shelf(catalogue)
        shelf.prepare(f"http://127.0.0.1:{self.port}")
        shelf.put(make_postcard())
        self._put_pdf(catalogue, home / "storage" / PDF_KEY)
        catalogue.close()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
        ours = {"VITRINE_HOME_DIR": str(home), "VITRINE_PORT": str(self.port), "VITRINE_WORKERS": "2"}
        self.environment = kept | ours | {"VITRINE_LANGUAGE": "en"}

    @staticmethod
    def _put_pdf(catalogue: Catalogue, place: Path) -> None:
        """A PDF that is larger than all the buffers on the way; what is in it does not matter here."""
        place.parent.mkdir(parents=True)
        place.write_bytes(bytes(PDF_BYTES))
        with catalogue.write() as session:
            session.add(
                PublishedFileRow(
                    name="v1bcdfg0", file="document.pdf", number=0, media_type="application/pdf", key=PDF_KEY,
                    size=PDF_BYTES, datestamp=int(MOMENT.timestamp()),
                )
            )  # fmt: skip


@dataclass
class Served:
    """A server that was started: its process, its log, its port."""

    process: subprocess.Popen[bytes]
    log: Path
    port: int


@contextmanager
def serving(vitrine: Path, installation: Installation, *arguments: str) -> Iterator[Served]:
    """Run `vitrine serve` while the block lasts."""
    log = installation.folder / "serve.log"
    command: list[str | Path] = [vitrine, "serve", *arguments]

    def ready() -> bool:
        return b"Ctrl-C ends it." in log.read_bytes()

    with running(command, log, ready, env=installation.environment) as process:
        yield Served(process, log, installation.port)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation for all tests here; no two of its servers run at once."""
    return Installation(tmp_path_factory.mktemp("serve"))


def get(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def get_whole(port: int, path: str) -> int:
    """Return how many bytes a file has, uncompressed."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        return len(connection.getresponse().read())


def master(process: subprocess.Popen[bytes]) -> psutil.Process:
    """The server itself: `timeout` may stand in front of it."""
    top = psutil.Process(process.pid)
    return top.children()[0] if top.name() == "timeout" else top


def test_it_says_where_to_look_and_answers_there(vitrine: Path, installation: Installation) -> None:
    with serving(vitrine, installation) as served:
        _answers_where_it_said(served)
        _begins_a_dead_sweep_again(served)
        with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)) as kept:
            kept.request("GET", "/fr/")
            kept.getresponse().read()
            _ends_cleanly(served, signal.SIGTERM)
            assert kept.sock is not None
            assert kept.sock.recv(1) == b"", "who asks nothing is left, not waited for"
        assert "Forcing close" not in served.log.read_text()


def test_clients_that_are_slow_or_vanish_keep_nobody_waiting(vitrine: Path, installation: Installation) -> None:
    with serving(vitrine, installation, "--no-sweep") as served:
        assert len(master(served.process).children(recursive=True)) == 2, "two workers and no sweep"
        _shares_connections_among_its_workers(served)
        _keeps_nobody_waiting(served.port, LARGE)
        _keeps_nobody_waiting(served.port, PDF)
        assert get_whole(served.port, PDF) == PDF_BYTES
        _ends_cleanly(served, signal.SIGINT)


def _shares_connections_among_its_workers(served: Served) -> None:
    """What viewers open at once is for all cores. How evenly is tried in `tests/unit/test_worker.py`: here chance decides."""
    workers = master(served.process).children()
    idle = [worker.num_fds() for worker in workers]

    def held() -> list[int]:
        return [worker.num_fds() - fds for worker, fds in zip(workers, idle, strict=True)]

    with ExitStack() as stack:
        end = time.monotonic() + 60
        while min(held()) <= 0:  # one that has just begun may not listen yet
            stack.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            get(served.port, "/healthz")
            assert time.monotonic() < end, held()
        before = held()
        for _ in range(BURSTS):
            for _ in range(CONNECTIONS):
                stack.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            get(served.port, "/healthz")  # all that came before it are taken by now, or nearly
        while min(now - then for now, then in zip(held(), before, strict=True)) < 1:
            assert time.monotonic() < end, held()


def _answers_where_it_said(served: Served) -> None:
    base = f"http://127.0.0.1:{served.port}"
    said = served.log.read_text()
    for address in (f"{base}/", f"{base}/iiif/presentation/3/collection/top", f"{base}/oai?verb=Identify"):
        assert address in said
        assert get(served.port, address.removeprefix(base)).status in (200, 302)
    each = ("127.0.0.1", served.port)
    assert listeners(served.process) == [each] * 3, "the arbiter and its two workers, on loopback only"
    assert said.count("Vitrine is serving.") == 1


def _begins_a_dead_sweep_again(served: Served) -> None:
    server = master(served.process)

    def sweeps() -> list[int]:
        found = []
        for child in server.children():
            with suppress(psutil.Error):  # it may end while we look
                if any("spawn_main" in part for part in child.cmdline()):
                    found.append(child.pid)
        return found

    wait_until(lambda: len(sweeps()) == 1, served.process, served.log, 60)
    (first,) = sweeps()
    psutil.Process(first).kill()
    wait_until(lambda: bool(set(sweeps()) - {first}), served.process, served.log, 60)


def _ends_cleanly(served: Served, number: signal.Signals) -> None:
    server = master(served.process)
    family = server.children(recursive=True)
    # A terminal sends Ctrl-C to every process at once.
    for each in [server, *family] if number is signal.SIGINT else [server]:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(number)
    assert served.process.wait(40) == 0
    assert not psutil.wait_procs(family, timeout=20)[1], "it takes its children along"
    assert "Traceback" not in served.log.read_text(), served.log.read_text()


def _keeps_nobody_waiting(port: int, path: str) -> None:
    get(port, "/fr/")
    large = get_whole(port, path)
    assert large > 1_000_000, "more than all the buffers between server and client hold"
    with ExitStack() as stack:
        for _ in range(CLIENTS):
            _half_sent(stack, port)
            _slow_download(stack, port, path)
            _aborted_download(stack, port, path)
        # The machine may be busy with other things: one of a few rounds is without them.
        rounds = []
        for _ in range(ROUNDS):
            rounds.append(_longest_page(port))
            if rounds[-1] < 1:
                break
        assert min(rounds) < 1, f"the longest page of each round took {rounds} s"
        assert get_whole(port, path) == large, "a large file too is still to be had"


def _half_sent(stack: ExitStack, port: int) -> None:
    """A form of which the rest never comes."""
    client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
    client.sendall(
        b"POST /oai HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 400\r\n\r\nverb="
    )


def _slow_download(stack: ExitStack, port: int, path: str) -> socket.socket:
    """A large file of which only the first bytes are ever read; it stays open."""
    client = stack.enter_context(socket.socket())
    client.settimeout(20)
    # Before connecting: the window is made of it.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert client.recv(12) == b"HTTP/1.1 200"
    return client


def _aborted_download(stack: ExitStack, port: int, path: str) -> None:
    """A download that ends with a reset in its middle."""
    client = _slow_download(stack, port, path)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset, not closed
    client.close()


def _longest_page(port: int) -> float:
    """Seconds that the slowest of a few pages took; each worker has its turn."""
    taken = []
    for path in ("/fr/", "/en/") * 4:
        began = time.monotonic()
        assert get(port, path).status == 200
        taken.append(time.monotonic() - began)
    return max(taken)


def refusal(vitrine: Path, environment: dict[str, str], *arguments: str) -> str:
    ended = subprocess.run(
        bounded([vitrine, "serve", *arguments]),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return " ".join(ended.stderr.split())


def test_a_port_in_use_is_named(vitrine: Path, installation: Installation) -> None:
    with socket.socket() as taken:
        taken.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # connections that a server ended have used it lately
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        said = refusal(vitrine, installation.environment)
    assert f"port {installation.port} of 127.0.0.1 is in use" in said
    assert "vitrine serve --port" in said


def test_another_address_than_the_published_one_is_refused(vitrine: Path, installation: Installation) -> None:
    said = refusal(vitrine, {**installation.environment, "VITRINE_BASE_URL": "https://new.example.org"})
    assert "vitrine rebase https://new.example.org" in said


def test_an_empty_home_is_refused_with_the_command_to_run(
    vitrine: Path, installation: Installation, tmp_path: Path
) -> None:
    said = refusal(vitrine, {**installation.environment, "VITRINE_HOME_DIR": str(tmp_path / "empty")})
    assert "vitrine init" in said


def test_the_same_server_runs_under_gunicorn_s_own_name(
    installation: Installation, tmp_path: Path, vitrine: Path, repository: Path
) -> None:
    def ready() -> bool:
        try:
            return get(installation.port, "/readyz").status == 200
        except OSError:
            return False

    command = [vitrine.with_name("gunicorn")]
    with running(command, tmp_path / "gunicorn.log", ready, env=installation.environment, cwd=repository) as process:
        assert get(installation.port, "/fr/").status == 200
        end(process)
    assert "Traceback" not in (tmp_path / "gunicorn.log").read_text()
