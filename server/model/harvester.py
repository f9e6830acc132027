"""A harvester's repository, as a file of `manifests/harvesters` describes it: what it takes, and in which forms.

Frozen values; the file is read by `server/catalogue/harvester_files.py`, the rule is applied by
`server/publish/selection.py`.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Prefix(StrEnum):
    """Every metadataPrefix that a repository may offer."""

    OAI_DC = "oai_dc"
    OAI_DCTERMS = "oai_dcterms"
    MODS = "mods"
    METS = "mets"
    EDM = "edm"
    UNIMARC = "unimarc"
    MARC21 = "marc21"


DELIVERED = frozenset({Prefix.UNIMARC, Prefix.MARC21})
"""Formats whose records are passed on as they were delivered."""


class Granularity(StrEnum):
    """What a record is where a document is a part of something: the part, the whole, or both."""

    ISSUE = "issue"
    TITLE = "title"
    BOTH = "both"


class SetKind(StrEnum):
    """The kinds of sets that a repository may have."""

    TYPE = "type"
    INSTITUTION = "institution"
    CAMPAIGN = "campagne"
    COLLECTION = "collection"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which documents a repository takes. None stands for any; what is excluded stays out, what is included comes in.

    `partners_of` names a programme: only documents of institutions that are its partners on the day, inclusions too.
    `include` and `exclude` are names of ARKs.
    """

    partners_of: str = ""
    institutions: tuple[str, ...] | None = None
    typologies: tuple[str, ...] | None = None
    campaigns: tuple[str, ...] | None = None
    collections: tuple[str, ...] | None = None
    rights: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Harvester:
    """One repository. `name` is its place in `/oai/{name}`; `profile` names a crosswalk profile.

    `thumbnail` is the longest side in pixels; `manifest` whether records lead to the IIIF manifest; `own_set` is a set
    that holds the whole repository, empty for none.
    """

    name: str
    label: dict[str, str]
    profile: str
    contact: str
    formats: tuple[Prefix, ...] = (Prefix.OAI_DC,)
    selection: Selection = field(default_factory=Selection)
    sets: tuple[SetKind, ...] = tuple(SetKind)
    own_set: str = ""
    thumbnail: int = 400
    manifest: bool = False
    press: Granularity = Granularity.ISSUE
    volumes: Granularity = Granularity.ISSUE
