"""Another site's page, on another origin: it may hold a view that we made for it, and Mirador; no other page of ours."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.seen import Shown, list_documents
from tests.support.demo import Demo

Hold = Callable[[str], Page]


@pytest.fixture(scope="module")
def issue(demo: Demo) -> Shown:
    return next(document for document in list_documents(demo.url) if document.canvases == 4)


@pytest.fixture
def hold(browser: Browser) -> Iterator[Hold]:
    """Give what shows a piece of HTML in the page of another site; its origin differs from ours by name and port."""
    with ExitStack() as stack:

        def show(piece: str) -> Page:
            class Elsewhere(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    body = f"<!doctype html><html lang=fr><title>Ailleurs</title><h1>Ailleurs</h1>{piece}".encode()
                    self.send_response(200)
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

                def log_message(self, *_args: object) -> None:
                    """Say nothing."""

            server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            context = browser.new_context(viewport={"width": 900, "height": 800})
            stack.callback(context.close)
            page = context.new_page()
            page.goto(f"http://localhost:{server.server_port}/")
            return page

        yield show


def offered(demo: Demo, browser: Browser, issue: Shown) -> str:
    """Return the code that the page of a document offers to be inserted elsewhere."""
    page = browser.new_page()
    page.goto(f"{demo.url}/fr{urlsplit(issue.permalink).path}/f1")
    code = page.locator("#share-embed").input_value()
    page.close()
    return code


def test_the_code_that_is_offered_shows_the_view_elsewhere(
    demo: Demo, browser: Browser, hold: Hold, issue: Shown
) -> None:
    page = hold(offered(demo, browser, issue))
    element = page.locator("iframe")
    expect(element).to_have_attribute("title", issue.title)
    frame = page.frame_locator("iframe")
    expect(frame.locator("#stage canvas").first).to_be_visible()
    expect(frame.locator("h1")).to_contain_text(issue.title)
    assert frame.locator("h1 a").get_attribute("href") == f"{issue.permalink}/f1"
    frame.locator("#view-nav a[rel=next]").click()
    expect(frame.locator("#view-label")).to_contain_text("2 sur 4")
    assert frame.locator("h1 a").get_attribute("href") == f"{issue.permalink}/f2", "the link follows the view"
    frame.locator("#tools [data-do=in]").click()
    assert "localhost" in page.url, "the other page stays where it is"
    assert page.context.cookies() == []


def is_refused(page: Page) -> bool:
    """Whether the frame shows none of our pages: the browser has put its own page there."""
    page.wait_for_load_state("networkidle")
    frame = next(each for each in page.frames if each != page.main_frame)
    return frame.url.startswith("chrome-error:") or frame.locator("header.top, main").count() == 0


@pytest.mark.parametrize("path", ["/fr/", "/fr/recherche?q=lille", "/fr/places", "/fr/nothing", "/fr/accessibility", "{item}", "/fr/mosaic{ark}", "/oai"])  # fmt: skip
def test_no_other_page_may_be_framed(demo: Demo, hold: Hold, issue: Shown, path: str) -> None:
    ark = urlsplit(issue.permalink).path
    address = demo.url + path.format(item=f"/fr{ark}/f1", ark=ark)
    assert is_refused(hold(f'<iframe src="{address}" title="x"></iframe>')), address


def test_mirador_may_be_framed(demo: Demo, hold: Hold, issue: Shown) -> None:
    page = hold(
        f'<iframe src="{demo.url}/fr/viewer?manifest={issue.manifest}" title="x" width=800 height=600></iframe>'
    )
    frame: FrameLocator = page.frame_locator("iframe")
    expect(frame.locator(".mirador-viewer").first).to_be_visible()
    assert not is_refused(page)
