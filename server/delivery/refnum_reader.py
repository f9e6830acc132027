"""BnF refNum deliveries: each refNum is a document, its views are in its own order.

A view names its image without folder and suffix (`T0000001`); the nearest file of that name counts, and the ALTO of the
same number (`X/X0000001.xml`), whatever image it names itself: BnF's name one that nobody delivers.
"""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cached_property
from pathlib import PurePosixPath

from server.delivery.dublin_core import describe
from server.delivery.folder import Folder, fold_path, is_image
from server.delivery.registry import Reader, Reading
from server.delivery.rules import Notes, finding
from server.delivery.values import Context, DeliveredItem, DeliveredView, SourceRecord
from server.delivery.views_table import ViewRow, read_views_tables
from server.errors import DeliveryError
from server.formats.crosswalk import Element, Statement, apply_rules, read_crosswalk
from server.formats.refnum import RefNum, RefNumView, is_refnum, read_refnum
from server.model.description import Description, Title, Typology, Whole, WholeKind
from server.model.view import ViewKind, ViewNotes
from server.model.words import fold
from server.told import told, verbatim

_KINDS = {"C": ViewKind.BINDING, "P": ViewKind.TITLE_PAGE, "D": ViewKind.PLATE}
"""typePage to kinds of views; N (normale), T, R, I (tables, index), A (publicité), L, E say nothing that is shown."""

_UNNUMBERED = ("", "0", "NP")
_FILE_KINDS = {"TIF": (".tif", ".tiff"), "JPG": (".jpg", ".jpeg"), "JP2": (".jp2", ".jpx", ".j2k"), "PNG": (".png",)}


