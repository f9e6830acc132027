"""PDFs alone: each is a document, each of its pages a view, its text layer the text, its bookmarks the contents.

Asked for last: a PDF beside METS, a table or a catalogue record is no document of its own.
"""

from pathlib import PurePosixPath

from server.delivery.dublin_core import describe
from server.delivery.folder import Folder
from server.delivery.image_views import ViewMaker, is_pdf
from server.delivery.registry import Reader, Reading
from server.delivery.rules import Notes, finding
from server.delivery.values import Context, DeliveredItem, Finding, SourceRecord
from server.errors import DeliveryError
from server.formats.crosswalk import Statement
from server.formats.pdf.reading import Bookmark, PdfFacts, read_facts
from server.model.description import Typology
from server.model.structure import Range, Target
from server.told import told, verbatim


def _find(folder: Folder) -> tuple[str, ...]:
    return tuple(path for path in folder.delivered if is_pdf(folder, path))


def _read(folder: Folder, paths: tuple[str, ...], context: Context) -> Reading:
    items: list[DeliveredItem] = []
    findings: list[Finding] = []
    maker = ViewMaker(folder)
    for path in paths:
        notes = Notes(path, PurePosixPath(path).stem, None)
        try:
            item = _item(folder, path, read_facts(folder.root / path, path), context, maker, notes)
        except DeliveryError as error:
            notes.found.append(finding("document-unreadable", error.told, path, notes.item))
            item = None
        findings += notes.found
        items += [item] if item else []
    return Reading(tuple(items), (*findings, *maker.findings), frozenset({*paths, *maker.used}))


def _item(
    folder: Folder, path: str, facts: PdfFacts, context: Context, maker: ViewMaker, notes: Notes
) -> DeliveredItem | None:
    title = facts.title
    if not title:
        title = f"[{notes.item}]"
        notes.add("title-supplied", told("has no title; {title} stands for it, from the name of the file", title=title))
    said = [Statement("dc:title", title)]
    said += [Statement("dc:creator", name.strip()) for name in facts.author.split(";") if name.strip()]
    said += [Statement("dc:description", facts.subject)] if facts.subject else []
    description = describe(said, context, notes)
    views = maker.make([path], notes)
    if description is None:
        return None
    return DeliveredItem(
        identifier=notes.item,
        description=description,
        views=views,
        source=SourceRecord(path, "application/pdf", file=folder.root / path),
        structure=_structure(facts.bookmarks, 0, len(facts.bookmarks), facts.pages),
        collections=context.collections,
        paged=description.typology in (Typology.BOOKS, Typology.MANUSCRIPTS) and len(views) > 2,
    )


def _structure(marks: tuple[Bookmark, ...], start: int, stop: int, last: int) -> tuple[Range, ...]:
    """Return the bookmarks as ranges: each runs to the page before the next of its level, or to the end of what is around."""
    ranges = []
    position = start
    while position < stop:
        mark = marks[position]
        end = next((place for place in range(position + 1, stop) if marks[place].level <= mark.level), stop)
        until = max(mark.page, min(last, marks[end].page - 1 if end < stop else last))
        inside = _structure(marks, position + 1, end, until)
        targets = tuple(Target(number) for number in range(mark.page, until + 1))
        ranges.append(Range("section", mark.label, None, targets, inside))
        position = end
    return tuple(ranges)


READER = Reader(
    kind="pdf",
    title=verbatim("PDF"),
    expected=told("PDF files, one a document"),
    find=_find,
    read=_read,
    stage=2,
)
