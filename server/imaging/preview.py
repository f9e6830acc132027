"""Small pictures of a master for a report: a thumbnail, and one to look closer at, each of at most so many bytes.

The master is read once, as it is to be shown. No pyramid is needed: a report is about what was not ingested yet.
"""

from dataclasses import dataclass
from pathlib import Path

from server.errors import ImageError
from server.imaging.source import explain, open_master, probe
from server.imaging.vips import pyvips

THUMBNAIL_SIDES = (220, 176, 140, 112)
"""Longer side of a thumbnail in pixels, from the best on; the last is taken whatever it weighs."""
CLOSER_STEPS = ((1800, 62), (1500, 58), (1200, 55), (1000, 50), (800, 45), (640, 42), (480, 40), (360, 36))
"""Longer side and JPEG quality of the closer picture, from the best on."""

_THUMBNAIL_QUALITY = 58


@dataclass(frozen=True, slots=True)
class Preview:
    """Two JPEG streams; `closer` is empty where none fits. Width, height and dpi are the master's."""

    thumbnail: bytes
    closer: bytes
    width: int
    height: int
    dpi: float


def make_preview(path: Path, max_pixels: int, thumbnail_bytes: int, closer_bytes: int) -> Preview:
    """Make the small pictures of a master. Raises ImageError where it cannot be read."""
    facts = probe(path)
    longest = CLOSER_STEPS[0][0]
    try:
        # in memory: each picture is made from this one, and a master is read once only
        shown = open_master(path, max_pixels).thumbnail_image(longest, height=longest, size="down").copy_memory()
        thumbnail = b""
        for side in THUMBNAIL_SIDES:
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
    except pyvips.Error as error:
        raise explain(path, error) from error
    except MemoryError as error:
        raise ImageError(f"{path.name}: there is not enough memory to show it") from error
    return Preview(thumbnail, closer, facts.width, facts.height, facts.dpi)


def _jpeg(shown: pyvips.Image, side: int, quality: int) -> bytes:
    small = shown if max(shown.width, shown.height) <= side else shown.thumbnail_image(side, height=side, size="down")
    return bytes(small.jpegsave_buffer(Q=quality, optimize_coding=True, keep="none"))
