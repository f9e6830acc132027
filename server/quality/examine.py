"""Looking at every view of a delivery once: header, pixels, text; over a process pool, JPEG 2000 one at a time.

What is seen is kept as values; the rules judge it. A decoder that dies, or never ends, takes one view with it, not the check.
With a journal everything seen is written down as it comes, so that a check that was stopped goes on where it was.
"""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from server.delivery.values import DeliveredView, Delivery
from server.errors import DeliveryError, ImageError, ImageTooLarge
from server.formats.alto import read_alto
from server.formats.pdf.reading import read_words
from server.formats.xml import MAX_XML_BYTES, read_bounded
from server.imaging.appearance import Appearance
from server.imaging.overview import look_through
from server.imaging.source import MasterFacts, probe
from server.imaging.statements import Statements, read_statements
from server.processes import work_through
from server.quality.order import Order
from server.told import NOTHING, Told, told

Progress = Callable[[int, int, int], None]
"""Called with the views done, the views in all, and the bytes of masters read so far."""

LONGEST_LOOK = 1800
"""Seconds after which a decoder that has not come to an end is taken to have no end."""

_TOLERANCE = 2
"""Pixels by which a box may pass the edge of its page: OCR engines round outwards."""
_DECODED_WHOLE = (".jp2", ".j2k", ".jpx", ".jpf", ".jpc")


@dataclass(frozen=True, slots=True)
class ImageSeen:
    """What a look at a master gave: its facts, or the fault that stopped it and at which stage.

    `pixels` is the digest of what was decoded: of the picture, whatever packs it. `statements` is what its headers say.
    `appearance` is there where the
    contract asked for it and the picture can be looked at.
    """

    path: str
    size: int
    facts: MasterFacts | None = None
    fault: Told = NOTHING
    stage: str = ""
    pixels: str = ""
    statements: Statements = field(default_factory=Statements)
    appearance: Appearance | None = None
    page: int | None = None

    @property
    def source(self) -> str:
        """The source of the views that show it, as `DeliveredView.source`."""
        return self.path if self.page is None else f"{self.path}#page={self.page}"

    @property
    def dpi(self) -> float:
        """The resolution that some header states, 0 where none does: what decoders suppose then does not count."""
        return self.facts.dpi if self.facts and self.statements.resolutions else 0.0


@dataclass(frozen=True, slots=True)
class TextSeen:
    """What a look at an ALTO, or at the text layer of a PDF's page, gave. `outside` counts words whose box passes the edge of the ALTO page."""

    path: str
    image: str
    width: float = 0
    height: float = 0
    unit: str = ""
    pages: int = 0
    words: int = 0
    outside: int = 0
    confidence: float | None = None
    fault: Told = NOTHING
    language: str = ""
    is_layer: bool = False


@dataclass(frozen=True, slots=True)
class Examined:
    """A delivery and everything seen in it, by the source of a view (its master, or the page of it) and by path of text.

    `shown` says in which documents and views these are. The text layer of a page is under the page's source.
    """

    delivery: Delivery
    images: dict[str, ImageSeen]
    texts: dict[str, TextSeen]
    shown: dict[str, tuple[tuple[str, int], ...]]
    order: Order = field(default_factory=Order)


Seen = tuple[ImageSeen, tuple[TextSeen, ...]]


@dataclass(frozen=True, slots=True)
class Job:
    """A master or a page of it to be looked at, with its texts: digests of the files say whether it was looked at before.

    `decoding` reads all its pixels, `looking` also says how they look; a small picture of it goes to `picture`.
    """

    root: Path
    master: str
    size: int
    texts: tuple[str, ...]
    max_pixels: int
    max_xml_bytes: int
    digests: tuple[str, ...] = ()
    decoding: bool = True
    looking: bool = True
    seconds: int = LONGEST_LOOK
    page: int | None = None
    picture: Path | None = None

    @property
    def source(self) -> str:
        """The source of the view, as `DeliveredView.source`."""
        return self.master if self.page is None else f"{self.master}#page={self.page}"


class Kept(Protocol):
    """What remembers looks: `server.quality.journal`, or nothing."""

    def find(self, job: Job) -> Seen | None:
        """Return what a job gave before."""

    def keep(self, job: Job, seen: Seen) -> None:
        """Write down what a job gave."""


def examine(
    delivery: Delivery,
    *,
    max_pixels: int,
    max_xml_bytes: int = MAX_XML_BYTES,
    processes: int = 1,
    progress: Progress | None = None,
    decoding: Callable[[str], bool] = lambda _: True,
    looking: Callable[[str], bool] = lambda _: True,
    journal: Kept | None = None,
    seconds: int = LONGEST_LOOK,
    picture: Callable[[str, int | None], Path] | None = None,
) -> Examined:
    """Look at every master and text that the documents name and that is there.

    `decoding` and `looking` say by the digest of a master whether its pixels are read, and looked at. With more than one
    process a view that ends the decoder, or takes it longer than `seconds`, is told of and the others go on. `picture`
    says by the digest of a master and the page where a small picture of it is kept, where a report will want it.
    """
    wanted: dict[str, tuple[DeliveredView, dict[str, None]]] = {}
    for item in delivery.items:
        for view in item.views:
            if view.master in delivery.files:
                _, found = wanted.setdefault(view.source, (view, {}))
                if view.text and view.text in delivery.files:
                    found[view.text] = None
    pages = Counter(view.master for view, _ in wanted.values())
    jobs = [
        Job(
            delivery.root, view.master, (delivery.root / view.master).stat().st_size // pages[view.master], tuple(found),
            max_pixels, max_xml_bytes, tuple(delivery.files[path] for path in (view.master, *found)),
            decoding(delivery.files[view.master]), looking(delivery.files[view.master]), seconds, view.page,
            picture(delivery.files[view.master], view.page) if picture else None,
        )
        for view, found in wanted.values()
    ]  # fmt: skip
    images: dict[str, ImageSeen] = {}
    seen_texts: dict[str, TextSeen] = {}
    done = read = 0
    for job, (image, of_image) in _all(jobs, processes, journal):
        images[job.source] = image
        seen_texts.update({text.path: text for text in of_image})
        done, read = done + 1, read + job.size
        if progress:
            progress(done, len(jobs), read)
    # results arrive as they are ready: the report must not depend on that
    return Examined(delivery, dict(sorted(images.items())), dict(sorted(seen_texts.items())), where_shown(delivery))


