"""What is asked for: every aligned tile of every scan, and other requests, as pairs of scan and end of the address."""

import random
from dataclasses import dataclass

from benchmarks.scans import SCANS, Scan
from server.model.levels import level_sizes


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that all peers are asked: the scan, what follows its name, the size in pixels of a right answer."""

    scan: str
    tail: str
    width: int
    height: int


def tiles(tile_size: int, scans: tuple[Scan, ...] = SCANS) -> list[Wanted]:
    """Return every tile that info.json announces, at every level, in the canonical form `x,y,w,h/w,h`."""
    found = []
    for scan in scans:
        for level, (width, height) in enumerate(level_sizes(scan.width, scan.height, tile_size)):
            for top in range(0, height, tile_size):
                for left in range(0, width, tile_size):
                    found.append(_tile(scan, level, left, top, tile_size, (width, height)))
    return found


def _tile(scan: Scan, level: int, left: int, top: int, tile_size: int, size: tuple[int, int]) -> Wanted:
    w, h = min(tile_size, size[0] - left), min(tile_size, size[1] - top)
    x, y = left << level, top << level
    if (w, h) == size:
        return Wanted(scan.name, f"full/{w},{h}/0/default.jpg", w, h)
    region = f"{x},{y},{min(w << level, scan.width - x)},{min(h << level, scan.height - y)}"
    return Wanted(scan.name, f"{region}/{w},{h}/0/default.jpg", w, h)


def regions(count: int, scans: tuple[Scan, ...] = SCANS, seed: int = 7) -> list[Wanted]:
    """Return random regions of every scan, 200 to 1 000 pixels wide when shown, from 1 to 5 times as large in the scan."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        scan = scans[number % len(scans)]
        width, height, factor = chance.randint(200, 1000), chance.randint(200, 1000), chance.uniform(1, 5)
        w, h = round(width * factor), round(height * factor)
        x, y = chance.randint(0, scan.width - w), chance.randint(0, scan.height - h)
        found.append(Wanted(scan.name, f"{x},{y},{w},{h}/{width},{height}/0/default.jpg", width, height))
    return found


def thumbnails(side: int, scans: tuple[Scan, ...] = SCANS) -> list[Wanted]:
    """Return the whole of every scan within a square."""
    found = []
    for scan in scans:
        scale = side / max(scan.width, scan.height)
        width, height = round(scan.width * scale), round(scan.height * scale)
        found.append(Wanted(scan.name, f"full/!{side},{side}/0/default.jpg", width, height))
    return found


def whole(area: int, scans: tuple[Scan, ...] = SCANS) -> list[Wanted]:
    """Return every scan whole in so many pixels at most: the heaviest that a reader can ask for."""
    found = []
    for scan in scans:
        scale = (area / (scan.width * scan.height)) ** 0.5
        width, height = int(scan.width * scale), int(scan.height * scale)
        found.append(Wanted(scan.name, f"full/{width},{height}/0/default.jpg", width, height))
    return found
