"""Works in several volumes, and what stands beside a document; on both databases."""

from collections.abc import Iterator
from dataclasses import replace

import lxml.html
import pytest
from flask.testing import FlaskClient

from server.catalogue.session import Catalogue
from server.errors import Unknown
from server.model.addresses import Addresses
from server.model.description import Date, Person, Typology, Whole, WholeKind
from server.model.item import Item
from server.model.structure import Range, Target
from server.portal import lists
from server.portal.works import find_beside, read_work
from tests.support.publications import Shelf, make_newspaper, renamed

ADDRESSES = Addresses("", "99999")
TITLES = {"1": "Des origines à 1667", "2": "La ville française", "10": "Tables"}


def make_volume(number: str, title: str) -> Item:
    """Return a volume of a history in three; its second chapter begins on a view that is not public."""
    item = renamed(make_newspaper(), f"v1hist{number}", title)
    chapters = (
        Range("chapter", "Les remparts", targets=(Target(2),), language="fr"),
        Range("chapter", "La mire", targets=(Target(5),)),
    )
    described = replace(
        item.description,
        typology=Typology.BOOKS,
        part_of=Whole("Histoire de Lille", "", number, WholeKind.MULTIVOLUME),
        people=(Person("Derode, Victor", "1797-1867", "aut"),),
        dates=(Date("1848"),),
    )
    return replace(item, description=described, structure=chapters)


def make_dated(name: str, day: str) -> Item:
    item = renamed(make_newspaper(), name, f"{day} L’Écho du Nord")
    whole = Whole("L’Écho du Nord", "1234-5678", "")
    return replace(item, description=replace(item.description, part_of=whole, dates=(Date(day),)))


def put_work(shelf: Shelf) -> str:
    """Publish the volumes out of order; return the name of their collection."""
    for number in ("10", "2", "1"):
        shelf.put(make_volume(number, TITLES[number]), texts={1: "LES NOUVELLES"})
    with shelf.catalogue.snapshot() as connection:
        (found,) = lists.read_group(connection, ADDRESSES, "ouvrages", 1).shelves
    return found.collection.name


@pytest.fixture
def empty(database_url: str) -> Iterator[Shelf]:
    """Nothing published, on both databases."""
    catalogue = Catalogue(database_url)
    shelf = Shelf(catalogue)
    shelf.prepare("http://vitrine.test")
    yield shelf
    catalogue.close()


def test_volumes_follow_their_numbers_with_dates_and_contents(empty: Shelf) -> None:
    name = put_work(empty)
    with empty.catalogue.snapshot() as connection:
        work = read_work(connection, ADDRESSES, name, 1)
        assert [volume.number for volume in work.volumes] == ["1", "2", "10"]
        assert [volume.views for volume in work.volumes] == [4, 4, 4]
        assert [(entry.label, entry.view) for entry in work.volumes[0].contents] == [
            ("Les remparts", 2),
            ("La mire", 0),
        ]
        assert not work.volumes[0].is_long
        assert work.makers == ("Derode, Victor",), "each is named once"
        assert work.volumes[0].card.picture.address
        with pytest.raises(Unknown, match="1 page"):
            read_work(connection, ADDRESSES, name, 2)


def test_what_stands_beside_a_document(empty: Shelf) -> None:
    put_work(empty)
    days = {"v1ddd": "1909-03-07", "v1bbb": "1909-03-08", "v1ccc": "1909-03-08", "v1aaa": "1909-03-10"}
    for name, day in days.items():
        empty.put(make_dated(name, day), texts={1: "LES NOUVELLES"})
    alone = renamed(make_newspaper(), "v1solo", "Seul")
    empty.put(alone, texts={1: "LES NOUVELLES"})

    def beside(item: Item) -> tuple[str | None, ...]:
        with empty.catalogue.snapshot() as connection:
            found = find_beside(connection, item)
        return (*(each.name if each else None for each in (found.before, found.behind)),) if found else ()

    assert beside(make_volume("1", "x")) == (None, "v1hist2")
    assert beside(make_volume("2", "x")) == ("v1hist1", "v1hist10")
    assert [beside(make_dated(name, day)) for name, day in days.items()] == [
        (None, "v1bbb"), ("v1ddd", "v1ccc"), ("v1bbb", "v1aaa"), ("v1ccc", None),
    ]  # fmt: skip
    assert beside(alone) == ()
    empty.withdraw("v1bbb", "")
    assert beside(make_dated("v1ddd", days["v1ddd"])) == (None, "v1ccc"), "what is withdrawn stands beside nothing"


@pytest.mark.parametrize(("language", "number"), [("fr", "Volume 2"), ("en", "Volume 2")])
def test_a_work_has_a_page_of_its_volumes(client: FlaskClient, shelf: Shelf, language: str, number: str) -> None:
    path = f"/{language}/collections/{put_work(shelf)}"
    page = lxml.html.document_fromstring(client.get(path).text)
    assert page.xpath("//h2/a/@href") == [f"/{language}/ark:/99999/v1hist{each}" for each in ("1", "2", "10")]
    assert len(page.xpath("//ol[contains(@class, 'volumes')]//img[@width and @height]")) == 3
    assert number in [each.text for each in page.xpath("//p[@class='volume-number']")]
    assert page.xpath("//div[@class='contents']//a/@href")[0] == f"/{language}/ark:/99999/v1hist1/f2"
    assert not page.xpath("//div[@class='contents']//a[text()='La mire']"), "what is not public is no link"
    assert len(page.xpath("//link[@rel='canonical']")) == 1
    volume = lxml.html.document_fromstring(client.get(f"/{language}/ark:/99999/v1hist2").text)
    (neighbours,) = volume.xpath("//nav[@class='beside']")
    assert neighbours.xpath("./a/@href") == [
        f"/{language}/ark:/99999/v1hist1", path, f"/{language}/ark:/99999/v1hist10"
    ]  # fmt: skip
    assert client.get(path + "?page=2").status_code == 404


def test_an_empty_work_says_so(client: FlaskClient, shelf: Shelf) -> None:
    name = put_work(shelf)
    for number in TITLES:
        shelf.withdraw(f"v1hist{number}", "")
    answer = client.get(f"/fr/collections/{name}")
    assert answer.status_code == 200
    assert "Aucun volume" in answer.text


def test_years_lead_to_the_years_beside_them(client: FlaskClient, shelf: Shelf) -> None:
    for name, day in (("v1a", "1907-01-02"), ("v1b", "1909-03-07"), ("v1c", "1910-05-01")):
        shelf.put(make_dated(name, day), texts={1: "LES NOUVELLES"})
    page = lxml.html.document_fromstring(client.get("/fr/collections/titre-1234-5678-1909").text)
    (pager,) = page.xpath("//nav[@aria-label='Années voisines']")
    assert [(each.get("rel"), each.text) for each in pager.xpath("./a")] == [("prev", "← 1907"), ("next", "1910 →")]
    months = page.xpath("//table[contains(@class, 'month')]")
    assert len(months) == 12
    headings = [each.text_content() for each in months[2].xpath("./thead//th[@scope='col']")]
    assert headings[0] == "llundi", "a letter for the eye, the name for the ear"
    assert len(headings) == 7
