"""A program: how much more memory one request needs at its greatest than a process holds that has rendered before.

    python -m tests.unit.imaging.measuring PYRAMID INDEX PATH

Prints bytes. By itself, because the greatest memory of a process that does other things too says nothing.
"""

import os
import re
import sys
from pathlib import Path

from server.imaging.index import TileIndex
from server.imaging.render import render
from server.imaging.request import ImageRequest
from server.imaging.size import Limits
from server.imaging.tiles import PyramidReader
from server.model.levels import GREATEST_MADE_AREA, LONGEST_MADE_SIDE

LIMITS = Limits(LONGEST_MADE_SIDE, LONGEST_MADE_SIDE, GREATEST_MADE_AREA)


def measure(tif: Path, index: Path, path: str) -> int:
    """Return the bytes; path is region/size/rotation/quality.format."""
    with tif.open("rb") as file:
        reader = PyramidReader(
            tif.name, TileIndex.load(index.read_bytes()), lambda offset, length: os.pread(file.fileno(), length, offset)
        )
        form = path.rpartition(".")[2]
        for known in (f"full/300,/12/default.{form}", f"0,0,1200,1200/1200,/0/default.{form}"):
            _make(reader, known)
        before = _held("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # sets the peak back (proc(5))
        _make(reader, path)
        return _held("VmHWM") - before


def _make(reader: PyramidReader, path: str) -> None:
    region, size, rotation, last = path.split("/")
    quality, _, form = last.rpartition(".")
    request = ImageRequest.parse(region, size, rotation, quality, form)
    render(reader, request.resolve(reader.index.width, reader.index.height, LIMITS))


def _held(kind: str) -> int:
    found = re.search(rf"{kind}:\s+([0-9]+) kB", Path("/proc/self/status").read_text())
    if found is None:
        raise ValueError(f"this system does not tell {kind}")
    return int(found[1]) * 1024


if __name__ == "__main__":
    print(measure(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))  # noqa: T201  # a program
