from dataclasses import replace

from server.model.description import Date, Place
from server.model.item import Item
from server.model.traits import PLACE, YEAR, Trait, list_traits
from tests.support.publications import make_postcard


def described(**changes: object) -> Item:
    item = make_postcard()
    return replace(item, description=replace(item.description, **changes))  # type: ignore[arg-type]


def test_a_postcard_has_a_place_and_a_year() -> None:
    assert list_traits(make_postcard()) == (
        Trait(PLACE, "lille-nord", "Lille (Nord)", 50.6365, 3.0635),
        Trait(YEAR, "1908", "1908"),
    )


def test_a_place_is_named_once_and_only_in_letters() -> None:
    places = (Place("Lille (Nord)"), Place("LILLE – Nord", 50.6, 3.0), Place("  ?  "))
    assert [trait.value for trait in list_traits(described(places=places, dates=()))] == ["lille-nord"]


def test_a_place_that_is_nowhere_on_earth_has_no_coordinates() -> None:
    (trait,) = list_traits(described(places=(Place("Ailleurs", 500.0, 3.0),), dates=()))
    assert (trait.latitude, trait.longitude) == (None, None)


def test_the_year_is_the_first_that_is_known() -> None:
    dates = (Date("", "s.d."), Date("17XX"), Date("1842"))
    assert [trait.value for trait in list_traits(described(places=(), dates=dates))] == ["1700"]
    assert list_traits(described(places=(), dates=(Date("", "s.d."),))) == ()
