"""Places as `navPlace` (iiif.io/api/extension/navplace): a GeoJSON feature for each that has coordinates. Pure."""

from collections.abc import Sequence
from typing import Any

from server.iiif.build.words import same
from server.model.addresses import Addresses
from server.model.description import Place
from server.model.item import Item

NAV_PLACE = "http://iiif.io/api/extension/navplace/context.json"


def navigable_places(item: Item) -> list[Place]:
    """Return the places of an item that have coordinates on the earth."""
    return [place for place in item.description.places if _has_coordinates(place)]


def build_places(item: Item, places: Sequence[Place], addresses: Addresses) -> dict[str, Any]:
    """Return the feature collection of an item's places (§2.2.2): the same in its manifest and in collections."""
    address = addresses.part(item.name, "places")
    return {
        "id": address,
        "type": "FeatureCollection",
        "features": [
            {
                "id": f"{address}/{number}",
                "type": "Feature",
                "properties": {"label": same(place.label)},
                "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
            }
            for number, place in enumerate(places, start=1)
        ],
    }


def _has_coordinates(place: Place) -> bool:
    if place.latitude is None or place.longitude is None:
        return False
    return -90 <= place.latitude <= 90 and -180 <= place.longitude <= 180
