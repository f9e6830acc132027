"""IIPImage server behind nginx by FastCGI: Debian's package, and a newer binary where `BENCH_IIPSRV` names one."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.nginx import fastcgi_text
from benchmarks.peers.peer import WORKERS, Peer
from tests.support.nginx import nginx_server
from tests.support.processes import answers, free_ports, running

DEBIAN = Path("/usr/lib/iipimage-server/iipsrv.fcgi")
VARIABLE = "BENCH_IIPSRV"


@dataclass(frozen=True, slots=True)
class Setup:
    """How iipsrv runs: program, name, megabytes of its own cache, processes, whether nginx keeps its connections."""

    program: Path
    name: str
    cache: int
    processes: int = WORKERS
    keep: bool = False


def setups() -> list[Setup]:
    """Return the setups that this machine can run. A connection that is kept holds a process, hence the eight."""
    found = []
    if DEBIAN.exists():
        found += [
            Setup(DEBIAN, "iipsrv 1.1", 0),
            Setup(DEBIAN, "iipsrv 1.1, cache", 1000),
            Setup(DEBIAN, "iipsrv 1.1, tuned", 250, 8, True),
        ]
    newer = os.environ.get(VARIABLE, "")
    if newer:
        program = Path(newer)
        if not program.exists():
            raise SystemExit(f"{VARIABLE}={newer}: there is no such program; name a newer iipsrv.fcgi or unset it")
        found += [
            Setup(program, "newer iipsrv", 0),
            Setup(program, "newer iipsrv, cache", 1000),
            Setup(program, "newer iipsrv, tuned", 250, 8, True),
        ]
    return found


@contextmanager
def iipsrv(setup: Setup, folder: Path, images: dict[str, str]) -> Iterator[Peer]:
    """Serve the pyramids of a folder while the block lasts."""
    port, *backends = free_ports(1 + setup.processes)
    with ExitStack() as stack:
        programs = []
        for backend in backends:
            own = os.environ | {
                "FILESYSTEM_PREFIX": f"{folder}/",
                "URI_MAP": "iiif=>IIIF",
                "MAX_IMAGE_CACHE_SIZE": str(setup.cache),
                "JPEG_QUALITY": "85",
                "MAX_CVT": "12000",
                "CORS": "*",
                "VERBOSITY": "0",
                "LOGFILE": "/dev/null",
                # One process for each core: threads inside one would only take turns with the other's.
                "OMP_NUM_THREADS": "1",
            }
            command: list[str | Path] = [setup.program, "--bind", f"127.0.0.1:{backend}", "--backlog", "1024"]
            log = folder / f"iipsrv-{backend}.log"
            programs.append(stack.enter_context(running(command, log, answers(backend), env=own)))
        served = stack.enter_context(nginx_server(fastcgi_text(port, backends, keep=setup.keep), port))
        yield Peer(setup.name, port, "/iiif", images, (*programs, served.process), "bilinear")
