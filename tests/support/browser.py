"""Debian's Chromium, driven by playwright: headless, shut off from everything but loopback, watched for faults."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

_WITHOUT_WEBGL = "--disable-software-rasterizer"
"""Without a graphics card WebGL is drawn on the processor, for twice the time of a test; a canvas looks the same."""


@dataclass
class Watched:
    """A page and what went wrong on it: errors on the console, requests that failed, addresses outside loopback."""

    page: Page
    console_errors: list[str] = field(default_factory=list)
    failed_requests: list[str] = field(default_factory=list)
    responses: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(message.text)

    def _failed(self, request: Request) -> None:
        self.failed_requests.append(f"{request.method} {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        self.responses.append((response.status, response.url))
        if response.status >= 400:
            self.failed_requests.append(f"{response.request.method} {response.url}: {response.status}")

    @property
    def foreign(self) -> list[str]:
        """Addresses that the page asked for outside this machine."""
        return [url for _, url in self.responses if urlsplit(url).hostname not in ("127.0.0.1", "localhost", None)]

    def assert_clean(self) -> None:
        """Fail when the console showed an error, a request failed or one left this machine."""
        assert not self.console_errors, self.console_errors
        assert not self.failed_requests, self.failed_requests
        assert not self.foreign, self.foreign


@contextlib.contextmanager
def chromium_browser(executable: str, *, with_webgl: bool = False) -> Iterator[Browser]:
    """Run Chromium with a fresh profile while the block lasts."""
    arguments = [*_ARGUMENTS] if with_webgl else [*_ARGUMENTS, _WITHOUT_WEBGL]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def watched_page(browser: Browser, width: int = 1280, height: int = 800, zone: str | None = None) -> Iterator[Watched]:
    """Give an empty page of a fresh context (no cookies, no cache; `zone` is where it stands) while the block lasts."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR", timezone_id=zone)
    try:
        context.set_default_timeout(20_000)
        yield Watched(context.new_page())
    finally:
        context.close()
