from dataclasses import replace
from datetime import UTC, datetime

import pytest

from server.errors import Unknown, Withdrawn
from server.model.addresses import Addresses
from server.model.description import Whole
from server.portal import lists, pages, pictures
from tests.support.publications import Shelf, make_newspaper, make_postcard, make_view, renamed

ADDRESSES = Addresses("", "99999")


def test_the_home_page_is_kept_until_something_is_published(shelf: Shelf) -> None:
    reader = lists.HomeReader(ADDRESSES)
    with shelf.catalogue.snapshot() as connection:
        home = reader.read(connection)
        assert reader.read(connection) is home
    assert [card.name for card in home.newest] == ["v1hjkmn0", "v1bcdfg0"]
    assert home.featured is home.newest[1], "a picture welcomes rather than a page of text"
    assert (home.items, home.views) == (2, 6)
    assert [each.collection.name for each in home.shelves["typology"]] == ["type-cartes-postales", "type-presse"]
    shelf.put(renamed(make_postcard(), "v1fresh0", "Une carte nouvelle"))
    with shelf.catalogue.snapshot() as connection:
        assert reader.read(connection).newest[0].name == "v1fresh0"


def test_a_listing_has_pages(shelf: Shelf) -> None:
    for number in range(lists.PAGE_SIZE):
        shelf.put(renamed(make_postcard(), f"v1many{number:02}", f"Carte {number:02}"))
    with shelf.catalogue.snapshot() as connection:
        first = lists.read_listing(connection, ADDRESSES, "type-cartes-postales", 1)
        second = lists.read_listing(connection, ADDRESSES, "type-cartes-postales", 2)
        assert (first.pages, len(first.cards), len(second.cards)) == (2, lists.PAGE_SIZE, 1)
        assert not {card.name for card in first.cards} & {card.name for card in second.cards}
        with pytest.raises(Unknown, match="2 pages"):
            lists.read_listing(connection, ADDRESSES, "type-cartes-postales", 3)
        with pytest.raises(Unknown):
            lists.read_listing(connection, ADDRESSES, "no-such", 1)


def test_a_group_has_pages(shelf: Shelf) -> None:
    for number in range(lists.PAGE_SIZE + 1):
        item = renamed(make_newspaper(), f"v1many{number:02}", "Nº 1")
        issue = replace(item.description, part_of=Whole(f"Journal {number:02}", f"1234-{number:04}", "1"))
        shelf.put(replace(item, description=issue), texts={1: "LES NOUVELLES"})
    with shelf.catalogue.snapshot() as connection:
        found = [lists.read_group(connection, ADDRESSES, "titres", number) for number in (1, 2)]
        names = [each.collection.name for group in found for each in group.shelves]
        assert [len(group.shelves) for group in found] == [lists.PAGE_SIZE, 1]
        assert names == [f"titre-1234-{number:04}" for number in range(lists.PAGE_SIZE + 1)]
        with pytest.raises(Unknown, match="2 pages"):
            lists.read_group(connection, ADDRESSES, "titres", 3)
        with pytest.raises(Unknown, match="empty"):
            lists.read_group(connection, ADDRESSES, "ouvrages", 1)


def test_an_item_opens_at_its_face_or_at_a_view(shelf: Shelf) -> None:
    with shelf.catalogue.snapshot() as connection:
        page = pages.read_item(connection, ADDRESSES, "v1hjkmn0", None, "fr")
        assert (page.view.number, page.previous, page.next) == (1, None, 2)
        assert page.text == ("LES NOUVELLES", "de <Paris> & d’ailleurs")
        last = pages.read_item(connection, ADDRESSES, "v1hjkmn0", 4, "fr")
        assert (last.previous, last.next, last.text) == (3, None, ())
        with pytest.raises(Unknown, match="f5"):
            pages.read_item(connection, ADDRESSES, "v1hjkmn0", 5, "fr")  # the colour target
        with pytest.raises(Withdrawn, match="ayants droit") as refused:
            pages.read_item(connection, ADDRESSES, "v1gone00", None, "fr")
        assert refused.value.reason == "à la demande des ayants droit"


def test_contents_lead_to_public_views_only(shelf: Shelf) -> None:
    with shelf.catalogue.snapshot() as connection:
        page = pages.read_item(connection, ADDRESSES, "v1hjkmn0", None, "fr")
    (issue,) = page.contents
    assert page.entries == 4
    assert issue.view == 1, "a division without a target begins with its first part"
    assert [(entry.label, entry.view) for entry in issue.children] == [
        ("Nouvelles de Paris", 1),
        ("Cours des grains", 3),
        ("Mire de couleur", 0),
    ]


def test_the_reading_picture_is_a_stored_size_that_can_be_read() -> None:
    view = make_view("v1x", 1, (3600, 5000))
    picture = pictures.reading_picture(view, ADDRESSES)
    assert (picture.width, picture.height) == (900, 1250)
    assert picture.address == "/iiif/image/3/v1x.f1/full/900,1250/0/default.jpg"
    small = make_view("v1x", 1, (600, 400))
    assert pictures.reading_picture(small, ADDRESSES).address.endswith("/full/max/0/default.jpg")
    unknown = replace(view, sizes=())
    assert pictures.reading_picture(unknown, ADDRESSES).height == pictures.PLAIN_SIDE


