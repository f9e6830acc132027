"""METS deliveries: each METS file in the folder is a document.

METS Primer 1.6 and the profiles that suppliers use: ENMAP and CCS docWorks (newspapers), DFG/Kitodo/Goobi, OCR-D. The
physical structMap gives the views in order; the image of a view is chosen among the file groups by their USE, its text
by its root element. `mets_description.py` describes the document, `mets_structure.py` gives its table of contents.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from server.delivery.checksums import ALGORITHMS, Claim
from server.delivery.folder import Folder, is_image, natural_key
from server.delivery.mets_description import NAMING_IDENTIFIERS, Records, describe_mets
from server.delivery.mets_structure import Page, document_division, read_contents, read_structure
from server.delivery.mets_views import choose_files, missing_label, view_kind, view_notes
from server.delivery.paths import Resolved, resolve
from server.delivery.registry import Reader, Reading
from server.delivery.rules import Notes, finding
from server.delivery.tables import files_with
from server.delivery.values import Context, DeliveredItem, DeliveredView, Finding, SourceRecord
from server.delivery.views_table import ViewRow, is_items_header, read_views_tables
from server.errors import DeliveryError, UnsafePath
from server.formats.mets import Div, Mets, Record, is_mets, read_mets
from server.formats.mods import ModsRecord, read_mods
from server.formats.xml import first, local, words
from server.model.ark import split_ark
from server.model.description import Typology
from server.model.structure import Range
from server.model.view import ViewNotes
from server.model.words import fold
from server.told import Told, told, verbatim

_GENERIC_STEMS = frozenset({"mets", "manifest", "export", "meta", "metadata", "data", "toc", "index", "fichier"})
_PAGES = frozenset({"page", "object"})
"""Kinds of divisions that are pages: BnF calls them objects."""
_PUBLIC_IMAGES = ("image/", "application/x-tiff")


def _find(folder: Folder) -> tuple[str, ...]:
    found = []
    for path in folder.delivered:
        if _is_mets(folder, path):
            found.append(path)
    return tuple(found)


def _read(folder: Folder, paths: tuple[str, ...], context: Context) -> Reading:
    items: list[DeliveredItem] = []
    findings: list[Finding] = []
    used: set[str] = set(paths)
    claims: list[Claim] = []
    rows: dict[str, ViewRow] = {}
    if not files_with(folder, is_items_header):
        # beside an items table, the views tables are that reader's
        rows, found, tables = read_views_tables(folder)
        findings += found
        used |= tables
    parts: dict[str, set[str]] = {}
    found_in: dict[str, tuple[DeliveredItem | None, list[Finding]]] = {}
    for path in paths:
        try:
            document = _Document(folder, path, context, rows)
            item = document.read()
        except UnsafePath as error:
            found_in[path] = None, [finding("path-unsafe", error.told, path)]
            continue
        except DeliveryError as error:
            found_in[path] = None, [finding("document-unreadable", error.told, path)]
            continue
        if document.is_anchor:
            continue
        parts[path] = document.parts
        found_in[path] = item, document.notes.found
        used |= document.used
        claims += document.claims
    circles = _circles(parts)
    named = set().union(*parts.values())
    for path, (item, noted) in found_in.items():
        if path in circles:
            message = told(
                "{path}: {others} is a METS that names this one in turn: which of them is the document and which its table of "
                "contents nobody can say; take the names of one out of the other",
                path=path,
                others=tuple(sorted(parts[path] & circles)),
            )
            findings.append(finding("document-unreadable", message, path, item.identifier if item else ""))
        # what another METS names is a part of that document: its table of contents
        elif path not in named:
            findings += noted
            items += [item] if item else []
    return Reading(tuple(items), tuple(findings), frozenset(used), tuple(claims))


def _circles(parts: Mapping[str, set[str]]) -> set[str]:
    """Return the METS that name each other in a circle: from each of them one comes back to it."""
    left = {path: named & parts.keys() for path, named in parts.items()}
    while True:
        # what names none of those left is in no circle, nor is what none of them names
        named = set().union(*left.values())
        ends = {path for path, others in left.items() if not others & left.keys() or path not in named}
        if not ends:
            return set(left)
        left = {path: others - ends for path, others in left.items() if path not in ends}


class _Document:
    """One METS file being read."""

    def __init__(self, folder: Folder, path: str, context: Context, view_rows: dict[str, ViewRow]) -> None:
        self.folder, self.path, self.context, self.view_rows = folder, path, context, view_rows
        self.mets: Mets = read_mets(folder.read(path), path, max_bytes=folder.limits.max_xml_bytes)
        self.main, self.around = document_division(self.mets)
        self.records = self._records()
        self.identifier = self._identifier()
        self.notes = Notes(path, self.identifier, None)
        self.used: set[str] = set()
        self.claims: list[Claim] = []
        self.resolved: dict[str, Resolved] = {}
        self.parts: set[str] = set()

    @property
    def is_anchor(self) -> bool:
        """Whether this describes a work whose volumes are METS of their own, and nothing else (Kitodo, Goobi)."""
        return bool(self.mets.pointers) and not any(file.href for file in self.mets.files.values())

    def read(self) -> DeliveredItem | None:
        """Return the document, or None where it has no description; findings are in `notes`."""
        if self.is_anchor:
            return None
        self._resolve_files()
        description = describe_mets(
            Records(self.mets, self.main, tuple(self.around), tuple(self.records)), self.context, self.notes
        )
        views, pages = self._views()
        if not views:
            self.notes.add("views-none", told("names no view; ask for a METS with a physical structMap or image files"))
        structure, text_sizes = read_structure(self.mets, self.main, pages, self.folder, self.notes)
        views = tuple(replace(view, text_size=text_sizes.get(view.number)) for view in views)
        structure = structure or self._contents(views)
        if description is None:
            return None
        return DeliveredItem(
            identifier=self.identifier,
            description=description,
            views=views,
            source=SourceRecord(self.path, "application/mets+xml", file=self.folder.root / self.path),
            structure=structure,
            ark=self._ark(),
            former_urls=self._identifiers("former-url", "former_url", "ancienne-url"),
            former_oai_identifiers=self._identifiers("oai", "former-oai", "former_oai"),
            collections=self.context.collections,
            paged=description.typology in (Typology.BOOKS, Typology.MANUSCRIPTS) and len(views) > 2,
        )

    def _records(self) -> list[ModsRecord]:
        """Return the MODS records of the document's division, then of those around it, nearest first."""
        names = [name for div in ([self.main] if self.main else []) + self.around for name in div.descriptions]
        chosen = [self.mets.records[name] for name in dict.fromkeys(names) if name in self.mets.records]
        if not chosen:
            chosen = list(self.mets.records.values())[:1]
        records = [*chosen, *self._records_of_the_whole()]
        return [read_mods(record.element) for record in records if local(record.element) in ("mods", "modsCollection")]

    def _records_of_the_whole(self) -> list[Record]:
        """Return the records of the METS around this one, where it points to one that is in the delivery."""
        for pointer in self.mets.pointers if self.mets.files else ():
            found = resolve(self.folder, pointer, source=self.path)
            if found.found and found.path != self.path and _is_mets(self.folder, found.path):
                around = read_mets(self.folder.read(found.path), found.path, max_bytes=self.folder.limits.max_xml_bytes)
                named = around.logical.descriptions if around.logical else ()
                return [around.records[name] for name in named if name in around.records]
        return []

    def _identifier(self) -> str:
        if self.mets.objid:
            return self.mets.objid
        stem = PurePosixPath(self.path).stem
        for ending in ("mets", "METS", "Mets"):
            stem = stem.removesuffix(ending).rstrip("-_. ") or ending
        if fold(stem) not in _GENERIC_STEMS:
            return stem
        named = next(
            (name for record in self.records for kind in NAMING_IDENTIFIERS if (name := record.identifier(kind))), ""
        )
        if named:
            return named.rstrip("/").rpartition("/")[2] if "ark:" not in named else named
        parent = PurePosixPath(self.path).parent
        own = [] if str(parent) in (".", self.folder.payload.rstrip("/")) else [parent.name]
        return (own or [self.folder.root.name])[0]

    def _identifiers(self, *kinds: str) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(
                value for record in self.records for kind, value in record.identifiers if kind.lower() in kinds
            )
        )

    def _ark(self) -> str:
        for said in (self.mets.objid, *self._identifiers("ark")):
            parts = split_ark(said)
            if parts:
                return f"ark:/{parts[0]}/{parts[1]}"
        return ""

    def _resolve_files(self) -> None:
        for file in self.mets.files.values():
            if not file.href:
                continue
            found = resolve(self.folder, file.href, source=self.path, line=file.line)
            self.resolved[file.identifier] = found
            if not found.found:
                continue
            self.used.add(found.path)
            if found.path != self.path and _is_mets(self.folder, found.path):
                self.parts.add(found.path)
            if found.how == "inexact":
                self.notes.add("path-inexact", told("{href!r} was found as {path}", href=file.href, path=found.path))
            algorithm = file.checksum_type.lower().replace("-", "")
            if file.checksum and ALGORITHMS.get(len(file.checksum)) == algorithm:
                self.claims.append(Claim(found.path, algorithm, file.checksum, self.path, file.line, True))

    def _contents(self, views: tuple[DeliveredView, ...]) -> tuple[Range, ...]:
        """Return the ranges of the tables of contents that are files of their own (BnF's `toc/`)."""
        by_name: dict[str, int] = {}
        for view in views:
            for path in (view.master, view.text or ""):
                by_name.setdefault(path, view.number)
                by_name.setdefault(_plain_name(path), view.number)
        ranges: list[Range] = []
        for path in sorted(self.parts):
            contents = read_mets(self.folder.read(path), path, max_bytes=self.folder.limits.max_xml_bytes)
            shown = {}
            for file in contents.files.values():
                target = resolve(self.folder, file.href, source=path, line=file.line)
                number = by_name.get(target.path) or by_name.get(_plain_name(file.href))
                if number:
                    shown[file.identifier] = number
            ranges += read_contents(contents, shown, self.folder, self.notes)
        return tuple(ranges)

    # views

    def _views(self) -> tuple[tuple[DeliveredView, ...], list[Page]]:
        pages = self._pages()
        wanted: set[str] = set()
        views = []
        for number, page in enumerate(pages, start=1):
            files = [self.mets.files[name] for name in page.files if name in self.mets.files]
            chosen = choose_files(files, self.resolved, self.folder)
            wanted |= {file.identifier for file in (chosen.image, chosen.text) if file}
            master = text = ""
            if chosen.image:
                target = self.resolved[chosen.image.identifier]
                master = target.path
                if not target.found:
                    self._missing("master-missing", number, told("image {path}", path=target.path))
            else:
                self._missing("master-missing", number, told("an image in the METS"))
            if chosen.text:
                target = self.resolved[chosen.text.identifier]
                text = target.path if target.found else ""
                if not target.found:
                    self._missing("text-missing", number, told("text {path}", path=target.path))
            page.text = text
            row = self.view_rows.get(master)
            notes = row.notes if row else self._said_of(page.div)
            if page.missing_before or page.missing_after:
                notes = replace(
                    notes,
                    missing_before=notes.missing_before or page.missing_before,
                    missing_after=notes.missing_after or page.missing_after,
                )
            views.append(DeliveredView(number, master, notes, text or None))
        for name, target in self.resolved.items():
            if target.how == "missing" and name not in wanted:
                self.notes.add(
                    "derivative-missing", told("names {path}, which is not in the delivery", path=target.path)
                )
        return tuple(views), pages

    def _said_of(self, div: Div | None) -> ViewNotes:
        """Return what the division of a page says, and the record of the page where it has one (BnF's spar_dc)."""
        notes = view_notes(div)
        for name in div.descriptions if div else ():
            record = self.mets.records.get(name)
            if record is None or local(record.element) != "spar_dc":
                continue
            label = words(first(record.element, "title"))
            kind = view_kind(words(first(record.element, "type")))
            return replace(
                notes, label=notes.label or ("" if label.upper() == "NP" else label), kind=kind or notes.kind
            )
        return notes

    def _missing(self, rule: str, number: int, what: Told) -> None:
        message = told(
            "{path}: view f{number} needs {what}, which is not in the delivery; ask the supplier for it",
            path=self.path,
            number=number,
            what=what,
        )
        self.notes.found.append(finding(rule, message, self.path, self.identifier, number))

    def _pages(self) -> list[Page]:
        """Return the pages in physical order: the divisions that point to files, page by page."""
        if self.mets.physical:
            pages = _pages_of(_page_divisions(self.mets.physical))
            if pages:
                return pages
        images = [
            file for file in self.mets.files.values()
            if file.media_type.startswith(_PUBLIC_IMAGES) or is_image(file.href)
        ]  # fmt: skip
        if not images:
            return []
        self.notes.add(
            "order-missing", told("has no physical structMap with pages; the views are in the order of their names")
        )
        first_use = choose_files(images, self.resolved, self.folder).image
        group = [file for file in images if first_use and file.uses == first_use.uses]
        return [Page(None, (file.identifier,)) for file in sorted(group, key=lambda file: natural_key(file.href))]


