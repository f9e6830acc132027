"""The thumbnail of a view is a picture that is stored."""

import pytest

from server.model.addresses import Addresses
from server.model.item import PublishedView
from server.model.levels import level_sizes, ready_made_sizes
from server.model.thumbnail import thumbnail_address, thumbnail_size
from server.model.view import ViewNotes


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((5001, 7003), (286, 400)),
        ((7003, 5001), (400, 286)),
        ((3600, 3600), (400, 400)),
        ((1, 5000), (1, 400)),
        ((401, 3), (400, 3)),
        ((400, 30), (400, 30)),
        ((12, 9), (12, 9)),
    ],
)
def test_thumbnail_is_stored(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    view = PublishedView(1, "v1b7xk2-f1", *size, ViewNotes(), sizes=level_sizes(*size, 512))
    assert thumbnail_size(view) == wanted
    assert wanted in ready_made_sizes(*size, 512) or wanted == level_sizes(*size, 512)[-1]
    address = thumbnail_address(view, Addresses("https://example.org", "99999"))
    assert address.endswith(
        "/full/max/0/default.jpg" if size == wanted else f"/full/{wanted[0]},{wanted[1]}/0/default.jpg"
    )
