"""From a published item to what the portal's search keeps of it: terms by field, values of facets, what a list shows.

Text is folded and divided as in the full text. A term of the index is a mark, the letter of its field and a folded word
(`_tcarte`); in a notice two and three neighbours are terms too (`_tcarte_de`), so that phrases are found. Pure.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from server.iiif.build.collection import memberships
from server.model.dates import bounds
from server.model.description import Description, SubjectKind, WholeKind
from server.model.item import Item
from server.model.languages import iso639_2b
from server.model.thumbnail import thumbnail_size
from server.oai.formats.oai_dc import is_creator
from server.search.common import COMMON, MARK, pairs
from server.search.folding import fold, split
from server.search.library.commonest import pack_common

RECIPE = 5
"""To be raised when the same item is folded, sorted or shown otherwise: what is filed by another one is filed anew."""

FIELDS = {"title": "t", "creator": "c", "subject": "s", "place": "p", "description": "d"}
"""What of a notice can be searched by itself, and its letter."""

NOTICE, TEXT, OFTEN = "n", "x", "y"
"""The letters of all fields of a notice together, of the text of the views, and of words that come back often in it."""

WHOLE, YEAR = "in", "year"
"""Facets whose values are names of collections: of a newspaper, a work in several volumes or a selection; of a year of a
newspaper."""

FACETS = (
    "type", "century", "place", "subject", "person", WHOLE, YEAR, "institution", "campaign", "language", "rights", "text",
)  # fmt: skip
"""What is counted, in the order in which it is shown."""

_WHOLES = frozenset({"title", "work", "curated"})

WITH_TEXT = "1"
LONGEST_GRAM = 3
HALF = 32
"""Characters of a digest that stand for the notice; the others stand for the text."""

_LEAST_OFTEN, _SHARE = 3, 400
"""A word comes back often in a text that has it three times at least, and once in four hundred words."""

_LONGEST_VALUE = 200
_PART_TERMS, _PART_BYTES = 8_000, 300_000
"""Terms of one row of the index: a `tsvector` holds 1 MB."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as it is filed. `earliest` and `latest` are yyyymmdd.

    `notice` and `text` are rows of terms, divided by spaces: each of the two is written anew where it alone has changed.
    `common` says which of the commonest words it holds (`commonest`).
    """

    facets: dict[str, list[str]]
    shown: dict[str, Any]
    sort_key: str
    earliest: int | None
    latest: int | None
    notice: tuple[str, ...]
    text: tuple[str, ...]
    common: bytes

    @property
    def digest(self) -> str:
        """What its terms are known by: half of it stands for those of the notice, half for those of the text."""
        return "".join(hashlib.sha256("\n".join(rows).encode()).hexdigest()[:HALF] for rows in (self.notice, self.text))


def file_item(item: Item, texts: Iterable[str]) -> Entry:
    """Return what is kept of an item; `texts` are the folded words of its public views."""
    described = item.description
    words, counts = set[str](), Counter[str]()
    has_text = False
    for text in texts:
        has_text = True
        told = text.split()
        words.update(told)
        counts.update(told)
        words.update(pairs(told))
    least = max(_LEAST_OFTEN, counts.total() // _SHARE)
    often = [word for word, count in counts.items() if count >= least and word not in COMMON]
    terms = sorted([*(f"{MARK}{TEXT}{each}" for each in words), *(f"{MARK}{OFTEN}{each}" for each in often)])
    notice = sorted(set(_notice_terms(item)))
    earliest, latest = _span(described)
    return Entry(
        _facets(item, earliest, latest, has_text=has_text), _show(item, has_text=has_text), _sort_key(item), earliest, latest,
        tuple(_parts(notice)), tuple(_parts(terms)), pack_common((*notice, *terms)),
    )  # fmt: skip


def gram(letter: str, words: Sequence[str]) -> str:
    """Return the term of one word, or of neighbours, in a field."""
    return (
        f"{MARK}{letter}{MARK.join(words)}"
        if len(words) == 1 or letter != TEXT
        else f"{MARK}{letter}{MARK}{MARK.join(words)}"
    )


def _notice_terms(item: Item) -> Iterator[str]:
    for field, values in _fields(item).items():
        for value in values:
            words = split(value[:20_000])
            for size in range(1, LONGEST_GRAM + 1):
                for start in range(len(words) - size + 1):
                    yield gram(FIELDS[field], words[start : start + size])
                    yield gram(NOTICE, words[start : start + size])


def _fields(item: Item) -> dict[str, list[str]]:
    described = item.description
    whole = described.part_of
    return {
        "title": [*(title.value for title in described.titles), *((f"{whole.label} {whole.number}",) if whole else ())],
        "creator": [*(f"{person.name} {person.dates}" for person in described.people), described.publisher],
        "subject": [subject.label for subject in described.subjects],
        "place": [
            *(place.label for place in described.places),
            *(subject.label for subject in described.subjects if subject.kind is SubjectKind.PLACE),
            described.publication_place,
        ],
        "description": [
            *(text.value for text in (*described.abstracts, *described.notes)),
            described.genre, described.extent, described.shelfmark,
            *(date.literal for date in described.dates),
            *item.institution.label.values(),
            *(item.campaign.theme.values() if item.campaign else ()),
            *(view.notes.label for view in item.public_views if len(view.notes.label) > 8),
            *(each.text.value for view in item.public_views for each in view.notes.descriptions),
        ],
    }  # fmt: skip


def _facets(item: Item, earliest: int | None, latest: int | None, *, has_text: bool) -> dict[str, list[str]]:
    described = item.description
    by_kind: dict[SubjectKind, list[str]] = {kind: [] for kind in SubjectKind}
    for subject in described.subjects:
        by_kind[subject.kind].append(subject.label)
    within = memberships(item)
    found: dict[str, Iterable[str]] = {
        "type": [described.typology.value],
        "century": map(str, _centuries(earliest, latest)),
        "place": [*(place.label for place in described.places), *by_kind[SubjectKind.PLACE]],
        "subject": by_kind[SubjectKind.TOPIC],
        "person": [*(person.name for person in described.people), *by_kind[SubjectKind.PERSON]],
        WHOLE: [each.name for each in within if each.kind in _WHOLES],
        YEAR: [each.name for each in within if each.kind == "year"],
        "institution": [item.institution.name],
        "campaign": [item.campaign.name] if item.campaign else [],
        "language": [iso639_2b(code) or code for code in described.languages],
        "rights": [described.rights.status.value],
        "text": [WITH_TEXT] if has_text else [],
    }
    cleaned = {
        facet: dict.fromkeys(" ".join(value.split())[:_LONGEST_VALUE] for value in values)
        for facet, values in found.items()
    }
    return {facet: [value for value in values if value] for facet, values in cleaned.items() if any(values)}


def _span(described: Description) -> tuple[int | None, int | None]:
    """Return the first and the last day that the dates of a document may mean; an open end is its other end."""
    found = [bounds(date.edtf) for date in described.dates if date.edtf]
    days = [day for each in found for day in (each.earliest, each.latest) if day is not None]
    if not days:
        return None, None
    numbers = [day.year * 10_000 + day.month * 100 + day.day for day in days]
    return min(numbers), max(numbers)


def _centuries(earliest: int | None, latest: int | None) -> range:
    """Return the centuries that a span of days touches: 1801 to 1900 is the 19th."""
    if earliest is None or latest is None:
        return range(0)
    first, last = (max(0, each // 10_000 - 1) // 100 + 1 for each in (earliest, latest))
    return range(first, last + 1)


def _sort_key(item: Item) -> str:
    """Return what titles are sorted by; issues by their newspaper, so that dates, which come next, are days and not words."""
    whole = item.description.part_of
    is_issue = whole is not None and whole.kind is WholeKind.PERIODICAL and whole.label
    title = whole.label if whole is not None and is_issue else item.description.title.value
    return " ".join(split(title))[:150] or fold(item.name)


def _show(item: Item, *, has_text: bool) -> dict[str, Any]:
    described = item.description
    face = item.face if item.public_views else None
    date = next((each for each in described.dates if each.edtf or each.literal), None)
    # what a hit in the text calls its view; a list of hits would else parse thousands of views of each document
    labels = {str(view.number): view.notes.label for view in item.public_views if view.notes.label} if has_text else {}
    return {
        "title": described.title.value,
        "language": described.title.language,
        "makers": [person.name for person in described.people if is_creator(person)][:5],
        "date": [date.edtf, date.literal] if date else None,
        "type": described.typology.value,
        "institution": item.institution.name,
        "holder": item.institution.label,
        "image": face.image if face else None,
        "size": list(thumbnail_size(face)) if face else None,
        "whole": [face.width, face.height] if face else None,
        "views": len(item.public_views),
        **({"labels": labels} if labels else {}),
    }


def _parts(terms: Sequence[str]) -> Iterator[str]:
    some: list[str] = []
    size = 0
    for term in terms:
        length = len(term.encode()) + 1
        if some and (len(some) >= _PART_TERMS or size + length > _PART_BYTES):
            yield " ".join(some)
            some, size = [], 0
        some.append(term)
        size += length
    if some:
        yield " ".join(some)
