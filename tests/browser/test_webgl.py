"""What our pages draw where the browser has WebGL, as a reader's has: here by software, which is why it has a browser of its own."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.seen import assert_clean_but_for_mirador, assert_painted, list_documents
from tests.support.browser import Watched, chromium_browser, watched_page
from tests.support.demo import Demo


@pytest.fixture(scope="module")
def drawing(chromium: str) -> Iterator[Browser]:
    """A Chromium that draws WebGL on the processor, which takes most of one."""
    with chromium_browser(chromium, with_webgl=True) as started:
        yield started


@pytest.fixture
def watched(drawing: Browser) -> Iterator[Watched]:
    with watched_page(drawing) as page:
        yield page


@pytest.mark.parametrize(
    ("address", "place"),
    [("/fr/ark:/99999/{name}/f1", "#stage"), ("/fr/viewer?iiif-content={manifest}", ".mirador-window")],
)
def test_a_view_is_drawn_with_webgl(demo: Demo, watched: Watched, address: str, place: str) -> None:
    document = list_documents(demo.url)[0]
    watched.page.goto(demo.url + address.format(name=document.name, manifest=quote(document.manifest, safe="")))
    expect(watched.page.locator(f"{place} canvas").first).to_be_visible()
    assert watched.page.evaluate("document.createElement('canvas').getContext('webgl') !== null")
    assert_painted(watched, place, document.name)
    assert_clean_but_for_mirador(watched)
