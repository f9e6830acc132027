"""Which version of the Presentation API a client gets, and as which media type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.iiif.presentation_versions import VERSION_2, VERSION_3, choose_version

_2 = 'application/ld+json;profile="http://iiif.io/api/presentation/2/context.json"'
_3 = 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'


@pytest.mark.parametrize(
    ("accept", "number"),
    [
        ("", 3),
        ("*/*", 3),
        ("application/ld+json", 3),
        (_3, 3),
        (_2, 2),
        (_2.replace('"', ""), 2),
        (_2.replace(";", " ; "), 2),
        (_2.upper().replace("HTTP://IIIF.IO/API/PRESENTATION/2/CONTEXT.JSON", VERSION_2.context), 2),
        (f"{_2}, {_3}", 3),
        (f"{_2}, {_3};q=0.5", 2),
        (f"{_2};q=0.5, {_3}", 3),
        (f"{_2}, application/json", 2),
        (f"{_2};q=0.5, application/json", 3),
        (f"{_2};q=0.9, */*;q=0.1", 2),
        (f"{_2};q=0", 3),
        ('application/ld+json;profile="https://x.example.org/ http://iiif.io/api/presentation/2/context.json"', 2),
        ('application/json;profile="http://iiif.io/api/presentation/2/context.json"', 2),
        (f"text/html, {_2};q=0.2", 2),
        ('application/ld+json;profile="a, b;q=1', 3),
        ('application/ld+json;profile="http://iiif.io/api/presentation/4/context.json"', 3),
    ],
)
def test_the_version_is_the_one_that_is_named(accept: str, number: int) -> None:
    assert choose_version(accept).number == number


@given(st.text(alphabet='aplicton/jsd+;,="q. 0123*profile', max_size=80))
def test_whatever_is_sent_gets_a_version(accept: str) -> None:
    assert choose_version(accept) in (VERSION_2, VERSION_3)


@pytest.mark.parametrize(
    ("accept", "is_linked"),
    [("", False), ("*/*", False), ("application/json", False), (_2, True), ("application/ld+json", True)],
)
def test_version_2_is_json_unless_json_ld_is_asked_for(accept: str, is_linked: bool) -> None:
    assert VERSION_2.media_type(accept) == (_2 if is_linked else "application/json")
    assert VERSION_3.media_type("") == _3
