"""Pyramids: a tiled TIFF with JPEG tiles whose every tile can be sent as it is stored.

libvips writes the levels in one sequential pass. Three things are then put right, which Image API needs and libvips
does not do: each level has exactly ceil(size / 2**k) pixels (the picture is first continued to the right and below up
to whole JPEG blocks on every level, then the directories are given the true sizes); the tiles on the right and bottom
edges, which TIFF pads, are cut once and appended; and a tile index is made. The file stays one that TIFF tools open.

The same master and recipe give the same bytes.
"""

import os
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import imagecodecs

from server.errors import ImageError, StorageFull
from server.imaging.index import Level, TileIndex, grid
from server.imaging.source import explain, open_master
from server.imaging.tiff import Directory, Tag, read_directories
from server.imaging.vips import pyvips, reason

RECIPE_VERSION = 1
_BLOCK = 16
"""Side in pixels of a JPEG block with 4:2:0 subsampling."""

_BIG_TIFF_PIXELS = 2**31
_JFIF = bytes.fromhex("ffd8 ffe0 0010 4a46494600 0101 00 0001 0001 00 00")
_START, _END = b"\xff\xd8", b"\xff\xd9"
_FULL_DISK = ("no space left", "write error", "disk full", "disc full")


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
    """Return the name of all that shapes a pyramid, for its key: `jpeg85-512-v1`."""
    return f"jpeg{quality}-{tile_size}-v{RECIPE_VERSION}"


def make_pyramid(master: Path, target_dir: Path, *, tile_size: int, quality: int, max_pixels: int) -> Pyramid:
    """Make a pyramid and its index as two new files in `target_dir`; on any error neither is left.

    `tile_size` is a multiple of 16; `quality` is a JPEG quality of 50 to 89. Raises ImageError, ImageTooLarge,
    StorageFull.
    """
    if tile_size % _BLOCK or not 50 <= quality <= 89:
        raise ValueError("the tile size must be a multiple of 16 and the quality lie between 50 and 89")
    image = open_master(master, max_pixels)
    with ExitStack() as undo:
        tif = _new_file(target_dir, ".tif", undo)
        index_path = _new_file(target_dir, ".idx", undo)
        levels = grid(image.width, image.height, tile_size)
        _write_levels(image, levels, tif, master, tile_size=tile_size, quality=quality)
        try:
            with tif.open("r+b") as file:
                index = _finish(file, levels, tile_size, image.bands, quality)
            index_path.write_bytes(index.dump())
        except OSError as error:
            raise StorageFull(
                f"{target_dir}: {error.strerror}; free some room, then run the same command again"
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


def _write_levels(
    image: pyvips.Image, levels: tuple[Level, ...], tif: Path, master: Path, *, tile_size: int, quality: int
) -> None:
    block = _BLOCK << (len(levels) - 1)
    width, height = -(-image.width // block) * block, -(-image.height // block) * block
    try:
        image.embed(0, 0, width, height, extend="copy").tiffsave(
            str(tif),
            compression="jpeg",
            Q=quality,
            tile=True,
            tile_width=tile_size,
            tile_height=tile_size,
            pyramid=True,
            region_shrink="mean",
            keep="none",
            bigtiff=width * height > _BIG_TIFF_PIXELS,
        )
    except pyvips.Error as error:
        if any(sign in str(error).lower() for sign in _FULL_DISK):
            raise StorageFull(
                f"{tif.parent}: {reason(error)}; free some room, then run the same command again"
            ) from error
        raise explain(master, error) from error


def _finish(file: BinaryIO, levels: tuple[Level, ...], tile_size: int, bands: int, quality: int) -> TileIndex:
    """Give each level its true size, append the cut edge tiles, return the index."""
    directories = read_directories(file)
    if len(directories) != len(levels):
        raise ImageError(f"libvips wrote {len(directories)} levels where {len(levels)} were expected")
    tables = {bytes(directory.values(file, Tag.JPEG_TABLES)) for directory in directories}
    if len(tables) != 1:
        raise ImageError("libvips wrote different JPEG tables for different levels")
    head = _JFIF + _between_markers(tables.pop())
    tiles: list[tuple[int, int, bool]] = []
    for level, directory in zip(levels, directories, strict=True):
        places = _true_size(file, directory, level, tile_size)
        for number, (offset, length) in enumerate(places):
            row, column = divmod(number, level.columns)
            width = min(tile_size, level.width - column * tile_size)
            height = min(tile_size, level.height - row * tile_size)
            if width == tile_size and height == tile_size:
                tiles.append((offset + len(_START), length - len(_START), True))
            else:
                file.seek(offset)
                cut = _cut(head, file.read(length), width, height, quality)
                file.seek(0, os.SEEK_END)
                tiles.append((file.tell(), len(cut), False))
                file.write(cut)
    file.seek(0, os.SEEK_END)
    return TileIndex.build((levels[0].width, levels[0].height), tile_size, bands, file.tell(), head, tiles)


def _true_size(file: BinaryIO, directory: Directory, level: Level, tile_size: int) -> list[tuple[int, int]]:
    """Make a level's directory say its true size; return offset and length of each tile that stays in it."""
    padded_width = directory.values(file, Tag.IMAGE_WIDTH)[0]
    columns = -(-padded_width // tile_size)
    offsets = directory.values(file, Tag.TILE_OFFSETS)
    lengths = directory.values(file, Tag.TILE_BYTE_COUNTS)
    kept = [row * columns + column for row in range(level.rows) for column in range(level.columns)]
    directory.overwrite(file, Tag.IMAGE_WIDTH, (level.width,))
    directory.overwrite(file, Tag.IMAGE_LENGTH, (level.height,))
    directory.overwrite(file, Tag.TILE_OFFSETS, tuple(offsets[number] for number in kept))
    directory.overwrite(file, Tag.TILE_BYTE_COUNTS, tuple(lengths[number] for number in kept))
    return [(offsets[number], lengths[number]) for number in kept]


def _cut(head: bytes, tile: bytes, width: int, height: int, quality: int) -> bytes:
    """Return the top left part of a padded tile as a whole JPEG; same tables and blocks, so hardly anything is lost."""
    pixels = imagecodecs.jpeg8_decode(head + tile[len(_START) :])[:height, :width]
    # libjpeg wants rows that lie close together.
    return bytes(imagecodecs.jpeg8_encode(pixels.copy(), level=quality, subsampling="420", optimize=False))


def _between_markers(tables: bytes) -> bytes:
    """Return the tables of tag 347 without their own start and end of image."""
    if not (tables.startswith(_START) and tables.endswith(_END)):
        raise ImageError("libvips wrote JPEG tables without their markers")
    return tables[len(_START) : -len(_END)]
