"""The logical structMap of a METS file, as ranges over the views.

Targets come from areas that point into ALTO by ID (CCS, ENMAP), from pointers to page files, or from structLink (DFG,
Kitodo). Divisions of layout (TEXTBLOCK, PARAGRAPH, BODY …) are no ranges: what they point to belongs to the article
around them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from server.delivery.folder import Folder
from server.delivery.rules import Notes
from server.delivery.structure import merge_targets
from server.errors import DeliveryError
from server.formats.alto import Alto, read_alto
from server.formats.mets import Area, Div, Mets
from server.formats.mods import read_mods
from server.formats.xml import local
from server.model.languages import bcp47
from server.model.structure import Range, Target
from server.model.text import Box
from server.told import told

_LAYOUT = frozenset(
    [
        "textblock",
        "paragraph",
        "text",
        "body",
        "body_content",
        "content",
        "composedblock",
        "textline",
        "string",
        "graphicalelement",
        "heading",
        "headline",
        "title",
        "subheadline",
        "author",
        "overline",
        "motto",
        "publishing_stmt",
        "caption",
        "line",
        "block",
        "front",
        "main",
        "back",
        "physsequence",
    ]
)
_HEADINGS = frozenset({"heading", "headline", "title"})
_WRAPPERS = frozenset(
    {"newspaper", "periodical", "volume", "year", "month", "day", "multivolumework", "serial", "journal"}
)
_INCIPIT = 60


@dataclass
class Page:
    """A view as the METS orders it: its division, the IDs of its files, the path of its ALTO once it is known.

    `missing_before` and `missing_after` are labels of pages beside it of which the METS says that they are missing.
    """

    div: Div | None
    files: tuple[str, ...]
    text: str = ""
    missing_before: tuple[str, ...] = ()
    missing_after: tuple[str, ...] = ()


@dataclass
class _Places:
    """Where things are: views by file ID and by physical division, boxes by ALTO."""

    mets: Mets
    folder: Folder
    notes: Notes
    by_file: dict[str, int] = field(default_factory=dict)
    by_division: dict[str, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    altos: dict[int, Alto | None] = field(default_factory=dict)

    def alto(self, view: int) -> Alto | None:
        """Return the ALTO of a view, read once; None where there is none that can be read."""
        if view not in self.altos:
            path = self.texts.get(view, "")
            try:
                self.altos[view] = self._boxes(path) if path else None
            except DeliveryError as error:
                self.altos[view] = None
                self.notes.add(
                    "range-target-unknown",
                    told("the structure needs the text of view f{view}: {error}", view=view, error=error.told),
                )
        return self.altos[view]

    def _boxes(self, path: str) -> Alto:
        """Return an ALTO without its words: those of a thousand pages fill a memory, and nobody asks for them here."""
        alto = read_alto(self.folder.read(path), path, max_bytes=self.folder.limits.max_xml_bytes)
        return replace(alto, text=replace(alto.text, blocks=()))


def document_division(mets: Mets) -> tuple[Div | None, list[Div]]:
    """Return the logical division that is the document itself, and those around it, nearest first.

    A newspaper around a volume around its single issue: the issue is the document.
    """
    main = mets.logical
    around: list[Div] = []
    while main is not None and len(main.children) == 1 and _is_wrapper(main, main.children[0]):
        around.insert(0, main)
        main = main.children[0]
    return main, around


def read_structure(
    mets: Mets, main: Div | None, pages: list[Page], folder: Folder, notes: Notes
) -> tuple[tuple[Range, ...], dict[int, tuple[int, int]]]:
    """Return the ranges below the document's own division, and the size of each ALTO page that boxes refer to."""
    if main is None:
        return (), {}
    places = _Places(mets, folder, notes)
    for number, page in enumerate(pages, start=1):
        places.texts[number] = page.text
        for name in page.files:
            places.by_file.setdefault(name, number)
        for div in page.div.walk() if page.div else ():
            if div.identifier:
                places.by_division[div.identifier] = number
    ranges: list[Range] = []
    for child in main.children:
        ranges += _ranges(child, places)
    sizes = {view: (alto.text.width, alto.text.height) for view, alto in places.altos.items() if alto}
    return tuple(ranges), sizes


def read_contents(contents: Mets, views: Mapping[str, int], folder: Folder, notes: Notes) -> tuple[Range, ...]:
    """Return the ranges of a table of contents that is a METS of its own; `views` gives the view of a file by its ID there."""
    top = contents.logical or contents.physical
    if top is None:
        return ()
    places = _Places(contents, folder, notes, by_file=dict(views))
    return tuple(found for child in top.children for found in _ranges(child, places))


