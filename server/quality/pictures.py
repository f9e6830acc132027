"""The pictures of a report: every view small, and the views that matter larger, within a number of bytes in all.

They are made from the small pictures that the look at the masters kept (`Kept`), so that no pixel is read twice; of a master
that was looked at before without one, from the master itself. Views with findings get the larger share of what is left when every view has its thumbnail. A view that cannot be shown
has no picture; a decoder that dies takes the picture of its view with it, not the report.
"""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from server.delivery.values import Delivery, Finding, Severity
from server.errors import ImageError
from server.imaging.preview import Preview, make_preview, shrink_picture
from server.imaging.source import probe
from server.processes import work_through
from server.quality.examine import Progress

_TEXT = 0.75
"""Bytes of a picture in a byte of base64."""
_THUMBNAILS = 0.35
"""Share of the room that thumbnails may take."""
_LARGEST_THUMBNAIL = 7_000
_LARGEST_CLOSER = 420_000
_WEIGHTS = {Severity.ERROR: 12, Severity.WARNING: 8, Severity.INFO: 2}
"""How much more room than a view without findings a view has, by the gravest of its findings."""


KEPT_SECONDS = 60 * 86_400
"""How long a small picture is kept that no check asked for: a redelivery is shown beside it."""


class Kept:
    """The small pictures in the home folder, by the digest of their master and the page in it."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "checks" / "pictures"

    def place(self, digest: str, page: int | None = None) -> Path:
        """Return where the picture of a master is, or is to be; its folder is made."""
        folder = self._folder / digest[:2]
        folder.mkdir(parents=True, exist_ok=True)
        return folder / (f"{digest}.jpg" if page is None else f"{digest}-{page}.jpg")

    def forget(self) -> None:
        """Remove what nobody used for long, and what was left half-written."""
        for path in self._folder.glob("*/*.jpg*"):
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Job:
    source: str
    file: Path
    page: int | None
    kept: Path | None
    max_pixels: int
    thumbnail_bytes: int
    closer_bytes: int


def share_out(masters: Iterable[str], findings: Iterable[Finding], room: int) -> dict[str, tuple[int, int]]:
    """Return, by master, how many bytes its thumbnail and its closer picture may have; `room` is of text in base64."""
    weights = dict.fromkeys(masters, 1)
    if not weights:
        return {}
    for finding in findings:
        if finding.path in weights:
            weights[finding.path] = max(weights[finding.path], _WEIGHTS[finding.severity])
    pixels = room * _TEXT
    thumbnail = min(_LARGEST_THUMBNAIL, int(pixels * _THUMBNAILS / len(weights)))
    left = max(0.0, pixels - thumbnail * len(weights))
    share = left / sum(weights.values())
    return {master: (thumbnail, min(_LARGEST_CLOSER, int(share * weight))) for master, weight in weights.items()}


def make_pictures(
    delivery: Delivery,
    findings: Iterable[Finding],
    *,
    room: int,
    max_pixels: int,
    processes: int = 1,
    progress: Progress | None = None,
    kept: Kept | None = None,
) -> dict[str, Preview]:
    """Return the pictures of the views that can be shown, by their sources."""
    views = {view.source: view for item in delivery.items for view in item.views if view.master in delivery.files}
    jobs = [
        _Job(
            source, delivery.root / views[source].master, views[source].page,
            kept.place(delivery.files[views[source].master], views[source].page) if kept else None, max_pixels, *rooms,
        )
        for source, rooms in share_out(views, _by_source(delivery, findings), room).items()
    ]  # fmt: skip
    made: dict[str, Preview] = {}
    for done, (source, preview) in enumerate(_run(jobs, processes), start=1):
        if preview is not None:
            made[source] = preview
        if progress:
            progress(done, len(jobs), 0)
    return made


def _by_source(delivery: Delivery, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings with the source of their view as path: some name the table or the text that they are in."""
    sources: Mapping[tuple[str, int], str] = {
        (item.identifier, view.number): view.source for item in delivery.items for view in item.views
    }
    for finding in findings:
        yield replace(finding, path=sources.get((finding.item, finding.view or 0), finding.path))


def _make(job: _Job) -> Preview | None:
    """Make the pictures of one view; None where it cannot be shown, which the check has said why."""
    try:
        facts = probe(job.file, job.page or 1)
        if job.kept and job.kept.exists():
            with suppress(ImageError):  # damaged: made from the master again
                preview = shrink_picture(job.kept.read_bytes(), job.thumbnail_bytes, job.closer_bytes, facts)
                os.utime(job.kept)
                return preview
        return make_preview(job.file, job.max_pixels, job.thumbnail_bytes, job.closer_bytes, facts, page=job.page or 1)
    except (ImageError, OSError):
        return None


def _run(jobs: list[_Job], processes: int) -> Iterator[tuple[str, Preview | None]]:
    if processes <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield job.source, _make(job)
        return
    for job, preview in work_through(_make, jobs, processes):
        yield job.source, preview
