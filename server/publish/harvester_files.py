"""The files of `manifests/harvesters`: one repository each, read strictly. A mistake names file, line, fault and remedy.

TOML says what is wrong with its own syntax; where a key or a value is wrong, the line of the key is looked up here.
"""

import hashlib
import re
import tomllib
from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.models import CampaignRow, CollectionRow, InstitutionRow, ItemRow, PartnershipRow
from server.catalogue.publication_models import OaiRepositoryRow, PublicationRow
from server.catalogue.registers import Label
from server.catalogue.repositories import HARVESTER
from server.errors import CatalogueError
from server.model.description import Typology
from server.model.harvester import Granularity, Harvester, Prefix, Selection, SetKind
from server.model.rights import RightsStatus
from server.oai.formats.profile import profile_names, read_profile
from server.oai.formats.render import WRITERS

RESERVED = frozenset({"public"})
"""Names that would be mistaken for something else."""

_NAME = r"^[a-z][a-z0-9-]{0,39}$"
_TABLE = re.compile(r"^\s*\[\s*([A-Za-z0-9_.\"-]+)\s*\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\"-]+)\s*(?:\.\s*([A-Za-z0-9_\"-]+)\s*)?=")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SelectEntry(_Strict):
    """`[select]`: which documents a repository takes. A key that is left out restricts nothing."""

    partners_of: str = Field("", description="Programme whose partner the holding institution must be on the day.")
    institutions: list[str] | None = Field(None, description="Names of institutions.")
    typologies: list[Typology] | None = Field(None, description="Categories of documents.")
    campaigns: list[str] | None = Field(None, description="Names of campaigns.")
    collections: list[str] | None = Field(None, description="Names of curated collections.")
    rights: list[RightsStatus] | None = Field(None, description="Statuses of rights.")
    languages: list[str] | None = Field(None, description="ISO 639-2/B codes; one language of the document is enough.")
    include: list[str] = Field([], description="ARK names that come in besides, as long as `partners_of` allows.")
    exclude: list[str] = Field([], description="ARK names that stay out, whatever the rest says.")
    closed: bool = Field(False, description="Takes nothing: every record becomes a deleted one.")


class HarvesterEntry(_Strict):
    """One file of manifests/harvesters."""

    name: str = Field(pattern=_NAME, description="The repository's place: `/oai/{name}`. The file is called the same.")
    label: Label = Field(description="Its name in French and in English (`label.fr`, `label.en`).")
    profile: str = Field(description="The profile whose words and rules it follows.")
    contact: str = Field(pattern=r"^\S+@(\S+\.)+\S+$", description="Address for the harvester's people.")
    formats: list[Prefix] = Field([Prefix.OAI_DC], min_length=1, description="The metadata formats that it offers.")
    sets: list[SetKind] = Field(list(SetKind), description="The kinds of sets that it has.")
    own_set: str = Field("", pattern=r"^([A-Za-z0-9-]+)?$", description="A set that holds all of it; none when empty.")
    thumbnail: int = Field(400, ge=64, le=1000, description="Longest side of the thumbnail in pixels.")
    manifest: bool = Field(False, description="Whether records lead to the IIIF manifest.")
    press: Granularity = Field(Granularity.ISSUE, description="What a record of a newspaper is: issue, title or both.")
    volumes: Granularity = Field(
        Granularity.ISSUE, description="The same for works in several volumes: `issue` is a volume, `title` the work."
    )
    select: SelectEntry = Field(
        default_factory=lambda: SelectEntry.model_validate({}), description="Which documents it takes."
    )


def read_harvesters(session: Session, manifests_dir: Path, day: date) -> int:
    """Bring every file of the folder into the catalogue; return how many repositories there are. Raises CatalogueError.

    What is applied stays as it is until `vitrine publish`: a file that goes away leaves its repository as it stood. While
    nothing is public there is nothing to apply a rule to.
    """
    is_empty = session.scalar(select(PublicationRow.name).where(PublicationRow.state == "live").limit(1)) is None
    for path in sorted((manifests_dir / "harvesters").glob("*.toml")):
        row = keep_harvester(session, read_harvester(path, session))
        if is_empty:
            row.applied, row.day = row.digest, day
    session.flush()
    return len(session.scalars(select(OaiRepositoryRow.name)).all())


