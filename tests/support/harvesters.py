"""Files of harvesters that the tests write, and their repositories as harvesters see them."""

from pathlib import Path

from sqlalchemy import select

from server.catalogue.publication_models import OaiRecordRow, OaiStandingRow
from server.publish.apply import Applied, apply_repository
from server.workshop import Workshop

HEAD = """\
name = "{name}"
label = {{ fr = "Pour {name}", en = "For {name}" }}
profile = "{profile}"
contact = "contact@example.org"
"""


def write_harvester(manifests: Path, name: str = "gallica", more: str = "", profile: str = "") -> Path:
    """Write a harvester's file; `more` is what follows its head."""
    folder = manifests / "harvesters"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(HEAD.format(name=name, profile=profile or name) + more, encoding="utf-8")
    return path


def apply(workshop: Workshop, name: str) -> dict[str, Applied]:
    """Apply a harvester's file; return what became of each document, by name."""
    return {applied.name: applied for applied in apply_repository(workshop, name)}


def records_of(workshop: Workshop, repository: str, prefix: str = "oai_dc") -> dict[str, OaiRecordRow]:
    """Return the records and tombstones of a repository in one format, by name."""
    with workshop.catalogue.read() as session:
        rows = session.scalars(
            select(OaiRecordRow).where(OaiRecordRow.repository == repository, OaiRecordRow.prefix == prefix)
        )
        return {row.name: row for row in rows}


def live_of(workshop: Workshop, repository: str, prefix: str = "oai_dc") -> set[str]:
    """Return the names of the records that are there."""
    return {name for name, row in records_of(workshop, repository, prefix).items() if not row.deleted}


def standings_of(workshop: Workshop, repository: str) -> dict[str, str]:
    """Return the state of each document that a repository selects."""
    with workshop.catalogue.read() as session:
        rows = session.scalars(select(OaiStandingRow).where(OaiStandingRow.repository == repository))
        return {row.name: row.state for row in rows}
