"""One view: its pyramid, its master where it is kept, its text. Runs in a worker process; touches no database.

Every output has a key made of the digest of its input and the recipe: what is there already is not made again.
"""

import errno
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from server.catalogue.values import pack_text
from server.errors import DeliveryError, FormatError, ImageError, StorageFull
from server.formats.alto import Alto, read_alto
from server.formats.pdf.reading import read_words
from server.formats.xml import GZIP, read_bounded
from server.imaging.index import TileIndex
from server.imaging.pyramid import make_pyramid, recipe_name
from server.settings import Settings
from server.storage.base import Storage
from server.storage.keys import index_key, master_key, pyramid_key, source_key
from server.told import told


@dataclass(frozen=True, slots=True)
class ViewTask:
    """What a worker needs for one view: paths are absolute, digests are SHA-256 in hexadecimal."""

    item: str
    number: int
    master: Path
    master_digest: str
    keep_master: bool
    text: Path | None = None
    text_path: str = ""
    text_digest: str = ""
    page: int | None = None
    made: "FinishedView | None" = None
    """The view as it is held, where only its text is delivered."""


@dataclass(frozen=True, slots=True)
class FinishedView:
    """What came of a view. `layout` is the packed text; sizes in pixels, `master_size` in bytes."""

    number: int
    width: int
    height: int
    recipe: str
    tile_size: int
    pyramid_key: str
    index_key: str
    master_key: str | None
    master_size: int
    text_language: str | None = None
    plain: str | None = None
    layout: bytes | None = None
    text_key: str | None = None
    text_size: int = 0
    text_pages: int = 0
    packed_key: str | None = None
    """Where the text is kept as it came, of one that came packed by gzip: `text_key` is what it unpacks to."""
    packed_size: int = 0
    master_place: str | None = None
    """Where the master was, of a view that stays as it was made."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The storage keys of all that was stored for the view."""
        return tuple(
            key for key in (self.pyramid_key, self.index_key, self.master_key, self.text_key, self.packed_key) if key
        )


def make_view(task: ViewTask, settings: Settings, storage: Storage, scratch: Path) -> FinishedView:
    """Make what a view needs. Raises DeliveryError naming view, file, fault and remedy; StorageError, StorageFull."""
    try:
        return _make_view(task, settings, storage, scratch)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                told(
                    "{path}: no room left on the disk; free some, then run the same command again",
                    path=str(error.filename or scratch),
                )
            ) from error
        raise


def _make_view(task: ViewTask, settings: Settings, storage: Storage, scratch: Path) -> FinishedView:
    if task.made is not None:
        return _with_text(task, task.made, settings, storage)
    recipe = recipe_name(tile_size=settings.tile_size, quality=settings.jpeg_quality)
    pyramid = pyramid_key(task.item, task.number, task.master_digest, recipe)
    index = index_key(task.item, task.number, task.master_digest, recipe)
    try:
        width, height = _pyramid(task, settings, storage, scratch, pyramid, index)
        alto = _text(task, settings, (width, height))
        layer = (
            read_words(task.master, task.master.name, task.page, (width, height)) if task.page and not alto else None
        )
    except (ImageError, FormatError) as error:
        raise DeliveryError(told("view {number}: {fault}", number=task.number, fault=error.told)) from None
    text = alto.text if alto else layer
    kept = None
    if task.keep_master and task.page:
        kept = source_key(task.item, task.master_digest, task.master.suffix or ".pdf")  # once for all of its pages
        _keep(storage, kept, task.master)
    elif task.keep_master:
        kept = master_key(task.item, task.number, task.master_digest, task.master.suffix or ".bin")
        _keep(storage, kept, task.master)
    finished = FinishedView(
        number=task.number,
        width=width,
        height=height,
        recipe=recipe,
        tile_size=settings.tile_size,
        pyramid_key=pyramid,
        index_key=index,
        master_key=kept,
        master_size=task.master.stat().st_size,
        text_language=text.language if text else None,
        plain=text.plain() if text else None,
        layout=pack_text(text) if text else None,
        text_pages=alto.pages if alto else 0,
    )
    return _keep_text(task, finished, settings, storage) if task.text else finished


def _with_text(task: ViewTask, made: FinishedView, settings: Settings, storage: Storage) -> FinishedView:
    """Return a view that is held with another text."""
    try:
        alto = _text(task, settings, (made.width, made.height))
    except FormatError as error:
        raise DeliveryError(told("view {number}: {fault}", number=task.number, fault=error.told)) from None
    assert alto is not None
    read = replace(
        made, text_language=alto.text.language, plain=alto.text.plain(), layout=pack_text(alto.text),
        text_pages=alto.pages, packed_key=None, packed_size=0,
    )  # fmt: skip
    return _keep_text(task, read, settings, storage)


def _text(task: ViewTask, settings: Settings, size: tuple[int, int]) -> Alto | None:
    if task.text is None:
        return None
    body = read_bounded(task.text, task.text_path, max_bytes=settings.max_xml_bytes)
    return read_alto(body, task.text_path, size=size, max_bytes=settings.max_xml_bytes)


def _keep_text(task: ViewTask, made: FinishedView, settings: Settings, storage: Storage) -> FinishedView:
    """Keep the ALTO of a view as it came, and unpacked beside it where that is gzip: readers are given it so."""
    assert task.text is not None
    size = task.text.stat().st_size
    if not _is_packed(task.text):
        key = source_key(task.item, task.text_digest, task.text.suffix or ".xml")
        _keep(storage, key, task.text)
        return replace(made, text_key=key, text_size=size)
    packed = source_key(task.item, task.text_digest, ".xml.gz")
    _keep(storage, packed, task.text)
    body = read_bounded(task.text, task.text_path, max_bytes=settings.max_xml_bytes)
    key = source_key(task.item, task.text_digest, ".xml")
    if not storage.exists(key):
        storage.put(key, body)
    return replace(made, text_key=key, text_size=len(body), packed_key=packed, packed_size=size)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(GZIP)) == GZIP


def _keep(storage: Storage, key: str, path: Path) -> None:
    if not storage.exists(key):
        storage.put_file(key, path)


def _pyramid(
    task: ViewTask, settings: Settings, storage: Storage, scratch: Path, pyramid: str, index: str
) -> tuple[int, int]:
    # The index is stored last: where it is, the pyramid is whole.
    if storage.exists(index):
        found = TileIndex.load(storage.get(index))
        return found.width, found.height
    folder = Path(tempfile.mkdtemp(dir=scratch, prefix=f"{task.item}-{task.number}-"))
    try:
        made = make_pyramid(
            task.master,
            folder,
            tile_size=settings.tile_size,
            quality=settings.jpeg_quality,
            max_pixels=settings.max_master_pixels,
            page=task.page or 1,
        )
        storage.put_file(pyramid, made.tif, move=True)
        storage.put_file(index, made.index, move=True)
        return made.width, made.height
    finally:
        shutil.rmtree(folder, ignore_errors=True)
