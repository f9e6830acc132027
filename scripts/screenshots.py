"""Take a picture of every kind of page of the sample holdings: the published ones in `docs/images`, or all of them in a folder.

    python -m scripts.screenshots HOME [--all FOLDER] [--only NAME] [--width PIXELS]

`HOME` is the home folder of the sample holdings (`make demo`). A copy of it is served, with a work in two volumes and a
document that was withdrawn besides. Without `--all` the pictures of `docs/explanation/pages-seen.md` are written anew, as
WebP small enough for a repository; with it, every kind of page is taken in every width, in light and dark, in French and
English, to be looked at. Chromium is driven as in the tests, and is asked for nothing outside this machine.
"""

import argparse
import io
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.support import skips
from tests.support.browser import chromium_browser
from tests.support.demo import environment
from tests.support.processes import answers, free_port, running

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
WIDTHS = {360: 740, 768: 1024, 1280: 900, 1920: 1080}
"""Width and height of the windows: a telephone, a tablet, a laptop, a large screen."""

MOST_BYTES = 110_000
TALLEST = 2600
"""Pixels of a published picture from the top of the page on."""

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of page: `path` below the language, with places for names; `ready` is waited for, `press` is pressed."""

    name: str
    path: str
    ready: str = "h1"
    press: str = ""
    has_scripts: bool = True
    is_whole: bool = True


KINDS = (
    Kind("home", "/"),
    Kind("collections", "/collections"),
    Kind("type", "/collections/type-presse"),
    Kind("titles", "/collections/titres"),
    Kind("title", "{title}"),
    Kind("calendar", "{year}"),
    Kind("works", "/collections/ouvrages"),
    Kind("work", "{work}"),
    Kind("campaign", "{campaign}"),
    Kind("institution", "{institution}"),
    Kind("institutions", "/institutions"),
    Kind("places", "/places"),
    Kind("place", "/places/lille-nord"),
    Kind("time", "/time"),
    Kind("years", "/time/1900-1909"),
    Kind("search", "/{search}?q=lille"),
    Kind("search-all", "/{search}"),
    Kind("search-nothing", "/{search}?q=tisserrand+zeppelin"),
    Kind("search-unclear", "/{search}?sort=x"),
    Kind("reader", "{issue}/f1", "#stage canvas", is_whole=False),
    Kind("reader-plain", "{issue}/f1", "#plain img", has_scripts=False, is_whole=False),
    Kind("item", "{issue}/f1", "#stage canvas"),
    Kind("item-spread", "{book}/f6", "#stage canvas", press="#tools [data-do=spread]", is_whole=False),
    Kind("item-plan", "{plan}", "#stage canvas"),
    Kind("item-letter", "{letter}/f1", "#stage canvas"),
    Kind("within", "{issue}/f1?q=lille", "#stage canvas"),
    Kind("share", "{issue}/f1", "#stage canvas", press="#share summary"),
    Kind("display", "/about", press="#display summary", is_whole=False),
    Kind("mosaic", "/mosaic{book}"),
    Kind("embed", "/embed{plan}/f1", "#stage canvas", is_whole=False),
    Kind("mirador", "/viewer?manifest={manifest}", ".mirador-viewer canvas", is_whole=False),
    Kind("about", "/about"),
    Kind("help", "/help"),
    Kind("help-iiif", "/help/iiif"),
    Kind("help-harvest", "/help/harvest"),
    Kind("repository", "/oai"),
    Kind("legal", "/legal"),
    Kind("accessibility", "/accessibility"),
    Kind("error-400", "/collections/type-presse?page=x"),
    Kind("error-404", "/nothing"),
    Kind("error-410", "{gone}"),
)  # fmt: skip
"""The page for trouble of the server is not among them: what makes it is made by a test."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A published picture: a kind of page in a window, a language and a look."""

    kind: str
    width: int = 1280
    scheme: Scheme = "light"
    language: str = "fr"

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return (
            f"{self.kind}-{self.width}"
            + ("-dark" if self.scheme == "dark" else "")
            + ("-en" if self.language == "en" else "")
        )


