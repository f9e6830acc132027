"""What the accessibility statement claims of every page, and no rule of axe-core asks: see `server/portal/rgaa.toml`."""

import re
from pathlib import Path

import lxml.html
import pytest
from flask.testing import FlaskClient

PATHS = [
    "/", "/collections", "/collections/type-presse", "/collections/type-presse?page=x", "/places", "/time", "/institutions",
    "/search", "/search?q=nouvelles", "/search?q=zzzz", "/search?sort=x", "/about", "/help", "/help/iiif", "/help/harvest",
    "/legal", "/accessibility", "/oai", "/nothing", "/ark:/99999/v1bcdfg0", "/ark:/99999/v1hjkmn0/f1", "/ark:/99999/v1gone00",
    "/ark:/99999/v1hjkmn0/f1?q=nouvelles", "/mosaic/ark:/99999/v1hjkmn0",
]  # fmt: skip

Pages = dict[str, lxml.html.HtmlElement]


@pytest.fixture
def pages(client: FlaskClient) -> Pages:
    """Every kind of page in both languages, by address."""
    asked = (f"/{language}{path}" for language in ("fr", "en") for path in PATHS)
    return {path: lxml.html.document_fromstring(client.get(path, follow_redirects=True).text) for path in asked}


def test_pages_have_a_document_type(client: FlaskClient) -> None:
    for path in PATHS:
        assert client.get(f"/fr{path}", follow_redirects=True).text.startswith("<!doctype html>\n<html lang="), path


def test_pictures_beside_their_words_are_passed_over(pages: Pages) -> None:
    """RGAA 1.2: a thumbnail in a link with its title says nothing twice, and drawings say nothing."""
    seen = 0
    for path, page in pages.items():
        for picture in page.xpath("//a[normalize-space()]//img[not(ancestor::*[@id='stage'])]"):
            assert picture.get("alt") == "" or "iiif" in picture.get("src"), path
            seen += 1
        for drawing in page.xpath("//main//svg | //header//svg"):
            hidden = [drawing, *drawing.iterancestors()]
            assert any(each.get("aria-hidden") == "true" for each in hidden), path
    assert seen > 20


def test_tables_declare_their_headers(pages: Pages, shelf_of_a_year: Pages) -> None:
    """RGAA 5.6, 5.7: columns and rows have headers with their scope."""
    tables = 0
    for path, page in (pages | shelf_of_a_year).items():
        for table in page.xpath("//table"):
            tables += 1
            assert table.xpath(".//th[@scope='col'] | .//th[@scope='row']"), path
            assert all(each.get("scope") in ("col", "row") for each in table.iter("th")), path
    assert tables > 20


@pytest.fixture
def shelf_of_a_year(client: FlaskClient) -> Pages:
    """A year of a newspaper, which has a calendar where its issues have days."""
    found = re.search(r'href="(/fr/collections/titre-[^"]+)"', client.get("/fr/ark:/99999/v1hjkmn0").text)
    return {found[1]: lxml.html.document_fromstring(client.get(found[1]).text)} if found else {}


def test_groups_of_fields_have_a_legend(pages: Pages) -> None:
    for path, page in pages.items():
        groups = page.xpath("//fieldset")
        assert groups, path
        assert all(group.xpath("./legend[normalize-space()]") for group in groups), path
        assert all(field.xpath("ancestor::fieldset") for field in page.xpath("//input[@type='radio']")), path


def test_menu_and_search_are_in_the_same_place(pages: Pages) -> None:
    """RGAA 12.2, 12.5: the same menu with the same entries, and the same search, before the content of every page."""
    menus, searches = set(), set()
    for path, page in pages.items():
        (menu,) = page.xpath("//header[contains(@class, 'top')]/nav[contains(@class, 'ways')]")
        menus.add((path[:3], tuple(menu.xpath(".//a/@href"))))
        (search,) = page.xpath("//header[contains(@class, 'top')]/form[@role='search']")
        searches.add((path[:3], search.get("action")))
        assert [each.tag for each in page.xpath("/html/body/header | /html/body/main | /html/body/footer")] == [
            "header",
            "main",
            "footer",
        ], path
    assert len(menus) == len(searches) == 2


def test_no_page_opens_a_window(pages: Pages, client: FlaskClient) -> None:
    assert not [path for path, page in pages.items() if page.xpath("//*[@target]")]
    embedded = lxml.html.document_fromstring(client.get("/en/embed/ark:/99999/v1hjkmn0/f1").text)
    for link in embedded.xpath("//a[@target]"):
        assert "new window" in link.text_content()


def test_no_field_changes_the_page_by_itself(pages: Pages, repository: Path) -> None:
    """RGAA 7.4: a form is sent by its button, and no choice sends it."""
    for path, page in pages.items():
        assert all(form.xpath(".//button[@type='submit']") for form in page.iter("form")), path
        assert not page.xpath("//select"), path
    for script in (repository / "server/portal/static").glob("*.js"):
        assert ".submit(" not in script.read_text(encoding="utf-8"), script.name


def test_status_messages_have_their_role(pages: Pages) -> None:
    for language in ("fr", "en"):
        found = pages[f"/{language}/ark:/99999/v1hjkmn0/f1?q=nouvelles"]
        assert found.xpath("//section[@id='within']//p[@role='status' and normalize-space()]")
        assert found.xpath("//p[@id='share-said' and @role='status']")
        assert found.xpath("//figure[@id='reader']//p[@id='reader-said' and @role='status']")
