"""Control points that a delivery brings for its plans, beside whatever describes them.

Two forms, both in docs/reference/control-points.md: any CSV whose header has `image`, `x`, `y`, `longitude` and
`latitude`; and a IIIF georeference annotation as Allmaps exports it, called like its image: `plan.georef.json`.
Everything wrong is a finding that names file, line and remedy, and blocks the document, for a plan in the wrong place
would be believed.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from server.delivery.folder import Folder, fold_path, is_image
from server.delivery.paths import resolve
from server.delivery.rules import finding
from server.delivery.tables import headers, tables_with
from server.delivery.values import DeliveredGeoreference, DeliveredItem, DeliveredView, Finding, Severity
from server.errors import DeliveryError, UnsafePath
from server.formats.table import Row, Table
from server.model.georeference import LEAST, ControlPoint, Georeference, on_one_line
from server.told import Told, told

COLUMNS = ("image", "x", "y", "longitude", "latitude")
SIZES = ("width", "height")
SUFFIX = ".georef.json"
MAX_BYTES = 2**20
MAX_POINTS = 10_000

_POLYGON = re.compile(r"<polygon\b[^>]*\bpoints\s*=\s*[\"']([^\"']*)[\"']")

_TOO_FAR = 10**6
"""Pixels: no image is so large."""


@dataclass
class _Found:
    """What is said of one image, and what is wrong with it."""

    path: str
    points: list[ControlPoint] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    sizes: set[tuple[int, int]] = field(default_factory=set)
    order: int = 1
    mask: tuple[tuple[float, float], ...] = ()
    faults: list[Told] = field(default_factory=list)


def read_control_points(
    folder: Folder, items: Iterable[DeliveredItem]
) -> tuple[list[DeliveredItem], list[Finding], set[str]]:
    """Return the documents with the control points of their views; findings; the paths of the files that were read."""
    by_image: dict[str, _Found] = {}
    findings: list[Finding] = []
    used: set[str] = set()
    for path in folder.delivered:
        if any(map(is_control_points_header, headers(folder, path))):
            used.add(path)
            _read_table(folder, path, by_image, findings)
        elif fold_path(path).endswith(SUFFIX):
            used.add(path)
            _read_annotation(folder, path, by_image, findings)
    shown: set[str] = set()
    placed = [_place(item, by_image, shown, findings) for item in items] if by_image else list(items)
    for image, found in by_image.items():
        if image not in shown:
            message = told(
                "{path}: no document shows {image}; name it in its images, or take its control points out",
                path=found.path,
                image=image,
            )
            findings.append(finding("control-points-unplaced", message, found.path))
    return placed, findings, used


def is_control_points_header(line: str) -> bool:
    """Return whether a first line is the header of a table of control points."""
    names = {part.strip(" \"'") for part in re.split(r"[;,\t]", line)}
    return names.issuperset(COLUMNS)


def _place(item: DeliveredItem, by_image: dict[str, _Found], shown: set[str], findings: list[Finding]) -> DeliveredItem:
    views: list[DeliveredView] = []
    for view in item.views:
        found = by_image.get(view.master)
        if found is None:
            views.append(view)
            continue
        shown.add(view.master)
        faults = found.faults or list(_judge(view.master, found))
        findings += [
            finding("control-points-wrong", fault, found.path, item.identifier, view.number) for fault in faults
        ]
        if faults:
            views.append(view)
            continue
        width, height = next(iter(found.sizes), (0, 0))
        value = Georeference(tuple(found.points), width, height, found.order, found.mask)
        views.append(replace(view, georeference=DeliveredGeoreference(found.path, tuple(found.lines), value)))
    return replace(item, views=tuple(views)) if tuple(views) != item.views else item


def _judge(image: str, found: _Found) -> Iterable[Told]:
    """Say what is wrong with the control points of an image as a whole."""
    if len(found.points) < LEAST:
        yield told(
            "{path}: {image} has {count} control points; at least {least} are needed, add some that are far apart",
            path=found.path,
            image=image,
            count=len(found.points),
            least=LEAST,
        )
        return
    if len(found.sizes) > 1:
        yield told(
            "{path}: the points of {image} name several sizes of it; take all of them from one image",
            path=found.path,
            image=image,
        )
    for pairs, where in (
        (tuple((point.x, point.y) for point in found.points), told("of the image")),
        (tuple((point.longitude, point.latitude) for point in found.points), told("on the earth")),
    ):
        if on_one_line(pairs):
            yield told(
                "{path}: the control points of {image} lie on one line {where}; add one that is far from it",
                path=found.path,
                image=image,
                where=where,
            )


def _read_table(folder: Folder, path: str, by_image: dict[str, _Found], findings: list[Finding]) -> None:
    try:
        tables = tables_with(folder, path, is_control_points_header)
    except DeliveryError as error:
        findings.append(finding("document-unreadable", error.told, path))
        return
    for table in tables:
        _read_points(folder, table, by_image, findings)


def _read_points(folder: Folder, table: Table, by_image: dict[str, _Found], findings: list[Finding]) -> None:
    path = table.path
    names = [name.lower() for name in table.header]
    findings += [
        finding(
            "column-unknown",
            told("{path}, line 1: the column {name!r} is not known", path=path, name=name),
            path,
            severity=Severity.INFO,
        )
        for name in table.header
        if name and name.lower() not in (*COLUMNS, *SIZES, "label")
    ]
    for row in table.rows:
        _read_row(folder, table, dict(zip(names, row.cells, strict=False)), row, by_image, findings)


def _read_row(
    folder: Folder,
    table: Table,
    cells: dict[str, str],
    row: Row,
    by_image: dict[str, _Found],
    findings: list[Finding],
) -> None:
    where = told("{path}, line {line}", path=table.path, line=row.line)
    said = cells.get("image", "")
    try:
        image = resolve(folder, said, source=table.path, line=row.line, beside=("images",))
    except UnsafePath as error:
        findings.append(finding("path-unsafe", error.told, table.path))
        return
    if not image.found:
        message = told("{where}: there is no image {said!r} in the delivery; correct its name", where=where, said=said)
        findings.append(finding("control-points-unplaced", message, table.path))
        return
    found = by_image.setdefault(image.path, _Found(table.path))
    numbers = {name: _number(cells.get(name, "")) for name in COLUMNS[1:]}
    for name, number in numbers.items():
        if number is None:
            found.faults.append(
                told(
                    "{where}: {name} {cells!r} is not a number; write it as 123.45",
                    where=where,
                    name=name,
                    cells=cells.get(name, "")[:40],
                )
            )
    if None in numbers.values():
        return
    x, y, longitude, latitude = (number or 0.0 for number in numbers.values())
    _add(found, ControlPoint(x, y, longitude, latitude), row.line, where)
    sizes = [cells.get(name, "") for name in SIZES]
    if any(sizes):
        if not all(size.isdecimal() and 0 < int(size) < _TOO_FAR for size in sizes):
            found.faults.append(
                told(
                    "{where}: width and height {sizes} are not the size in pixels of an image; give both",
                    where=where,
                    sizes=sizes,
                )
            )
            return
        found.sizes.add((int(sizes[0]), int(sizes[1])))


def _read_annotation(folder: Folder, path: str, by_image: dict[str, _Found], findings: list[Finding]) -> None:
    stem = fold_path(path)[: -len(SUFFIX)]
    images = [each for each in folder.delivered if is_image(each) and fold_path(each).rpartition(".")[0] == stem]
    if len(images) != 1:
        name = PurePosixPath(path).name[: -len(SUFFIX)]
        message = told(
            "{path}: there is not exactly one image called {name} beside it; give both the same name",
            path=path,
            name=name,
        )
        findings.append(finding("control-points-unplaced", message, path))
        return
    found = by_image.setdefault(images[0], _Found(path))
    if found.points or found.faults:
        found.faults.append(
            told(
                "{path}: {images} has control points in {other} already; give them once",
                path=path,
                images=images[0],
                other=found.path,
            )
        )
        return
    try:
        annotation = _find_annotation(json.loads(folder.read(path, max_bytes=MAX_BYTES)))
        _take(found, annotation)
    except (
        DeliveryError,
        ValueError,
        RecursionError,
        OverflowError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
    ) as error:
        said = (
            error.told
            if isinstance(error, DeliveryError)
            else told("{kind}: {error}", kind=type(error).__name__, error=str(error)[:200])
        )
        found.faults.append(
            told(
                "{path}: is not a IIIF georeference annotation ({said}); export it from Allmaps again",
                path=path,
                said=said,
            )
        )


def _find_annotation(document: Any) -> dict[str, Any]:
    """Return the only annotation of a page, or the document itself."""
    if document.get("type") == "AnnotationPage":
        if len(document["items"]) != 1:
            raise DeliveryError(told("it holds {count} annotations, and one is needed", count=len(document["items"])))
        document = document["items"][0]
    if document.get("type") != "Annotation" or document["body"].get("type") != "FeatureCollection":
        raise DeliveryError(told("it has no body with control points"))
    return dict(document)


def _take(found: _Found, annotation: dict[str, Any]) -> None:
    target = annotation["target"]
    source = target.get("source", target) if isinstance(target, dict) else {}
    if isinstance(source, dict) and "width" in source and "height" in source:
        size = int(source["width"]), int(source["height"])
        if not all(0 < side < _TOO_FAR for side in size):
            raise DeliveryError(
                told("{width} × {height} is not the size in pixels of an image", width=size[0], height=size[1])
            )
        found.sizes.add(size)
    selector = target.get("selector") if isinstance(target, dict) else None
    if isinstance(selector, dict) and (polygon := _POLYGON.search(str(selector.get("value", "")))):
        numbers = [float(part) for part in re.split(r"[\s,]+", polygon[1].strip())]
        mask = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        if len(mask) >= LEAST and all(0 <= number < _TOO_FAR for number in numbers):
            found.mask = mask
    transformation = annotation["body"].get("transformation") or {}
    order = (transformation.get("options") or {}).get("order", 1)
    found.order = order if transformation.get("type") == "polynomial" and order in (1, 2, 3) else 1
    features = annotation["body"]["features"]
    for position, feature in enumerate(features, start=1):
        properties = feature["properties"]
        x, y = properties.get("resourceCoords") or properties["pixelCoords"]
        longitude, latitude = feature["geometry"]["coordinates"][:2]
        point = ControlPoint(float(x), float(y), float(longitude), float(latitude))
        _add(found, point, position, told("{path}, feature {position}", path=found.path, position=position))
    while found.order > 1 and len(found.points) < (found.order + 1) * (found.order + 2) // 2:
        found.order -= 1  # fewer points than a polynomial has numbers fix no map


def _add(found: _Found, point: ControlPoint, line: int, where: str) -> None:
    values = (point.x, point.y, point.longitude, point.latitude)
    if not all(map(math.isfinite, values)):
        found.faults.append(told("{where}: a coordinate is not a finite number; correct it", where=where))
    elif not (-180 <= point.longitude <= 180 and -90 <= point.latitude <= 90):
        found.faults.append(
            told(
                "{where}: longitude {longitude:g}, latitude {latitude:g} is no place on the earth; give "
                "decimal degrees (WGS 84), and look whether the two are exchanged",
                where=where,
                longitude=point.longitude,
                latitude=point.latitude,
            )
        )
    elif not (0 <= point.x < _TOO_FAR and 0 <= point.y < _TOO_FAR):
        found.faults.append(
            told(
                "{where}: x {x:g}, y {y:g} lies outside the image; count from its upper left corner",
                where=where,
                x=point.x,
                y=point.y,
            )
        )
    elif len(found.points) >= MAX_POINTS:
        if len(found.faults) < MAX_POINTS:
            found.faults.append(
                told(
                    "{where}: more than {max_points} control points; keep those that matter",
                    where=where,
                    max_points=MAX_POINTS,
                )
            )
    else:
        found.points.append(point)
        found.lines.append(line)


def _number(said: str) -> float | None:
    """Return a decimal number, with a comma too where that is the only sign in it."""
    text = said.replace(",", ".") if said.count(",") == 1 and "." not in said else said
    try:
        return float(text)
    except ValueError:
        return None
