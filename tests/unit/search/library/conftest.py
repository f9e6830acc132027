"""A library of a few documents of all kinds, on both databases, published by the code that publishes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.model.description import Date, Person, Place, Subject, SubjectKind, Text, Title, Typology
from server.model.item import Campaign
from server.model.rights import Rights, RightsStatus
from server.search.library.find import Library as Search
from tests.support.finding import Finder, describe
from tests.support.publications import DOUAI, LILLE, make_newspaper, make_postcard, renamed
from tests.support.searching import make_item, open_library, set_page


@pytest.fixture
def finder(database_url: str) -> Iterator[Finder]:
    """An empty library."""
    library = open_library(database_url)
    yield Finder(library, Search())
    library.service.close()
    library.catalogue.close()


@pytest.fixture
def filled(finder: Finder) -> Finder:
    """Five documents: a postcard, a newspaper with text, a plan, a book with text, a letter without a date."""
    put = finder.library.put
    put(make_postcard("v1carte"), {})
    put(
        replace(make_item("v1echo", 2, "L’Écho du Nord"), institution=DOUAI),
        {
            1: set_page("Incendie à l’hôtel de ville", "la place était noire"),
            2: set_page("Cours des grains", "de la ville"),
        },
    )
    put(
        describe(
            renamed(make_newspaper("v1plan"), "v1plan", "Plan de l’hôtel de ville de Douai"),
            typology=Typology.MAPS, rights=Rights(RightsStatus.PUBLIC_DOMAIN, "x", "y"), dates=(Date("1790/1810"),),
            places=(Place("Douai (Nord)"),), languages=("fre", "lat"),
            people=(Person("Cayez, Edmond", "", "ctg"),), titles=(Title("Plan de l’hôtel de ville de Douai", "fr"),),
        ),
        {},
    )  # fmt: skip
    book = replace(
        make_item("v1livre", 1, "Œuvres complètes"),
        institution=LILLE,
        campaign=Campaign("2024-x", 2024, {"fr": "Lettres"}),
    )
    put(
        describe(
            book, typology=Typology.BOOKS, dates=(Date("1901"),), people=(Person("Desbordes-Valmore, Marceline", "1786-1859", "aut"),),
            places=(Place("Douai (Nord)"), Place("Lille (Nord)", 50.6, 3.0)),
            subjects=(Subject("Poésie"), Subject("Hugo, Victor", "", SubjectKind.PERSON)),
        ),
        {1: set_page("les roses de Saadi", "la ville de Douai")},
    )  # fmt: skip
    put(
        describe(
            renamed(make_postcard("v1lettre"), "v1lettre", "Lettre à ma tante"), typology=Typology.LETTERS,
            dates=(Date("", "sans date"),), abstracts=(Text("On y parle de l’incendie.", "fr"),), languages=("fre",),
        ),
        {},
    )  # fmt: skip
    return finder
