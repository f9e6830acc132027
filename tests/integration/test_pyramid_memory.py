"""A city plan of 108 megapixels is made into a pyramid in little memory: rows are read once, from the top."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from server.imaging.vips import pyvips
from tests.support.pictures import picture

LIMIT = 300 * 2**20
SCRIPT = """
import json, re, sys
from pathlib import Path
from server.imaging.pyramid import make_pyramid
made = make_pyramid(Path(sys.argv[1]), Path(sys.argv[2]), tile_size=512, quality=85, max_pixels=10**9)
# Not ru_maxrss: that begins with the memory of the process that started this one.
peak = int(re.search(r"VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1]) * 1024
print(json.dumps({"width": made.width, "height": made.height, "peak": peak}))
"""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("strips", ["whole", "few rows"])
def test_a_plan_of_108_megapixels_needs_less_than_300_megabytes(tmp_path: Path, strips: str) -> None:
    master = tmp_path / "plan.tif"
    piece = pyvips.Image.new_from_array(picture(1200, 900))
    plan = piece.replicate(10, 10).copy(interpretation="srgb")
    if strips == "whole":
        _one_strip(master, plan)
    else:
        plan.tiffsave(str(master))
    assert master.stat().st_size > 300 * 2**20
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(master), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=150,
    )
    told = json.loads(done.stdout)
    assert (told["width"], told["height"]) == (12000, 9000)
    assert told["peak"] < LIMIT


def _one_strip(path: Path, plan: pyvips.Image) -> None:
    """Write an uncompressed TIFF whose rows are all in one strip, as some scanners do."""
    width, height = plan.width, plan.height
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 8), (259, 3, 1, 1), (262, 3, 1, 2)]
    entries += [(273, 4, 1, 256), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, width * height * 3)]
    bits_at = 8 + 2 + 12 * len(entries) + 4
    entries[2] = (258, 3, 3, bits_at)
    table = b"".join(
        np.array([tag, kind], "<u2").tobytes() + np.array([count, value], "<u4").tobytes()
        for tag, kind, count, value in entries
    )
    head = b"II*\0" + np.array([8], "<u4").tobytes() + np.array([len(entries)], "<u2").tobytes() + table + bytes(4)
    head += np.array([8, 8, 8], "<u2").tobytes()
    with path.open("wb") as out:
        out.write(head.ljust(256, b"\0"))
        for top in range(0, height, 900):
            out.write(plan.crop(0, top, width, 900).write_to_memory())
