"""What a delivery says, as values: the readers make them, check and ingest read them."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from server.errors import DeliveryError
from server.model.description import Description
from server.model.georeference import Georeference, find_outside
from server.model.source import suffix_of
from server.model.structure import Range
from server.model.view import ViewNotes
from server.told import Told, told


class Parts(StrEnum):
    """What a delivery may bring alone of documents that are held."""

    DESCRIPTION = "description"
    VIEWS = "views"
    TEXTS = "texts"
    MORE_VIEWS = "more-views"


class Severity(StrEnum):
    """How much a finding weighs: an error blocks ingest of its document, a warning asks for a look."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


WEIGHT_NAMES = {Severity.ERROR: told("error"), Severity.WARNING: told("to look at"), Severity.INFO: told("information")}
"""The weights as a person reads them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found. `message` names the thing, the fault and the remedy; `path` is relative to the delivery.

    `known` is where a condition report says it of the original; then it is no fault of the supplier.
    The message is English, and can be had in French: `server.told`.
    """

    rule: str
    severity: Severity
    message: Told
    path: str = ""
    item: str = ""
    view: int | None = None
    known: str = ""


@dataclass(frozen=True, slots=True)
class DeliveredGeoreference:
    """Control points of a view as delivered: the file that brings them, and the line of each in it."""

    path: str
    lines: tuple[int, ...]
    value: Georeference


@dataclass(frozen=True, slots=True)
class DeliveredView:
    """A view as delivered. `master` and `text` are paths relative to the delivery, posix, checked to stay inside it.

    `text_size` is the width and height of the page that boxes in the item's `structure` refer to, where there are any:
    `server.delivery.structure.fit_structure` scales them to the image. `page` is that of a master that has several: a PDF,
    whose text layer is the text of the view.
    """

    number: int
    master: str
    notes: ViewNotes
    text: str | None = None
    text_size: tuple[int, int] | None = None
    georeference: DeliveredGeoreference | None = None
    page: int | None = None

    @property
    def source(self) -> str:
        """What its picture is in: the master, or the page of it (RFC 8118 §3)."""
        return self.master if self.page is None else f"{self.master}#page={self.page}"


def outside(view: DeliveredView, width: int, height: int) -> list[Told]:
    """Say which control points of a view lie outside its image, whose size in pixels is given."""
    found = view.georeference
    if found is None:
        return []
    faults = []
    for position in find_outside(found.value, width, height):
        point, line = found.value.points[position], found.lines[position]
        size = f"{found.value.width or width} × {found.value.height or height}"
        faults.append(
            told(
                "view f{view}: {path}, line {line}: x {x:g}, y {y:g} lies outside the image of {size} pixels; "
                "correct it, or say in width and height in which image it was taken",
                view=view.number,
                path=found.path,
                line=line,
                x=point.x,
                y=point.y,
                size=size,
            )
        )
    return faults


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """The description as the supplier wrote it, kept whole.

    `body` is empty where the record is a whole `file`: a delivery of hundreds of documents would fill a memory with them.
    """

    path: str
    media_type: str
    body: bytes = b""
    file: Path | None = None

    @property
    def suffix(self) -> str:
        """The end of the name under which it is kept: what it is says its media type, its file may hold many."""
        return suffix_of(self.media_type)

    @property
    def size(self) -> int:
        """Bytes of the record."""
        return len(self.body) if self.file is None else self.file.stat().st_size

    def digest(self) -> str:
        """Return the SHA-256 of the record. Raises DeliveryError where its file is gone."""
        if self.file is None:
            return hashlib.sha256(self.body).hexdigest()
        try:
            with self.file.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise DeliveryError(
                told(
                    "{path}: cannot be read: {strerror}; copy the delivery again",
                    path=self.path,
                    strerror=error.strerror,
                )
            ) from None

    def read(self) -> bytes:
        """Return the bytes of the record. Raises DeliveryError where its file is gone."""
        if self.file is None:
            return self.body
        try:
            return self.file.read_bytes()
        except OSError as error:
            raise DeliveryError(
                told(
                    "{path}: cannot be read: {strerror}; copy the delivery again",
                    path=self.path,
                    strerror=error.strerror,
                )
            ) from None


@dataclass(frozen=True, slots=True)
class DeliveredItem:
    """A document as delivered. `identifier` is unique in its institution (file name, row identifier, shelfmark)."""

    identifier: str
    description: Description
    views: tuple[DeliveredView, ...]
    source: SourceRecord
    structure: tuple[Range, ...] = ()
    ark: str = ""
    former_urls: tuple[str, ...] = ()
    former_oai_identifiers: tuple[str, ...] = ()
    former_arks: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    viewing_direction: str = "left-to-right"
    paged: bool = False
    thumbnail_view: int | None = None


@dataclass(frozen=True, slots=True)
class ListedChecksum:
    """A checksum that the delivery states for one of its files; `actual` is empty where the file is not there.

    `source` is the list (a manifest, a METS file) and `line` the line in it; digests are in lower-case hexadecimal.
    """

    path: str
    algorithm: str
    expected: str
    actual: str
    source: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What the supplier's files do not say: from `delivery.toml` in the delivery, else from the command line.

    `rights`, `typology` and `language` fill what a document's own description leaves open. `brings` says which parts of
    held documents come (see `Parts`); where it is empty, documents come whole.
    """

    institution: str = ""
    supplier: str = ""
    campaign: str = ""
    typology: str = ""
    rights: str = ""
    rights_basis: str = ""
    cleared_by: str = ""
    language: str = ""
    collections: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery opened: what kind it is, its files with their SHA-256, its documents.

    A document that could not be read is not in `items`; `findings` says why. `digest` is the SHA-256 over the sorted
    lines `{sha256}  {path}`: two deliveries with the same files have the same digest. `checksums` are those that the
    delivery itself states, `used` the files that a document or a list accounts for.
    """

    root: Path
    kind: str
    digest: str
    files: dict[str, str]
    context: Context
    items: tuple[DeliveredItem, ...]
    findings: tuple[Finding, ...] = field(default=())
    checksums: tuple[ListedChecksum, ...] = ()
    used: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Name of the delivery's folder."""
        return self.root.resolve().name
