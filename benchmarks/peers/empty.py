"""The limit of the HTTP layer: an application that only answers, on the same gunicorn and the same kind of worker."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.peers.peer import WORKERS, Peer
from benchmarks.scans import SCANS
from tests.support.processes import answers, free_port, running

REPOSITORY = Path(__file__).parents[2]
SIZE, HEADERS = "BENCH_BODY_BYTES", "BENCH_HEADERS"
ADDED = frozenset({"server", "date", "content-length", "connection"})
"""Headers that gunicorn adds by itself, and the one that is known here."""


def make_application() -> Any:
    """Return a raw ASGI application: one body of the given size with the given headers, for any address."""
    body = os.urandom(int(os.environ[SIZE]))
    headers = [(name.encode(), value.encode()) for name, value in json.loads(os.environ[HEADERS]) if name not in ADDED]
    headers.append((b"content-length", str(len(body)).encode()))

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})
        elif scope["type"] == "lifespan":
            for word in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{word}.complete"})

    return application


@contextmanager
def empty(folder: Path, body_bytes: int, headers: Sequence[tuple[str, str]]) -> Iterator[Peer]:
    """Serve that application with the options of `vitrine serve` and the header lines of one of our answers."""
    port = free_port()
    command: list[str | Path] = [
        sys.executable, "-m", "gunicorn", "--config", "python:benchmarks.peers.empty_options",
        "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "benchmarks.peers.empty:make_application()",
    ]  # fmt: skip
    log = folder / f"empty-{port}.log"
    own = os.environ | {SIZE: str(body_bytes), HEADERS: json.dumps(headers)}
    with running(command, log, answers(port), env=own, cwd=REPOSITORY) as process:
        yield Peer("empty application", port, "", {scan.name: scan.name for scan in SCANS}, (process,), log=log)
