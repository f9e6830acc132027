"""Small pictures of a master for a report: a thumbnail, and one to look closer at, each of at most so many bytes.

They are made from a picture that a look kept (`keep_picture`), or from the master where there is none. No pyramid is needed:
a report is about what was not ingested yet.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from server.errors import ImageError
from server.imaging.source import MasterFacts, explain, open_master
from server.imaging.vips import pyvips
from server.told import told

THUMBNAIL_SIDES = (220, 176, 140, 112)
"""Longer side of a thumbnail in pixels, from the best on; the last is taken whatever it weighs."""
CLOSER_STEPS = ((1800, 62), (1500, 58), (1200, 55), (1000, 50), (800, 45), (640, 42), (480, 40), (360, 36))
"""Longer side and JPEG quality of the closer picture, from the best on."""

KEPT_QUALITY = 78
"""JPEG quality of a picture that is kept to make others from."""

_LONGEST = CLOSER_STEPS[0][0]
_THUMBNAIL_QUALITY = 58


@dataclass(frozen=True, slots=True)
class Preview:
    """Two JPEG streams; `closer` is empty where none fits. Width, height and dpi are the master's."""

    thumbnail: bytes
    closer: bytes
    width: int = 0
    height: int = 0
    dpi: float = 0.0


def keep_picture(shown: pyvips.Image, path: Path) -> None:
    """Write a picture as a JPEG of `CLOSER_STEPS`' longest side at most, whole or not at all. A full disk is no fault of it."""
    small = shown if max(shown.width, shown.height) <= _LONGEST else shown.thumbnail_image(_LONGEST, height=_LONGEST)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_bytes(small.jpegsave_buffer(Q=KEPT_QUALITY, keep="none"))
        fresh.replace(path)
    except OSError:
        return  # it is made from the master when it is wanted
    finally:
        if os.path.lexists(fresh):
            fresh.unlink(missing_ok=True)


def make_preview(
    path: Path, max_pixels: int, thumbnail_bytes: int, closer_bytes: int, facts: MasterFacts, *, page: int = 1
) -> Preview:
    """Make the small pictures of a master. Raises ImageError where it cannot be read."""
    try:
        master = open_master(path, max_pixels, page=page)
        # in memory: each picture is made from this one, and a master is read once only
        shown = master.thumbnail_image(_LONGEST, height=_LONGEST, size="down").copy_memory()
        return _fitted(shown, thumbnail_bytes, closer_bytes, facts)
    except pyvips.Error as error:
        raise explain(path, error) from error
    except MemoryError as error:
        raise ImageError(told("{name}: there is not enough memory to show it", name=path.name)) from error


def shrink_picture(jpeg: bytes, thumbnail_bytes: int, closer_bytes: int, facts: MasterFacts | None) -> Preview:
    """Make the small pictures from one that was kept. Raises ImageError where it is damaged."""
    try:
        shown = pyvips.Image.new_from_buffer(jpeg, "", fail_on="truncated").copy_memory()
        return _fitted(shown, thumbnail_bytes, closer_bytes, facts)
    except pyvips.Error as error:
        raise ImageError(
            told("a kept picture cannot be read ({reason}); check the delivery again", reason=error.message.strip())
        ) from error


def _fitted(shown: pyvips.Image, thumbnail_bytes: int, closer_bytes: int, facts: MasterFacts | None) -> Preview:
    thumbnail = b""
    for side in THUMBNAIL_SIDES if thumbnail_bytes else ():
        thumbnail = _jpeg(shown, side, _THUMBNAIL_QUALITY)
        if len(thumbnail) <= thumbnail_bytes:
            break
    closer = b""
    for side, quality in CLOSER_STEPS:
        closer = _jpeg(shown, side, quality) if closer_bytes else b""
        if len(closer) <= closer_bytes:
            break
    else:
        closer = b""
    if facts is None:
        return Preview(thumbnail, closer)
    return Preview(thumbnail, closer, facts.width, facts.height, facts.dpi)


def _jpeg(shown: pyvips.Image, side: int, quality: int) -> bytes:
    small = shown if max(shown.width, shown.height) <= side else shown.thumbnail_image(side, height=side, size="down")
    return bytes(small.jpegsave_buffer(Q=quality, optimize_coding=True, keep="none"))
