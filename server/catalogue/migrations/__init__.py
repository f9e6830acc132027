"""Bringing a catalogue to the present tables, with alembic. `env.py` is alembic's; the steps are in `versions/`."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

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


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """Return the revision that this version of the software needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def present_revision(catalogue: Catalogue) -> str | None:
    """Return the revision that a catalogue is at, None if it has no tables yet."""
    with catalogue.snapshot() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(catalogue: Catalogue, revision: str = "head") -> None:
    """Bring a catalogue to a revision, all steps in one transaction; two processes at once take turns."""
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
        raise CatalogueError("the catalogue is empty; run `vitrine init` first")
    if present != newest_revision():
        raise CatalogueError(
            f"the catalogue is at revision {present}, this version needs {newest_revision()}; run `vitrine init`"
        )


def _is_of_the_models(name: str | None, kind: str, _parents: object) -> bool:
    """Whether the models know a table: the search index and the tables that FTS5 keeps for it are the databases' own."""
    return kind != "table" or not (name or "").startswith((search_models.INDEX, find_models.INDEX))


def differences(catalogue: Catalogue) -> list[object]:
    """Return what separates a catalogue's tables from the models; for the tests."""
    with catalogue.snapshot() as connection:
        opts = {"compare_type": True, "include_name": _is_of_the_models}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, Base.metadata))
