"""Making PDFs, in the background: what is wanted is read from the catalogue, so a lost message loses nothing (decision 0013).

One process of an installation makes them, one after the other, page by page. A PDF is written to the scratch folder, put
into the storage whole, and only then told to the catalogue: killed in between, the next look finds it there. What lies in
the storage and is named by no live publication is removed, and what was lost there is made again: at the first look of a
process, and after that as often as a hundredth of the time allows, at least every hour.
"""

import contextlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, update

from server.catalogue.base import bytewise
from server.catalogue.items import load_text
from server.catalogue.models import InstallationRow
from server.catalogue.publication_models import PublicationRow, PublishedFileRow, PublishedImageRow
from server.catalogue.values import ITEM
from server.errors import Busy, StorageError, VitrineError
from server.formats.pdf.document import Page, Picture, write_pdf
from server.iiif.build.downloads import PDF
from server.imaging.index import TileIndex
from server.imaging.page import page_picture
from server.imaging.tiles import PyramidReader
from server.model.item import Item, PublishedView
from server.publish.facts import alternative, state_facts
from server.publish.installation import BASE_URL, REBASING_TO
from server.publish.transaction import LIVE
from server.workshop import Workshop

_AGAIN_SECONDS = 3600.0
"""After a failure the same PDF is tried again so much later, or by a new process."""

_SHARE = 0.01
"""Of the time, how much may go into comparing with the storage: a hundred thousand PDFs on S3 are a hundred requests."""
_COMPARED_AFTER = 3600.0
"""Seconds after which it is compared again, however long that takes."""

