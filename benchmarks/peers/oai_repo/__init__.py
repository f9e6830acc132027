"""The peer for harvesting from PyPI: oai-repo in Flask under gunicorn, in an environment of its own below `build/`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile, rmtree

from sqlalchemy import make_url

from benchmarks.peers.peer import BUILD
from tests.support.processes import answers, free_port, running

SOURCE = Path(__file__).parent


def install(folder: Path = BUILD / "oai_repo") -> Path:
    """Return the folder of its programs, by pip with the versions and hashes of the lock file."""
    lock, programs = SOURCE / "requirements.txt", folder / "venv" / "bin"
    kept = folder / "installed"
    if not kept.exists() or kept.read_bytes() != lock.read_bytes():
        rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command: list[str | Path] = [programs / "pip", "install", "-q", "--require-hashes", "-r", lock]
        subprocess.run(command, env=own, check=True)
        copyfile(lock, kept)
    return programs


@contextmanager
def oai_repo_server(url: str, size: int) -> Iterator[int]:
    """Run it with one worker while the block lasts, with pages of so many records; give its port."""
    programs, port = install(), free_port()
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        database = str(parsed.database)
    else:
        database = f"host={parsed.query['host']} user={parsed.username} dbname={parsed.database}"
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command: list[str | Path] = [
        programs / "gunicorn",
        "application:app",
        "--chdir",
        SOURCE,
        "--bind",
        f"127.0.0.1:{port}",
        "--no-control-socket",
    ]
    command += ["--worker-class", "gthread", "--threads", "1", "--workers", "1", "--timeout", "600"]
    log = BUILD / "oai_repo.log"
    env = own | {"PEER_DATABASE": database, "PEER_LIMIT": str(size)}
    with running(command, log, answers(port), cwd=SOURCE, env=env):
        yield port
