"""What `vitrine export` wrote, read back: one `item.json` a document, which says everything that ingest needs.

It comes before all other kinds: the METS and the source records that lie beside it describe the same documents.
"""

import json
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from server.delivery.folder import Folder
from server.delivery.registry import Reader, Reading
from server.delivery.rules import finding
from server.delivery.values import Context, DeliveredItem, DeliveredView, Finding, SourceRecord
from server.errors import DeliveryError, FormatError
from server.model.description import Description
from server.model.structure import Range
from server.model.view import ViewNotes
from server.told import told

NAME = "item.json"
INDEX = "export.json"
SCHEMA = b'"vitrine-item/1"'
_LOOKED_AT = 200
_REMEDY = told("export it again")

Relative = Annotated[str, Field(max_length=400)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Former(_Strict):
    kind: Literal["ark", "url", "oai"]
    value: str


class _Source(_Strict):
    file: Relative
    path: str
    media_type: str


class _View(_Strict):
    number: int = Field(ge=1)
    master: Relative
    text: Relative
    page: int | None = Field(default=None, ge=1)
    notes: ViewNotes


class _Item(_Strict):
    schema_: Literal["vitrine-item/1"] = Field(alias="schema")
    ark: str
    identifier: str = Field(min_length=1)
    former: list[_Former]
    collections: list[str]
    viewing_direction: Literal["left-to-right", "right-to-left", "top-to-bottom", "bottom-to-top"]
    paged: bool
    thumbnail_view: int | None
    description: Description
    structure: tuple[Range, ...]
    source: _Source | None
    views: list[_View]


_ITEM: TypeAdapter[_Item] = TypeAdapter(_Item)


def exported_packages(folder: Path) -> tuple[Path, ...]:
    """Return the packages of a folder that `vitrine export` wrote, in order; none where it is another folder."""
    if not (folder / INDEX).is_file() or (folder / "bagit.txt").exists():
        return ()
    return tuple(sorted(path.parent for path in folder.glob("*/bagit.txt")))


def _find(folder: Folder) -> tuple[str, ...]:
    if INDEX in folder.files and not folder.payload:
        packages = sorted({path.split("/")[0] for path in folder.files if path.endswith("/bagit.txt")})
        if packages:
            names = ", ".join(packages[:10]) + (" …" if len(packages) > 10 else "")
            raise DeliveryError(
                told(
                    "{name}: is an export of {count} deliveries; give one of its folders: {names}. `vitrine "
                    "ingest` takes it whole",
                    name=folder.root.name,
                    count=len(packages),
                    names=names,
                )
            )
    found = []
    for path in folder.delivered:
        inside = PurePosixPath(path.removeprefix(folder.payload))
        if inside.name == NAME and len(inside.parts) == 2:
            with (folder.root / path).open("rb") as file:
                if SCHEMA in file.read(_LOOKED_AT):
                    found.append(path)
    return tuple(found)


def _read(folder: Folder, paths: tuple[str, ...], _context: Context) -> Reading:
    items: list[DeliveredItem] = []
    findings: list[Finding] = []
    used: set[str] = set()
    for path in paths:
        here = path.removesuffix(NAME)
        # the METS beside it, and how it was checked, tell the same to other programs
        used |= {path, f"{here}mets.xml", "metadata/quality.json"} & folder.files.keys()
        try:
            said = _parse(folder, path)
            item = _item(folder, here, path, said, findings)
        except DeliveryError as error:
            findings.append(finding("document-unreadable", error.told, path))
            continue
        used |= {used_path for view in item.views for used_path in (view.master, view.text or "")} & folder.files.keys()
        used |= {here + said.source.file} & folder.files.keys() if said.source else set()
        items.append(item)
    return Reading(tuple(items), tuple(findings), frozenset(used))


def _parse(folder: Folder, path: str) -> _Item:
    try:
        return _ITEM.validate_python(json.loads(folder.read(path)))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise FormatError(path, told("{where}: {fault}", where=where, fault=fault["msg"]), _REMEDY) from None
    except (ValueError, RecursionError) as error:
        raise FormatError(path, told("is not JSON: {error}", error=str(error)[:100]), _REMEDY) from None


def _item(folder: Folder, here: str, path: str, said: _Item, findings: list[Finding]) -> DeliveredItem:
    views = []
    for view in said.views:
        # only what lies in this package is ever opened: a path counts when the walk through the folder met it
        master, text = here + view.master, here + view.text if view.text else ""
        for rule, wanted in (("master-missing", master), ("text-missing", text)):
            if wanted and wanted not in folder.files:
                message = told(
                    "{path}: view f{number} needs {wanted}, which is not in the package; {remedy}",
                    path=path,
                    number=view.number,
                    wanted=wanted[:200],
                    remedy=_REMEDY,
                )
                findings.append(finding(rule, message, path, said.identifier, view.number))
        known_text = text if text in folder.files else None
        views.append(DeliveredView(view.number, master, view.notes, known_text, page=view.page))
    if len({view.number for view in views}) < len(views):
        raise FormatError(path, told("two views have the same number"), _REMEDY)
    if not views:
        findings.append(
            finding(
                "views-none", told("{path}: names no view; {remedy}", path=path, remedy=_REMEDY), path, said.identifier
            )
        )
    source = SourceRecord(path, "application/json", folder.read(path))
    if said.source:
        if here + said.source.file not in folder.files:
            raise FormatError(
                path, told("its source record {file!r} is not in the package", file=said.source.file), _REMEDY
            )
        source = SourceRecord(said.source.path, said.source.media_type, file=folder.root / (here + said.source.file))
    former = {kind: tuple(one.value for one in said.former if one.kind == kind) for kind in ("ark", "url", "oai")}
    return DeliveredItem(
        identifier=said.identifier,
        description=said.description,
        views=tuple(sorted(views, key=lambda view: view.number)),
        source=source,
        structure=said.structure,
        ark=said.ark,
        former_urls=former["url"],
        former_oai_identifiers=former["oai"],
        former_arks=former["ark"],
        collections=tuple(said.collections),
        viewing_direction=said.viewing_direction,
        paged=said.paged,
        thumbnail_view=said.thumbnail_view,
    )


READER = Reader(
    kind="export",
    title=told("Export of Vitrine"),
    expected=told("what `vitrine export` wrote"),
    find=_find,
    read=_read,
    stage=-1,
)
