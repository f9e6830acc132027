"""The pairs that a viewer shows beside the images."""

from dataclasses import replace
from typing import Any

from server.iiif.build.metadata import build_metadata
from server.model.description import Date, DateKind
from tests.support.publications import make_postcard


def pairs(**changes: Any) -> dict[str, Any]:
    item = make_postcard()
    changed = replace(item, description=replace(item.description, **changes))
    return {pair["label"]["fr"][0]: pair["value"] for pair in build_metadata(changed)}


def test_a_place_is_no_publisher() -> None:
    alone = pairs(publisher="", publication_place="Armentières")
    assert "Éditeur" not in alone
    assert alone["Lieu de publication"] == {"none": ["Armentières"]}
    both = pairs(publisher="V. Dubrulle", publication_place="Lille")
    assert (both["Éditeur"], both["Lieu de publication"]) == ({"none": ["V. Dubrulle"]}, {"none": ["Lille"]})


def test_what_was_never_published_was_made_somewhere() -> None:
    found = pairs(publication_place="Armentières", dates=(Date("1768/1771", "1768-1771", DateKind.CREATED),))
    assert found["Lieu de création"] == {"none": ["Armentières"]}
    assert found["Date de création"] == {"none": ["1768-1771"]}
    assert not {"Lieu de publication", "Date de publication", "Éditeur"} & set(found)


def test_the_name_of_a_category_is_no_genre() -> None:
    assert "Genre" not in pairs(genre="livres-imprimes")
    assert pairs(genre="recueil de fables")["Genre"] == {"none": ["recueil de fables"]}
