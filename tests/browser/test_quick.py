"""The budget of a first view of a document on a telephone: bytes over the line, requests, no shift of what is read."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.seen import Shown, list_documents
from tests.support.demo import Demo

MOST_BYTES = 150_000
MOST_REQUESTS = 12
"""Without images: the page, styles, fonts, scripts, info.json."""
MOST_SHIFT = 0.002

_SHIFT = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
"""

_SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
"""A slow line, on which the faces come after the words."""

_WAITING = """
    [...document.scripts].filter((script) => ["", "text/javascript", "module"].includes(script.type) && !script.defer)
        .map((script) => script.outerHTML)
"""
"""The scripts that stop the page while they come; a block of data (JSON-LD) is none."""


@pytest.fixture(scope="module")
def documents(demo: Demo) -> list[Shown]:
    return list_documents(demo.url)


@pytest.mark.parametrize("canvases", [4, 1])
def test_a_first_view_on_a_telephone(demo: Demo, browser: Browser, documents: list[Shown], canvases: int) -> None:
    document = next(each for each in documents if each.canvases == canvases)
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=3, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    page.add_init_script(_SHIFT)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", _SLOW)
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    addresses: dict[str, str] = {}

    def received(event: dict[str, object]) -> None:
        response = event["response"]
        assert isinstance(response, dict)
        kinds[str(event["requestId"])] = str(response["mimeType"])
        addresses[str(event["requestId"])] = str(response["url"])

    session.on("Network.responseReceived", received)
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.__setitem__(str(event["requestId"]), int(event["encodedDataLength"])),
    )
    page.goto(f"{demo.url}/fr{urlsplit(document.permalink).path}")
    page.locator("#stage canvas").first.wait_for()
    page.wait_for_load_state("networkidle")
    told = {addresses[each]: size for each, size in sizes.items() if not kinds.get(each, "").startswith("image/")}
    assert sum(told.values()) <= MOST_BYTES, (sum(told.values()), told)
    assert len(told) <= MOST_REQUESTS, told
    assert page.evaluate("window.shifted") <= MOST_SHIFT
    assert page.evaluate(_WAITING) == []
    context.close()


@pytest.mark.parametrize("width", [390, 1920])
@pytest.mark.parametrize(
    "path",
    ["/fr/", "/fr/collections", "/fr/places", "/fr/time", "/fr/institutions", "/fr/recherche?q=lille", "/en/search"],
)
def test_pages_of_many_pictures_do_not_shift(demo: Demo, browser: Browser, path: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 1080 if width > 1000 else 844})
    page = context.new_page()
    page.add_init_script(_SHIFT)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", _SLOW)
    page.goto(f"{demo.url}{path}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shifted") <= MOST_SHIFT
    context.close()
