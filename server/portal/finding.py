"""What the search page shows: results as cards, facets with the addresses that choose them, suggestions. No flask here."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from server.catalogue.found import find_labels
from server.catalogue.published import PublishedCollection
from server.errors import Unknown
from server.iiif.build.collection import collection_name
from server.model.addresses import Addresses
from server.model.description import TYPOLOGY_LABELS, Date, Typology
from server.model.hits import Hit
from server.model.labels import language_label
from server.model.rights import RIGHTS_LABELS, RightsStatus
from server.model.spoken_dates import format_edtf
from server.portal.language import _, language_of, pick
from server.portal.notice import show_date
from server.portal.pictures import Picture, call_view, found_picture
from server.search.library.asked import ANYWHERE, FACET, WORDS, Asked, understand
from server.search.library.entry import WHOLE, YEAR
from server.search.library.find import PAGE_SIZE, Count, Document, Facet, Found, Library
from server.search.library.suggest import Suggestion, suggest
from server.search.shown import region_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

PATHS = {"fr": "recherche", "en": "search"}
"""The last part of the address of the search page, by language."""

_COLLECTIONS = (WHOLE, YEAR)
"""Facets whose values are names of collections."""

_NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}")
"""What the name of a collection consists of."""

_TYPES, _RIGHTS = frozenset(map(str, Typology)), frozenset(map(str, RightsStatus))


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet: `path` chooses it or, where it is chosen, leaves it out."""

    label: str
    language: str | None
    documents: int
    is_chosen: bool
    path: str


@dataclass(frozen=True, slots=True)
class FacetShown:
    """A facet with its values; `more` is the address that shows all of them, `chosen` how many are chosen."""

    name: str
    label: str
    values: tuple[Value, ...]
    more: str
    chosen: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the text of a document: `path` leads to it, `view` is what its view is called."""

    hit: Hit
    path: str
    view: str


@dataclass(frozen=True, slots=True)
class Result:
    """A document in the list. `path` leads to it, with all that is found in its text; `places` are the best of that.

    `more` says on how many views it is found where not all are among the places, empty otherwise.
    """

    path: str
    title: str
    language: str | None
    byline: str
    holder: str
    holder_language: str
    kind: str
    picture: Picture | None
    places: tuple[Place, ...]
    more: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that is asked for, in words, and the address of the question without it."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Within:
    """The newspaper, year, work or selection to which a question is limited: its collection, and what that is called."""

    name: str
    label: str
    language: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The search page. `suggestions` are labels, addresses and numbers of documents of questions that find something.

    `within` is empty unless the question is limited to one whole, or to one year of it.
    """

    asked: Asked
    found: Found | None
    results: tuple[Result, ...] = ()
    facets: tuple[FacetShown, ...] = ()
    choices: tuple[Choice, ...] = ()
    suggestions: tuple[tuple[str, str, int], ...] = ()
    within: Within | None = None

    @property
    def is_beyond(self) -> bool:
        """Whether the page that was asked for is behind the last one."""
        return self.found is not None and self.asked.page > self.found.pages


def search_page(language: str) -> str:
    """Return the address of the search, without a question."""
    return f"/{language}/{PATHS[language]}"


def search_path(language: str, asked: Asked) -> str:
    """Return the address of a question."""
    return search_page(language) + asked.query


def read_search(
    connection: "Connection", library: Library, addresses: Addresses, asked: Asked, language: str
) -> SearchPage:
    """Search, and return the page. Raises Unknown where the question is limited to a collection that there is not."""
    found, names = search_named(connection, library, asked)
    suggestions = suggest(library, connection, asked) if not found.total else ()
    return SearchPage(
        asked,
        found,
        tuple(_result(each, addresses, language) for each in found.documents),
        tuple(_facets(found, language, names)),
        tuple(_choices(asked, language, names)),
        tuple((_tell(each), search_path(language, each.asked), each.documents) for each in suggestions),
        _within(asked, language, names),
    )


def search_named(
    connection: "Connection", library: Library, asked: Asked, size: int = PAGE_SIZE
) -> tuple[Found, dict[str, dict[str, str]]]:
    """Search, and return what is found with the labels of the collections that facets name.

    Raises Unknown where the question is limited to a newspaper, year, work or selection that there is not.
    """
    found = library.search(connection, asked, size=size)
    wholes = [value for facet in _COLLECTIONS for value in asked.facets.get(facet, ())]
    # what cannot be a name is not asked for: PostgreSQL takes no NUL
    names = find_labels(connection, {each for each in (*wholes, *_named(found.facets)) if _NAME.fullmatch(each)})
    for name in wholes:
        if name not in names:
            raise Unknown(
                f"there is no newspaper, work or selection called {name[:80]!r}; its page has its name in its address"
            )
    return found, names


