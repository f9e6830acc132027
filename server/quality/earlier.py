"""The picture of a view as it was delivered before, shown beside the new one in the report on a redelivery.

It is the small picture that the check of that delivery kept; of a document that was ingested, its pyramid has one. Where
neither is there any more, the report says only what changed.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from server.catalogue.reviews import CheckedView, find_pyramids
from server.errors import ImageError, StorageError
from server.imaging.index import TileIndex
from server.imaging.page import page_picture
from server.imaging.preview import shrink_picture
from server.imaging.tiles import PyramidReader
from server.quality.comparison import Place
from server.quality.pictures import Kept
from server.workshop import Workshop

SHARE = 0.3
"""Share of the room of all pictures that those of before may take."""

_MOST_BYTES = 200_000
_TEXT = 0.75


def room_before(was: Mapping[Place, CheckedView], room: int) -> int:
    """Return how many bytes of a report the pictures of before may take, as text in base64."""
    return min(int(room * SHARE), int(len(was) * _MOST_BYTES / _TEXT))


def make_earlier(was: Mapping[Place, CheckedView], workshop: Workshop, room: int) -> dict[Place, bytes]:
    """Return the pictures of before that can still be had, as JPEG, by the place of the view that replaces each."""
    if not was:
        return {}
    each = int(room * _TEXT / len(was))
    kept = Kept(workshop.settings.home_dir)
    with workshop.catalogue.read() as session:
        pyramids = find_pyramids(session, was.values())

    def make(entry: tuple[Place, CheckedView]) -> tuple[Place, bytes]:
        place, view = entry
        return place, _shrunk(_of_a_look(view, kept) or _of_a_pyramid(pyramids.get(view), workshop), each)

    with ThreadPoolExecutor(max(1, workshop.settings.processes)) as pool:
        return {place: picture for place, picture in pool.map(make, was.items()) if picture}


def _of_a_look(view: CheckedView, kept: Kept) -> bytes:
    for place in _places(view, kept):
        with suppress(OSError):
            return place.read_bytes()
    return b""


def _places(view: CheckedView, kept: Kept) -> Iterable[Path]:
    if view.digest:
        yield kept.place(view.digest)
        yield kept.place(view.digest, view.number)  # a page of a PDF, which is a document


def _of_a_pyramid(keys: tuple[str, str] | None, workshop: Workshop) -> bytes:
    if keys is None:
        return b""
    pyramid, index = keys
    storage = workshop.storage
    try:
        tiles = TileIndex.load(storage.get(index), index)
        return page_picture(PyramidReader(index, tiles, lambda at, size: storage.read(pyramid, at, size))).stream
    except (ImageError, StorageError):
        return b""


def _shrunk(jpeg: bytes, room: int) -> bytes:
    if not jpeg:
        return b""
    try:
        return shrink_picture(jpeg, 0, room, None).closer
    except ImageError:
        return b""
