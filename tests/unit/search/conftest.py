from collections.abc import Iterator

import pytest

from server.search import find, index, postgresql, sqlite
from tests.support.searching import Library, open_library


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found must not hang on how busy the machine is: a search is given up after minutes, not after seconds.

    The tests of giving up set their own limit.
    """
    for module in (index, postgresql, sqlite):
        monkeypatch.setattr(module, "SECONDS", 120.0)


@pytest.fixture
def library(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setattr(find, "SIZE", 50)
    opened = open_library(database_url)
    yield opened
    opened.service.close()
    opened.catalogue.close()