def _pages_of(divisions: list[Div]) -> list[Page]:
    """Return the pages that have files, each with the labels of those that are said to be missing beside it."""
    pages: list[Page] = []
    missing: list[str] = []
    for div in divisions:
        label = missing_label(div)
        if label is None:
            pages.append(Page(div, _files_of(div), missing_before=tuple(missing)))
            missing = []
        else:
            missing.append(label)
    if pages and missing:
        pages[-1].missing_after = tuple(missing)
    return pages


def _page_divisions(top: Div) -> list[Div]:
    found = []
    for div in top.walk():
        below = any(child.areas for child in div.walk() if child is not div)
        # a division around pages may itself point to a file of the whole (a PDF): it is no page
        if missing_label(div) is not None or (
            div.areas
            and (not below or (div is not top and not any(child.kind.lower() in _PAGES for child in div.children)))
        ):
            found.append(div)
    if len(found) > 1:
        inner = {id(child) for div in found for child in div.walk() if child is not div}
        found = [div for div in found if id(div) not in inner]
    if found and all(div.order.isdecimal() and len(div.order) < 10 for div in found):
        found.sort(key=lambda div: int(div.order))
    return found


def _is_mets(folder: Folder, path: str) -> bool:
    name = folder.root_name(path)
    return name is not None and is_mets(name.namespace, name.local)


def _plain_name(path: str) -> str:
    """Return the name of a file without folder, suffixes and the letters before its number: `X0000012.xml.gz` is `0000012`."""
    name = PurePosixPath(path.replace("\\", "/").lower()).name.partition(".")[0]
    return name.lstrip("abcdefghijklmnopqrstuvwxyz") or name


def _files_of(div: Div) -> tuple[str, ...]:
    return tuple(dict.fromkeys(area.file for part in div.walk() for area in part.areas))


READER = Reader(
    kind="mets",
    title=verbatim("METS"),
    expected=told("METS files (XML with the root element mets) that name images and ALTO"),
    find=_find,
    read=_read,
)
