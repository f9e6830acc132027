from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient

from server.model.description import Date, DateKind, Person, Text
from server.model.rights import Rights, RightsStatus
from server.portal import notice
from tests.support.publications import make_newspaper, make_postcard


@pytest.fixture(autouse=True)
def _in_a_request(client: FlaskClient) -> object:
    """Texts of the pages are translated within a request."""
    with client.application.test_request_context("/en/"):
        client.application.preprocess_request()
        yield


def fields(name: str, language: str = "en") -> dict[str, tuple[notice.Value, ...]]:
    item = {"postcard": make_postcard, "newspaper": make_newspaper}[name]()
    return {field.label: field.values for field in notice.build_notice(item, language)}


def test_a_record_is_labelled_in_the_language_of_the_page() -> None:
    found = fields("postcard")
    assert found["Shelfmark"] == (notice.Value("CP 1204"),)
    assert found["Date of publication"] == (notice.Value("May 1908"),)
    assert found["Publisher"][0].text == "Cayez, Edmond (1861-1931)"
    assert found["Type of document"] == (notice.Value("Postcards", path="/en/collections/type-cartes-postales"),)
    assert found["Place"] == (
        notice.Value("Lille (Nord)", uri="https://www.geonames.org/2998324", path="/en/places/lille-nord"),
    )
    assert found["Subject"] == (notice.Value("Tramways — Lille", uri="https://data.bnf.fr/ark:/12148/cb11933650k"),)
    assert found["Digitisation campaign"] == (notice.Value("Towns and suburbs (2025)"),)


def test_a_value_in_another_language_says_so() -> None:
    assert fields("newspaper")["Parallel title"] == (notice.Value("Acta diurna septentrionalia", "la"),)
    assert fields("newspaper")["Language"] == (notice.Value("French"),)


def test_an_authority_is_a_link_only_where_it_is_on_the_web() -> None:
    item = make_postcard()
    bad = replace(item, description=replace(item.description, people=(Person("X", uri="javascript:alert(1)"),)))
    shown = {field.label: field.values for field in notice.build_notice(bad, "en")}
    assert shown["Person or body"] == (notice.Value("X"),)


def test_empty_lines_are_left_out() -> None:
    assert "Note" not in fields("postcard")
    assert all(field.values for field in notice.build_notice(make_newspaper(), "fr"))


def test_the_citation_names_holder_shelfmark_and_permalink() -> None:
    item = make_postcard()
    assert str(notice.cite(item, "fr", "http://v.test/ark:/99999/x", date(2026, 11, 28))) == (
        "Lille. – La Grand’Place. mai 1908. Bibliothèque municipale de Lille, CP 1204. [consulté le 28 novembre 2026]. "
        "Disponible à l’adresse : http://v.test/ark:/99999/x"
    )
    assert str(notice.cite(item, "en", "http://v.test/ark:/99999/x", date(2026, 12, 1))).endswith(
        ", CP 1204. [viewed 1 December 2026]. Available from: http://v.test/ark:/99999/x"
    )
    assert "[consulté le 1er décembre 2026]" in str(notice.cite(item, "fr", "P", date(2026, 12, 1)))
    described = replace(item.description, people=(Person("Sand, George", role="aut"),), dates=(Date("", "s. d."),))
    cited = notice.cite(replace(item, description=described), "fr", "P", date(2026, 11, 28))
    assert cited.source.startswith("Sand, George. Lille. – La Grand’Place")


def test_rights_lead_to_their_terms() -> None:
    item = make_postcard()
    assert notice.rights_uri(item) == "http://creativecommons.org/publicdomain/mark/1.0/"
    assert "etalab" in notice.rights_uri(make_newspaper())
    closed = replace(item, description=replace(item.description, rights=Rights(RightsStatus.RESTRICTED)))
    assert notice.rights_uri(closed) == ""


def test_the_abstract_in_the_reader_s_language_is_enough() -> None:
    french, english = Text("Un plan.", "fr"), Text("A plan.", "en")
    described = replace(make_postcard().description, abstracts=(french, english))
    assert notice.abstracts(described, "en") == (english,)
    assert notice.abstracts(replace(described, abstracts=(french,)), "en") == (french,)


def test_a_date_is_the_librarian_s_in_french_and_in_words_elsewhere() -> None:
    date = Date("1909-03-09", "mardi 9 mars 1909")
    assert notice.show_date(date, "fr") == "mardi 9 mars 1909"
    assert notice.show_date(date, "en") == "9 March 1909"
    assert notice.show_date(Date("", "s. d."), "en") == "s. d."


def test_a_place_is_no_publisher() -> None:
    item = make_postcard()
    described = replace(item.description, publisher="", publication_place="Armentières")
    shown = {field.label: field.values for field in notice.build_notice(replace(item, description=described), "en")}
    assert "Publisher" not in {label for label, values in shown.items() if values[0].text == "Armentières"}
    assert shown["Place of publication"] == (notice.Value("Armentières"),)
    written = replace(described, dates=(Date("1768/1771", "", DateKind.CREATED),))
    shown = {field.label: field.values for field in notice.build_notice(replace(item, description=written), "fr")}
    assert shown["Lieu de création"] == (notice.Value("Armentières"),)


@pytest.mark.parametrize("slug", ["presse", "livres-imprimes", "Archives"])
def test_the_name_of_a_category_is_no_genre(slug: str) -> None:
    item = make_postcard()
    for genre, expected in ((slug, None), ("carte postale", (notice.Value("carte postale"),))):
        described = replace(item.description, genre=genre)
        shown = {field.label: field.values for field in notice.build_notice(replace(item, description=described), "en")}
        assert shown.get("Genre") == expected
