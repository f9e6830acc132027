"""RFC 9110 §14, sentence by sentence, and §13.1.5."""

from datetime import UTC, datetime

import pytest

from server.iiif.ranges import NotSatisfiable, Part, asked_part
from tests.support.asgi import scope_of

MODIFIED = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
DATE = "Sat, 14 Mar 2026 09:26:53 GMT"
ETAG = '"abc"'


def part(asked: str, size: int = 1000, method: str = "GET", **headers: str) -> Part | None:
    given = {"range": asked, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return asked_part(scope_of("/x", method, given), size, ETAG, MODIFIED)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-499", 0, 499),
        ("bytes=500-", 500, 999),
        ("bytes=-500", 500, 999),
        ("bytes=-5000", 0, 999),
        ("bytes=0-0", 0, 0),
        ("bytes=999-99999999", 999, 999),
        ("BYTES = 10-20 ", 10, 20),
    ],
)
def test_a_part_is_what_is_asked_for_and_there(asked: str, first: int, last: int) -> None:
    found = part(asked)
    assert found == Part(first, last, 1000)
    assert found is not None
    assert found.length == last - first + 1
    assert found.content_range == f"bytes {first}-{last}/1000"


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-3",
        "bytes=a-b",
        "items=0-1",
        "bytes=0-1,5-6",
        "0-1",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_what_is_no_single_range_of_bytes_is_not_asked_for(asked: str) -> None:
    assert part(asked) is None


@pytest.mark.parametrize(
    ("asked", "size"), [("bytes=1000-", 1000), ("bytes=-0", 1000), ("bytes=0-", 0), ("bytes=-1", 0)]
)
def test_a_range_behind_the_end_cannot_be_satisfied(asked: str, size: int) -> None:
    with pytest.raises(NotSatisfiable):
        part(asked, size)


def test_only_get_has_parts() -> None:
    assert part("bytes=0-1", method="HEAD") is None


@pytest.mark.parametrize(
    ("condition", "is_part"),
    [
        (ETAG, True),
        ('W/"abc"', False),
        ('"other"', False),
        (DATE, True),
        ("Sat, 14 Mar 2026 09:26:54 GMT", False),
        ("yesterday", False),
    ],
)
def test_the_rest_of_another_representation_is_not_sent(condition: str, is_part: bool) -> None:
    assert (part("bytes=5-", if_range=condition) is not None) is is_part
