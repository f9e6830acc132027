"""What documents are browsed by beside their collections: the places they show and the year they are from. Pure."""

from dataclasses import dataclass

from server.model.dates import bounds
from server.model.item import Item
from server.model.words import fold

PLACE, YEAR = "place", "year"

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Trait:
    """A place or a year of a document; `value` names it in addresses. Degrees are WGS 84, both or neither."""

    kind: str
    value: str
    label: str
    latitude: float | None = None
    longitude: float | None = None


def list_traits(item: Item) -> tuple[Trait, ...]:
    """Return the traits of an item, each once: the places that have a name in letters, the first year that is known."""
    places: dict[str, Trait] = {}
    for place in item.description.places:
        slug = place_slug(place.label)
        if slug and slug not in places:
            places[slug] = Trait(PLACE, slug, place.label, *_located(place.latitude, place.longitude))
    days = (bounds(date.edtf).earliest for date in item.description.dates if date.edtf)
    year = next((day.year for day in days if day is not None), None)
    dated = (Trait(YEAR, f"{year:04}", str(year)),) if year else ()
    return (*places.values(), *dated)


def place_slug(label: str) -> str:
    """Return what names a place in addresses; empty where its label has no letter and no figure."""
    return fold(label).replace(" ", "-")[:_LONGEST].strip("-")


def _located(latitude: float | None, longitude: float | None) -> tuple[float | None, float | None]:
    is_on_earth = latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if is_on_earth else (None, None)
