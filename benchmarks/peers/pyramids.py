"""The peers' pyramids: tiled pyramidal TIFFs by the `vips` command, of the same scans with the same tiles and quality."""

import subprocess
from pathlib import Path

from benchmarks.scans import SCANS, draw_scans

QUALITY = 85


def command(master: Path, target: Path, tile_size: int) -> list[str]:
    """Return the command that makes a pyramid as ours are: JPEG tiles, quality 85, halved by the mean."""
    return [
        "vips", "tiffsave", str(master), str(target), "--tile", "--pyramid", "--compression", "jpeg",
        "--Q", str(QUALITY), "--tile-width", str(tile_size), "--tile-height", str(tile_size),
        "--region-shrink", "mean", "--strip",
    ]  # fmt: skip


def make_pyramids(folder: Path, tile_size: int) -> dict[str, str]:
    """Return the file name of each scan's pyramid in `folder/{tile size}`, made where it is missing."""
    place = folder / str(tile_size)
    place.mkdir(parents=True, exist_ok=True)
    names = {}
    for scan, master in zip(SCANS, draw_scans(folder.parent / "scans"), strict=True):
        target = place / f"{scan.name}.tif"
        if not target.exists():
            fresh = place / f"{scan.name}.new.tif"
            subprocess.run(command(master, fresh, tile_size), check=True)
            fresh.rename(target)
        names[scan.name] = target.name
    return names
