"""100 000 requests from a generator: never a 500, never more pixels than announced, never a read outside the storage.

    python -m benchmarks.fuzz [--quick] [--requests 100000] [--seed 1] [--write]

Nine tenths are asked of the ASGI application in this process, where an audit hook sees every file that Python opens;
one tenth over HTTP of the server as it is run. Files with a known secret lie beside the storage: no answer may hold
it, however it was read. Exit status 1 where anything of that happened, or an answer took too long.
"""

import asyncio
import io
import os
import secrets
import sys
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from PIL import Image, UnidentifiedImageError

from benchmarks.client import Client
from benchmarks.hostile import Generator, Hostile
from benchmarks.load import CONNECTIONS, Failed, percentile
from benchmarks.memory import worker_pids
from benchmarks.peers.vitrine import Installation, install, vitrine
from benchmarks.report import Mark, finish, options, table
from server.asgi import create_application
from server.settings import Settings

TILE_SIZE = 512
LONGEST_SECONDS = 30.0
"""The server gives up after 20; an encoder that cannot be interrupted may add some."""
SHOWN = 5
Image.MAX_IMAGE_PIXELS = None


@dataclass(slots=True)
class Findings:
    """What was seen: statuses by kind of request, seconds of each answer, and each fault with its request."""

    secret: str
    limits: tuple[int, int, int]
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    faults: dict[str, list[str]] = field(
        default_factory=lambda: {
            "answered with a 500": [],
            "a worker ended": [],
            "too many pixels": [],
            "read outside": [],
            "secret told": [],
        }
    )

    def note(self, asked: Hostile, status: int, media_type: str, body: bytes, seconds: float) -> None:
        """Judge one answer."""
        self.statuses.setdefault(asked.kind, Counter())[str(status) if status else "closed"] += 1
        self.seconds.append(seconds)
        shown = asked.target[:300].decode("latin-1")
        if status >= 500 and status != 503:
            self.faults["answered with a 500"].append(f"{asked.method} {shown} ({status})")
        if self.secret.encode() in body:
            self.faults["secret told"].append(shown)
        if status == 200 and media_type.startswith("image/") and body and not self._is_within(body):
            self.faults["too many pixels"].append(shown)

    def _is_within(self, body: bytes) -> bool:
        try:
            width, height = Image.open(io.BytesIO(body)).size
        except UnidentifiedImageError:
            return body.lstrip().startswith(b"<")  # a logo in SVG
        most_wide, most_high, most = self.limits
        return width <= most_wide and height <= most_high and width * height <= most


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask everything, judge, tell; return the exit status."""
    chosen = options("Hostile requests", requests=100_000, seed=1).parse_args(arguments)
    count = 3000 if chosen.quick else chosen.requests
    installation = install(TILE_SIZE)
    settings = installation.settings
    findings = Findings(secrets.token_hex(16), (settings.max_width, settings.max_height, settings.max_area))
    planted = plant(installation, findings.secret)
    generator = Generator(installation.images, TILE_SIZE, planted, chosen.seed)
    with vitrine(installation) as peer:
        workers = worker_pids(peer)
        asyncio.run(_over_http(peer.port, list(generator.requests(count // 10)), findings))
        if worker_pids(peer) != workers:
            findings.faults["a worker ended"].append("see the log of the server")
    asyncio.run(_in_process(settings, generator.requests(count - count // 10), findings, planted))
    for fault, seen in findings.faults.items():
        for each in seen[:SHOWN]:
            print(f"{fault}: {each}")
    return finish("fuzz", _text(findings, count, chosen.seed), _marks(findings), write=chosen.write)


def plant(installation: Installation, secret: str) -> tuple[str, ...]:
    """Write the secret beside the storage, where a name that climbs would find it; return the paths from the root."""
    home = installation.settings.home_dir.absolute()
    places = (home / "secret.txt", home.parent / "secret.txt", home / "secret.jpg", home.parent / "secret.json")
    for place in places:
        place.write_text(secret)
    return tuple(str(place) for place in places)


async def _over_http(port: int, asked: Sequence[Hostile], findings: Findings) -> None:
    numbers = iter(asked)

    async def ask_some() -> None:
        async with Client(port) as client:
            for each in numbers:
                begun = time.perf_counter()
                try:
                    answer = await client.get(each.target, method=each.method)
                except (OSError, asyncio.IncompleteReadError):
                    client.close()
                    findings.note(each, 0, "", b"", time.perf_counter() - begun)
                    continue
                taken = time.perf_counter() - begun
                findings.note(each, answer.status, answer.header("content-type"), answer.body, taken)

    await asyncio.gather(*(ask_some() for _ in range(CONNECTIONS)))


async def _in_process(settings: Settings, asked: Iterator[Hostile], findings: Findings, planted: Sequence[str]) -> None:
    application = create_application(settings)
    watch = Watch(settings)
    try:
        sys.addaudithook(watch)
        must_see(watch, Path(planted[0]))
        await asyncio.gather(*(_ask_some(application, asked, findings) for _ in range(CONNECTIONS)))
    finally:
        watch.is_on = False
        application.close()
    findings.faults["read outside"] = sorted(watch.outside)


async def _ask_some(application: Any, asked: Iterator[Hostile], findings: Findings) -> None:
    for number, each in enumerate(asked):
        begun = time.perf_counter()
        status, media_type, body = await _ask(application, each)
        findings.note(each, status, media_type, body, time.perf_counter() - begun)
        if number % 50 == 0:
            await asyncio.sleep(0)  # what never waits would keep the others from their turn


async def _ask(application: Any, each: Hostile) -> tuple[int, str, bytes]:
    """Return status, media type and body. An exception that a server would have to catch counts as a 500."""
    raw, _, query = each.target.partition(b"?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": each.method, "scheme": "http",
        "path": unquote_to_bytes(raw).decode("utf-8", "replace"), "raw_path": raw, "query_string": query, "root_path": "",
        "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    status, media_type, body, has_asked = 0, "", bytearray(), False

    async def receive() -> dict[str, Any]:
        nonlocal has_asked
        if has_asked:
            await asyncio.Event().wait()  # the client stays
        has_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, media_type
        if message["type"] == "http.response.start":
            status = message["status"]
            media_type = next((v.decode("latin-1") for k, v in message["headers"] if k.lower() == b"content-type"), "")
        else:
            body.extend(message.get("body", b""))

    try:
        await application(scope, receive, send)
    except Exception as error:  # noqa: BLE001  # whatever comes out here would be a 500
        print(f"{type(error).__name__}: {error}")
        return 500, "", b""
    return status, media_type, bytes(body)


class Watch:
    """An audit hook: notes every file that Python opens and that a request has no business with.

    Allowed are the home folder's storage and catalogue, the program's own files, and temporary files that it makes.
    What libvips opens by itself is not seen; the planted secret stands for that.
    """

    def __init__(self, settings: Settings) -> None:
        self.is_on = True
        self.outside: set[str] = set()
        home = settings.home_dir.absolute()
        program = {Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")}
        program |= {Path(sys.prefix), Path(sys.base_prefix), Path(__file__).resolve().parents[1] / "server"}
        program.add(Path(sys.modules[Settings.__module__].__file__ or "").absolute().parent)
        self._allowed = tuple(
            f"{path}/" for path in (Path(settings.storage), home / "catalogue.sqlite.locks", *program)
        )
        self._single = {
            str(home / name)
            for name in ("catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm", "secret_key")
        }
        self._temporary = f"{tempfile.gettempdir()}/vitrine-"

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """See one event of the interpreter."""
        if (
            not self.is_on
            or event not in ("open", "os.listdir", "os.scandir")
            or not isinstance(arguments[0], (str, bytes))
        ):
            return
        # A temporary file without a name is made by opening its folder to write; nothing can be read in that way.
        if arguments[0] == tempfile.gettempdir() and event == "open" and arguments[2] & os.O_ACCMODE != os.O_RDONLY:
            return
        name = arguments[0] if isinstance(arguments[0], str) else arguments[0].decode("utf-8", "replace")
        path = str(Path(name).absolute())
        allowed = path.startswith((*self._allowed, self._temporary)) or path in self._single or path == "/dev/urandom"
        if not allowed or "/../" in name:
            self.outside.add(f"{event} {name[:300]}")


def must_see(watch: Watch, secret: Path) -> None:
    """Raise Failed unless the hook notes a read that it is there to note."""
    secret.read_bytes()
    if not watch.outside:
        raise Failed(f"the audit hook did not see {secret} opened: what it says would mean nothing")
    watch.outside.clear()


def _text(findings: Findings, count: int, seed: int) -> str:
    statuses = sorted({status for counted in findings.statuses.values() for status in counted})
    rows = [
        (kind, *(str(counted[status]) for status in statuses)) for kind, counted in sorted(findings.statuses.items())
    ]
    seconds = sorted(findings.seconds)
    times = f"Half of the answers took less than {percentile(seconds, 50) * 1000:.1f} ms, 99 % less than "
    times += f"{percentile(seconds, 99) * 1000:.0f} ms, the longest {seconds[-1]:.1f} s."
    return f"{count} requests, seed {seed}. Answers by status:\n\n{table(('requests', *statuses), rows)}\n\n{times}"


def _marks(findings: Findings) -> list[Mark]:
    marks = [
        Mark(f"requests where this happened: {fault}", len(seen), 0, at_most=True, unit="")
        for fault, seen in findings.faults.items()
    ]
    closed = sum(counted["closed"] for counted in findings.statuses.values())
    marks.append(Mark("connections closed without an answer", closed, 0, at_most=True, unit=""))
    longest = max(findings.seconds)
    marks.append(Mark("seconds of the longest answer", longest, LONGEST_SECONDS, at_most=True, unit="s"))
    return marks


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"not measured: {failure}")
