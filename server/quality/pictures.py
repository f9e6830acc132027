"""The pictures of a report: every view small, and the views that matter larger, within a number of bytes in all.

Views with findings get the larger share of what is left when every view has its thumbnail. A view that cannot be shown
has no picture; a decoder that dies takes the picture of its view with it, not the report.
"""

import multiprocessing
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from server.delivery.values import Delivery, Finding, Severity
from server.errors import ImageError
from server.imaging.preview import Preview, make_preview
from server.quality.examine import Progress

_TEXT = 0.75
"""Bytes of a picture in a byte of base64."""
_THUMBNAILS = 0.35
"""Share of the room that thumbnails may take."""
_LARGEST_THUMBNAIL = 7_000
_LARGEST_CLOSER = 420_000
_WEIGHTS = {Severity.ERROR: 12, Severity.WARNING: 8, Severity.INFO: 2}
"""How much more room than a view without findings a view has, by the gravest of its findings."""


@dataclass(frozen=True, slots=True)
class _Job:
    master: str
    file: Path
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
) -> dict[str, Preview]:
    """Return the pictures of the masters that can be shown, by their paths."""
    masters = dict.fromkeys(
        view.master for item in delivery.items for view in item.views if view.master in delivery.files
    )
    jobs = [
        _Job(master, delivery.root / master, max_pixels, *rooms)
        for master, rooms in share_out(masters, _by_master(delivery, findings), room).items()
    ]
    made: dict[str, Preview] = {}
    for done, (master, preview) in enumerate(_run(jobs, processes), start=1):
        if preview is not None:
            made[master] = preview
        if progress:
            progress(done, len(jobs), 0)
    return made


def _by_master(delivery: Delivery, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings with the master of their view as path: some name the table or the text that they are in."""
    masters: Mapping[tuple[str, int], str] = {
        (item.identifier, view.number): view.master for item in delivery.items for view in item.views
    }
    for finding in findings:
        master = masters.get((finding.item, finding.view or 0), finding.path)
        yield Finding(finding.rule, finding.severity, finding.message, master, finding.item, finding.view)


def _make(job: _Job) -> Preview | None:
    """Make the pictures of one master; None where it cannot be shown, which the check has said why."""
    try:
        return make_preview(job.file, job.max_pixels, job.thumbnail_bytes, job.closer_bytes)
    except (ImageError, OSError):
        return None


def _run(jobs: list[_Job], processes: int) -> Iterator[tuple[str, Preview | None]]:
    if processes <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield job.master, _make(job)
        return
    left = {job.master: job for job in jobs}
    while left:
        try:
            with _pool(min(processes, len(left))) as pool:
                futures = {pool.submit(_make, job): master for master, job in left.items()}
                for future in as_completed(futures):
                    preview = future.result()
                    del left[futures[future]]
                    yield futures[future], preview
        except BrokenProcessPool:
            # whose fault it was is not known: the next view alone, then the others together again
            master, job = next(iter(left.items()))
            del left[master]
            yield master, _alone(job)


def _alone(job: _Job) -> Preview | None:
    try:
        with _pool(1) as pool:
            return pool.submit(_make, job).result()
    except BrokenProcessPool:
        return None


def _pool(processes: int) -> ProcessPoolExecutor:
    # spawn: libvips has threads, and a fork would copy their locks
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))
