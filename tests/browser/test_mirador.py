"""Mirador 4, served by us, opens what we publish (Presentation API 3.0, Image API 3.0, Content State API 1.0)."""

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.seen import (
    PAINTED,
    Shown,
    assert_clean_but_for_mirador,
    assert_painted,
    list_documents,
    painted,
    read_json,
    tiles,
)
from tests.support.browser import Watched, watched_page
from tests.support.demo import Demo

WINDOW = ".mirador-window"

LABELS = {
    "fr": {
        "sidebar": "Afficher le menu latéral", "index": "Index", "search": "Rechercher", "words": "Chercher un mot",
        "of": "sur", "reset": "Réinitialiser le zoom",
    },
    "en": {
        "sidebar": "Toggle sidebar", "index": "Index", "search": "Search", "words": "search terms",
        "of": "of", "reset": "Reset zoom",
    },
}  # fmt: skip
"""What Mirador calls its controls, by the language of the page."""

IN_BOTH = pytest.mark.parametrize(("version", "language"), [(3, "fr"), (2, "en")])

_HIGHLIGHT = """
    async ([left, top, across, down, wide, high, milliseconds]) => {
        const overlay = [...document.querySelectorAll(".mirador-window .openseadragon-canvas > div > canvas")]
            .find((canvas) => canvas.parentElement.style.width === "100%" && canvas.parentElement.hasAttribute("height"));
        const seen = () => {
            const { width, height } = overlay;
            const { data } = overlay.getContext("2d").getImageData(0, 0, width, height);
            let [west, north, east, south] = [width, height, 0, 0];
            for (let at = 0; at < data.length; at += 4) {
                // yellow, half transparent: what Mirador lays over the hit that is chosen
                if (data[at + 3] < 20 || data[at] < 200 || data[at + 1] < 200 || data[at + 2] > 80) continue;
                const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
                [west, north, east, south] = [Math.min(west, x), Math.min(north, y), Math.max(east, x + 1), Math.max(south, y + 1)];
            }
            return [west, north, east, south];
        };
        const wanted = () => {
            const scale = Math.min(overlay.width / wide, overlay.height / high);
            const [x, y] = [(overlay.width - wide * scale) / 2, (overlay.height - high * scale) / 2];
            return [x + left * scale, y + top * scale, x + (left + across) * scale, y + (top + down) * scale];
        };
        const isThere = () => seen().every((edge, side) => Math.abs(edge - wanted()[side]) <= 2);
        const end = performance.now() + milliseconds;
        while (!isThere() && performance.now() < end) await new Promise(requestAnimationFrame);
        return [isThere(), seen(), wanted()];
    }
"""
"""Whether the hit that is chosen is coloured at its box, with the whole canvas of the document in sight: to two pixels."""


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


@pytest.fixture(scope="module")
def issue(documents: list[Shown]) -> Shown:
    """An issue of a newspaper: four pages, with text and contents."""
    return next(each for each in documents if each.canvases == 4)


@IN_BOTH
def test_the_table_of_contents_leads_to_the_pages(
    demo: Demo, browser_page: Watched, issue: Shown, version: int, language: str
) -> None:
    labels = LABELS[language]
    window = _open(demo, browser_page, issue, version, language)
    window.get_by_label(labels["index"]).click()
    last = f"{issue.manifest.removesuffix('/manifest')}/canvas/f4"
    *branches, leaf = _way_to(read_json(issue.manifest)["structures"], last)
    entries = window.get_by_role("treeitem")
    for branch in branches:
        entry = entries.filter(has_text=branch).first
        if entry.get_attribute("aria-expanded") == "false":
            entry.get_by_text(branch, exact=True).click()
    entries.get_by_text(leaf, exact=True).click()
    expect(window).to_contain_text(f"4 {labels['of']} 4")
    assert_painted(browser_page, WINDOW, f"{issue.name}.f4")
    browser_page.page.wait_for_load_state("networkidle")
    assert_clean_but_for_mirador(browser_page)


@IN_BOTH
def test_a_word_is_found_and_its_place_is_coloured(
    demo: Demo, browser_page: Watched, issue: Shown, version: int, language: str
) -> None:
    labels = LABELS[language]
    word, number, box = _word_that_stands_once(demo, issue)
    window = _open(demo, browser_page, issue, version, language)
    window.get_by_label(labels["search"], exact=True).click()
    window.get_by_label(labels["words"]).fill(word)
    window.get_by_label(labels["words"]).press("Enter")
    hits = window.get_by_role("listitem").filter(has_text=word)
    expect(hits).to_have_count(1)
    expect(hits.locator("strong")).to_have_text(word)
    expect(window).to_contain_text(f"{number} {labels['of']} 4")
    assert_painted(browser_page, WINDOW, f"{issue.name}.f{number}")
    window.get_by_label(labels["reset"]).click()
    canvas = read_json(issue.manifest)["items"][number - 1]
    there, seen, wanted = browser_page.page.evaluate(_HIGHLIGHT, [*box, canvas["width"], canvas["height"], 10_000])
    assert there, f"{word} is coloured at {seen} and stands at {wanted}"
    browser_page.page.wait_for_load_state("networkidle")
    service = f"{demo.url}/iiif/search/1/{'presentation-2/' if version == 2 else ''}{issue.name}"
    assert (200, f"{service}?q={word}") in browser_page.responses
    assert_clean_but_for_mirador(browser_page)


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


def _open(demo: Demo, watched: Watched, document: Shown, version: int, language: str) -> Locator:
    """Open a document in Mirador, with the sidebar."""
    manifest = document.manifest.replace("/presentation/3/", f"/presentation/{version}/")
    watched.page.goto(f"{demo.url}/{language}/viewer?iiif-content={quote(manifest, safe='')}")
    window = watched.page.locator(WINDOW)
    expect(window).to_contain_text(document.title)
    assert_painted(watched, WINDOW, document.name)
    window.get_by_label(LABELS[language]["sidebar"]).click()
    return window


def _way_to(ranges: list[Any], canvas: str) -> list[str]:
    """Return the labels of the ranges that lead to the first one of its name that stands on a canvas alone."""

    def ways(divisions: list[Any], above: list[str]) -> Iterator[tuple[list[str], set[str]]]:
        for division in divisions:
            (label,) = next(iter(division["label"].values()))
            below = [each for each in division["items"] if each["type"] == "Range"]
            yield [*above, label], {each["id"].partition("#")[0] for each in division["items"] if not below}
            yield from ways(below, [*above, label])

    (root,) = ranges
    found = list(ways([each for each in root["items"] if each["type"] == "Range"], []))
    names = Counter(way[-1] for way, _ in found)
    return next(way for way, places in found if places == {canvas} and names[way[-1]] == 1)


def _word_that_stands_once(demo: Demo, issue: Shown) -> tuple[str, int, list[int]]:
    """Return a long word that stands once in an issue, and not on its first page: the number of its view, its box."""
    words = [
        (each["body"]["value"], number, [int(side) for side in each["target"].partition("#xywh=")[2].split(",")])
        for number in range(1, 5)
        for each in read_json(f"{issue.manifest.removesuffix('/manifest')}/f{number}/words")["items"]
    ]
    for word, number, box in words:
        if number > 1 and word.isalpha() and word.isascii() and word.islower() and len(word) > 8:
            found = read_json(f"{demo.url}/iiif/search/1/{issue.name}?q={word}")
            if len(found["resources"]) == 1:
                return word, number, box
    pytest.fail(f"no word stands once in {issue.title}")
