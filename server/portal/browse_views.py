"""The pages on which readers browse: collections, places, time, institutions."""

import re
from typing import TYPE_CHECKING

from flask import Blueprint, Response, g

from server.errors import Unknown
from server.iiif.build.collection import collection_name
from server.portal import browsing
from server.portal.language import LANGUAGES
from server.portal.region import draw_map

if TYPE_CHECKING:
    from server.portal.views import Portal

_YEARS = re.compile(r"^(\d{1,4})-(\d{1,4})$", re.ASCII)


class Browse:
    """The pages that lead from a place, a time or an institution to documents."""

    def __init__(self, portal: "Portal") -> None:
        self._portal = portal
        self.places_reader = browsing.keep_places()
        self.timeline_reader = browsing.keep_timeline()
        self.place_ways = browsing.keep_place_ways(portal.relative)
        self.time_ways = browsing.keep_time_ways(portal.relative)

    def collections(self, language: str) -> Response:
        """Show every way into the collections."""
        with self._portal.catalogue.snapshot() as connection:
            home = self._portal.home_reader.read(connection)
        return self._show("collections.html", "collections", home=home)

    def places(self, language: str) -> Response:
        """Show the map and the list of places."""
        with self._portal.catalogue.snapshot() as connection:
            places, ways = self.places_reader(connection), self.place_ways(connection)
        near = draw_map(places, whole=False)
        return self._show("places.html", "places", places=places, ways=ways, map=draw_map(places), near=near)

    def place(self, language: str, slug: str) -> Response:
        """Show the documents of a place."""
        number = self._portal.page_number()
        with self._portal.catalogue.snapshot() as connection:
            shown = browsing.read_place(connection, self._portal.relative, slug, number)
        return self._show("place.html", f"places/{slug}", number, shown=shown, map=draw_map([shown.place]))

    def time(self, language: str) -> Response:
        """Show the timeline."""
        with self._portal.catalogue.snapshot() as connection:
            bars, ways = self.timeline_reader(connection), self.time_ways(connection)
        return self._show("time.html", "time", bars=bars, ways=ways)

    def years(self, language: str, years: str) -> Response:
        """Show the documents of a stretch of years."""
        found = _YEARS.match(years)
        if found is None:
            raise Unknown(f"{years[:40]} is no stretch of years; it is written 1900-1909")
        number = self._portal.page_number()
        with self._portal.catalogue.snapshot() as connection:
            bars = self.timeline_reader(connection)
            shown = browsing.read_time(connection, self._portal.relative, int(found[1]), int(found[2]), number)
        return self._show("years.html", f"time/{years}", number, shown=shown, bars=bars)

    def institutions(self, language: str) -> Response:
        """Show who holds the documents."""
        with self._portal.catalogue.snapshot() as connection:
            home = self._portal.home_reader.read(connection)
            counts = {shelf.collection.name: shelf for shelf in home.shelves["institution"]}
            holders = browsing.read_holders(
                connection,
                {
                    name.removeprefix(collection_name("institution", "")): shelf.collection.members
                    for name, shelf in counts.items()
                },
            )
        return self._show("institutions.html", "institutions", holders=holders, shelves=counts)

    def _show(self, template: str, path: str, number: int = 1, **values: object) -> Response:
        suffix = f"?page={number}" if number > 1 else ""
        alternates = {each: f"/{each}/{path}{suffix}" for each in LANGUAGES}
        return self._portal.page(template, alternates, here=f"/{g.language}/{path}", **values)


def add_browsing(blueprint: Blueprint, browse: Browse) -> None:
    """Give the pages their addresses."""
    language = "/<any(fr, en):language>"
    for rule, view in (
        ("/collections", browse.collections),
        ("/places", browse.places),
        ("/places/<slug>", browse.place),
        ("/time", browse.time),
        ("/time/<years>", browse.years),
        ("/institutions", browse.institutions),
    ):
        blueprint.add_url_rule(language + rule, f"{view.__name__}:{rule}", view, methods=["GET"])
