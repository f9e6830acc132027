"""The tiles that an info.json announces, computed as the implementation notes tell viewers (partial tiles rounded up)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: region x, y, w, h of the image, size of the result, both in pixels; and the scale factor."""

    region: tuple[int, int, int, int]
    size: tuple[int, int]
    factor: int

    @property
    def rest(self) -> str:
        """Its address behind the base URI."""
        region = ",".join(str(number) for number in self.region)
        return f"{region}/{self.size[0]},{self.size[1]}/0/default.jpg"


def tiles_of(info: dict[str, Any]) -> Iterator[Tile]:
    """Return every tile that an info.json announces."""
    width, height = info["width"], info["height"]
    for announced in info["tiles"]:
        across, down = announced["width"], announced.get("height", announced["width"])
        for factor in announced["scaleFactors"]:
            for y in range(0, height, down * factor):
                for x in range(0, width, across * factor):
                    w, h = min(across * factor, width - x), min(down * factor, height - y)
                    yield Tile((x, y, w, h), (-(-w // factor), -(-h // factor)), factor)
