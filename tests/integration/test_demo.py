"""`make demo`: a second start takes seconds, Ctrl-C ends it without a word of complaint, a taken port is explained."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.support.demo import Demo, environment
from tests.support.processes import answers, free_port, wait_until
from tests.support.skips import REPOSITORY

SECONDS = 30


def start(home: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    """Start the demonstration as a terminal does: in a process group of its own."""
    with log.open("wb") as output:
        return subprocess.Popen(
            ["timeout", "--foreground", "300", "sh", "scripts/demo.sh", str(home), str(port)],
            cwd=REPOSITORY,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@pytest.fixture
def home(demo: Demo, tmp_path: Path) -> Path:
    """A copy of the home folder of the sample holdings, without what was drawn: it is there to be started again."""
    copy = tmp_path / "home"
    shutil.copytree(demo.home, copy, ignore=shutil.ignore_patterns("deliveries", "*.ctl", "*.log"))
    return copy


def test_everything_drawn_is_published(demo: Demo) -> None:
    for path in ("/", "/fr/", "/en/", "/iiif/presentation/3/collection/top", "/readyz"):
        with urllib.request.urlopen(f"{demo.url}{path}", timeout=30) as response:
            assert response.status == 200
    with urllib.request.urlopen(f"{demo.url}/oai?verb=ListIdentifiers&metadataPrefix=oai_dc", timeout=30) as response:
        records = response.read().count(b"<header>")
    assert records >= 10  # three issues, postcard, plan, letter, photograph, book, poster, register


def test_a_second_start_takes_seconds_and_ctrl_c_ends_it_well(home: Path, tmp_path: Path) -> None:
    port = int((home / "demo-ready").read_text().strip().rsplit(":", 1)[1])
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))  # the running server of these tests has it, so another port is taken below
    port = free_port()
    log = tmp_path / "log"
    process = start(home, port, log)
    try:
        wait_until(answers(port), process, log, 60)  # everything was published again for the new port
        _ctrl_c(process)
        started = time.monotonic()
        process = start(home, port, log)
        wait_until(answers(port), process, log, SECONDS)
        assert time.monotonic() - started < SECONDS
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/fr/", timeout=30) as response:
            assert f"http://127.0.0.1:{port}/" in response.read().decode()
    finally:
        said = _ctrl_c(process, log)
    assert process.returncode == 0
    assert "Traceback" not in said
    assert "rror" not in said


def test_a_port_in_use_is_explained_before_any_work(demo: Demo, tmp_path: Path) -> None:
    port = demo.url.rsplit(":", 1)[1]
    done = subprocess.run(
        ["sh", "scripts/demo.sh", str(tmp_path / "home"), port],
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr
    assert "make demo PORT=" in done.stderr
    assert not (tmp_path / "home").exists()


def _ctrl_c(process: subprocess.Popen[bytes], log: Path | None = None) -> str:
    """Send what a terminal sends on Ctrl-C to every process of the group, and wait; return what was said."""
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)
    return log.read_text(errors="replace") if log else ""
