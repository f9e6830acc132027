"""Plans on the map: georeference annotations (iiif.io/api/extension/georef) and the extent of a view as `navPlace`.

The annotation page stands in its canvas, as §3.1 of the extension recommends, and answers at its own address, where the
annotation brings with it what it targets (§3.3). Addresses in it are fragments of the page's, so each answers. Pure.
"""

from typing import Any

from server.iiif.build.collection import PRESENTATION
from server.iiif.build.words import LanguageMap
from server.model.addresses import Addresses
from server.model.georeference import Georeference, outline
from server.model.item import Item, PublishedView

GEOREF = "http://iiif.io/api/extension/georef/1/context.json"


def build_embedded_page(item: Item, view: PublishedView, addresses: Addresses) -> dict[str, Any] | None:
    """Return the georeference annotation page of a view as its canvas holds it; None where it has none."""
    georeference = view.notes.georeference
    if georeference is None:
        return None
    address, canvas = addresses.georeference(item.name, view.number), addresses.canvas(item.name, view.number)
    target: Any = canvas
    if georeference.mask:
        target = {"type": "SpecificResource", "source": canvas, "selector": _selector(georeference)}
    return _page(address, georeference, target)


def build_georeference_page(item: Item, view: PublishedView, addresses: Addresses) -> dict[str, Any] | None:
    """Return the georeference annotation page of a view to stand alone; None where it has none."""
    georeference = view.notes.georeference
    if georeference is None:
        return None
    source = {
        "id": addresses.canvas(item.name, view.number),
        "type": "Canvas",
        "width": view.width,
        "height": view.height,
        "partOf": [{"id": addresses.manifest(item.name), "type": "Manifest"}],
    }
    target = {"type": "SpecificResource", "source": source, "selector": _selector(georeference)}
    page = _page(addresses.georeference(item.name, view.number), georeference, target)
    return {"@context": [GEOREF, PRESENTATION], **page}


def build_extent(item: Item, view: PublishedView, label: LanguageMap, addresses: Addresses) -> dict[str, Any] | None:
    """Return where a view lies on the earth, as `navPlace` (§2.1 of that extension); None where nothing says so."""
    ring = outline(view.notes.georeference) if view.notes.georeference else ()
    if not ring:
        return None
    address = addresses.canvas(item.name, view.number)
    return {
        "id": f"{address}#extent",
        "type": "FeatureCollection",
        "features": [
            {
                "id": f"{address}#extent-1",
                "type": "Feature",
                "properties": {"label": label},
                "geometry": {"type": "Polygon", "coordinates": [[list(corner) for corner in ring]]},
            }
        ],
    }


def _page(address: str, georeference: Georeference, target: Any) -> dict[str, Any]:
    body = {
        "id": f"{address}#points",
        "type": "FeatureCollection",
        "transformation": {"type": "polynomial", "options": {"order": georeference.order}},
        "features": [
            {
                "type": "Feature",
                "properties": {"resourceCoords": [_number(point.x), _number(point.y)]},
                "geometry": {"type": "Point", "coordinates": [point.longitude, point.latitude]},
            }
            for point in georeference.points
        ],
    }
    annotation = {
        "id": f"{address}#map",
        "type": "Annotation",
        "motivation": "georeferencing",
        "body": body,
        "target": target,
    }
    return {"id": address, "type": "AnnotationPage", "items": [annotation]}


def _selector(georeference: Georeference) -> dict[str, str]:
    """Return the outline of the map in the image (§3.3.2); without a mask, the whole image."""
    width, height = georeference.width, georeference.height
    corners = georeference.mask or ((0, 0), (width, 0), (width, height), (0, height))
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)
    value = f'<svg width="{width}" height="{height}"><polygon points="{points}" /></svg>'
    return {"type": "SvgSelector", "value": value}


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
