"""The browser of the tests: it shows a page, and nothing that goes wrong on it stays unseen."""

from collections.abc import Callable

import pytest

from tests.support.browser import Watched
from tests.support.nginx import Nginx


def configuration(port: int, places: str) -> str:
    return f"events {{}} http {{ access_log off; server {{ listen 127.0.0.1:{port}; {places} }} }}"


def test_chromium_shows_a_page_and_reports_its_errors(
    browser_page: Watched, nginx: Callable[[str, int], Nginx], free_port: int
) -> None:
    page = "<title>t</title><link rel=icon href=data:,><p>bonjour<script>nothing.here()</script><img src=/none.png>"
    places = f"location = / {{ default_type text/html; return 200 '{page}'; }} location / {{ return 404; }}"
    server = nginx(configuration(free_port, places), free_port)
    browser_page.page.goto(server.url)
    assert browser_page.page.inner_text("p") == "bonjour"
    assert any("nothing is not defined" in error for error in browser_page.console_errors)
    assert [request for request in browser_page.failed_requests if request.endswith("/none.png: 404")]
    with pytest.raises(AssertionError):
        browser_page.assert_clean()
