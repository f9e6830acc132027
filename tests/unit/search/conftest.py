from collections.abc import Iterator

import pytest

from server.search import find
from tests.support.searching import Library, open_library


@pytest.fixture
def library(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setattr(find, "SIZE", 50)
    opened = open_library(database_url)
    yield opened
    opened.service.close()
    opened.catalogue.close()