class _Places:
    """Where the files of a delivery are that a refNum names by a bare name."""

    def __init__(self, folder: Folder, documents: tuple[str, ...]) -> None:
        self.folder = folder
        self.homes = Counter(PurePosixPath(path).parent for path in documents)

    @cached_property
    def _images(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.folder.delivered:
            if is_image(path):
                found[_stem(path)].append(path)
        return found

    @cached_property
    def _texts(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.folder.delivered:
            name = self.folder.root_name(path)
            if name is not None and name.local.lower() == "alto":
                found[_number(_stem(path))].append(path)
        return found

    def image(self, view: RefNumView, home: PurePosixPath, identifier: str) -> str:
        """Return the image of a view: below the refNum's folder before elsewhere, of the kind it says before others."""
        wanted = _FILE_KINDS.get(view.file_kind.upper().replace("TIFF", "TIF").replace("JPEG", "JPG"), ())
        plain = fold_path(PurePosixPath(view.image.replace("\\", "/")).name)
        found = self._images.get(plain) or self._images.get(_stem(plain)) or []
        return self._one(found, home, identifier, wanted)

    def text(self, view: RefNumView, home: PurePosixPath, identifier: str) -> str:
        """Return the ALTO of a view."""
        return self._one(self._texts.get(_number(_stem(view.image)), []), home, identifier)

    def _one(self, paths: list[str], home: PurePosixPath, identifier: str, preferred: tuple[str, ...] = ()) -> str:
        return _nearest(paths, home, fold_path(identifier), self.homes, preferred)


def _find(folder: Folder) -> tuple[str, ...]:
    return tuple(
        path for path in folder.delivered if (name := folder.root_name(path)) and is_refnum(name.namespace, name.local)
    )


def _read(folder: Folder, paths: tuple[str, ...], context: Context) -> Reading:
    items: list[DeliveredItem] = []
    rows, findings, used = read_views_tables(folder)
    places = _Places(folder, paths)
    for path in paths:
        used.add(path)
        try:
            read = read_refnum(folder.read(path), path, max_bytes=folder.limits.max_xml_bytes)
        except DeliveryError as error:
            findings.append(finding("document-unreadable", error.told, path))
            continue
        notes = Notes(path, read.identifier or PurePosixPath(path).stem, None)
        item = _item(folder, read, context, notes, _views(read, places, rows, notes))
        used |= {name for view in item.views for name in (view.master, view.text or "")} if item else set()
        findings += notes.found
        if item:
            items.append(item)
    return Reading(tuple(items), tuple(findings), frozenset(used - {""}))


def _item(
    folder: Folder, read: RefNum, context: Context, notes: Notes, views: tuple[DeliveredView, ...]
) -> DeliveredItem | None:
    if not views:
        notes.add(
            "views-none", told("has no vueObjet with an image; ask the supplier for the refNum with its structure")
        )
    statements = apply_rules(read_crosswalk("refnum"), Element(read.about))
    if not any(statement.name == "dc:title" for statement in statements):
        notes.add("title-supplied", told("has no title; [{item}] stands for it, from its identifier", item=notes.item))
        statements.append(Statement("dc:title", f"[{notes.item}]"))
    description = describe(_conventional(statements), context, notes)
    if description is None:
        return None
    return DeliveredItem(
        identifier=notes.item,
        description=_part_of(read, description),
        views=views,
        source=SourceRecord(read.path, "application/xml", file=folder.root / read.path),
        collections=context.collections,
        paged=description.typology in (Typology.BOOKS, Typology.MANUSCRIPTS) and len(views) > 2,
    )


def _conventional(statements: list[Statement]) -> list[Statement]:
    """Return the statements to be taken apart as a table's: refNum writes `Name (dates)` and `Publisher (Place)` in one."""
    apart = []
    for statement in statements:
        names = statement.value.split(" ; ") if statement.name == "dc:creator" else [statement.value]
        apart += [replace(statement, value=name.strip(), parts=None) for name in names if name.strip()]
    return apart


def _part_of(read: RefNum, description: Description) -> Description:
    """Return the description of an issue or a volume: the title is that of the whole, the tomaison says which part."""
    if not read.issue:
        return description
    main = description.title
    kind = WholeKind.PERIODICAL if description.typology is Typology.PRESS else WholeKind.MULTIVOLUME
    word = read.issue_kind.strip() or ("Numéro" if kind is WholeKind.PERIODICAL else "Volume")
    word = "n°" if fold(word) in ("numero", "no", "n") else word
    titles = (Title(f"{main.value}, {word} {read.issue}", main.language, main.kind), *description.titles[1:])
    return replace(description, titles=titles, part_of=Whole(main.value, "", read.issue, kind))


def _views(read: RefNum, places: _Places, rows: dict[str, ViewRow], notes: Notes) -> tuple[DeliveredView, ...]:
    home = PurePosixPath(read.path).parent
    views = []
    for number, view in enumerate((view for view in read.views if view.image), start=1):
        master, text = places.image(view, home, notes.item), places.text(view, home, notes.item)
        if not master:
            where = told("{path}, line {line}", path=read.path, line=view.line)
            message = told(
                "{where}: view f{number} needs the image {image}, which is not in the delivery; ask the "
                "supplier for it",
                where=where,
                number=number,
                image=view.image,
            )
            notes.found.append(finding("master-missing", message, read.path, notes.item, number))
        row = rows.get(master)
        views.append(
            DeliveredView(number, master or _asked(view, home), row.notes if row else _notes(view), text or None)
        )
    if read.announced not in (None, len(read.views)):
        notes.add(
            "value-not-understood",
            told(
                "announces {announced} views and describes {count}; ask which is right",
                announced=read.announced,
                count=len(read.views),
            ),
        )
    return tuple(views)


def _notes(view: RefNumView) -> ViewNotes:
    numbered = view.number_kind not in ("", "N") and view.number.upper() not in _UNNUMBERED
    return ViewNotes(kind=_KINDS.get(view.page_kind, ViewKind.PAGE), label=view.number if numbered else "")


def _asked(view: RefNumView, home: PurePosixPath) -> str:
    """Return the name of an image that is not there, inside the delivery whatever the refNum says."""
    name = PurePosixPath(view.image.replace("\\", "/")).name.strip(".") or "image"
    return str(home / f"{name}.{view.file_kind.lower() or 'tif'}").removeprefix("/")


def _stem(path: str) -> str:
    name = PurePosixPath(fold_path(path)).name
    return re.sub(r"\.(tiff?|jpe?g|png|jp2|j2k|jpx|jpf|jpc|xml|alto|gz)$", "", name)


def _number(stem: str) -> str:
    """Return the name without the letters before its number: `T0000001` and `X0000001` are of the same view."""
    return re.sub(r"^[a-z]{1,2}(?=\d)", "", stem)


def _nearest(
    paths: list[str], home: PurePosixPath, identifier: str, homes: Counter[PurePosixPath], preferred: tuple[str, ...]
) -> str:
    """Return the path that is meant: in a folder called like the document, below its refNum, of the kind it says.

    Documents name their images alike: beside others, one takes only what lies below its refNum or in a folder called
    like it, and where refNums share a folder only the latter.
    """

    def away(path: str) -> tuple[bool, bool, bool, int, str]:
        place = PurePosixPath(path).parent
        return (
            not any(identifier and identifier in fold_path(part) for part in place.parts),
            not place.is_relative_to(home),
            bool(preferred) and not path.lower().endswith(preferred),
            len(place.parts),
            path,
        )

    best = min(paths, key=away, default="")
    if not best or homes.total() == 1:
        return best
    elsewhere, outside = away(best)[:2]
    return "" if elsewhere and (outside or (homes[home] > 1 and len(paths) > 1)) else best


READER = Reader(
    kind="refnum",
    title=verbatim("refNum"),
    expected=told("BnF refNum files (XML with the root element refNum) with the images that they name"),
    find=_find,
    read=_read,
)
