"""The report of a delivery of 1 000 views, in Chromium: how soon its flags are seen, how it filters and scrolls, what it weighs.

    python -m benchmarks.review [--views 1000] [--rounds 5] [--quick] [--write]

Views are drawn (`tests/support/views`), a few in a hundred with a fault, and checked as any delivery; the page is the one that
`vitrine check --report` writes. It is opened from a file, as from an e-mail, with an empty cache. A person waits for the
first flags, then for a filter, then while scrolling: these are measured, on a screen and on the width of a telephone.
`--write` puts the table into docs/explanation/quality.md. Exit status 1 where a floor is missed.
"""

import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from benchmarks.load import Failed, median
from benchmarks.peers.peer import BUILD
from benchmarks.report import Mark, machine, marks_table, options, table, write_section
from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery
from server.imaging.preview import Preview
from server.quality.checking import Report, check
from server.quality.html import About, to_html
from server.quality.pictures import Kept, make_pictures
from server.quality.rates import show_rates
from tests.support.browser import chromium_browser
from tests.support.views.capture import Take, capture
from tests.support.views.faults import FAULTS
from tests.support.views.sheets import draw_sheet, style_of

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "quality.md"
CORES = len(os.sched_getaffinity(0))
KINDS = ("print", "columns", "register", "letter", "map")
OF_ONE = 25
"""Views of a document."""

FAULTY = 12
"""One view in so many has a fault."""

