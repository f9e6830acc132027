"""The OAI-PMH repositories in a real browser: readable at every width, and the XML one click away."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Watched, watched_page
from tests.support.demo import Demo

WIDTHS = [360, 1440]
REPOSITORIES = ("", "/gallica", "/armarium", "/asuivre", "/europeana")


@pytest.fixture(params=WIDTHS)
def sized(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Watched]:
    """A watched page of a telephone, then of a large screen."""
    with watched_page(browser, width=request.param, height=840) as page:
        yield page


def assert_fits(watched: Watched) -> None:
    """Fail where a reader would have to scroll sideways."""
    wide, window = watched.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window, watched.page.url


def test_from_the_front_page_to_a_record_and_its_xml(demo: Demo, sized: Watched) -> None:
    page = sized.page
    for repository in REPOSITORIES:
        page.goto(f"{demo.url}/oai{repository}")
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        assert_fits(sized)
        for prefix in page.locator("main section:has(h2:text-is('Formats')) dt code").all_inner_texts():
            page.goto(f"{demo.url}/fr/oai{repository}?verb=ListRecords&metadataPrefix={prefix}")
            assert_fits(sized)
            assert not [each for each in page.locator(".record-title").all_inner_texts() if each.startswith("oai:")]
            title = page.locator(".record-title a").first.inner_text()
            page.locator(".record-title a").first.click()
            expect(page.locator("h1")).to_have_text(title)
            assert page.locator(".tree dt").count() > 10
            assert_fits(sized)
            address = page.get_by_role("link", name="Voir le XML").get_attribute("href")
            told = page.request.get(f"{demo.url}{address}")
            assert told.headers["content-type"] == "text/xml; charset=utf-8"
            assert f'metadataPrefix="{prefix}"' in told.text()
    sized.assert_clean()


def test_errors_lead_on_and_languages_keep_the_request(demo: Demo, sized: Watched) -> None:
    page = sized.page
    page.goto(f"{demo.url}/oai/gallica?verb=ListRecords&metadataPrefix=oai_dc&from=2020-1-1")
    expect(page.locator("h1")).to_have_text("La demande est incomplète ou mal formée")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("The request is incomplete or malformed")
    assert "2020-1-1" in page.locator("main").inner_text()
    assert_fits(sized)
    page.get_by_role("link", name="All records").click()
    assert page.locator(".record-title").count() > 3
    sized.assert_clean()
