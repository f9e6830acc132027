"""The sets of an item: what it is, who holds it, its campaign, its curated collections.

Sets are hierarchical (OAI-PMH 2.0 §2.6): `type:presse` is in `type`, and both exist. A record is listed under each of
them, but its header names the most specific ones only, as the specification asks. Pure.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from server.model.description import TYPOLOGY_LABELS
from server.model.harvester import SetKind
from server.model.item import Item

_UNSAFE = re.compile(r"[^A-Za-z0-9_.!~*'()-]+")

PARENTS: dict[str, dict[str, str]] = {
    "type": {"fr": "Types de documents", "en": "Types of documents"},
    "institution": {"fr": "Institutions de conservation", "en": "Holding institutions"},
    "campagne": {"fr": "Campagnes de numérisation", "en": "Digitisation campaigns"},
    "collection": {"fr": "Collections", "en": "Collections"},
}


@dataclass(frozen=True, slots=True)
class SetMembership:
    """A set that a record belongs to. For a curated `collection` the label is empty: its register has the words."""

    spec: str
    label: Mapping[str, str] = field(default_factory=dict)
    collection: str = ""


def set_spec(kind: str, slug: str) -> str:
    """Return the setSpec of one set of a kind: `type:presse`."""
    return f"{kind}:{_UNSAFE.sub('-', slug)}"


def sets_of(item: Item, kinds: Iterable[SetKind] = tuple(SetKind)) -> tuple[SetMembership, ...]:
    """Return the sets of an item of some kinds, the parents among them, in the order of their setSpecs."""
    described = item.description
    found = {
        set_spec("type", described.typology): TYPOLOGY_LABELS[described.typology],
        set_spec("institution", item.institution.name): item.institution.label,
    }
    if item.campaign is not None:
        theme = {language: f"{words} ({item.campaign.year})" for language, words in item.campaign.theme.items()}
        found[set_spec("campagne", item.campaign.name)] = theme
    curated = {set_spec("collection", name): name for name in item.collections}
    found |= {spec: {} for spec in curated}
    wanted = {kind.value for kind in kinds}
    found = {spec: label for spec, label in found.items() if spec.partition(":")[0] in wanted}
    for spec in list(found):
        parent = spec.partition(":")[0]
        found[parent] = PARENTS[parent]
    return tuple(SetMembership(spec, found[spec], curated.get(spec, "")) for spec in sorted(found))


def most_specific(specs: Iterable[str]) -> tuple[str, ...]:
    """Return the specs that contain no other one of them, sorted: what a header names."""
    known = sorted(set(specs))
    return tuple(spec for spec in known if not any(other.startswith(spec + ":") for other in known))