def _is_wrapper(outer: Div, inner: Div) -> bool:
    kind = inner.kind.lower()
    return outer.kind.lower() in _WRAPPERS and (kind in _WRAPPERS or kind in ("issue", "additional", "supplement"))


def _ranges(div: Div, places: _Places) -> list[Range]:
    if div.kind.lower() in _LAYOUT and not (
        div.label and div.kind.lower() not in _HEADINGS | {"content", "body", "body_content"}
    ):
        return [found for child in div.children for found in _ranges(child, places)]
    targets = list(_targets(div, places))
    nested: list[Range] = []
    for child in div.children:
        _gather(child, places, targets, nested)
    if not targets and not nested:
        places.notes.add(
            "range-target-unknown",
            told(
                "the division {identifier!r} points to no view; it is left out", identifier=div.identifier or div.kind
            ),
        )
        return []
    label, language = _label(div, places)
    return [Range(div.kind.lower() or "section", label, language, merge_targets(targets), tuple(nested))]


def _gather(div: Div, places: _Places, targets: list[Target], nested: list[Range]) -> None:
    found = _ranges(div, places) if div.kind.lower() not in _LAYOUT or div.label else []
    if found:
        nested += found
        return
    if div.kind.lower() in _LAYOUT:
        targets += _targets(div, places)
        for child in div.children:
            _gather(child, places, targets, nested)


def _targets(div: Div, places: _Places) -> list[Target]:
    targets = [target for area in div.areas if (target := _target(area, places))]
    if not targets:
        linked = (places.by_division.get(end) for end in places.mets.links.get(div.identifier, ()))
        targets = [Target(view) for view in sorted({view for view in linked if view})]
    return targets


def _target(area: Area, places: _Places) -> Target | None:
    view = places.by_file.get(area.file)
    if view is None:
        places.notes.add(
            "range-target-unknown",
            told(
                "line {line}: the structure points to the file {file!r}, which no view has",
                line=area.line,
                file=area.file,
            ),
        )
        return None
    if area.coords:
        edges = [part.strip() for part in area.coords.split(",")]
        if len(edges) == 4 and all(part.isdecimal() and len(part) < 8 for part in edges):
            left, top, right, bottom = map(int, edges)
            if right > left and bottom > top:
                return Target(view, Box(left, top, right - left, bottom - top))
    if not area.begin:
        return Target(view)
    alto = places.alto(view)
    if alto is None:
        return Target(view)
    box = alto.boxes.get(area.begin)
    if box is None:
        places.notes.add(
            "range-target-unknown",
            told(
                "line {line}: {begin!r} is no block of {path}; the whole view is taken",
                line=area.line,
                begin=area.begin,
                path=alto.path,
            ),
        )
    return Target(view, box)


def _label(div: Div, places: _Places) -> tuple[str, str | None]:
    """Return the label of a division: its own, its record's title, its heading, or its first words in brackets."""
    language = None
    for name in div.descriptions:
        record = places.mets.records.get(name)
        if record is not None and local(record.element) in ("mods", "modsCollection"):
            mods = read_mods(record.element)
            language = language or (mods.titles[0].language if mods.titles else None)
            language = language or (bcp47(mods.languages[0]) or None if mods.languages else None)
            if not div.label and mods.titles:
                return mods.titles[0].value, language
    if div.label:
        return div.label, language
    blocks = [
        (part.kind.lower() in _HEADINGS or any(above.kind.lower() in _HEADINGS for above in _above(div, part)), area)
        for part in _own_parts(div)
        for area in part.areas
        if area.begin
    ]
    for wanted in (True, False):
        for is_heading, area in blocks:
            view = places.by_file.get(area.file)
            alto = places.alto(view) if view else None
            text = alto.block_texts.get(area.begin, "") if alto else ""
            if is_heading == wanted and text:
                return (text if wanted and len(text) <= 2 * _INCIPIT else f"[{_shorten(text)}]"), language
    return div.order_label, language


def _own_parts(div: Div) -> list[Div]:
    parts = [div]
    for child in div.children:
        if child.kind.lower() in _LAYOUT:
            parts += _own_parts(child)
    return parts


def _above(top: Div, part: Div) -> list[Div]:
    for child in top.children:
        if child is part:
            return [top]
        if any(below is part for below in child.walk()):
            return [top, *_above(child, part)] if top.kind.lower() in _LAYOUT else _above(child, part)
    return []


def _shorten(text: str) -> str:
    if len(text) <= _INCIPIT:
        return text
    return (
        text[: _INCIPIT + 1].rpartition(" ")[0].rstrip(" ,;:") + "…"
        if " " in text[:_INCIPIT]
        else text[:_INCIPIT] + "…"
    )
