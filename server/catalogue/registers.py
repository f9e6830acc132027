"""The registers a person keeps as TOML: institutions, suppliers, campaigns, curated collections.

They are read into the catalogue by `vitrine init`, again and again: what changed is updated, nothing is removed, since
items may hang on it. A mistake names the file and the key.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.catalogue.base import Base
from server.catalogue.models import CampaignRow, CollectionRow, InstitutionRow, PartnershipRow, SupplierRow
from server.errors import CatalogueError
from server.told import told

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


Entry = TypeVar("Entry", bound=_Strict)


class Label(_Strict):
    """A text in both languages of the house."""

    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)


class PartnershipEntry(_Strict):
    """`[[institution.partnership]]`: `until` is left out while it lasts."""

    programme: Slug
    since: date
    until: date | None = None


class InstitutionEntry(_Strict):
    """`[[institution]]` in institutions.toml."""

    name: Slug
    label: Label
    isil: str = ""
    rcr: str = ""
    gallica_label: str = ""
    commune: str = ""
    insee: str = Field("", pattern=r"^([0-9AB]{5})?$")
    homepage: str = Field("", pattern=r"^(https?://\S+)?$")
    logo: str = ""
    partnership: list[PartnershipEntry] = []


class SupplierEntry(_Strict):
    """`[[supplier]]` in suppliers.toml."""

    name: Slug
    label: str


class CampaignEntry(_Strict):
    """`[[campaign]]` in campaigns.toml."""

    name: Slug
    year: int = Field(ge=1990, le=2200)
    theme: Label
    order: str = ""
    keep_masters: bool = True


class CollectionEntry(_Strict):
    """One file of manifests/collections."""

    name: Slug
    label: Label
    summary: Label | None = None


class _Institutions(_Strict):
    institution: list[InstitutionEntry] = []


class _Suppliers(_Strict):
    supplier: list[SupplierEntry] = []


class _Campaigns(_Strict):
    campaign: list[CampaignEntry] = []


def read_registers(session: Session, data_dir: Path, manifests_dir: Path) -> dict[str, int]:
    """Bring the registers into the catalogue; return how many of each there are. Raises CatalogueError."""
    for institution in _read(data_dir / "institutions.toml", _Institutions).institution:
        _keep(session, InstitutionRow(**institution.model_dump(exclude={"partnership"})))
        session.execute(delete(PartnershipRow).where(PartnershipRow.institution == institution.name))
        for part in institution.partnership:
            session.add(PartnershipRow(institution=institution.name, **part.model_dump()))
    for supplier in _read(data_dir / "suppliers.toml", _Suppliers).supplier:
        _keep(session, SupplierRow(**supplier.model_dump()))
    for campaign in _read(data_dir / "campaigns.toml", _Campaigns).campaign:
        _keep(session, CampaignRow(**campaign.model_dump()))
    for path in sorted((manifests_dir / "collections").glob("*.toml")):
        entry = _read(path, CollectionEntry)
        _keep(
            session,
            CollectionRow(
                name=entry.name,
                label=entry.label.model_dump(),
                summary=entry.summary.model_dump() if entry.summary else {},
            ),
        )
    session.flush()
    return {
        "institutions": _count(session, InstitutionRow),
        "suppliers": _count(session, SupplierRow),
        "campaigns": _count(session, CampaignRow),
        "collections": _count(session, CollectionRow),
    }


def _keep(session: Session, row: Base) -> None:
    session.merge(row)


def _count(session: Session, rows: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(rows)) or 0


def _read(path: Path, kind: type[Entry]) -> Entry:
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise CatalogueError(
            told("{path} is missing; put it there or set VITRINE_DATA_DIR to the folder that holds it", path=str(path))
        ) from None
    except OSError as error:
        raise CatalogueError(
            told(
                "{path} cannot be read: {strerror}; a register is a file in TOML",
                path=str(path),
                strerror=error.strerror,
            )
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(told("{path}: {fault}", path=str(path), fault=str(error))) from None
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()
        )
        raise CatalogueError(told("{path}: {fault}", path=str(path), fault=faults)) from None
