"""The tests that the rules of a profile name: each looks at what a record says, before it goes out.

A rule of `profiles/*.toml` names one of `CHECKS`; what it says when it is broken stands there, in French and English.
Pure.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.model.item import Item
from server.model.languages import iso639_2b
from server.model.rights import RightsStatus
from server.oai.formats.document import Document, Telling, thumbnail_side
from server.oai.formats.oai_dc import Statement, statements
from server.oai.formats.profile import Level, Rule
from server.oai.formats.types import TYPES

MAIN_TYPES = frozenset({"text", "image", "sound", "video"})
LEAST_PIXELS = 950_000
"""Pixels of an image from which on Europeana counts it among the higher content tiers."""

_LOWER_TIERS = (100_000, 420_000)
"""Pixels that content tiers 1 and 2 ask for, whatever the rights are."""

_FREE = frozenset({RightsStatus.PUBLIC_DOMAIN, RightsStatus.CC0, RightsStatus.CC_BY, RightsStatus.CC_BY_SA})
_USABLE = frozenset({RightsStatus.CC_BY_NC, RightsStatus.CC_BY_NC_ND})
"""Rights that tier 4 and tier 3 ask for."""

_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule of a profile that a record breaks, in words of both languages."""

    rule: str
    level: Level
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that is about to go out: what it says, and of what."""

    document: Document
    telling: Telling
    said: tuple[Statement, ...]

    def values(self, elements: Sequence[str]) -> list[Statement]:
        """Return what is said in some elements."""
        return [one for one in self.said if one.name in elements]


def find_faults(document: Document, telling: Telling) -> tuple[Fault, ...]:
    """Return the rules of the profile that a record would break, in their order."""
    draft = Draft(document, telling, statements(document, telling))
    return tuple(
        Fault(rule.name, rule.level, rule.texts)
        for rule in telling.profile.rules
        if not CHECKS[rule.check](draft, draft.values(rule.elements), rule)
    )


def _present(_draft: Draft, said: list[Statement], _rule: Rule) -> bool:
    return bool(said)


def _first_is_address(_draft: Draft, said: list[Statement], _rule: Rule) -> bool:
    return bool(said) and _ADDRESS.fullmatch(said[0].value) is not None


def _types(_draft: Draft, said: list[Statement], _rule: Rule) -> bool:
    if not said or said[0].value not in MAIN_TYPES or said[0].language is not None:
        return False
    rest = [one for one in said if one.language]
    pairs = list(zip(rest[::2], rest[1::2], strict=False))
    return (
        bool(pairs)
        and len(rest) % 2 == 0
        and all(
            (french.language, english.language) == ("fr", "en")
            and french.value in TYPES
            and TYPES[french.value].english == english.value
            for french, english in pairs
        )
    )


def _bilingual_with_address(_draft: Draft, said: list[Statement], _rule: Rule) -> bool:
    return {"fr", "en"} <= {one.language for one in said} and any(_ADDRESS.fullmatch(one.value) for one in said)


def _no_language_on_addresses(draft: Draft, _said: list[Statement], _rule: Rule) -> bool:
    return not any(one.language and _ADDRESS.fullmatch(one.value) for one in draft.said)


def _matches(_draft: Draft, said: list[Statement], rule: Rule) -> bool:
    return bool(said) and all(re.search(rule.pattern, one.value) for one in said)


def _some_match(_draft: Draft, said: list[Statement], rule: Rule) -> bool:
    return any(re.search(rule.pattern, one.value) for one in said)


def _known_holder(draft: Draft, _said: list[Statement], _rule: Rule) -> bool:
    return bool(draft.document.item.institution.gallica_label)


def _thumbnail_size(draft: Draft, _said: list[Statement], _rule: Rule) -> bool:
    least, most = draft.telling.profile.thumbnail_sides
    return least <= thumbnail_side(draft.document, draft.telling.thumbnail) <= most


def _language_codes(_draft: Draft, said: list[Statement], _rule: Rule) -> bool:
    return bool(said) and all(len(one.value) == 3 and iso639_2b(one.value) == one.value for one in said)


def _language_of_text(draft: Draft, said: list[Statement], _rule: Rule) -> bool:
    is_text = any(one.name == "type" and one.value == "text" for one in draft.said)
    return bool(said) or not is_text


def content_tier(item: Item) -> int:
    """Return the content tier that Europeana's publishing framework may give to the image of a document, 0 to 4."""
    if not item.public_views:
        return 0
    pixels = item.face.width * item.face.height
    if pixels < LEAST_PIXELS:
        return sum(pixels >= least for least in _LOWER_TIERS)
    if item.description.rights.status in _FREE:
        return 4
    return 3 if item.description.rights.status in _USABLE else 2


def _content_tier(draft: Draft, _said: list[Statement], _rule: Rule) -> bool:
    views = draft.document.item.public_views
    return bool(views) and draft.document.item.face.width * draft.document.item.face.height >= LEAST_PIXELS


CHECKS: dict[str, Callable[[Draft, list[Statement], Rule], bool]] = {
    "present": _present,
    "first-is-address": _first_is_address,
    "types": _types,
    "bilingual-with-address": _bilingual_with_address,
    "no-language-on-addresses": _no_language_on_addresses,
    "matches": _matches,
    "some-match": _some_match,
    "known-holder": _known_holder,
    "thumbnail-size": _thumbnail_size,
    "language-codes": _language_codes,
    "language-of-text": _language_of_text,
    "content-tier": _content_tier,
}
"""Every test that a rule may name: whether a record keeps it."""