def facet_labels() -> dict[str, str]:
    """Return what the facets are called."""
    return {
        "type": _("Type de document"), "century": _("Siècle"), "place": _("Lieu"), "subject": _("Sujet"),
        "person": _("Personne"), WHOLE: _("Titre, ouvrage, sélection"), YEAR: _("Année du titre"), "institution": _("Institution"), "campaign": _("Campagne"), "language": _("Langue"),
        "rights": _("Droits"), "text": _("Texte"),
    }  # fmt: skip


def field_labels() -> dict[str, str]:
    """Return what the fields are called."""
    return {
        ANYWHERE: _("Partout"), "title": _("Titre"), "creator": _("Auteur, éditeur"), "subject": _("Sujet"),
        "place": _("Lieu"), "description": _("Description, cote"), "text": _("Texte des pages"),
    }  # fmt: skip


def order_labels() -> dict[str, str]:
    """Return what the orders are called."""
    return {
        "relevance": _("pertinence"), "date": _("plus anciens d’abord"), "-date": _("plus récents d’abord"),
        "new": _("mise en ligne"), "title": _("titre"),
    }  # fmt: skip


def label_value(
    facet: str, value: str, names: Mapping[str, Mapping[str, str]], language: str
) -> tuple[str, str | None]:
    """Return what a value is called, and in which language where that is not the page's."""
    labels: Mapping[str, str] | None = None
    if facet == "type" and value in _TYPES:
        labels = TYPOLOGY_LABELS[Typology(value)]
    elif facet == "rights" and value in _RIGHTS:
        labels = RIGHTS_LABELS[RightsStatus(value)]
    elif facet == "language":
        labels = language_label(value)
    elif facet == "century" and _is_number(value):
        return format_edtf(f"{int(value) - 1:02}XX", language), None
    elif facet == "text":
        return _("avec le texte"), None
    elif collection := collection_of(facet, value):
        labels = names.get(collection)
    if not labels:
        return value.replace(" -- ", " — "), None
    own = language_of(labels, language)
    return pick(labels, language), own if own != language else None


def collection_of(facet: str, value: str) -> str:
    """Return the name of the collection that a value of a facet stands for; empty where it stands for none."""
    if facet in _COLLECTIONS:
        return value
    return collection_name(facet, value) if facet in ("institution", "campaign") else ""


def limits_of(collection: PublishedCollection) -> list[tuple[str, str]]:
    """Return what limits a search to the issues of a newspaper or of a year of it, to the volumes of a work, to a selection.

    Nothing for other collections. A year is within its newspaper, which remains where the year is left out.
    """
    if collection.kind == "year":
        return [(FACET + WHOLE, collection.parent), (FACET + YEAR, collection.name)]
    return [(FACET + WHOLE, collection.name)] if collection.kind in {"title", "work", "curated"} else []


def place_of(name: str, hit: Hit, addresses: Addresses, within: str = "") -> str:
    """Return the address of the view and the box of a hit, without the language; with `within` its like is found too."""
    region = region_of(hit.marks)
    asking = _asking(within) + (f"&passage={hit.number}" if within else "")
    return addresses.view(name, hit.marks[0].number) + asking + (f"#xywh={region}" if region else "")


def _asking(within: str) -> str:
    return f"?{urlencode({'q': within})}" if within else ""


def _named(facets: Iterable[Facet]) -> Iterator[str]:
    """Yield the names of the collections that values stand for, and nothing for those that stand for none."""
    return (collection_of(facet.name, count.value) for facet in facets for count in facet.counts)


def _facets(found: Found, language: str, names: Mapping[str, Mapping[str, str]]) -> list[FacetShown]:
    labels, shown = facet_labels(), []
    for facet in found.facets:
        values = []
        for count in _arrange(facet, names, language):
            label, own = label_value(facet.name, count.value, names, language)
            path = search_path(language, found.asked.toggled(facet.name, count.value))
            values.append(Value(label, own, count.documents, count.is_chosen, path))
        if values:
            more = search_path(language, found.asked.at(1).opened(facet.name)) if facet.has_more else ""
            chosen = sum(value.is_chosen for value in values)
            shown.append(FacetShown(facet.name, labels[facet.name], tuple(values), more, chosen))
    return shown


