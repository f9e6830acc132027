"""Viewers of others, on pages of another origin than ours: Tify on manifests, OpenSeadragon on info.json, of all versions.

What they read comes across origins, so a wrong word about CORS leaves them empty.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.seen import Shown, assert_painted, list_documents, read_json
from tests.support.browser import Watched, watched_page
from tests.support.demo import Demo
from tests.support.elsewhere import folder, site
from tests.support.skips import REPOSITORY

MODULES = REPOSITORY / "node_modules"
PLAN, ISSUE = "Plan ", "Le Courrier de la Deûle "
"""How the titles begin of one large image, and of an issue of a newspaper, which has text and contents."""

PLACE = "#viewer"
IN_BOTH = pytest.mark.parametrize("version", [2, 3])

_PAGE = """<!doctype html>
<html lang="fr">
<meta charset="utf-8">
<title>Visionneuse</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="tify.css">
<div id="viewer" style="height: 760px"></div>
<script>const asked = new URLSearchParams(location.search).get("document");</script>
"""
TIFY = f"""{_PAGE}
<script type="module">
  import Tify from "./tify.js";
  const viewer = {{ crossOriginPolicy: "Anonymous" }};
  window.tify = new Tify({{ container: "#viewer", manifestUrl: asked, language: "fr", translationsDirUrl: "translations", viewer }});
</script>
"""
OPENSEADRAGON = f"""{_PAGE}
<script src="openseadragon.min.js"></script>
<script>
  window.viewer = OpenSeadragon({{
    id: "viewer", tileSources: [asked], crossOriginPolicy: "Anonymous", drawer: "canvas", showNavigationControl: false,
  }});
</script>
"""


@pytest.fixture(scope="module")
def documents(demo: Demo) -> list[Shown]:
    return list_documents(demo.url)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The address of a site that has both viewers, each on a page."""
    scripts = folder(MODULES / "tify" / "dist") | folder(MODULES / "openseadragon" / "build" / "openseadragon")
    with site(scripts | {"/tify.html": TIFY.encode(), "/openseadragon.html": OPENSEADRAGON.encode()}) as address:
        yield address


def choose(documents: list[Shown], beginning: str) -> Shown:
    return next(each for each in documents if each.title.startswith(beginning))


@pytest.mark.parametrize("beginning", [PLAN, ISSUE], ids=["plan", "issue"])
@IN_BOTH
def test_tify_opens_a_manifest(
    browser: Browser, elsewhere: str, documents: list[Shown], beginning: str, version: int
) -> None:
    document = choose(documents, beginning)
    manifest = document.manifest.replace("/presentation/3/", f"/presentation/{version}/")
    with watched_page(browser) as watched:
        watched.page.goto(f"{elsewhere}/tify.html?document={quote(manifest, safe='')}")
        expect(watched.page.locator(".tify-header")).to_contain_text(document.title)
        assert_painted(watched, PLACE, document.name)
        if beginning == ISSUE:
            _shows_text_and_contents(watched, document)
        watched.page.wait_for_load_state("networkidle")
        assert (200, manifest) in watched.responses
        _asks_for_version(watched, document.name, version)
        watched.assert_clean()


@IN_BOTH
def test_openseadragon_opens_an_image(
    demo: Demo, browser: Browser, elsewhere: str, documents: list[Shown], version: int
) -> None:
    plan = choose(documents, PLAN)
    image = f"{plan.name}.f1"
    info = f"{demo.url}/iiif/image/{version}/{image}/info.json"
    with watched_page(browser) as watched:
        watched.page.goto(f"{elsewhere}/openseadragon.html?document={quote(info, safe='')}")
        assert_painted(watched, PLACE, image)
        whole = re.compile(rf"/{re.escape(image)}/\d+,\d+,(\d+),\d+/\1,")  # a tile that is not made smaller
        with watched.page.expect_response(lambda response: bool(whole.search(response.url))) as answered:
            watched.page.evaluate("viewer.viewport.zoomTo(viewer.viewport.getMaxZoom())")
        assert answered.value.ok
        watched.page.wait_for_load_state("networkidle")
        _asks_for_version(watched, image, version)
        watched.assert_clean()


def _shows_text_and_contents(watched: Watched, document: Shown) -> None:
    """Show the text of the first page, then the table of contents."""
    manifest = read_json(document.manifest)
    (first, *_) = manifest["items"]
    line = read_json(first["annotations"][0]["id"])["items"][0]["body"]["value"]
    watched.page.evaluate("tify.updateOptions({ pages: [1], view: 'text' })")
    expect(watched.page.locator(".tify-text")).to_contain_text(line)
    watched.page.evaluate("tify.updateOptions({ view: 'toc' })")
    (label,) = next(iter(manifest["structures"][0]["items"][0]["label"].values()))
    expect(watched.page.locator(".tify-toc")).to_contain_text(label)


def _asks_for_version(watched: Watched, name: str, version: int) -> None:
    other = 5 - version
    asked = [url for _, url in watched.responses if f"/{name}" in url]
    assert asked
    assert not [url for url in asked if f"/iiif/image/{other}/" in url or f"/iiif/presentation/{other}/" in url]