def find_harvester(session: Session, manifests_dir: Path, name: str) -> Harvester:
    """Return the harvester whose file has a name. Raises CatalogueError for one that has none."""
    known = sorted(path.stem for path in (manifests_dir / "harvesters").glob("*.toml"))
    if name not in known:
        told = f"the repositories are {', '.join(known)}" if known else "there is none yet"
        raise CatalogueError(
            f"{manifests_dir / 'harvesters'}/{name}.toml is missing, so there is no repository {name}; {told}"
        )
    return read_harvester(manifests_dir / "harvesters" / f"{name}.toml", session)


def keep_harvester(session: Session, harvester: Harvester) -> OaiRepositoryRow:
    """Bring a harvester into the catalogue; return its row."""
    row = session.get(OaiRepositoryRow, harvester.name)
    if row is None:
        row = OaiRepositoryRow(name=harvester.name, applied="", day=None)
        session.add(row)
    row.label, row.contact = harvester.label, harvester.contact
    row.formats = [prefix.value for prefix in harvester.formats]
    row.definition = HARVESTER.dump_python(harvester, mode="json")
    row.digest = hashlib.sha256(HARVESTER.dump_json(harvester)).hexdigest()
    session.flush()
    return row


def read_harvester(path: Path, session: Session | None = None) -> Harvester:
    """Return what a file says, checked; with a session its names are looked up too. Raises CatalogueError."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror}; it is to be a file in TOML") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CatalogueError(f"{path}, line {line}: this is not UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        said = re.sub(r" \(at [^)]*\)", "", str(error))
        raise CatalogueError(
            f"{path}, line {line}: {said[0].lower()}{said[1:]}; this is no TOML, correct the line"
        ) from None
    try:
        entry = HarvesterEntry.model_validate(data)
    except ValidationError as error:
        raise CatalogueError("\n".join(_explain(path, text, fault) for fault in error.errors())) from None
    _check(path, text, entry, session)
    return _harvester(entry)


def _harvester(entry: HarvesterEntry) -> Harvester:
    chosen = entry.select

    def each(values: Sequence[str] | None) -> tuple[str, ...] | None:
        return None if values is None else tuple(str(value) for value in values)

    return Harvester(
        name=entry.name,
        label=entry.label.model_dump(),
        profile=entry.profile,
        contact=entry.contact,
        formats=tuple(dict.fromkeys(entry.formats)),
        selection=Selection(
            chosen.partners_of, each(chosen.institutions), each(chosen.typologies), each(chosen.campaigns),
            each(chosen.collections), each(chosen.rights), each(chosen.languages), tuple(chosen.include),
            tuple(chosen.exclude), chosen.closed,
        ),
        sets=tuple(dict.fromkeys(entry.sets)),
        own_set=entry.own_set,
        thumbnail=entry.thumbnail,
        manifest=entry.manifest,
        press=entry.press,
        volumes=entry.volumes,
    )  # fmt: skip


def _check(path: Path, text: str, entry: HarvesterEntry, session: Session | None) -> None:
    """Check what the shape of the file does not say: that things which it names exist, and fit one another."""

    def wrong(key: tuple[str, ...], fault: str, remedy: str, value: str = "") -> NoReturn:
        raise CatalogueError(f"{path}, line {_line(text, key, value)}: {'.'.join(key)}: {fault}; {remedy}")

    if entry.name != path.stem or entry.name in RESERVED:
        remedy = "call the file as the repository" if entry.name not in RESERVED else "choose another name"
        wrong(("name",), f"{entry.name!r} does not fit the file {path.name}", remedy)
    names = [name for name in profile_names() if name != "public"]
    if entry.profile not in names:
        wrong(("profile",), f"there is no profile {entry.profile!r}", _nearest(entry.profile, names))
    for prefix in entry.formats:
        if prefix.value not in WRITERS:
            wrong(("formats",), f"{prefix.value} cannot be written", f"take some of {', '.join(WRITERS)}", prefix.value)
    least, most = read_profile(entry.profile).thumbnail_sides
    if not least <= entry.thumbnail <= most:
        wrong(
            ("thumbnail",),
            f"{entry.thumbnail} pixels do not suit the profile {entry.profile}",
            f"give {least} to {most}",
        )
    if entry.own_set in {kind.value for kind in SetKind}:
        wrong(("own_set",), f"{entry.own_set!r} is a kind of sets", "choose another word")
    if session is None:
        return
    known: dict[str, tuple[Any, str]] = {
        "institutions": (InstitutionRow.name, "institutions.toml"),
        "campaigns": (CampaignRow.name, "campaigns.toml"),
        "collections": (CollectionRow.name, "manifests/collections"),
        "include": (ItemRow.name, ""),
        "exclude": (ItemRow.name, ""),
    }
    for key, (column, register) in known.items():
        for value in getattr(entry.select, key) or ():
            if session.scalar(select(column).where(column == value)) is None:
                if register:
                    remedy = _nearest(value, session.scalars(select(column)).all(), f"those of {register} are")
                else:
                    remedy = "give the name part of an ARK, as `vitrine publish` prints it"
                wrong(("select", key), f"{value!r} is not known", remedy, value)
    programmes = session.scalars(select(PartnershipRow.programme).distinct()).all()
    # A programme without any partner yet is no mistake; one that is spelled almost like another is.
    if entry.select.partners_of not in programmes and get_close_matches(entry.select.partners_of, programmes, 1):
        wrong(
            ("select", "partners_of"), f"no institution is a partner of {entry.select.partners_of!r}",
            _nearest(entry.select.partners_of, programmes, "the programmes of institutions.toml are"),
        )  # fmt: skip


def _explain(path: Path, text: str, fault: Any) -> str:
    place = tuple(str(part) for part in fault["loc"] if not isinstance(part, int))
    key = ".".join(place)
    value = fault["input"] if isinstance(fault["input"], str) else ""
    line = _line(text, place, value)
    if fault["type"] == "extra_forbidden":
        known = (SelectEntry if place[0] == "select" and len(place) > 1 else HarvesterEntry).model_fields
        return f"{path}, line {line}: there is no key {key}; {_nearest(place[-1], list(known))}"
    if fault["type"] == "missing":
        return f"{path}, line {line}: {key} is missing; add it"
    said = f"{fault['input']!r}: " if not isinstance(fault["input"], dict) else ""
    return f"{path}, line {line}: {key}: {said}{fault['msg'][0].lower()}{fault['msg'][1:]}; correct it"


def _nearest(said: str, known: Sequence[str], told: str = "there are") -> str:
    close = get_close_matches(said, known, 1)
    return f"did you mean {close[0]}?" if close else f"{told} {', '.join(sorted(known)) or 'none'}"


def _line(text: str, key: tuple[str, ...], value: str = "") -> int:
    """Return the line of a key, or of a value in its array; that of what it stands in where it is nowhere, at least 1."""
    lines = text.splitlines()
    table: tuple[str, ...] = ()
    found, deepest = 0, 0
    for number, line in enumerate(lines):
        if header := _TABLE.match(line):
            table = here = tuple(part.strip('"') for part in header[1].split("."))
        elif match := _KEY.match(line):
            here = (*table, *(part.strip('"') for part in match.groups() if part))
        else:
            continue
        if len(here) > deepest and key[: len(here)] == here:
            found, deepest = number, len(here)
    if value:
        for number in range(found, len(lines)):
            if number > found and (_TABLE.match(lines[number]) or _KEY.match(lines[number])):
                break
            if f'"{value}"' in lines[number]:
                return number + 1
    return found + 1
