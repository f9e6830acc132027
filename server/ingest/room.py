"""Is there room? Estimated before the first byte is written, so that a full disk is met by a sentence."""

import contextlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from server.errors import ImageError, StorageFull
from server.imaging.source import probe
from server.storage.base import Storage
from server.told import told

_BYTES_PER_PIXEL = 0.45  # a JPEG pyramid at quality 85 of a rich colour scan, all levels; measured 0.2 to 0.4
_RESERVE = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Needed:
    """Bytes that are needed at most: in the storage for everything, in the scratch folder for the largest view."""

    stored: int
    largest: int


def estimate_bytes(masters: Iterable[Path], keep_masters: bool) -> Needed:
    """Return how many bytes will be needed for pyramids, and for masters where they are kept."""
    total = largest = 0
    for master in masters:
        with contextlib.suppress(ImageError, OSError):  # what is broken needs no room; ingest will say what is wrong
            facts = probe(master)
            pyramid = int(facts.width * facts.height * _BYTES_PER_PIXEL)
            total += pyramid
            largest = max(largest, pyramid)
        if keep_masters:
            with contextlib.suppress(OSError):
                total += master.stat().st_size
    return Needed(total, largest)


def must_have_room(storage: Storage, needed: int) -> None:
    """Raise StorageFull when the storage says that it has less room than is needed with a reserve."""
    free = storage.free_bytes()
    if free is not None and free < needed + _RESERVE:
        raise StorageFull(
            told(
                "about {needed:.1f} GB are needed and {free:.1f} GB are free, of which {reserve:.1f} GB stay in reserve; nothing "
                "was written. Make room, or choose another place with VITRINE_STORAGE_URL",
                needed=needed / 1e9,
                reserve=_RESERVE / 1e9,
                free=free / 1e9,
            )
        )


def must_have_scratch_room(home: Path, needed: int) -> None:
    """Raise StorageFull when the disk of the home folder, where pyramids are made, has less room than is needed."""
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if free < needed + _RESERVE:
        raise StorageFull(
            told(
                "about {needed:.1f} GB are needed in {home} to make pyramids and {free:.1f} GB are free, of which {reserve:.1f} GB "
                "stay in reserve; nothing was written. Make room, choose another place with VITRINE_HOME_DIR, or set fewer VITRINE_WORKERS",
                needed=needed / 1e9,
                home=str(home),
                reserve=_RESERVE / 1e9,
                free=free / 1e9,
            )
        )
