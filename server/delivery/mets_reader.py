"""METS deliveries: each METS file in the folder is a document.

METS Primer 1.6 and the profiles that suppliers use: ENMAP and CCS docWorks (newspapers), DFG/Kitodo/Goobi, OCR-D. The
physical structMap gives the views in order; the image of a view is chosen among the file groups by their USE, its text
by its root element. The description is that of the document's own division, completed from those around it.
"""

from dataclasses import replace
from pathlib import PurePosixPath

from server.delivery.checksums import ALGORITHMS, Claim
from server.delivery.dublin_core import KNOWN, Statement, canonical, describe, read_typology
from server.delivery.folder import Folder, is_image, natural_key
from server.delivery.mets_structure import Page, document_division, read_structure
from server.delivery.mets_views import choose_files, view_notes
from server.delivery.paths import Resolved, resolve
from server.delivery.registry import Reader, Reading
from server.delivery.rights import Stated, context_rights, state_rights
from server.delivery.rules import Notes, finding
from server.delivery.values import Context, DeliveredItem, DeliveredView, Finding, SourceRecord
from server.delivery.views_table import ViewRow, first_line, is_items_header, read_views_tables
from server.errors import DeliveryError, UnsafePath
from server.formats.mets import Div, Mets, is_mets, read_mets
from server.formats.mods import ModsRecord, read_mods
from server.formats.xml import XML_LANG, local, words
from server.model.ark import split_ark
from server.model.description import Description, Title, Typology, Whole, WholeKind
from server.model.languages import bcp47
from server.model.rights import Rights, RightsStatus
from server.model.words import fold

_GENERIC_STEMS = frozenset({"mets", "manifest", "export", "meta", "metadata", "data", "toc", "index", "fichier"})
_NAMING_IDENTIFIERS = ("record", "local", "purl", "urn", "ark", "uri", "handle", "")
_TYPOLOGY_WORDS: tuple[tuple[str, Typology], ...] = (
    ("postcard", Typology.POSTCARDS), ("carte postale", Typology.POSTCARDS),
    ("newspaper", Typology.PRESS), ("periodical", Typology.PRESS), ("journal", Typology.PRESS), ("presse", Typology.PRESS),
    ("letter", Typology.LETTERS), ("correspond", Typology.LETTERS), ("lettre", Typology.LETTERS),
    ("manuscript", Typology.MANUSCRIPTS), ("manuscrit", Typology.MANUSCRIPTS),
    ("photograph", Typology.PHOTOGRAPHS), ("carte", Typology.MAPS), ("plan", Typology.MAPS), ("map", Typology.MAPS),
    ("poster", Typology.ICONOGRAPHY), ("affiche", Typology.ICONOGRAPHY), ("print", Typology.ICONOGRAPHY),
    ("estampe", Typology.ICONOGRAPHY), ("picture", Typology.ICONOGRAPHY),
    ("archiv", Typology.ARCHIVES), ("register", Typology.ARCHIVES), ("registre", Typology.ARCHIVES),
    ("monograph", Typology.BOOKS), ("book", Typology.BOOKS), ("livre", Typology.BOOKS),
)  # fmt: skip
_VAGUE_WORDS: tuple[tuple[str, Typology], ...] = (
    ("cartographic", Typology.MAPS),
    ("still image", Typology.ICONOGRAPHY),
    ("volume", Typology.BOOKS),
    ("text", Typology.BOOKS),
)
"""Words that say little (MODS typeOfResource): they count after what is said of the whole delivery."""

_PUBLIC_IMAGES = ("image/", "application/x-tiff")


def _find(folder: Folder) -> tuple[str, ...]:
    found = []
    for path in folder.delivered:
        name = folder.root_name(path)
        if name and is_mets(name.namespace, name.local):
            found.append(path)
    return tuple(found)


def _read(folder: Folder, paths: tuple[str, ...], context: Context) -> Reading:
    items: list[DeliveredItem] = []
    findings: list[Finding] = []
    used: set[str] = set(paths)
    claims: list[Claim] = []
    rows: dict[str, ViewRow] = {}
    if not any(is_items_header(first_line(folder, path)) for path in folder.delivered):
        # beside an items table, the views tables are that reader's
        rows, found, tables = read_views_tables(folder)
        findings += found
        used |= tables
    for path in paths:
        try:
            document = _Document(folder, path, context, rows)
            item = document.read()
        except UnsafePath as error:
            findings.append(finding("path-unsafe", str(error), path))
            continue
        except DeliveryError as error:
            findings.append(finding("document-unreadable", str(error), path))
            continue
        findings += document.notes.found
        used |= document.used
        claims += document.claims
        if item:
            items.append(item)
    return Reading(tuple(items), tuple(findings), frozenset(used), tuple(claims))


