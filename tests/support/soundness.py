"""Whether a pyramid is sound from its first byte to its last: what the server checks tile by tile, and the rest of the TIFF."""

from collections.abc import Iterator

import xxhash

from server.errors import ImageError
from server.imaging.tiff import HEADER_SIZE
from server.imaging.tiles import PyramidReader

_LARGEST_READ = 8 * 2**20


def verify(reader: PyramidReader) -> None:
    """Read the whole pyramid once, in little memory. Raises ImageError naming the first part that is damaged."""
    index, rest, position = reader.index, xxhash.xxh3_64(), HEADER_SIZE
    for number in sorted(range(len(index.offsets)), key=lambda number: index.place(number)[0]):
        offset, length, _ = index.place(number)
        for piece in _pieces(reader, position, offset):
            rest.update(piece)
        reader.stream(number)
        position = offset + length
    for piece in _pieces(reader, position, index.tif_size):
        rest.update(piece)
    rest.update(reader.read(0, HEADER_SIZE))
    if rest.intdigest() & 0xFFFFFFFF != index.rest:
        raise ImageError(f"{reader.name}: its TIFF directories are damaged")


def _pieces(reader: PyramidReader, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        length = min(_LARGEST_READ, end - start)
        yield reader.read(start, length)
        start += length
