"""What a reader asks the library for: words in all or some fields, values of facets, years, an order, a page. Pure.

Values chosen of one facet are alternatives; facets, years and words must all be met.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from server.errors import BadRequest
from server.search.library.entry import FACETS, FIELDS, NOTICE, TEXT
from server.search.query import MOST_CHARACTERS, MOST_WORDS, Clause, join_asked, parse_query

ANYWHERE = "q"
WORDS = (ANYWHERE, *FIELDS, "text")
"""Parameters that hold words: of everything, of a field of the notice, of the text of the views."""

FACET = "f."
"""Begins the parameters that choose values of facets."""

ORDERS = ("relevance", "date", "-date", "new", "title")
MOST_VALUES = 40
MOST_PAGE = 1_000_000
LETTERS = {ANYWHERE: "", "text": TEXT} | FIELDS
"""What of the index a parameter looks into; the empty letter is the notice and the text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, understood. `years` are the first and the last, None where it is open; pages are counted from 1."""

    words: Mapping[str, str] = field(default_factory=dict)
    clauses: Mapping[str, tuple[Clause, ...]] = field(default_factory=dict)
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    years: tuple[int | None, int | None] = (None, None)
    order: str = ""
    page: int = 1
    whole: str = ""
    """The facet of which all values are asked for."""

    @property
    def has_words(self) -> bool:
        """Whether any word is asked for."""
        return any(self.clauses.values())

    @property
    def sort(self) -> str:
        """The order of the results: without words none is more relevant, and the newest come first."""
        return self.order or ("relevance" if self.has_words else "new")

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The parameters of the address that asks this: always the same for the same question."""
        found = [(name, self.words[name]) for name in WORDS if self.words.get(name)]
        found += [(FACET + facet, value) for facet in FACETS for value in sorted(self.facets.get(facet, ()))]
        found += [(name, str(year)) for name, year in zip(("from", "to"), self.years, strict=True) if year is not None]
        if self.order:
            found.append(("sort", self.order))
        if self.whole:
            found.append(("all", self.whole))
        if self.page > 1:
            found.append(("page", str(self.page)))
        return found

    @property
    def query(self) -> str:
        """The query string of its address, with its question mark; empty where everything is asked for."""
        encoded = urlencode(self.parameters)
        return f"?{encoded}" if encoded else ""

    def at(self, page: int) -> "Asked":
        """Return the question for another page."""
        return replace(self, page=page)

    def sorted_by(self, order: str) -> "Asked":
        """Return the question in another order, from the first page on."""
        return replace(self, order=order, page=1)

    def toggled(self, facet: str, value: str) -> "Asked":
        """Return the question with a value of a facet chosen, or no more chosen, from the first page on."""
        chosen = self.facets.get(facet, ())
        kept = tuple(each for each in chosen if each != value) if value in chosen else (*chosen, value)
        return replace(self, facets={**self.facets, facet: kept}, page=1, whole="")

    def without(self, facet: str) -> "Asked":
        """Return the question without what was chosen of a facet."""
        return replace(self, facets={key: each for key, each in self.facets.items() if key != facet}, page=1, whole="")

    def with_words(self, name: str, words: str) -> "Asked":
        """Return the question with other words."""
        return understand([*(each for each in self.at(1).parameters if each[0] != name), (name, words)])

    def without_years(self) -> "Asked":
        """Return the question for all years."""
        return replace(self, years=(None, None), page=1)

    def opened(self, facet: str) -> "Asked":
        """Return the question with all values of a facet shown."""
        return replace(self, whole=facet)


def understand(parameters: Iterable[tuple[str, str]]) -> Asked:
    """Return what the parameters of an address ask for. Raises BadRequest with a sentence.

    Parameters that are none of ours ask for nothing: links are sent around with marks of all kinds.
    """
    words: dict[str, list[str]] = {}
    facets: dict[str, list[str]] = {}
    plain: dict[str, str] = {}
    for name, value in parameters:
        if name in WORDS:
            if value.strip():
                words.setdefault(name, []).append(value)
        elif name.startswith(FACET):
            facet = name.removeprefix(FACET)
            if facet not in FACETS:
                raise BadRequest(f"there is no facet {facet[:40]!r}; facets are {', '.join(FACETS)}")
            if value and value not in facets.setdefault(facet, []):
                facets[facet].append(value[:500])
        elif value:
            plain[name] = value
    if sum(map(len, facets.values())) > MOST_VALUES:
        raise BadRequest(f"more than {MOST_VALUES} values of facets are chosen; choose fewer")
    kept = {name: " ".join(join_asked(values).split()) for name, values in words.items()}
    order, whole = plain.get("sort", ""), plain.get("all", "")
    if order and order not in ORDERS:
        raise BadRequest(f"sort={order[:40]!r} is no order; sort by {', '.join(ORDERS)}")
    if whole and whole not in FACETS:
        raise BadRequest(f"there is no facet {whole[:40]!r}; facets are {', '.join(FACETS)}")
    clauses = {name: _clauses(name, value) for name, value in kept.items()}
    if sum(len(clause.words) for each in clauses.values() for clause in each) > MOST_WORDS:
        raise BadRequest(f"more than {MOST_WORDS} words are asked for; ask for fewer")
    years = (_number(plain, "from", 9999), _number(plain, "to", 9999))
    return Asked(
        kept, clauses, {facet: tuple(sorted(facets[facet])) for facet in FACETS if facets.get(facet)}, years, order,
        _number(plain, "page", MOST_PAGE, least=1) or 1, whole,
    )  # fmt: skip


def letters_of(name: str) -> Sequence[str]:
    """Return the letters of the index that a parameter looks into."""
    return (LETTERS[name],) if LETTERS[name] else (NOTICE, TEXT)


def _clauses(name: str, value: str) -> tuple[Clause, ...]:
    if len(value) > MOST_CHARACTERS:
        raise BadRequest(f"{name} has {len(value)} characters; ask for {MOST_CHARACTERS} at most")
    return parse_query(value).clauses


def _number(plain: Mapping[str, str], name: str, most: int, least: int = 0) -> int | None:
    value = plain.get(name, "").strip()
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 9 or not least <= int(value) <= most:
        raise BadRequest(f"{name}={value[:20]!r} is no number from {least} to {most}; write {name} in digits")
    return int(value)