def _all(jobs: list[Job], processes: int, journal: Kept | None) -> Iterator[tuple[Job, Seen]]:
    """Yield what was seen before, then what is seen now, written down before anybody hears of it."""
    left = []
    for job in jobs:
        known = journal.find(job) if journal else None
        if known:
            yield job, known
        else:
            left.append(job)
    for job, seen in _run(left, processes):
        if journal:
            journal.keep(job, seen)
        yield job, seen


def where_shown(delivery: Delivery) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return, for each source of views and each text, the documents and the numbers of the views that it is for.

    A file of several pages is for its first view.
    """
    shown: dict[str, list[tuple[str, int]]] = {}
    for item in delivery.items:
        for view in item.views:
            whole = view.master if view.page in (None, 1) else None
            for path in dict.fromkeys((view.source, whole, view.text)):
                if path:
                    shown.setdefault(path, []).append((item.identifier, view.number))
    return {path: tuple(places) for path, places in shown.items()}


def look(job: Job) -> Seen:
    """Look at one master, from its header to its last row, and at its texts. Never raises."""
    image = replace(_look_at_image(job), page=job.page)
    texts = [_look_at_text(job, text) for text in job.texts]
    if job.page is not None and not texts and image.facts and not image.fault:
        texts.append(_look_at_layer(job, image.facts))
    return image, tuple(texts)


def _look_at_image(job: Job) -> ImageSeen:
    facts = None
    said = Statements()
    try:
        page = job.page or 1
        facts = probe(job.root / job.master, page)
        said = read_statements(job.root / job.master, facts.format, facts.bits, page)
        if not (job.decoding or job.looking):
            return ImageSeen(job.master, job.size, facts, statements=said)
        overview = look_through(
            job.root / job.master, job.max_pixels, page=page, looking=job.looking, picture=job.picture
        )
    except ImageTooLarge as error:
        return ImageSeen(job.master, job.size, facts, error.told, "size", statements=said)
    except ImageError as error:
        return ImageSeen(job.master, job.size, facts, error.told, "pixels" if facts else "header", statements=said)
    except Exception as error:  # noqa: BLE001  # a decoder's own fault must not end the check of all other views
        return ImageSeen(
            job.master,
            job.size,
            facts,
            told("the decoder failed: {kind}: {error}", kind=type(error).__name__, error=str(error)),
            "header",
        )
    return ImageSeen(
        job.master, job.size, facts, pixels=overview.pixels, statements=said, appearance=overview.appearance
    )


def _look_at_text(job: Job, path: str) -> TextSeen:
    try:
        body = read_bounded(job.root / path, path, max_bytes=job.max_xml_bytes)
        alto = read_alto(body, path, max_bytes=job.max_xml_bytes)
    except DeliveryError as error:
        return TextSeen(path, job.source, fault=error.told)
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
        image=job.source,
        width=alto.width,
        height=alto.height,
        unit=alto.unit,
        pages=alto.pages,
        words=len(words),
        outside=outside,
        language=alto.text.language or "",
        confidence=sum(confidences) / len(confidences) if confidences else None,
    )


def _look_at_layer(job: Job, facts: MasterFacts) -> TextSeen:
    size = (facts.width, facts.height)
    try:
        text = read_words(job.root / job.master, job.master, job.page or 1, size)
    except DeliveryError as error:
        return TextSeen(job.source, job.source, fault=error.told, is_layer=True)
    words = [word for block in text.blocks for line in block.lines for word in line.words] if text else []
    outside = sum(
        1
        for word in words
        if min(word.box.x, word.box.y) < -_TOLERANCE
        or word.box.x + word.box.width > size[0] + _TOLERANCE
        or word.box.y + word.box.height > size[1] + _TOLERANCE
    )
    return TextSeen(job.source, job.source, *size, "pixel", 1, len(words), outside, is_layer=True)


def _run(jobs: list[Job], processes: int) -> Iterator[tuple[Job, Seen]]:
    if processes <= 1:
        for job in jobs:
            yield job, look(job)
        return
    # a JPEG 2000 master is decoded whole: two at once may not fit in memory
    alone = [job for job in jobs if job.master.lower().endswith(_DECODED_WHOLE)]
    together = [job for job in jobs if not job.master.lower().endswith(_DECODED_WHOLE)]
    for part, number in ((together, processes), (alone, 1)):
        for job, seen in work_through(_timed, part, number, _let_go):
            yield job, seen or _ended(job)


def _ended(job: Job) -> Seen:
    fault = told(
        "{name}: ends the program that decodes it, or keeps it busy for more than {seconds:,} seconds; "
        "ask the supplier for the image again",
        name=Path(job.master).name,
        seconds=job.seconds,
    )
    return ImageSeen(job.master, job.size, None, fault, "header", page=job.page), ()


def _timed(job: Job) -> Seen:
    """Look, in a process that the system ends when the time is over: no decoder has to agree."""
    signal.alarm(job.seconds)
    try:
        return look(job)
    finally:
        signal.alarm(0)


def _let_go() -> None:
    """The end of the time ends the process, whatever the one that began it does then."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