_log = logging.getLogger("vitrine.renderings")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A PDF that is announced and not made: of which item as published, from which pyramids by view, under which key."""

    item: Item
    key: str
    pyramids: dict[int, tuple[str, str]]


class _Ended(Exception):
    """The process is to end: what is on its way is given up, and found again by the next one."""


class PdfMaker:
    """Makes the PDFs of an installation, and remembers which could not be made."""

    def __init__(
        self,
        workshop: Workshop,
        is_ending: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workshop, self._is_ending, self._clock = workshop, is_ending, clock
        self._failed: dict[str, float] = {}
        self._compares_from = float("-inf")

    def make_all(self) -> int:
        """Make every PDF that is announced and missing, sometimes remove what nobody names; return how many were made.

        One that fails stops no other. Where another process is at it, nothing is done.
        """
        made = 0
        with contextlib.suppress(Busy), self._workshop.catalogue.lock("renderings", wait=False):
            if not _is_settled(self._workshop):
                return 0
            shutil.rmtree(_scratch(self._workshop), ignore_errors=True)  # what a killed process left
            self._compare()
            for name in _missing(self._workshop):
                if self._is_ending():
                    break
                made += self._make(name)
        return made

    def _compare(self) -> None:
        """Compare with the storage at the first look, and again when that takes little of the time since."""
        began = self._clock()
        if began < self._compares_from:
            return
        _compare_with_storage(self._workshop)
        ended = self._clock()
        self._compares_from = ended + min((ended - began) / _SHARE, _COMPARED_AFTER)

    def _make(self, name: str) -> bool:
        tried = name  # until its key is known
        if self._is_early(tried):
            return False
        try:
            wanted = _look_up(self._workshop, name)
            if wanted is None or self._is_early(wanted.key):
                return False
            tried = wanted.key
            return make_pdf(self._workshop, wanted, self._is_ending)
        except _Ended:
            return False
        except (VitrineError, OSError, MemoryError) as error:
            _log.warning("the PDF of %s was not made: %s", name, error)
        except Exception:  # noqa: BLE001  # one document, whatever is wrong with it, must not keep back all that follow
            _log.exception("the PDF of %s was not made, for a reason that was not foreseen", name)
        self._failed[tried] = self._clock() + _AGAIN_SECONDS
        return False

    def _is_early(self, tried: str) -> bool:
        """Whether something failed so lately that it is not tried yet."""
        return self._clock() < self._failed.get(tried, float("-inf"))


def make_pdf(workshop: Workshop, wanted: _Wanted, is_ending: Callable[[], bool] = lambda: False) -> bool:
    """Make one PDF, unless it lies in the storage already, and tell the catalogue; False where nobody wants it any more.

    Raises ImageError where a pyramid is damaged, StorageError, OSError where the scratch folder has no room.
    """
    if not workshop.storage.exists(wanted.key):
        with _scratch_folder(workshop) as scratch:
            facts = state_facts(wanted.item, workshop.addresses)
            write_pdf(
                scratch / "document.pdf",
                scratch / "streams.pdf",
                facts,
                wanted.item.structure,
                _pages(workshop, wanted, is_ending),
                is_paged=wanted.item.paged,
                is_right_to_left=wanted.item.viewing_direction == "right-to-left",
            )
            workshop.storage.put_file(wanted.key, scratch / "document.pdf", move=True)
    size = workshop.storage.size(wanted.key)
    with workshop.catalogue.write() as session:
        row = session.get(PublishedFileRow, (wanted.item.name, PDF), with_for_update=True)
        if row is None or row.key != wanted.key:
            return False  # withdrawn or published anew meanwhile: the next look removes it
        row.size, row.datestamp = size, int(workshop.clock().timestamp())
    return True


def _is_settled(workshop: Workshop) -> bool:
    """Whether everything is published under the addresses that we would write into a PDF: a rebase may be under way."""
    with workshop.catalogue.read() as session:
        base = session.get(InstallationRow, BASE_URL)
        rebasing = session.get(InstallationRow, REBASING_TO)
    return rebasing is None and base is not None and base.value == workshop.addresses.base


def _missing(workshop: Workshop) -> list[str]:
    with workshop.catalogue.read() as session:
        query = select(PublishedFileRow.name).where(PublishedFileRow.file == PDF, PublishedFileRow.size.is_(None))
        return list(session.scalars(query.order_by(PublishedFileRow.datestamp, bytewise(PublishedFileRow.name))))


def _look_up(workshop: Workshop, name: str) -> _Wanted | None:
    """Return what a PDF is made from, all of one publication; None where it is not wanted any more."""
    with workshop.catalogue.read() as session:
        publication = session.get(PublicationRow, name)
        row = session.get(PublishedFileRow, (name, PDF))
        if publication is None or publication.state != LIVE or row is None or row.size is not None:
            return None
        images = session.scalars(
            select(PublishedImageRow).where(PublishedImageRow.name == name, PublishedImageRow.state == LIVE)
        )
        pyramids = {image.number: (image.pyramid_key, image.index_key) for image in images}
        return _Wanted(ITEM.validate_python(publication.item), row.key, pyramids)


def _pages(workshop: Workshop, wanted: _Wanted, is_ending: Callable[[], bool]) -> Iterator[Page]:
    for view in wanted.item.public_views:
        if is_ending():
            raise _Ended
        yield _page(workshop, wanted, view)


def _page(workshop: Workshop, wanted: _Wanted, view: PublishedView) -> Page:
    pyramid, index = wanted.pyramids[view.number]
    storage = workshop.storage
    reader = PyramidReader(
        view.image, TileIndex.load(storage.get(index), index), lambda offset, size: storage.read(pyramid, offset, size)
    )
    made = page_picture(reader)
    text = None
    if view.has_text:
        with workshop.catalogue.read() as session:
            text = load_text(session, wanted.item.name, view.number)
    return Page(
        view=view.number,
        label=view.notes.label.strip(),
        size=(view.width, view.height),
        picture=Picture(made.stream, made.width, made.height, made.bands),
        text=text,
        transcriptions=tuple((said.value, said.language) for said in view.notes.transcriptions if said.value),
        alternative=alternative(wanted.item, view),
    )


def _compare_with_storage(workshop: Workshop) -> None:
    """Remove PDFs that no live publication names, and want those again that are told to be there and are not.

    The storage is looked at first: what is named afterwards by a publication was not there yet, for only this process,
    which holds the lock, puts something there.
    """
    stored = {found.key for found in workshop.storage.list("renderings")}
    with workshop.catalogue.read() as session:
        rows = session.execute(
            select(PublishedFileRow.key, PublishedFileRow.size).where(PublishedFileRow.file == PDF)
        ).all()
    for key in sorted(stored - {row.key for row in rows}):
        with contextlib.suppress(StorageError):  # the next look tries again
            workshop.storage.delete(key)
    lost = {row.key for row in rows if row.size is not None} - stored
    if lost:
        _log.warning("%s PDFs are not in the storage any more; they are made again", len(lost))
        with workshop.catalogue.write() as session:
            for key in lost:
                session.execute(update(PublishedFileRow).where(PublishedFileRow.key == key).values(size=None))


@contextlib.contextmanager
def _scratch_folder(workshop: Workshop) -> Iterator[Path]:
    """A folder for a PDF on its way, near the storage; what a killed process left in it is gone by now."""
    folder = _scratch(workshop)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _scratch(workshop: Workshop) -> Path:
    return workshop.settings.home_dir.absolute() / "scratch" / "renderings"
