"""Looking at every view of a delivery once: header, pixels, text; over a process pool, JPEG 2000 one at a time.

What is seen is kept as values; the rules judge it. A decoder that dies takes one view with it, not the check.
"""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from server.delivery.values import Delivery
from server.errors import DeliveryError, ImageError, ImageTooLarge
from server.formats.alto import read_alto
from server.formats.xml import MAX_XML_BYTES, read_bounded
from server.imaging.source import MasterFacts, decode_fully, probe

Progress = Callable[[int, int, int], None]
"""Called with the views done, the views in all, and the bytes of masters read so far."""

_TOLERANCE = 2
"""Pixels by which a box may pass the edge of its page: OCR engines round outwards."""
_DECODED_WHOLE = (".jp2", ".j2k", ".jpx", ".jpf", ".jpc")


@dataclass(frozen=True, slots=True)
class ImageSeen:
    """What a look at a master gave: its facts, or the fault that stopped it and at which stage.

    `pixels` is the digest of what was decoded: of the picture, whatever packs it.
    """

    path: str
    size: int
    facts: MasterFacts | None = None
    fault: str = ""
    stage: str = ""
    pixels: str = ""


@dataclass(frozen=True, slots=True)
class TextSeen:
    """What a look at an ALTO gave. `outside` counts words whose box passes the edge of the ALTO page."""

    path: str
    image: str
    width: float = 0
    height: float = 0
    unit: str = ""
    pages: int = 0
    words: int = 0
    outside: int = 0
    confidence: float | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """A delivery and everything seen in it, by path of master and of text; `shown` says in which documents and views a file is."""

    delivery: Delivery
    images: dict[str, ImageSeen]
    texts: dict[str, TextSeen]
    shown: dict[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class _Job:
    root: Path
    master: str
    size: int
    texts: tuple[str, ...]
    max_pixels: int
    max_xml_bytes: int


def examine(
    delivery: Delivery,
    *,
    max_pixels: int,
    max_xml_bytes: int = MAX_XML_BYTES,
    processes: int = 1,
    progress: Progress | None = None,
) -> Examined:
    """Look at every master and text that the documents name and that is there."""
    texts: dict[str, dict[str, None]] = {}
    for item in delivery.items:
        for view in item.views:
            if view.master in delivery.files:
                found = texts.setdefault(view.master, {})
                if view.text and view.text in delivery.files:
                    found[view.text] = None
    jobs = [
        _Job(delivery.root, master, (delivery.root / master).stat().st_size, tuple(found), max_pixels, max_xml_bytes)
        for master, found in texts.items()
    ]
    images: dict[str, ImageSeen] = {}
    seen_texts: dict[str, TextSeen] = {}
    done = read = 0
    for job, (image, of_image) in _run(jobs, processes):
        images[job.master] = image
        seen_texts.update({text.path: text for text in of_image})
        done, read = done + 1, read + job.size
        if progress:
            progress(done, len(jobs), read)
    # results arrive as they are ready: the report must not depend on that
    return Examined(delivery, dict(sorted(images.items())), dict(sorted(seen_texts.items())), where_shown(delivery))


def where_shown(delivery: Delivery) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return, for each master and each text, the documents and the numbers of the views that it is for."""
    shown: dict[str, list[tuple[str, int]]] = {}
    for item in delivery.items:
        for view in item.views:
            for path in dict.fromkeys((view.master, view.text)):
                if path:
                    shown.setdefault(path, []).append((item.identifier, view.number))
    return {path: tuple(places) for path, places in shown.items()}


def look(job: _Job) -> tuple[ImageSeen, tuple[TextSeen, ...]]:
    """Look at one master, from its header to its last row, and at its texts. Never raises."""
    image = _look_at_image(job)
    return image, tuple(_look_at_text(job, text) for text in job.texts)


def _look_at_image(job: _Job) -> ImageSeen:
    facts = None
    try:
        facts = probe(job.root / job.master)
        pixels = decode_fully(job.root / job.master, job.max_pixels)
    except ImageTooLarge as error:
        return ImageSeen(job.master, job.size, facts, str(error), "size")
    except ImageError as error:
        return ImageSeen(job.master, job.size, facts, str(error), "pixels" if facts else "header")
    except Exception as error:  # noqa: BLE001  # a decoder's own fault must not end the check of all other views
        return ImageSeen(job.master, job.size, facts, f"the decoder failed: {type(error).__name__}: {error}", "header")
    return ImageSeen(job.master, job.size, facts, pixels=pixels)


def _look_at_text(job: _Job, path: str) -> TextSeen:
    try:
        body = read_bounded(job.root / path, path, max_bytes=job.max_xml_bytes)
        alto = read_alto(body, path, max_bytes=job.max_xml_bytes)
    except DeliveryError as error:
        return TextSeen(path, job.master, fault=str(error))
    words = [word for block in alto.text.blocks for line in block.lines for word in line.words]
    confidences = [word.confidence for word in words if word.confidence is not None]
    outside = sum(
        1
        for word in words
        if word.box.x < -_TOLERANCE
        or word.box.y < -_TOLERANCE
        or word.box.x + word.box.width > alto.width + _TOLERANCE
        or word.box.y + word.box.height > alto.height + _TOLERANCE
    )
    return TextSeen(
        path=path,
        image=job.master,
        width=alto.width,
        height=alto.height,
        unit=alto.unit,
        pages=alto.pages,
        words=len(words),
        outside=outside,
        confidence=sum(confidences) / len(confidences) if confidences else None,
    )


_Seen = tuple[ImageSeen, tuple[TextSeen, ...]]


def _run(jobs: list[_Job], processes: int) -> Iterator[tuple[_Job, _Seen]]:
    if processes <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield job, look(job)
        return
    # a JPEG 2000 master is decoded whole: two at once may not fit in memory
    alone = [job for job in jobs if job.master.lower().endswith(_DECODED_WHOLE)]
    yield from _pooled([job for job in jobs if not job.master.lower().endswith(_DECODED_WHOLE)], processes)
    yield from _pooled(alone, 1)


def _pooled(jobs: list[_Job], processes: int) -> Iterator[tuple[_Job, _Seen]]:
    if not jobs:
        return
    left = dict.fromkeys(jobs)
    try:
        with _pool(min(processes, len(jobs))) as pool:
            futures: dict[Future[_Seen], _Job] = {pool.submit(look, job): job for job in jobs}
            for future in as_completed(futures):
                seen = future.result()
                del left[futures[future]]
                yield futures[future], seen
    except BrokenProcessPool:
        yield from _one_by_one(left)


def _one_by_one(jobs: Iterable[_Job]) -> Iterator[tuple[_Job, _Seen]]:
    for job in jobs:
        try:
            with _pool(1) as pool:
                yield job, pool.submit(look, job).result()
        except BrokenProcessPool:
            fault = f"{Path(job.master).name}: ends the program that decodes it; ask the supplier for the image again"
            yield job, (ImageSeen(job.master, job.size, None, fault, "header"), ())


def _pool(processes: int) -> ProcessPoolExecutor:
    # spawn: libvips has threads, and a fork would copy their locks
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))
