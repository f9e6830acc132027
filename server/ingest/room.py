"""Is there room? Estimated before the first byte is written, so that a full disk is met by a sentence."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from server.errors import ImageError, StorageFull
from server.imaging.source import probe
from server.storage.base import Storage

_BYTES_PER_PIXEL = 0.45  # a JPEG pyramid at quality 85 of a rich colour scan, all levels; measured 0.2 to 0.4
_RESERVE = 256 * 2**20


def estimate_bytes(masters: Iterable[Path], keep_masters: bool) -> int:
    """Return how many bytes the storage will need at most for pyramids, and for masters where they are kept."""
    total = 0
    for master in masters:
        with contextlib.suppress(ImageError):  # a broken master needs no room; ingest will say what is wrong with it
            facts = probe(master)
            total += int(facts.width * facts.height * _BYTES_PER_PIXEL)
        if keep_masters:
            with contextlib.suppress(OSError):
                total += master.stat().st_size
    return total


def must_have_room(storage: Storage, needed: int) -> None:
    """Raise StorageFull when the storage says that it has less room than is needed with a reserve."""
    free = storage.free_bytes()
    if free is not None and free < needed + _RESERVE:
        raise StorageFull(
            f"about {_gigabytes(needed)} are needed and {_gigabytes(free)} are free; nothing was written. Make room, or "
            "choose another place with VITRINE_STORAGE_URL"
        )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