def test_a_description_is_read_in_the_language_of_the_page() -> None:
    recto = make_postcard().views[0]
    english = pictures.describe(recto, "en")
    assert english is not None
    assert english.text.value.startswith("A square")
    assert pictures.describe(recto, "de") == recto.notes.descriptions[0]
    assert pictures.describe(make_newspaper().views[0], "fr") is None


@pytest.mark.parametrize(
    ("labels", "french"),
    [
        (("1", "2 bis", "xiv", "Table"), ("page 1", "page 2 bis", "page xiv", "Table")),
        (("Plat supérieur", "1r", "1 v", "2 bis"), ("Plat supérieur", "folio 1r", "folio 1 v", "folio 2 bis")),
        (("f. 7 recto", "page 3", "dépl."), ("f. 7 recto", "page 3", "dépl.")),
        (("", "  "), ("vue 1", "vue 2")),
    ],
)
def test_a_bare_number_says_what_it_counts(shelf: Shelf, labels: tuple[str, ...], french: tuple[str, ...]) -> None:
    views = tuple(make_view("v1names0", number, label=label) for number, label in enumerate(labels, 1))
    shelf.put(replace(renamed(make_postcard(), "v1names0", "Un document"), views=views))
    with shelf.catalogue.snapshot() as connection:
        page = pages.read_item(connection, ADDRESSES, "v1names0", None, "fr")
    assert tuple(page.name_view(view, "fr") for view in page.item.public_views) == french
    assert page.name_view(page.view, "en") == french[0].replace("vue", "view")


@pytest.mark.parametrize(
    ("labels", "french", "english"),
    [
        (("12", "13"), "pages 12 et 13", "pages 12 and 13"),
        (("page 1", "Page 2"), "page 1 et Page 2", "page 1 and Page 2"),
        (("page [1]", "page 2"), "pages [1] et 2", "pages [1] and 2"),
        (("1v", "2r"), "folios 1v et 2r", "folios 1v and 2r"),
        (("", ""), "vues 2 et 3", "views 2 and 3"),
        (("Frontispice", "1"), "Frontispice et page 1", "Frontispice and page 1"),
        (("", "xiv"), "vue 2 et page xiv", "view 2 and page xiv"),
        (("page de garde", "page de titre"), "page de garde et page de titre", "page de garde and page de titre"),
    ],
)
@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left"])
def test_facing_pages_are_named_together_in_the_order_in_which_they_are_read(
    labels: tuple[str, str], french: str, english: str, direction: str
) -> None:
    views = tuple(make_view("v1names0", number, label=label) for number, label in enumerate(("Plat", *labels), 1))
    item = replace(make_postcard(), views=views, paged=True, viewing_direction=direction)
    for here, other in (views[1:], views[:0:-1]):
        assert pictures.find_facing(item, here) == other
        assert pictures.name_pair(item, here, other, "fr") == french
        assert pictures.name_pair(item, here, other, "en") == english


@pytest.mark.parametrize(
    ("labels", "called", "number"),
    [
        (("", "Frontispice", "1", "2", "2 bis"), "1", 3),
        (("", "Frontispice", "1", "2", "2 bis"), "Page 2BIS", 5),
        (("", "Frontispice", "1", "2", "2 bis"), "p. 2", 4),
        (("", "Frontispice", "1", "2", "2 bis"), "vue 2", 2),
        (("", "Frontispice", "1", "2", "2 bis"), "view 2", 2),
        (("", "Frontispice", "1", "2", "2 bis"), " frontispice ", 2),
        (("", "Frontispice", "1", "2", "2 bis"), "5", 5),
        (("", "Frontispice", "1", "2", "2 bis"), "page 5", None),
        (("", "Frontispice", "1", "2", "2 bis"), "9", None),
        (("Plat", "1r", "1v", "2r°"), "f. 2", 4),
        (("Plat", "1r", "1v", "2r°"), "folio 1 v", 3),
        (("f. 7 recto", "f. 7 verso"), "7 verso", 2),
        (("page 3", "page 4"), "4", 2),
        (("", ""), "page", None),
    ],
)
def test_a_view_is_found_by_what_a_reader_calls_it(labels: tuple[str, ...], called: str, number: int | None) -> None:
    views = tuple(make_view("v1names0", number, label=label) for number, label in enumerate(labels, 1))
    found = pictures.find_called(replace(make_postcard(), views=views), called)
    assert (found.number if found else None) == number


def test_the_day_of_a_change_is_that_of_the_libraries_in_one_english(shelf: Shelf) -> None:
    with shelf.catalogue.snapshot() as connection:
        page = pages.read_item(connection, ADDRESSES, "v1bcdfg0", None, "en")
    late = replace(page, modified=datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
    assert late.day("en") == "22 November 2026"
    assert late.day("fr") == "22 novembre 2026"
