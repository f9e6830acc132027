"""Mirador 4, served by us, opens what we publish (Presentation API 3.0, Image API 3.0, Content State API 1.0)."""

import base64
import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.seen import (
    PAINTED,
    Shown,
    assert_clean_but_for_mirador,
    assert_painted,
    list_documents,
    painted,
    tiles,
)
from tests.support.browser import Watched, watched_page
from tests.support.demo import Demo

WINDOW = ".mirador-window"


@pytest.fixture(scope="module")
def documents(demo: Demo) -> list[Shown]:
    return list_documents(demo.url)


def test_mirador_opens_every_manifest(demo: Demo, browser: Browser, documents: list[Shown]) -> None:
    for document in documents:
        with watched_page(browser) as watched:
            watched.page.goto(f"{demo.url}/fr/viewer?iiif-content={quote(document.manifest, safe='')}")
            window = watched.page.locator(".mirador-window")
            expect(window).to_contain_text(document.title)
            expect(window).to_contain_text(re.compile(rf"\d+ sur {document.canvases} "))
            assert_painted(watched, WINDOW, document.name)
            watched.page.wait_for_load_state("networkidle")
            assert_clean_but_for_mirador(watched)


def test_mirador_opens_version_2_and_takes_the_pictures_of_image_api_2(
    demo: Demo, browser: Browser, documents: list[Shown]
) -> None:
    chosen = [each for each in documents if each.title.startswith(("Plan ", "Exposition "))]
    assert chosen
    for document in chosen:
        manifest = document.manifest.replace("/presentation/3/", "/presentation/2/")
        with watched_page(browser) as watched:
            watched.page.goto(f"{demo.url}/fr/viewer?iiif-content={quote(manifest, safe='')}")
            window = watched.page.locator(WINDOW)
            expect(window).to_contain_text(document.title)
            expect(window).to_contain_text(re.compile(rf"\d+ sur {document.canvases} "))
            assert_painted(watched, WINDOW, document.name)
            watched.page.wait_for_load_state("networkidle")
            asked = [url for _, url in watched.responses if f"/{document.name}" in url]
            assert manifest in asked
            assert not [url for url in asked if "/iiif/image/3/" in url or "/iiif/presentation/3/" in url]
            assert_clean_but_for_mirador(watched)


def test_a_window_without_tiles_does_not_pass_for_painted(
    demo: Demo, browser_page: Watched, documents: list[Shown]
) -> None:
    document = documents[0]
    browser_page.page.route("**/info.json", lambda route: route.abort())
    browser_page.page.goto(f"{demo.url}/fr/viewer?iiif-content={quote(document.manifest, safe='')}")
    expect(browser_page.page.locator(WINDOW)).to_contain_text(document.title)
    browser_page.page.wait_for_load_state("networkidle")
    assert not tiles(browser_page, document.name)
    assert painted(browser_page, WINDOW) < PAINTED
    with pytest.raises(AssertionError, match="colours"):
        assert_painted(browser_page, WINDOW, document.name, seconds=0.5)


def test_a_content_state_opens_at_its_canvas(demo: Demo, browser_page: Watched, documents: list[Shown]) -> None:
    document = next(each for each in documents if each.canvases == 4)  # an issue: its views are all public
    base = document.manifest.removesuffix("/manifest")
    state = {
        "id": f"{base}/canvas/f3",
        "type": "Canvas",
        "partOf": [{"id": document.manifest, "type": "Manifest"}],
    }
    encoded = base64.urlsafe_b64encode(quote(json.dumps(state), safe="").encode()).decode().rstrip("=")
    browser_page.page.goto(f"{demo.url}/en/viewer?iiif-content={encoded}")
    expect(browser_page.page.locator(".mirador-window")).to_contain_text(f"3 of {document.canvases}")
    assert_painted(browser_page, WINDOW, f"{document.name}.f3")
    browser_page.page.wait_for_load_state("networkidle")
    assert_clean_but_for_mirador(browser_page)


def test_the_whole_region_of_a_content_state_is_seen(demo: Demo, browser_page: Watched, documents: list[Shown]) -> None:
    document = next(each for each in documents if each.title.startswith("Plan "))
    left, top, width, height = 8000, 200, 2600, 2200
    state = {
        "id": f"{document.manifest.removesuffix('/manifest')}/canvas/f1#xywh={left},{top},{width},{height}",
        "type": "Canvas",
        "partOf": [{"id": document.manifest, "type": "Manifest"}],
    }

    def covers(url: str, x: int, y: int) -> bool:
        found = re.search(r"/(\d+),(\d+),(\d+),(\d+)/(\d+),", url)
        if not found:
            return False
        tile_x, tile_y, across, down, drawn = (int(number) for number in found.groups())
        return across / drawn < 5 and tile_x <= x < tile_x + across and tile_y <= y < tile_y + down

    page = browser_page.page
    with (
        page.expect_response(lambda response: covers(response.url, left, top)),
        page.expect_response(lambda response: covers(response.url, left + width, top + height)),
    ):
        page.goto(f"{demo.url}/fr/viewer?iiif-content={quote(json.dumps(state), safe='')}")
    assert_painted(browser_page, WINDOW, document.name)
    page.wait_for_load_state("networkidle")
    assert_clean_but_for_mirador(browser_page)


def test_without_a_document_our_collection_is_there_to_choose_from(demo: Demo, browser_page: Watched) -> None:
    browser_page.page.goto(f"{demo.url}/en/viewer")
    expect(browser_page.page.locator("#mirador")).to_contain_text("Vitrine")
    browser_page.page.wait_for_load_state("networkidle")
    assert (200, f"{demo.url}/iiif/presentation/3/collection/top") in browser_page.responses
    assert_clean_but_for_mirador(browser_page)
