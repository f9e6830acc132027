"""The journal of a check: what was seen of each view, written down as it comes.

One file a delivery in the home folder, a line of JSON a view. A check that was killed finds its lines again and goes on; a
check by another contract, or of the same files after a correction, need not look at what it knows. A look is known by
the digests of its files and by all that shapes what is seen, so that a line is never wrong, only unused. A line that was
cut off when the power failed is left out.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from server.errors import Busy, DeliveryError
from server.quality.examine import ImageSeen, Job, Seen, TextSeen
from server.told import told

RECIPE = "look 3"
"""Changes when a look gives something else of the same file."""

KEPT_SECONDS = 60 * 86_400
"""How long a journal is kept that nobody used."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: which look, and what it gave."""

    key: str
    image: ImageSeen
    texts: tuple[TextSeen, ...]


_ENTRY = TypeAdapter(Entry)


class Journal:
    """What is known of a delivery's views; new looks are added to its file."""

    def __init__(self, handle: int, known: dict[str, Seen]) -> None:
        self._handle, self._known = handle, known

    @property
    def known(self) -> int:
        """How many looks it holds."""
        return len(self._known)

    def find(self, job: Job) -> Seen | None:
        """Return what a job gave before."""
        return self._known.get(key_of(job))

    def keep(self, job: Job, seen: Seen) -> None:
        """Write down what a job gave, as one write: a line is there, or it is not."""
        key = key_of(job)
        self._known[key] = seen
        line = _ENTRY.dump_json(Entry(key, *seen)) + b"\n"
        try:
            os.write(self._handle, line)
        except OSError as error:
            raise DeliveryError(
                told(
                    "what was seen cannot be written down: {strerror}; free some room in VITRINE_HOME_DIR, then run the "
                    "same command again: it goes on where it was",
                    strerror=error.strerror,
                )
            ) from None


@contextmanager
def open_journal(home: Path, digest: str) -> Iterator[Journal]:
    """Open the journal of a delivery. Raises Busy while another check of the same files is at work."""
    folder = home / "checks"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{digest[:32]}.jsonl"
    _forget(folder, path)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(told("another check of the same files is at work; wait for it, or end it")) from None
        known = _read(path)
        size = path.stat().st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            os.write(handle, b"\n")  # after a line that was cut off
        os.utime(path)
        yield Journal(handle, known)
    finally:
        os.close(handle)


def key_of(job: Job) -> str:
    """Return what a look is known by: the files, their names (which stand in messages), and how it is done."""
    shapes = (
        RECIPE,
        job.source,
        *job.texts,
        *job.digests,
        job.max_pixels,
        job.max_xml_bytes,
        job.decoding,
        job.looking,
    )
    return hashlib.sha256("\0".join(str(shape) for shape in shapes).encode()).hexdigest()[:32]


def _read(path: Path) -> dict[str, Seen]:
    known: dict[str, Seen] = {}
    with path.open("rb") as lines:
        for line in lines:
            try:
                entry = _ENTRY.validate_json(line)
            except ValidationError:
                continue  # cut off, or of another version
            known[entry.key] = (entry.image, entry.texts)
    return known


def _forget(folder: Path, but: Path) -> None:
    for path in folder.glob("*.jsonl"):
        if path != but and time.time() - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink(missing_ok=True)