ROOM = 24_000_000
MOST_PIXELS = 10**9
WIDTHS = {"screen": (1360, 900), "telephone": (390, 844)}
FIRST_FLAGS, FILTER, MOST_BYTES = 1500.0, 150.0, 25.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw, check, open, measure; return the exit status."""
    chosen = options("The report of 1 000 views in Chromium", views=1000, rounds=5).parse_args(arguments)
    views, rounds = (100, 1) if chosen.quick else (chosen.views, chosen.rounds)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise Failed("Chromium is not there; run `sh scripts/chromium.sh`")
    page, report, seconds = _written(views)
    size = page.stat().st_size / 1e6
    rows, marks = [], [Mark("the report", size, MOST_BYTES, at_most=True, unit="MB")]
    with chromium_browser(chromium) as browser:
        for name, (width, height) in WIDTHS.items():
            told = [_visit(browser, page, report, width, height) for _ in range(rounds + 1)][1:]
            middle = [median([each[place] for each in told]) for place in range(4)]
            rows.append((name, *(f"{value:.0f} ms" for value in middle)))
            marks.append(Mark(f"first flags on a {name}", middle[0], FIRST_FLAGS, at_most=True, unit="ms"))
            marks.append(Mark(f"a filter on a {name}", middle[1], FILTER, at_most=True, unit="ms"))
    flagged = len({(found.item, found.view) for found in report.findings if found.view})
    text = f"{report.views:,} views in {len(report.items)} documents, {flagged} of them with findings: {size:.1f} MB. "
    text += f"The look at them took {seconds[0]:.0f} s, the pictures {seconds[1]:.0f} s more, for they were kept in the same pass.\n\n"
    text += table(("", "first flags seen", "a filter", "scrolled to the end", "longest frame meanwhile"), rows)
    whole = f"{machine()}\n\n{text}\n\n{marks_table(marks)}\n"
    print(f"\n{whole}")
    if chosen.write:
        write_section("review", whole, PAGE)
    return 1 if any(not mark.is_reached for mark in marks) else 0


def _written(views: int) -> tuple[Path, Report, tuple[float, float]]:
    """Draw a delivery where it is missing, check it, write the page; return how long looks and pictures took."""
    folder = BUILD / f"review-{views}"
    if not (folder / "items.csv").exists():
        _draw(folder, views)
    delivery = open_delivery(folder, Context(rights="public-domain", typology="livres-imprimes"))
    with tempfile.TemporaryDirectory() as home:
        kept = Kept(Path(home))
        begun = time.perf_counter()
        report = check(delivery, processes=CORES, max_pixels=MOST_PIXELS, picture=kept.place)
        looked = time.perf_counter()
        pictures = make_pictures(
            delivery,
            report.findings,
            room=ROOM - 250_000 - 1_500 * views,
            max_pixels=MOST_PIXELS,
            processes=CORES,
            kept=kept,
        )
        made = time.perf_counter()
    page = BUILD / f"review-{views}.html"
    page.write_text(_page(delivery, report, pictures), encoding="utf-8")
    return page, report, (looked - begun, made - looked)


def _page(delivery: Delivery, report: Report, pictures: dict[str, Preview]) -> str:
    about = About("benchmark", "bm-lille", {"institution": ("Bibliothèque municipale", "Library")})
    return to_html(report, delivery, show_rates(report), pictures, about)


def _draw(folder: Path, views: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    documents = max(1, views // OF_ONE)
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        rows = list(pool.map(_document, [(folder, number) for number in range(min(documents, len(KINDS)))]))
        rows += pool.map(_document, [(folder, number) for number in range(len(KINDS), documents)])
    fresh = folder / "items.part"
    fresh.write_text("dc:identifier;dc:title;dc:type;images\n" + "".join(rows), encoding="utf-8")
    fresh.replace(folder / "items.csv")


def _document(job: tuple[Path, int]) -> str:
    folder, place = job
    kind = KINDS[place % len(KINDS)]
    style = style_of(kind, 700 + place % 10, "second")
    names = []
    fitting = [fault for fault in FAULTS.values() if kind in fault.kinds]
    for number in range(1, OF_ONE + 1):
        rng = np.random.default_rng([place, number])
        name = f"LIL_{place:03}_{number:04}.jpg"
        names.append(name)
        if place >= len(KINDS):
            # drawing is slow: other documents are the first ones cropped otherwise, which nobody sees at this size
            with Image.open(folder / f"LIL_{place % len(KINDS):03}_{number:04}.jpg") as drawn:
                left, top = place % 7 + 1, place % 5 + 1
                drawn.crop((left, top, *drawn.size)).save(folder / name, quality=88, dpi=(150, 150))
            continue
        if number > 1 and (place * OF_ONE + number) % FAULTY == 0:
            fault = fitting[int(rng.integers(len(fitting)))]
            pixels = fault.make(style, number, 1, rng)
        else:
            pixels = capture(style, draw_sheet(style, number), Take(seed=place * 100 + number))
        Image.fromarray(pixels).save(folder / name, quality=88, dpi=(150, 150))
    return f"LIL_{place:03};{kind.title()} {place};livres-imprimes;{' | '.join(names)}\n"


def _visit(browser: Browser, path: Path, report: Report, width: int, height: int) -> tuple[float, float, float, float]:
    """Open the page as a person does; return, in milliseconds, what is waited for."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
    try:
        page = context.new_page()
        begun = time.perf_counter()
        page.goto(path.as_uri(), wait_until="commit")
        page.locator(".tile .chip").first.wait_for(state="attached", timeout=60_000)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        first = time.perf_counter() - begun
        expect(page.locator("html[data-ready]")).to_be_attached(timeout=60_000)
        filtered = _filter(page)
        page.locator("#filter-view").select_option("")
        scrolled, longest = _scroll(page)
        if page.locator(".tile").count() != report.views:
            raise Failed("the page does not show every view")
    finally:
        context.close()
    return first * 1000, filtered, scrolled, longest


def _filter(page: Page) -> float:
    """Return how long it takes until the views with findings alone are drawn."""
    took: float = page.evaluate(
        """() => new Promise((done) => {
          const select = document.getElementById("filter-view");
          const begun = performance.now();
          select.value = "flagged";
          select.dispatchEvent(new Event("change"));
          requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
        })"""
    )
    return took


def _scroll(page: Page) -> tuple[float, float]:
    """Scroll to the end a screen a frame; return how long that took, and the longest that a frame was waited for."""
    took, longest = page.evaluate(
        """() => new Promise((done) => {
          const begun = performance.now();
          let last = begun, longest = 0;
          const step = (now) => {
            longest = Math.max(longest, now - last);
            last = now;
            const before = scrollY;
            scrollBy(0, innerHeight);
            if (scrollY > before) requestAnimationFrame(step);
            else done([performance.now() - begun, longest]);
          };
          requestAnimationFrame(step);
        })"""
    )
    return float(took), float(longest)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"not measured: {failure}")
