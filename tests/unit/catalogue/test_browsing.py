from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from server.catalogue import browsing
from server.catalogue.session import Catalogue
from server.errors import Unknown
from server.model.description import Date, Whole
from server.model.traits import YEAR
from tests.support.publications import Shelf, make_newspaper, make_postcard, renamed


@pytest.fixture
def shelf(database_url: str) -> Iterator[Shelf]:
    catalogue = Catalogue(database_url)
    filled = Shelf(catalogue)
    filled.prepare("http://vitrine.test")
    filled.put(make_postcard())
    filled.put(renamed(make_postcard(), "v1bcdfg2", "Une autre carte"))
    filled.put(make_newspaper())
    yield filled
    catalogue.close()


def test_places_are_counted_and_forgotten_with_their_documents(shelf: Shelf) -> None:
    with shelf.catalogue.snapshot() as connection:
        (lille,) = browsing.list_places(connection)
        assert (lille.slug, lille.label, lille.documents) == ("lille-nord", "Lille (Nord)", 2)
        assert lille.latitude == pytest.approx(50.6365)
        assert browsing.find_place(connection, "lille-nord") == lille
        with pytest.raises(Unknown, match="arras"):
            browsing.find_place(connection, "arras")
    shelf.withdraw("v1bcdfg0", "")
    shelf.withdraw("v1bcdfg2", "")
    with shelf.catalogue.snapshot() as connection:
        assert browsing.list_places(connection) == []


def test_documents_are_found_by_year(shelf: Shelf) -> None:
    with shelf.catalogue.snapshot() as connection:
        assert browsing.count_years(connection) == {1848: 1, 1908: 2}
        assert browsing.count_between(connection, YEAR, "1848", "1907") == 1
        found = browsing.list_between(connection, YEAR, "1800", "1999")
        assert [each.item.name for each in found] == ["v1hjkmn0", "v1bcdfg0", "v1bcdfg2"]
        assert [each.item.name for each in browsing.list_between(connection, YEAR, "1800", "1999", 2, 5)] == [
            "v1bcdfg2"
        ]


def test_the_issues_of_a_year_have_their_days(shelf: Shelf) -> None:
    for name, edtf in (("v1bcdfg4", "1849-02-01"), ("v1bcdfg5", "1849")):
        item = renamed(make_newspaper(), name, "Nº 1")
        issue = replace(item.description, dates=(Date(edtf),), part_of=Whole("L’Écho du Nord", "1234-5678", "1"))
        shelf.put(replace(item, description=issue))
    with shelf.catalogue.snapshot() as connection:
        issues = browsing.list_issues(connection, "titre-1234-5678-1849")
        assert browsing.count_members(connection, "titre-1234-5678") == {"titre-1234-5678-1849": 2}
    assert browsing.Issue("v1bcdfg4", None) in issues  # the shelf sorts by title: no day is told
    assert browsing._day("1849-02-01 00000001") == date(1849, 2, 1)
    assert browsing._day("undated") is None


def test_holders_are_all_institutions(shelf: Shelf) -> None:
    with shelf.catalogue.snapshot() as connection:
        assert [holder.name for holder in browsing.list_holders(connection)] == ["bm-douai", "bm-lille"]
