"""Asking the search of the library in tests: questions written short, answers as names and counts."""

from dataclasses import dataclass, replace

from server.model.item import Item
from server.search.library.asked import Asked, understand
from server.search.library.find import Found
from server.search.library.find import Library as Search
from tests.support.searching import Library


@dataclass
class Finder:
    """A library and its search."""

    library: Library
    search: Search

    def find(self, query: str = "", **more: str) -> Found:
        """Search for words and, by their parameters, for more."""
        asked = ask(query, **more)
        with self.library.catalogue.snapshot() as connection:
            return self.search.search(connection, asked)

    def names(self, query: str = "", **more: str) -> list[str]:
        """Return the names of what is found, in order."""
        return [each.name for each in self.find(query, **more).documents]

    def counts(self, facet: str, query: str = "", **more: str) -> dict[str, int]:
        """Return the counts of a facet."""
        found = next(each for each in self.find(query, **more).facets if each.name == facet)
        return {count.value: count.documents for count in found.counts}


def ask(query: str = "", **more: str) -> Asked:
    """Return a question; `f_type` stands for `f.type`, and a bar parts values."""
    pairs = [("q", query)] if query else []
    for name, values in more.items():
        key = name.replace("f_", "f.").rstrip("_")
        pairs += [(key, value) for value in values.split("|")]
    return understand(pairs)


def describe(item: Item, **changes: object) -> Item:
    """Return an item described otherwise."""
    return replace(item, description=replace(item.description, **changes))  # type: ignore[arg-type]