PUBLISHED = (
    Shot("home"), Shot("home", 360), Shot("home", 1920, "dark"),
    Shot("search"), Shot("search", 360, "dark"), Shot("search-nothing", 768, language="en"),
    Shot("places"), Shot("time", 768), Shot("calendar"), Shot("title", 768, "dark"), Shot("work", 1280),
    Shot("institutions", 1280, language="en"),
    Shot("reader"), Shot("reader", 360), Shot("item", 1280), Shot("item-plan", 1920, "dark"), Shot("item-spread", 1280),
    Shot("share", 768, "dark"), Shot("reader-plain", 768), Shot("mosaic", 1280),
    Shot("embed", 768), Shot("mirador", 1280),
    Shot("help-iiif", 1280, language="en"), Shot("repository", 768), Shot("accessibility", 768),
    Shot("error-404", 768), Shot("error-410", 360),
)  # fmt: skip
"""What `docs/explanation/pages-seen.md` shows."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, help="the home folder of the sample holdings")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="take every kind of page in every window and look")
    parser.add_argument("--only", action="append", help="take this kind of page only; may be given several times")
    parser.add_argument("--width", action="append", type=int, help="with --all: take this width only")
    chosen = parser.parse_args(arguments)
    chromium = skips.chromium_path()
    if not chromium:
        sys.exit("there is no Chromium; `make chromium` installs it")
    kinds = {kind.name: kind for kind in KINDS}
    shots = list(_every(chosen.width or list(WIDTHS)) if chosen.all else PUBLISHED)
    folder: Path = chosen.all or IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    with _served(chosen.home) as (url, gone), chromium_browser(chromium) as browser:
        names = _find_names(url, browser) | {"gone": gone}
        for shot in shots:
            if chosen.only and shot.kind not in chosen.only:
                continue
            picture = _take(browser, url, kinds[shot.kind], shot, names, tallest=0 if chosen.all else TALLEST)
            if picture is None:
                print(f"  {shot.name}: the sample holdings have no such page", flush=True)
                continue
            body = _png(picture) if chosen.all else _small(picture)
            path = folder / f"{shot.name}.{'png' if chosen.all else 'webp'}"
            path.write_bytes(body)
            print(f"  {path}: {len(body) // 1000} kB", flush=True)
    return 0


@contextmanager
def _served(home: Path) -> Iterator[tuple[str, str]]:
    """Serve a copy of the holdings with a work and a withdrawal; give its address and the path of what was withdrawn."""
    with tempfile.TemporaryDirectory() as folder:
        copy, port = Path(folder) / "home", free_port()
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("*.ctl", "*.locks"))
        url = f"http://127.0.0.1:{port}"
        told = environment() | {"VITRINE_HOME_DIR": str(copy), "VITRINE_PORT": str(port)}

        def run(*command: str) -> None:
            subprocess.run(["vitrine", *command], env=told, check=True, stdout=subprocess.DEVNULL)

        run("init")
        run("rebase", url)
        delivery = _deliver_work(copy / "deliveries")
        run("check", str(delivery))
        run("accept", str(delivery), "--by", "Camille Dubois (démonstration)", "--for", "bm-tourcoing")
        run("ingest", str(delivery))
        run("publish", "--all")
        with running(["vitrine", "serve"], copy / "serve.log", answers(port), env=told, cwd=IMAGES.parents[1]):
            with urllib.request.urlopen(f"{url}/api/1/search?f.type=photographies", timeout=30) as response:  # noqa: S310  # our own server
                ark = json.load(response)["documents"][0]["ark"]
            run("withdraw", ark, "--reason", "à la demande des ayants droit")
            yield url, f"/{ark}"


def _deliver_work(deliveries: Path) -> Path:
    """Make a delivery of two volumes out of the pages of the sample book."""
    book, delivery = deliveries / "fables-1842", deliveries / "fables-en-deux-volumes"
    (delivery / "images").mkdir(parents=True)
    shutil.copyfile(book / "delivery.toml", delivery / "delivery.toml")
    rows = ["dc:identifier;dc:title@fr;dc:creator;dc:date;dc:type;dcterms:isPartOf;images;structure;paged"]  # fmt: skip
    pages = sorted((book / "images").glob("*.jpg"))
    for number, (title, first) in enumerate(
        (("Tome premier. Livres I à VI", 7), ("Tome second. Livres VII à XII", 11)), start=1
    ):
        chosen = pages[first : first + 12]
        for page in chosen:
            shutil.copyfile(page, delivery / "images" / f"t{number}_{page.name}")
        images = " | ".join(f"images/t{number}_{page.name}" for page in chosen)
        contents = "Titre @ 3 | À Monseigneur le Dauphin @ 5 | Le Corbeau et le Renard @ 7 | La Cigale et la Fourmi @ 9"
        rows.append(";".join((
            f"FAB-{number}", f"Fables. {title}", "La Fontaine, Jean de (1621-1695). Auteur", str(1842 + number), "livres-imprimes",
            "Fables de La Fontaine <FAB>", images, contents, "oui",
        )))  # fmt: skip
    (delivery / "documents.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return delivery


def _every(widths: Sequence[int]) -> Iterator[Shot]:
    for kind in KINDS:
        for width in widths:
            dark: Scheme = "dark" if width in (360, 1280) else "light"
            yield Shot(kind.name, width)
            if dark == "dark":
                yield Shot(kind.name, width, dark, "en")


def _take(
    browser: Browser, url: str, kind: Kind, shot: Shot, names: dict[str, str], *, tallest: int
) -> Image.Image | None:
    search = {"fr": "recherche", "en": "search"}[shot.language]
    try:
        path = kind.path.format(search=search, **names)
    except KeyError:
        return None
    context = browser.new_context(
        viewport={"width": shot.width, "height": WIDTHS[shot.width]},
        color_scheme=shot.scheme,
        java_script_enabled=kind.has_scripts,
        reduced_motion="reduce",
    )
    try:
        page = context.new_page()
        page.goto(f"{url}/{shot.language}/about", wait_until="networkidle")  # from here on the faces are there at once
        page.goto(f"{url}/{shot.language}{path}", wait_until="networkidle")
        page.locator(kind.ready).first.wait_for()
        if kind.press:
            page.locator(kind.press).first.click()
        if kind.is_whole and kind.has_scripts:
            _load_all(page)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)  # what is drawn on a canvas tells nobody when it is done
        taken = page.screenshot(full_page=kind.is_whole)
    finally:
        context.close()
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    return picture.crop((0, 0, picture.width, min(picture.height, tallest))) if tallest else picture


def _load_all(page: Page) -> None:
    """Have every picture of a page loaded: those far below wait until they are seen."""
    page.evaluate("for (const each of document.images) each.loading = 'eager'")


def _png(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def _small(picture: Image.Image) -> bytes:
    """Return a picture as WebP within the bytes that a published one may have."""
    if picture.width > 1280:
        picture = picture.resize((1280, round(picture.height * 1280 / picture.width)), Image.Resampling.LANCZOS)
    for quality in (78, 65, 50, 38, 28):
        target = io.BytesIO()
        picture.save(target, "WEBP", quality=quality, method=6)
        if target.tell() <= MOST_BYTES:
            break
    return target.getvalue()


def _find_names(url: str, browser: Browser) -> dict[str, str]:
    """Return the paths below the language of what the sample holdings have: documents, a title, a year, a work."""
    found: dict[str, str] = {}
    with urllib.request.urlopen(f"{url}/api/1/search?size=100", timeout=30) as response:  # noqa: S310  # named by who calls
        documents = json.load(response)["documents"]
    for document in documents:
        path = urlsplit(document["id"]).path
        key = {
            "presse": "issue",
            "livres-imprimes": "book",
            "cartes-et-plans": "plan",
            "correspondances": "letter",
        }.get(document["type"])
        if key and key not in found:
            found[key] = path
            found["manifest"] = document["manifest"]
    page = browser.new_page()
    page.goto(f"{url}/fr/collections")
    for key, selector in (
        ("institution", "a[href*='/collections/institution-']"),
        ("campaign", "a[href*='/collections/campaign-'], a[href*='/collections/campagne-']"),
    ):
        link = page.locator(selector)
        if link.count():
            found[key] = _below(link.first.get_attribute("href"))
    for key, group in (("title", "titres"), ("work", "ouvrages")):
        page.goto(f"{url}/fr/collections/{group}")
        link = page.locator("main .shelves a, main .wall a").first
        if link.count():
            found[key] = _below(link.get_attribute("href"))
    if "title" in found:
        page.goto(f"{url}/fr{found['title']}")
        found["year"] = _below(page.locator(".years a").first.get_attribute("href"))
    page.close()
    return found


def _below(address: str | None) -> str:
    return urlsplit(address or "").path.removeprefix("/fr")


if __name__ == "__main__":
    sys.exit(main())
