"""Which repositories there are: asked of the catalogue once in a while by whoever answers for one. Must not import flask."""

import time
from typing import TYPE_CHECKING

from server.catalogue.repositories import PublishedRepository, load_published
from server.errors import Unknown
from server.oai.repository import everything
from server.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOMENT_SECONDS = 1.0
REPOSITORIES_SECONDS = 5.0
"""How long a worker goes by what it knows: datestamps have whole seconds, and repositories come seldom."""


class Repositories:
    """The repositories there are, asked of the catalogue once in a while."""

    def __init__(self, settings: Settings, seconds: float) -> None:
        self._everything, self._seconds = everything(settings), seconds
        self._kept: tuple[float, dict[str, PublishedRepository]] | None = None

    def find(self, connection: "Connection", name: str) -> tuple[PublishedRepository, tuple[str, ...]]:
        """Return the repository of a name, and the names of all that have one. Raises Unknown."""
        begun = time.monotonic()
        kept = self._kept
        if kept is None or begun - kept[0] >= self._seconds:
            kept = self._kept = (begun, load_published(connection))
        harvesters = kept[1]
        told = harvesters.get(name) if name else self._everything
        if told is None:
            others = f", the others are {', '.join(harvesters)}" if harvesters else ""
            raise Unknown(f"there is no repository {name} here; the one of everything public is at /oai{others}")
        return told, tuple(harvesters)
