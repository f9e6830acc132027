"""The examples of the help pages, each asked for as it stands there."""

import re
import urllib.request

import lxml.html
import pytest

from tests.support.demo import Demo


def read(url: str) -> tuple[int, str, bytes]:
    with urllib.request.urlopen(url, timeout=30) as response:
        return response.status, response.headers["Content-Type"], response.read()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("name", "least"), [("iiif", 16), ("harvest", 8)])
def test_each_example_answers(demo: Demo, language: str, name: str, least: int) -> None:
    _status, _kind, body = read(f"{demo.url}/{language}/help/{name}")
    links = lxml.html.document_fromstring(body.decode()).xpath("//a[@data-example]")
    examples = [link.get("href") for link in links]
    assert len(examples) >= least
    assert [link.text_content() for link in links] == examples, "what is read is what is asked for"
    for example in examples:
        status, kind, answer = read(example)
        assert (status, bool(answer)) == (200, True), example
        if "/oai" in example:
            assert not re.search(rb"<error code", answer), example
        elif example.endswith("/versions"):
            assert kind == "application/link-format", example
        elif "/iiif/" in example and not kind.startswith("image/"):
            assert "json" in kind, example
