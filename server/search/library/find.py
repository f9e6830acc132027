"""Searching the library: from a question to a page of documents, the counts of facets, and where in the text it is met.

A document meets a word that is anywhere in its notice or text; a phrase must stand in one field of the notice or on one
view. Counts of a facet are those of the documents that meet everything but what is chosen of this same facet: what one
would see if a value were chosen alone in it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import Any

from sqlalchemy import Connection, select

from server.catalogue.find_models import FindDocumentRow
from server.model.hits import Hit
from server.search.choose import index_of
from server.search.common import COMMON
from server.search.index import Deadline
from server.search.library.asked import ANYWHERE, Asked, letters_of
from server.search.library.commonest import is_common
from server.search.library.entry import FACETS, TEXT, WHOLE, YEAR, gram
from server.search.library.index import find_members, find_members_among, to_set
from server.search.library.mirror import Mirror
from server.search.library.rank import NEIGHBOURS, WEIGHTS, Points, rarity
from server.search.library.views import find_hits, find_phrase
from server.search.library.wanted import Term, decide, list_grams, list_ranked, list_terms
from server.search.query import MOST_CHARACTERS, Clause, join_asked, write_query

PAGE_SIZE = 20
SHOWN_VALUES, ALL_VALUES = 8, 300
"""Values of a facet that are shown, and that are shown where a reader asks for all."""

_KEPT_BYTES = 32 * 2**20
_MOST_KEPT = 1024
"""Terms of which it is remembered which documents hold them, and the memory that they may take in a process."""

_RANKED = 12
"""Clauses of a question that say in which order its documents stand."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was found: what a list shows of it, and places in its text where it is met, the best first.

    `within` is what to ask the document for so that these places and their like are found. `met_views` is on how many views
    they are, None where that is not known; `has_more` says that they are on more than those of `hits`.
    """

    name: str
    shown: dict[str, Any]
    hits: tuple[Hit, ...] = ()
    within: str = ""
    met_views: int | None = None
    has_more: bool = False

    @property
    def hit(self) -> Hit | None:
        """The best place; None where the text is not met."""
        return self.hits[0] if self.hits else None


@dataclass(frozen=True, slots=True)
class Count:
    """A value of a facet, and how many documents there would be with it."""

    value: str
    documents: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of a facet; `has_more` says that more are there than are listed."""

    name: str
    counts: tuple[Count, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A page of results. `is_loose` says that a phrase is too common to be looked up: its words were looked for."""

    asked: Asked
    total: int
    documents: tuple[Document, ...]
    facets: tuple[Facet, ...]
    is_loose: bool = False
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class _Met:
    """The documents that meet the words; `clauses` are what was asked, each with its parameter and its set in the text."""

    anywhere: int
    in_text: int = 0
    is_loose: bool = False
    clauses: tuple[tuple[str, Clause, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """A snapshot that is asked: its last change, by which what is remembered of it is known, and its time."""

    connection: Connection
    change: int
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class _Kept:
    """The documents that held a term at a change."""

    change: int
    members: int


class Library:
    """The search of one process over one catalogue: what it remembers is never older than the snapshot that asks."""

    def __init__(self) -> None:
        self.mirror = Mirror()
        self._terms: OrderedDict[Term, _Kept] = OrderedDict()
        self._terms_lock = Lock()

    def search(self, connection: Connection, asked: Asked, *, size: int = PAGE_SIZE, snippets: bool = True) -> Found:
        """Return a page of results. Raises Overloaded where it takes too long. A page beyond the last one is empty."""
        with index_of(connection).bounded(connection):
            look = self._look(connection)
            met = self._meet(look, asked)
            points = self._rank(look, met) if asked.sort == "relevance" else Points()
            with self.mirror.lock:
                base = met.anywhere & self.mirror.dated(*_days(asked)) & self.mirror.live
                chosen = {facet: self._chosen(facet, values) for facet, values in asked.facets.items()}
                results = base
                for members in chosen.values():
                    results &= members
                facets = tuple(self._facet(asked, name, base, chosen) for name in FACETS)
                numbers = self._order(asked, results, points, (asked.page - 1) * size, size)
            documents = self._load(look, asked, numbers, met, snippets=snippets)
        return Found(asked, results.bit_count(), documents, facets, met.is_loose, size)

    def warm(self, connection: Connection) -> None:
        """Remember what there is, so that the first question of a process need not wait for it."""
        with self.mirror.lock:
            self.mirror.refresh(connection)

    def count(self, connection: Connection, asked: Asked) -> int:
        """Return how many documents meet a question."""
        with index_of(connection).bounded(connection):
            met = self._meet(self._look(connection), asked)
            with self.mirror.lock:
                results = met.anywhere & self.mirror.dated(*_days(asked)) & self.mirror.live
                for facet, values in asked.facets.items():
                    results &= self._chosen(facet, values)
                return results.bit_count()

    def forget_terms(self) -> None:
        """Forget which documents hold which terms, as in a process that has just begun."""
        with self._terms_lock:
            self._terms.clear()

    def _look(self, connection: Connection) -> _Look:
        with self.mirror.lock:
            return _Look(connection, self.mirror.refresh(connection), Deadline())

    def _chosen(self, facet: str, values: Iterable[str]) -> int:
        members = 0
        for value in values:
            members |= self.mirror.members(facet, value)
        return members

    def _facet(self, asked: Asked, name: str, base: int, chosen: dict[str, int]) -> Facet:
        if name == YEAR and not chosen.keys() & {WHOLE, YEAR} and asked.whole != YEAR:
            return Facet(name, (), has_more=False)  # years of all newspapers together tell nothing
        for facet, members in chosen.items():
            if facet != name:
                base &= members
        most = ALL_VALUES if asked.whole == name or name in ("type", "century") else SHOWN_VALUES
        counted = self.mirror.count(name, base, most + 1)
        listed = dict(counted[:most])
        picked = asked.facets.get(name, ())
        for value in picked:
            if value not in listed:
                listed[value] = self.mirror.count_value(name, value, base)
        counts = tuple(Count(value, documents, value in picked) for value, documents in listed.items())
        return Facet(name, counts, len(counted) > most)

    def _order(self, asked: Asked, results: int, points: Points, offset: int, limit: int) -> list[int]:
        if asked.sort != "relevance":
            return self.mirror.take(results, asked.sort, offset, limit)
        return points.order(
            results, offset, limit, lambda some, over, most: self.mirror.take(some, "title", over, most)
        )

    def _meet(self, look: _Look, asked: Asked) -> _Met:
        anywhere = self.mirror.live
        in_text, is_loose = 0, False
        met = []
        self._terms_of(look, list_terms(asked))  # at once, to be remembered
        for name, clauses in asked.clauses.items():
            if not clauses:
                return _Met(0)  # signs without a letter or digit are nowhere
            for clause in clauses:
                look.deadline.check()
                together = text = 0
                for letter in letters_of(name):
                    found, loose = self._clause(look, letter, clause)
                    is_loose = is_loose or loose
                    together |= found
                    text = found if letter == TEXT else text
                in_text |= text
                anywhere &= together
                met.append((name, clause, text))
        return _Met(anywhere, in_text, is_loose, tuple(met))

    def _rank(self, look: _Look, met: _Met) -> Points:
        """Return the points of the documents: what a question says beyond its first words changes their order no more."""
        points, everything = Points(), self.mirror.live.bit_count()
        asked = met.clauses[:_RANKED]
        fields = [
            (place, letter) for place, (name, clause, _) in enumerate(asked) for letter in list_ranked(name, clause)
        ]
        wanted = [list_grams(letter, asked[place][1]) for place, letter in fields]
        neighbours = [
            (gram("t", (*one.words, *other.words)), other.is_open)
            for (name, one, _), (follows, other, _) in pairwise(asked)
            if name == follows == ANYWHERE and len(one.words) == len(other.words) == 1 and not one.is_open
        ]
        look.deadline.check()
        known = self._terms_of(look, [*(term for grams in wanted for term in grams), *neighbours])
        sets: list[dict[str, int]] = [{TEXT: text} for _, _, text in asked]
        for (place, letter), grams in zip(fields, wanted, strict=True):
            members = known[grams[0]]
            for term in grams[1:]:
                members &= known[term]
            sets[place][letter] = members
        for found in sets:
            together = 0
            for members in found.values():
                together |= members
            rare = rarity(together.bit_count(), everything)
            for letter, members in found.items():
                points.add(members, WEIGHTS[letter] * rare)
        for term in neighbours:
            points.add(known[term], NEIGHBOURS)
        return points

    def _clause(self, look: _Look, letter: str, clause: Clause) -> tuple[int, bool]:
        """Return the documents that meet a clause in a field, and whether more may be among them."""
        terms = decide(letter, clause)
        return (self._all(look, terms), False) if terms else self._phrase(look, clause)

    def _phrase(self, look: _Look, clause: Clause) -> tuple[int, bool]:
        """Return the documents that hold a phrase on one view; where it is too common, those that hold its words."""
        met = find_phrase(look.connection, clause, look.deadline)
        if met is not None:
            with self.mirror.lock:
                known = self.mirror.by_text
                return to_set(known[number] for number in met if number in known), False
        words = clause.words[:-1] if clause.is_open else clause.words
        paired = (pair for pair in pairwise(words) if COMMON.issuperset(pair))
        terms = [*((word,) for word in words), *paired]
        at_most = self._all(look, [(gram(TEXT, term), False) for term in terms])
        return at_most, bool(at_most)

    def _all(self, look: _Look, terms: Sequence[Term]) -> int:
        members, known = self.mirror.live, self._terms_of(look, terms)
        for term in terms:
            members &= known[term]
        return members

    def _terms_of(self, look: _Look, terms: Iterable[Term]) -> dict[Term, int]:
        """Return the documents that hold each of some terms; those that are not remembered are asked for at once.

        What was remembered before the last publications is mended for the documents that these changed.
        """
        wanted = list(dict.fromkeys(terms))
        known = self._common_of(look, wanted)
        asked = [each for each in wanted if each not in known]
        with self._terms_lock:
            held = {each: self._terms[each] for each in asked if each in self._terms}
        found = {each: kept.members for each, kept in held.items() if kept.change == look.change}
        found |= self._mended(look, {each: kept for each, kept in held.items() if kept.change < look.change})
        missing = [each for each in asked if each not in found]
        found |= dict(zip(missing, find_members(look.connection, missing), strict=True))
        with self._terms_lock:
            for each in asked:
                kept = self._terms.get(each)
                if kept is None or kept.change <= look.change:  # an older snapshot never replaces what is newer
                    self._terms[each] = _Kept(look.change, found[each])
                self._terms.move_to_end(each)
            most = min(_MOST_KEPT, _KEPT_BYTES * 8 // max(1, self.mirror.live.bit_length()))
            while len(self._terms) > max(most, len(asked)):
                self._terms.popitem(last=False)
        return known | found

    def _common_of(self, look: _Look, terms: Iterable[Term]) -> dict[Term, int]:
        """Return the documents that hold those of some terms which are among the commonest words."""
        common = [term for term, is_open in terms if not is_open and is_common(term)]
        if not common:
            return {}
        with self.mirror.lock:
            found = {(term, False): self.mirror.common_members(term, look.change) for term in common}
        return {each: members for each, members in found.items() if members is not None}

    def _mended(self, look: _Look, behind: dict[Term, _Kept]) -> dict[Term, int]:
        """Return what is remembered of some terms with the changes since; nothing of those since which too much changed.

        What changed may be known from a newer snapshot, and then is more: all of it is asked for in this one.
        """
        if not behind:
            return {}
        with self.mirror.lock:
            since = {change: self.mirror.changed_since(change) for change in {kept.change for kept in behind.values()}}
        changed = {each: numbers for each, kept in behind.items() if (numbers := since[kept.change]) is not None}
        if not changed:
            return {}
        numbers = set[int]().union(*changed.values())
        anew = to_set(numbers)
        holding = find_members_among(look.connection, list(changed), sorted(numbers))
        return {each: (behind[each].members & ~anew) | holding[each] for each in changed}

    def _load(
        self, look: _Look, asked: Asked, numbers: Sequence[int], met: _Met, *, snippets: bool
    ) -> tuple[Document, ...]:
        rows = {
            row.number: row
            for row in look.connection.execute(
                select(
                    FindDocumentRow.number, FindDocumentRow.name, FindDocumentRow.shown, FindDocumentRow.text_number
                ).where(FindDocumentRow.number.in_(numbers), FindDocumentRow.live)
            )
        }
        clauses = [*asked.clauses.get(ANYWHERE, ()), *asked.clauses.get("text", ())]
        met_in_text = {
            row.text_number: (row.name, row.shown["views"])
            for row in rows.values()
            if snippets and clauses and row.text_number is not None and met.in_text >> row.number & 1
        }
        hits = find_hits(look.connection, met_in_text, clauses, look.deadline)
        words = join_asked(asked.words[name] for name in (ANYWHERE, "text") if name in asked.words)
        documents = []
        for row in (rows[number] for number in numbers if number in rows):
            found = hits.get(row.text_number)
            if found is None:
                documents.append(Document(row.name, row.shown))
                continue
            is_whole = len(found.query.clauses) == len(clauses) and len(words) <= MOST_CHARACTERS
            within = words if is_whole else write_query(found.query)
            documents.append(Document(row.name, row.shown, found.hits, within, found.views, found.has_more))
        return tuple(documents)


def _days(asked: Asked) -> tuple[int | None, int | None]:
    since, upto = asked.years
    return (since * 10_000 if since is not None else None), (upto * 10_000 + 9999 if upto is not None else None)
