import re

from server.catalogue.browsing import PlaceCount
from server.portal.region import draw_map

LILLE = PlaceCount("lille", "Lille (Nord)", 50.6372, 3.0633, 7)
ROUBAIX = PlaceCount("roubaix", "Roubaix (Nord)", 50.6916, 3.1746, 2)


def test_places_lie_where_they_are_on_the_earth() -> None:
    drawn = draw_map([LILLE, ROUBAIX, PlaceCount("calais", "Calais", 50.951, 1.859, 1)])
    assert drawn is not None
    spots = {spot.place.slug: spot for spot in drawn.spots}
    assert spots["calais"].x < spots["lille"].x < spots["roubaix"].x
    assert spots["calais"].y < spots["roubaix"].y < spots["lille"].y
    assert spots["lille"].radius > spots["roubaix"].radius
    left, top, width, height = drawn.box
    assert all(left < spot.x < left + width and top < spot.y < top + height for spot in drawn.spots)
    assert re.fullmatch(r"M[\d. -]+(?:Q[\d. -]+)+Z", drawn.land)
    assert "Lille" not in {town.name for town in drawn.towns}, "a place stands for its town"
    assert "Arras" in {town.name for town in drawn.towns}


def test_a_closer_map_holds_its_places() -> None:
    whole, near = draw_map([LILLE, ROUBAIX]), draw_map([LILLE, ROUBAIX], whole=False)
    assert whole is not None
    assert near is not None
    assert near.box[2] < whole.box[2] / 2
    left, top, width, height = near.box
    assert all(left < spot.x < left + width and top < spot.y < top + height for spot in near.spots)


def test_places_without_coordinates_or_far_away_are_not_drawn() -> None:
    assert draw_map([]) is None
    assert draw_map([PlaceCount("x", "Quelque part", None, None, 1)]) is None
    drawn = draw_map([LILLE, PlaceCount("tokyo", "Tokyo", 35.68, 139.69, 3)])
    assert drawn is not None
    assert [spot.place.slug for spot in drawn.spots] == ["lille"]
