"""UNIMARC records beside image folders: each record describes the images that bear one of its names.

A record's names are its number (001), its shelfmark (930 $a, 995 $k) and its barcode (995 $f, 915 $b). Images belong to
it when a folder around them is called so, or when their own name begins so (`CP-12_001.tif`). One record alone describes
all images. `crosswalks/unimarc.toml` says what its fields mean. ISO 2709 and XML are told apart by their content.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from server.delivery.dublin_core import describe
from server.delivery.folder import Folder, is_image
from server.delivery.image_views import ViewMaker, images_of
from server.delivery.registry import Reader, Reading
from server.delivery.rules import Notes, finding
from server.delivery.values import Context, DeliveredItem, Finding, SourceRecord
from server.errors import DeliveryError
from server.formats.crosswalk import Statement, apply_rules, read_crosswalk
from server.formats.unimarc import (
    Broken,
    Notice,
    is_exchange_format,
    is_marc_root,
    read_exchange_format,
    read_marc_xml,
)
from server.model.description import Typology
from server.model.words import fold
from server.told import told, verbatim

_HEAD = 64
_Words = tuple[str, ...]


@dataclass
class _Record:
    """A record with what it says, and the images that turned out to be its own."""

    path: str
    notice: Notice
    statements: list[Statement]
    notes: Notes
    images: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The names under which its images may be found."""
        return list(dict.fromkeys(said.value for said in self.statements if said.name == "dc:identifier"))


def _find(folder: Folder) -> tuple[str, ...]:
    return tuple(path for path in folder.delivered if _is_marc(folder, path))


def _is_marc(folder: Folder, path: str) -> bool:
    if is_image(path):
        return False
    name = folder.root_name(path)
    if name is not None:
        return is_marc_root(name.namespace, name.local) and (bool(name.namespace) or b"datafield" in folder.head(path))
    return is_exchange_format(folder.head(path)[:_HEAD])


def _read(folder: Folder, paths: tuple[str, ...], context: Context) -> Reading:
    findings: list[Finding] = []
    records: list[_Record] = []
    for path in paths:
        try:
            for read in _notices(folder, path):
                if isinstance(read, Broken):
                    findings.append(finding("document-unreadable", read.message, path))
                else:
                    records.append(_record(path, read))
        except DeliveryError as error:
            findings.append(finding("document-unreadable", error.told, path))
    maker = ViewMaker(folder)
    _share_images(folder, records)
    items = [item for record in records if (item := _item(folder, record, context, maker))]
    findings += [each for record in records for each in record.notes.found]
    return Reading(tuple(items), (*findings, *maker.findings, *maker.leftover()), frozenset({*paths, *maker.used}))


def _notices(folder: Folder, path: str) -> Iterator[Notice | Broken]:
    body = folder.read(path)
    if folder.root_name(path) is not None:
        return read_marc_xml(body, path, max_bytes=folder.limits.max_xml_bytes)
    return read_exchange_format(body, path)


def _record(path: str, notice: Notice) -> _Record:
    statements = apply_rules(read_crosswalk("unimarc"), notice)
    identifier = next((said.value for said in statements if said.name == "dc:identifier"), PurePosixPath(path).stem)
    record = _Record(path, notice, statements, Notes(path, identifier, None))
    record.notes.where = told("{path}, {where}", path=path, where=notice.where)
    if notice.note:
        record.notes.add("encoding-contradicted", notice.note)
    return record


def _share_images(folder: Folder, records: list[_Record]) -> None:
    """Give each image to the record that its folder or its own name bears; all of them to a record that is alone."""
    by_name: dict[_Words, _Record | None] = {}
    for record in records:
        for name in record.names:
            words = tuple(fold(name).split())
            if words and by_name.setdefault(words, record) is not record:
                by_name[words] = None  # two records bear it: which is meant nobody can say
    images = images_of(folder)
    for image in images:
        owner = _owner(image, by_name)
        if owner:
            owner.images.append(image)
    if len(records) == 1 and not records[0].images:
        records[0].images = images


def _owner(image: str, by_name: dict[_Words, _Record | None]) -> _Record | None:
    place = PurePosixPath(image)
    for part in reversed(place.parts[:-1]):
        if found := by_name.get(tuple(fold(part).split())):
            return found
    words = tuple(fold(place.name[: -len(place.suffix)] if place.suffix else place.name).split())
    for length in range(min(len(words), 12), 0, -1):
        if found := by_name.get(words[:length]):
            return found
    return None


def _item(folder: Folder, record: _Record, context: Context, maker: ViewMaker) -> DeliveredItem | None:
    description = describe(record.statements, context, record.notes)
    views = maker.make(record.images, record.notes)
    if not views:
        looked = ", ".join(record.names[:4]) or "none"
        record.notes.add(
            "views-none",
            told("no folder and no image is called like this record ({looked}); name its folder so", looked=looked),
        )
    if description is None:
        return None
    is_whole = folder.files[record.path] == len(record.notice.body)
    media_type = "application/marcxml+xml" if folder.root_name(record.path) else "application/marc"
    source = (
        SourceRecord(record.path, media_type, file=folder.root / record.path)
        if is_whole
        else SourceRecord(record.path, media_type, record.notice.body)
    )
    return DeliveredItem(
        identifier=record.notes.item,
        description=description,
        views=views,
        source=source,
        collections=context.collections,
        paged=description.typology in (Typology.BOOKS, Typology.MANUSCRIPTS) and len(views) > 2,
    )


READER = Reader(
    kind="unimarc",
    title=verbatim("UNIMARC"),
    expected=told(
        "UNIMARC records (ISO 2709 or XML) beside folders of images that bear their number, shelfmark or barcode"
    ),
    find=_find,
    read=_read,
    stage=1,
)
