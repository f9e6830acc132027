"""Who reads gets a page, who harvests gets XML: by the Accept headers that browsers and programs really send."""

from typing import Any

import pytest

from server.oai.readers import is_for_reader, prefers_page

CHROMIUM = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("accept", [CHROMIUM, FIREFOX, "text/html", "text/html;q=0.9, */*;q=0.1", "TEXT/HTML"])
def test_browsers_get_a_page(accept: str) -> None:
    assert prefers_page(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "text/xml",
        "application/xml, text/xml, */*;q=0.1",
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",  # what Java sends unasked
        "text/html, image/gif, image/jpeg, */*; q=0.2",  # the same since Java 18
        "text/xml, text/html",  # as good as one another: XML, as ever
        "application/xhtml+xml",
        "text/*",
        "text/html;q=0, application/xhtml+xml",
        "text/html;q=nan, application/xhtml+xml",
        "application/xml,application/xhtml+xml,text/html;q=0.9",
    ],
)
def test_harvesters_get_xml(accept: str) -> None:
    assert not prefers_page(accept)


@pytest.mark.parametrize(
    ("method", "path", "is_page"),
    [
        ("GET", "/oai", True),
        ("HEAD", "/oai/gallica", True),
        ("GET", "/oai/", True),
        ("POST", "/oai", False),
        ("OPTIONS", "/oai", False),
        ("GET", "/oai/gallica/response.xml", False),
        ("GET", "/oai/inventory.tsv.gz", False),
    ],
)
def test_what_is_no_page_of_a_repository_is_left_alone(method: str, path: str, is_page: bool) -> None:
    scope: dict[str, Any] = {"method": method, "path": path, "headers": [(b"accept", FIREFOX.encode())]}
    assert is_for_reader(scope) is is_page