def _arrange(facet: Facet, names: Mapping[str, Mapping[str, str]], language: str) -> Sequence[Count]:
    """Return the values of a facet in the order in which they are shown: times as they follow one another."""
    if facet.name == "century":
        return sorted(facet.counts, key=_century)
    if facet.name == YEAR:
        return sorted(facet.counts, key=lambda count: (pick(names.get(count.value, {}), language), count.value))
    return facet.counts


def _within(asked: Asked, language: str, names: Mapping[str, Mapping[str, str]]) -> Within | None:
    chosen = next((values for facet in reversed(_COLLECTIONS) if (values := asked.facets.get(facet))), ())
    if len(chosen) != 1:
        return None
    labels = names.get(chosen[0], {})
    return Within(chosen[0], pick(labels, language) or chosen[0], language_of(labels, language))


def _century(count: Count) -> int:
    return int(count.value) if _is_number(count.value) else 0


def _is_number(value: str) -> bool:
    """Whether a value that anybody may have written into an address is a century."""
    return value.isascii() and value.isdigit() and 1 <= len(value) <= 2


def _choices(asked: Asked, language: str, names: Mapping[str, Mapping[str, str]]) -> list[Choice]:
    fields, facets = field_labels(), facet_labels()
    chosen = []
    for name in WORDS:
        if words := asked.words.get(name):
            label = (
                _("« %(words)s »") % {"words": words}
                if name == ANYWHERE
                else _("%(field)s : %(words)s") % {"field": fields[name], "words": words}
            )
            chosen.append(Choice(label, search_path(language, asked.with_words(name, ""))))
    for facet, values in asked.facets.items():
        for value in values:
            label, _own = label_value(facet, value, names, language)
            said = (
                _("Dans : %(words)s") % {"words": label}
                if facet in _COLLECTIONS
                else _("%(field)s : %(words)s") % {"field": facets[facet], "words": label}
            )
            chosen.append(Choice(said, search_path(language, asked.toggled(facet, value))))
    if asked.years != (None, None):
        since, upto = asked.years
        label = _("Années : %(since)s – %(upto)s") % {
            "since": since if since is not None else "…",
            "upto": upto if upto is not None else "…",
        }
        chosen.append(Choice(label, search_path(language, asked.without_years())))
    return chosen


def _tell(suggestion: Suggestion) -> str:
    facets = facet_labels()
    tell: dict[str, Callable[[], str]] = {
        "spelling": lambda: _("« %(words)s »") % {"words": suggestion.what},
        "facet": lambda: _("Sans le filtre « %(facet)s »") % {"facet": facets[suggestion.what]},
        "years": lambda: _("Sans limite d’années"),
        "words": lambda: _("Sans « %(words)s »") % {"words": suggestion.what},
    }
    return tell[suggestion.kind]()


def _result(document: Document, addresses: Addresses, language: str) -> Result:
    shown = document.shown
    dated = shown.get("date")
    byline = [*shown["makers"][:3]]
    if dated and (words := show_date(Date(dated[0], dated[1]), language)):
        byline.append(words)
    path = f"/{language}{addresses.ark(document.name)}"
    if document.hits:
        path += _asking(document.within)
    holder = shown["holder"]
    return Result(
        path, shown["title"], shown["language"], " · ".join(byline), pick(holder, language),
        language_of(holder, language), pick(TYPOLOGY_LABELS[Typology(shown["type"])], language),
        found_picture(shown, addresses), tuple(_places(document, addresses, language)), _tell_more(document),
    )  # fmt: skip


def _places(document: Document, addresses: Addresses, language: str) -> Iterator[Place]:
    labels = document.shown.get("labels", {})
    for hit in document.hits:
        number = hit.marks[0].number
        path = f"/{language}{place_of(document.name, hit, addresses, document.within)}"
        yield Place(hit, path, call_view(number, labels.get(str(number), ""), labels.values(), language))


def _tell_more(document: Document) -> str:
    if not document.has_more:
        return ""
    if document.met_views is None:
        return _("et sur d’autres pages de ce document")
    return _("sur %(views)s pages de ce document") % {"views": document.met_views}


def ask_nothing() -> Asked:
    """Return the question for everything."""
    return understand(())