class _Document:
    """One METS file being read."""

    def __init__(self, folder: Folder, path: str, context: Context, view_rows: dict[str, ViewRow]) -> None:
        self.folder, self.path, self.context, self.view_rows = folder, path, context, view_rows
        self.body = folder.read(path)
        self.mets: Mets = read_mets(self.body, path, max_bytes=folder.limits.max_xml_bytes)
        self.main, self.around = document_division(self.mets)
        self.records = self._records()
        self.identifier = self._identifier()
        self.notes = Notes(path, self.identifier, None)
        self.used: set[str] = set()
        self.claims: list[Claim] = []
        self.resolved: dict[str, Resolved] = {}

    def read(self) -> DeliveredItem | None:
        """Return the document, or None where it has no description; findings are in `notes`."""
        self._resolve_files()
        description = self._description()
        views, pages = self._views()
        if not views:
            self.notes.add("views-none", "names no view; ask for a METS with a physical structMap or image files")
        structure, text_sizes = read_structure(self.mets, self.main, pages, self.folder, self.notes)
        views = tuple(replace(view, text_size=text_sizes.get(view.number)) for view in views)
        if description is None:
            return None
        return DeliveredItem(
            identifier=self.identifier,
            description=description,
            views=views,
            source=SourceRecord(self.path, "application/mets+xml", self.body),
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
        return [read_mods(record.element) for record in chosen if local(record.element) in ("mods", "modsCollection")]

    def _identifier(self) -> str:
        if self.mets.objid:
            return self.mets.objid
        stem = PurePosixPath(self.path).stem
        for ending in ("mets", "METS", "Mets"):
            stem = stem.removesuffix(ending).rstrip("-_. ") or ending
        if fold(stem) not in _GENERIC_STEMS:
            return stem
        named = next(
            (name for record in self.records for kind in _NAMING_IDENTIFIERS if (name := record.identifier(kind))), ""
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
            if found.how == "inexact":
                self.notes.add("path-inexact", f"{file.href!r} was found as {found.path}")
            algorithm = file.checksum_type.lower().replace("-", "")
            if file.checksum and ALGORITHMS.get(len(file.checksum)) == algorithm:
                self.claims.append(Claim(found.path, algorithm, file.checksum, self.path, file.line, True))

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
                    self._missing("master-missing", number, f"image {target.path}")
            else:
                self._missing("master-missing", number, "an image in the METS")
            if chosen.text:
                target = self.resolved[chosen.text.identifier]
                text = target.path if target.found else ""
                if not target.found:
                    self._missing("text-missing", number, f"text {target.path}")
            page.text = text
            row = self.view_rows.get(master)
            views.append(DeliveredView(number, master, row.notes if row else view_notes(page.div), text or None))
        for name, target in self.resolved.items():
            if target.how == "missing" and name not in wanted:
                self.notes.add("derivative-missing", f"names {target.path}, which is not in the delivery")
        return tuple(views), pages

    def _missing(self, rule: str, number: int, what: str) -> None:
        message = f"{self.path}: view f{number} needs {what}, which is not in the delivery; ask the supplier for it"
        self.notes.found.append(finding(rule, message, self.path, self.identifier, number))

    def _pages(self) -> list[Page]:
        """Return the pages in physical order: the divisions that point to files, page by page."""
        if self.mets.physical:
            pages = [Page(div, _files_of(div)) for div in _page_divisions(self.mets.physical)]
            if pages:
                return pages
        images = [
            file for file in self.mets.files.values()
            if file.media_type.startswith(_PUBLIC_IMAGES) or is_image(file.href)
        ]  # fmt: skip
        if not images:
            return []
        self.notes.add(
            "order-missing", "has no physical structMap with pages; the views are in the order of their names"
        )
        first_use = choose_files(images, self.resolved, self.folder).image
        group = [file for file in images if first_use and file.uses == first_use.uses]
        return [Page(None, (file.identifier,)) for file in sorted(group, key=lambda file: natural_key(file.href))]

    # description

    def _description(self) -> Description | None:
        if not self.records:
            description = self._dublin_core()
            if description or self.mets.records:
                return description
        return self._from_mods()

    def _dublin_core(self) -> Description | None:
        for record in self.mets.records.values():
            statements = [
                Statement(name, words(element), bcp47(element.get(XML_LANG, "")) or None)
                for element in record.element.iter()
                if words(element)
                and (name := canonical(f"{'dcterms' if 'terms' in str(element.tag) else 'dc'}:{local(element)}"))
                in KNOWN
                and len(element) == 0
            ]
            if record.kind.upper() == "DC" or statements:
                if not any(statement.name == "dc:title" for statement in statements):
                    statements += [
                        Statement("dc:title", title.value) for title in self._label() or self._supplied_title()
                    ]
                return describe(statements, self.context, self.notes)
            self.notes.add(
                "record-kind-unknown",
                f"the record {record.identifier!r} is {record.kind or 'unnamed'}; MODS or DC is read",
            )
        return self._from_mods() if self.mets.records else None

    def _from_mods(self) -> Description | None:
        empty = ModsRecord()
        own = self.records[0] if self.records else empty
        outer = self.records[1:]
        around = next((record.titles for record in outer if record.titles), ())
        titles = own.titles or self._label() or around or self._supplied_title()
        typology = self._typology()
        if not titles:
            self.notes.add("title-missing", "has neither a title nor an identifier; add a MODS titleInfo")
        if typology is None or not titles:
            return None
        default = bcp47(self.context.language) or None
        if titles[0].language is None and default:
            titles = (replace(titles[0], language=default), *titles[1:])
        for record in [own, *outer]:
            for said in record.unknown_languages:
                self.notes.add(
                    "language-unknown", f"the language {said!r} is not known; give an ISO 639 code such as fre"
                )
        for date in own.dates:
            if not date.edtf:
                self.notes.add(
                    "date-not-understood", f"the date {date.literal!r} is not understood; it is shown as written"
                )
        both = [own, *outer]
        languages = next((record.languages for record in both if record.languages), ())
        return Description(
            titles=titles,
            typology=typology,
            rights=self._rights(),
            people=next((record.people for record in both if record.people), ()),
            dates=next((record.dates for record in both if record.dates), ()),
            places=next((record.places for record in both if record.places), ()),
            subjects=next((record.subjects for record in both if record.subjects), ()),
            languages=languages or ((self.context.language,) if self.context.language else ()),
            shelfmark=next((record.shelfmark for record in both if record.shelfmark), ""),
            extent=own.extent,
            publisher=next((record.publisher for record in both if record.publisher), ""),
            publication_place=next((record.publication_place for record in both if record.publication_place), ""),
            abstracts=own.abstracts,
            part_of=own.part_of
            or next((record.part_of for record in outer if record.part_of), None)
            or self._title_around(),
            genre=next((record.genre for record in both if record.genre), ""),
            notes=own.notes,
        )

    def _label(self) -> tuple[Title, ...]:
        return (Title(self.mets.label),) if self.mets.label else ()

    def _supplied_title(self) -> tuple[Title, ...]:
        named = self.mets.objid or next(
            (name for record in self.records[:1] for kind in _NAMING_IDENTIFIERS if (name := record.identifier(kind))),
            "",
        )
        short = named.rstrip("/").rpartition("/")[2]
        if not short:
            return ()
        self.notes.add("title-supplied", f"has no title; [{short}] stands for it, from its identifier")
        return (Title(f"[{short}]"),)

    def _typology(self) -> Typology | None:
        own = [record.genre for record in self.records] + [self.mets.kind] + ([self.main.kind] if self.main else [])
        found = _typology_of(own, _TYPOLOGY_WORDS)
        if found or self.context.typology:
            return found or Typology(self.context.typology)
        around = [record.resource_type for record in self.records] + [div.kind for div in self.around]
        return _typology_of([*own, *around], _TYPOLOGY_WORDS + _VAGUE_WORDS) or read_typology(
            [], self.context, self.notes
        )

    def _rights(self) -> Rights:
        start = context_rights(self.context)
        # the nearest record that says anything decides; a restriction on what is around holds for what is in it
        nearest = next((record for record in self.records if record.conditions), None)
        status, decisive = state_rights(
            [
                Stated(said, (said,), _is_restriction(kind))
                for record in self.records
                for kind, said in record.conditions
                if record is nearest or _is_restriction(kind)
            ],
            start.status,
            self.notes,
        )
        if status is RightsStatus.UNDETERMINED:
            self.notes.add(
                "rights-undetermined",
                "says no rights that are known; the document will not be published until they are",
            )
        return replace(start, status=status, basis=start.basis or (decisive.written if decisive else ""))

    def _title_around(self) -> Whole | None:
        """Return the newspaper that this issue is of: the record around the issue's own describes it."""
        if not self.main or fold(self.main.kind) != "issue" or len(self.records) < 2 or not self.records[1].titles:
            return None
        outer = self.records[1]
        identifier = outer.identifier("catalogueidentifier", "issn", "record", "local") or (
            outer.identifiers[0][1] if outer.identifiers else ""
        )
        return Whole(outer.titles[0].value, identifier, "", WholeKind.PERIODICAL)


def _is_restriction(kind: str) -> bool:
    return "restriction" in kind.lower()


def _typology_of(said: list[str], known: tuple[tuple[str, Typology], ...]) -> Typology | None:
    for text in said:
        folded = f" {fold(text)}"
        for word, typology in known:
            if f" {word}" in folded:
                return typology
    return None


def _page_divisions(top: Div) -> list[Div]:
    found = []
    for div in top.walk():
        below = any(child.areas for child in div.walk() if child is not div)
        # a division around pages may itself point to a file of the whole (a PDF): it is no page
        if div.areas and (
            not below or (div is not top and not any(child.kind.lower() == "page" for child in div.children))
        ):
            found.append(div)
    if len(found) > 1:
        inner = {id(child) for div in found for child in div.walk() if child is not div}
        found = [div for div in found if id(div) not in inner]
    if found and all(div.order.isdecimal() and len(div.order) < 10 for div in found):
        found.sort(key=lambda div: int(div.order))
    return found


def _files_of(div: Div) -> tuple[str, ...]:
    return tuple(dict.fromkeys(area.file for part in div.walk() for area in part.areas))


READER = Reader(
    kind="mets",
    expected="METS files (XML with the root element mets) that name images and ALTO",
    find=_find,
    read=_read,
)
