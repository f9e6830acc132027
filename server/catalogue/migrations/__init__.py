"""Bringing a catalogue to the present tables, with alembic. `env.py` is alembic's; the steps are in `versions/`.

Every command asks whether the catalogue has the present tables, and few have anything to change: alembic is loaded by
these alone. So the newest step is the one whose file comes last by name, as a test holds with alembic's own answer.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from server.catalogue import (  # they fill the metadata
    find_models,
    harvest_models,  # noqa: F401
    models,  # noqa: F401
    publication_models,  # noqa: F401
    review_models,  # noqa: F401
    search_models,
)
from server.catalogue.base import Base
from server.catalogue.session import Catalogue
from server.errors import CatalogueError
from server.told import told

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """Return the revision that this version of the software needs."""
    return max(step.name for step in (_FOLDER / "versions").glob("[0-9]*.py")).partition("_")[0]


def present_revision(catalogue: Catalogue) -> str | None:
    """Return the revision that a catalogue is at, None if it has no tables yet."""
    with catalogue.snapshot() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("select version_num from alembic_version"))
        return found


def upgrade(catalogue: Catalogue, revision: str = "head") -> None:
    """Bring a catalogue to a revision, all steps in one transaction; two processes at once take turns."""
    if revision == "head" and present_revision(catalogue) == newest_revision():
        return
    from alembic import command

    with (
        catalogue.lock("migration"),
        catalogue.engine.connect().execution_options(vitrine_write=True) as connection,
        connection.begin(),
    ):
        command.upgrade(_config(connection), revision)


def must_be_current(catalogue: Catalogue) -> None:
    """Raise CatalogueError unless the catalogue has the tables that this version needs."""
    present = present_revision(catalogue)
    if present is None:
        raise CatalogueError(told("the catalogue is empty; run `vitrine init` first"))
    if present != newest_revision():
        raise CatalogueError(
            told(
                "the catalogue is at revision {present}, this version needs {newest}; run `vitrine init`",
                present=present,
                newest=newest_revision(),
            )
        )


def _is_of_the_models(name: str | None, kind: str, _parents: object) -> bool:
    """Whether the models know a table: the search index and the tables that FTS5 keeps for it are the databases' own."""
    return kind != "table" or not (name or "").startswith((search_models.INDEX, find_models.INDEX))


def differences(catalogue: Catalogue) -> list[object]:
    """Return what separates a catalogue's tables from the models; for the tests."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with catalogue.snapshot() as connection:
        opts = {"compare_type": True, "include_name": _is_of_the_models}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, Base.metadata))
