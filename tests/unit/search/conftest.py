from collections.abc import Iterator

import pytest

from tests.support.searching import Library, open_library


@pytest.fixture
def library(database_url: str) -> Iterator[Library]:
    opened = open_library(database_url)
    yield opened
    opened.service.close()
    opened.catalogue.close()
