"""Pyramids: a tiled TIFF with JPEG tiles whose every tile can be sent as it is stored, and ready-made whole pictures.

The master is read once, from the top, in little memory; libvips makes its rows upright and sRGB or gray, the levels
are made from them (`strips`), and each tile is encoded from the exact pixels of its level. A tile on the right or
bottom edge is stored twice: cut, as it is served, and continued to the full tile, as TIFF wants it. Whole pictures of
the levels that are larger than one tile and not too large, and thumbnails, lie behind the tiles. The file is one that
TIFF tools open.

The same master and recipe give the same bytes.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import xxhash

from server.errors import ImageError, StorageFull
from server.imaging import jpeg, tiff
from server.imaging.index import Level, Stream, TileIndex, checksum, grid
from server.imaging.resample import resized
from server.imaging.source import explain, open_master, probe
from server.imaging.strips import Pixels, Strips, Tile
from server.imaging.vips import pyvips
from server.model.levels import LARGEST_READY_MADE, ready_made_sizes
from server.told import told

RECIPE_VERSION = 2
BILEVEL_QUALITY = 50
"""JPEG quality, at most, for masters of one bit: from there on downwards pixels change from black to white.

A page of a newspaper of 4048 × 5520 pixels, 0.27 MB in CCITT G4: 4.3 MB at quality 85, 2.7 MB at 50, and every pixel
of the master is still on its side of gray; 2.1 MB at 30, with 800 pixels on the wrong one.
"""

_BLOCK = 16
"""Side in pixels of a JPEG block with 4:2:0 subsampling."""


@dataclass(frozen=True, slots=True)
class Pyramid:
    """A pyramid as made: its two files, its size in pixels, its recipe. `bands` is 1 (gray) or 3 (sRGB)."""

    tif: Path
    index: Path
    width: int
    height: int
    tile_size: int
    bands: int
    recipe: str


def recipe_name(tile_size: int, quality: int) -> str:
    """Return the name of all that shapes a pyramid, for its key: `jpeg85b50-512-v2`, `b` for masters of one bit."""
    return f"jpeg{quality}b{min(quality, BILEVEL_QUALITY)}-{tile_size}-v{RECIPE_VERSION}"


def make_pyramid(
    master: Path, target_dir: Path, *, tile_size: int, quality: int, max_pixels: int, page: int = 1
) -> Pyramid:
    """Make a pyramid and its index as two new files in `target_dir`; on any error neither is left.

    `page` is that of a PDF. `tile_size` is a multiple of 16; `quality` is a JPEG quality of 50 to 89. Raises ImageError, ImageTooLarge,
    StorageFull.
    """
    if tile_size % _BLOCK or not 50 <= quality <= 89:
        raise ValueError("the tile size must be a multiple of 16 and the quality lie between 50 and 89")
    image = open_master(master, max_pixels, page=page)
    used = min(quality, BILEVEL_QUALITY) if image.bands == 1 and probe(master).bits == 1 else quality
    with ExitStack() as undo:
        tif = _new_file(target_dir, ".tif", undo)
        index_path = _new_file(target_dir, ".idx", undo)
        try:
            with tif.open("r+b") as file:
                index = _write(image, file, tile_size, used)
            index_path.write_bytes(index.dump())
        except pyvips.Error as error:
            raise explain(master, error) from error
        except OSError as error:
            raise StorageFull(
                told(
                    "{target_dir}: {strerror}; free some room, then run the same command again",
                    target_dir=str(target_dir),
                    strerror=error.strerror,
                )
            ) from error
        undo.pop_all()
    recipe = recipe_name(tile_size, quality)
    return Pyramid(tif, index_path, image.width, image.height, tile_size, image.bands, recipe)


def _new_file(folder: Path, suffix: str, undo: ExitStack) -> Path:
    handle, name = tempfile.mkstemp(prefix="pyramid-", suffix=suffix, dir=folder)
    os.close(handle)
    path = Path(name)

    def remove() -> None:
        with suppress(FileNotFoundError):
            path.unlink()

    undo.callback(remove)
    return path


def _write(image: pyvips.Image, file: BinaryIO, tile_size: int, quality: int) -> TileIndex:
    levels = grid(image.width, image.height, tile_size)
    strips = Strips(levels, tile_size, image.bands, LARGEST_READY_MADE)
    writer = _Writer(file, levels, quality)
    for rows in _rows(image, strips.batch):
        for tile in strips.add(rows):
            writer.add(tile)
    for tile in strips.finish():
        writer.add(tile)
    for size in ready_made_sizes(image.width, image.height, tile_size):
        writer.add_picture(size, _picture(strips.held, levels, size))
    return writer.finish(tile_size, image.bands)


def _rows(image: pyvips.Image, batch: int) -> Iterator[Pixels]:
    """Yield the image from the top, so many rows at a time."""
    region = pyvips.Region.new(image)
    for top in range(0, image.height, batch):
        height = min(batch, image.height - top)
        data = region.fetch(0, top, image.width, height)
        yield np.frombuffer(data, np.uint8).reshape(height, image.width, image.bands)


def _picture(held: dict[int, Pixels], levels: tuple[Level, ...], size: tuple[int, int]) -> Pixels:
    """Return the whole image in a size, from the smallest level that has enough pixels."""
    k = max((k for k in held if levels[k].width >= size[0] and levels[k].height >= size[1]), default=min(held))
    if size == (levels[k].width, levels[k].height):
        return held[k]
    return resized(held[k], (levels[0].width / 2**k, levels[0].height / 2**k), size)


class _Writer:
    """Writes streams one after the other and notes where they lie."""

    def __init__(self, file: BinaryIO, levels: tuple[Level, ...], quality: int) -> None:
        self._file, self._levels, self._quality = file, levels, quality
        self._tables = b""
        self._rest = xxhash.xxh3_64()
        self._position = 0
        self._served: list[list[Stream]] = [[] for _ in levels]
        self._in_tiff: list[list[tuple[int, int]]] = [[] for _ in levels]
        self._later: list[tuple[int, bytes]] = []
        self._pictures: list[tuple[tuple[int, int], Stream]] = []
        self._put(bytes(tiff.HEADER_SIZE))

    def add(self, tile: Tile) -> None:
        """Store a tile: as it is served, and as TIFF wants it.

        What only TIFF wants of a row of tiles lies behind the whole row, so that neighbours are read at once.
        """
        size = tile.pixels.shape[0]
        if len(self._served[tile.level]) % self._levels[tile.level].columns == 0:
            self._put_later_ones()
        if (tile.width, tile.height) != (size, size):
            cut = self._encoded(tile.pixels[: tile.height, : tile.width])
            self._served[tile.level].append(self._stream(cut, needs_head=True))
            self._later.append((tile.level, jpeg.START + self._encoded(tile.pixels)))
            return
        start = self._put_rest(jpeg.START)
        served = self._stream(self._encoded(tile.pixels), needs_head=True)
        self._served[tile.level].append(served)
        self._in_tiff[tile.level].append((start, len(jpeg.START) + served.length))

    def add_picture(self, size: tuple[int, int], pixels: Pixels) -> None:
        """Store a picture of the whole image."""
        self._pictures.append((size, self._stream(jpeg.encode(pixels, self._quality), needs_head=False)))

    def finish(self, tile_size: int, bands: int) -> TileIndex:
        """Write the directories and return the index."""
        self._put_later_ones()
        self._put_rest(bytes(-self._position % 8))
        tables = jpeg.START + self._tables + jpeg.END
        images = [
            tiff.TiledJpeg(
                level.width, level.height, tile_size, bands, tables, [at for at, _ in places], [n for _, n in places]
            )
            for level, places in zip(self._levels, self._in_tiff, strict=True)
        ]
        header, directories = tiff.make_directories(images, self._position)
        self._put_rest(directories)
        self._file.seek(0)
        self._file.write(header)
        self._rest.update(header)
        head = jpeg.START + jpeg.JFIF + self._tables
        full = (self._levels[0].width, self._levels[0].height)
        tiles = [stream for level in self._served for stream in level]
        rest = self._rest.intdigest() & 0xFFFFFFFF
        return TileIndex.build(full, tile_size, bands, self._position, head, tiles, self._pictures, rest)

    def _put_later_ones(self) -> None:
        for level, whole in self._later:
            self._in_tiff[level].append((self._put_rest(whole), len(whole)))
        self._later.clear()

    def _encoded(self, pixels: Pixels) -> bytes:
        tables, body = jpeg.part(jpeg.encode(pixels, self._quality))
        self._tables = self._tables or tables
        if tables != self._tables:
            raise ImageError(told("the JPEG encoder made different tables for tiles of one pyramid"))
        return body

    def _stream(self, data: bytes, *, needs_head: bool) -> Stream:
        return Stream(self._put(data), len(data), needs_head, checksum(data))

    def _put_rest(self, data: bytes) -> int:
        self._rest.update(data)
        return self._put(data)

    def _put(self, data: bytes) -> int:
        at = self._position
        self._file.write(data)
        self._position += len(data)
        return at
