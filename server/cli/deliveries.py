"""Which delivery of the catalogue a person means: its identifier, its digest, its name, or its folder."""

import shlex
from pathlib import Path

from server.catalogue.deliveries import find_delivery
from server.cli.tools import open_from
from server.errors import CatalogueError
from server.told import Told, told
from server.workshop import Workshop


def read_digest(given: str, tools: Workshop) -> str:
    """Return the digest of the files in a folder, as they are now; empty where no folder of this name is there."""
    folder = Path(given)
    return open_from(folder, {}, tools.settings).digest if _is_folder(folder) else ""


def identify_checked(given: str, digest: str, tools: Workshop, remedy: Told) -> str:
    """Return the identifier of the delivery that the files in a folder were when it was checked. Raises CatalogueError."""
    try:
        with tools.catalogue.read() as session:
            return find_delivery(session, digest).identifier
    except CatalogueError:
        raise CatalogueError(
            told(
                "the files in {given} are not those of any check; run `vitrine check {folder}`, {remedy}",
                given=given,
                folder=shlex.quote(given),
                remedy=remedy,
            )
        ) from None


def identify(given: str, tools: Workshop, remedy: Told) -> str:
    """Return the identifier of a delivery by what the catalogue calls it, else by its folder.

    The files of a folder are read only where the catalogue has no such name, or several: that may be hundreds of gigabytes.
    """
    try:
        with tools.catalogue.read() as session:
            return find_delivery(session, given).identifier
    except CatalogueError:
        digest = read_digest(given, tools)
        if not digest and "/" in given:
            raise CatalogueError(
                told(
                    "there is no folder {given}; give the folder that was checked, or the delivery's name, which "
                    "`vitrine status` tells",
                    given=given,
                )
            ) from None
        if not digest:
            raise
    return identify_checked(given, digest, tools, remedy)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        # A name that no file may have, or a folder that may not be looked into: it is a delivery's name then.
        return False
