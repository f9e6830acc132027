"""Searching a library of 100 000 documents on SQLite and PostgreSQL: whole pages, counts of facets and snippets included.

    python -m benchmarks.library [--quick] [--documents 100000] [--drawn 5000] [--asked 25] [--only sqlite] [--write]

The documents are made by the code that files what is published (`file_item`, `index_view`), seven of ten with text: one, four
or eight pages of the words of French prose (`corpus.py`), and written in bulk; `--drawn` are made so, the others are copies of them
in which every other person, place and subject is another one. An answer is timed in this process from the request
as Flask gets it to the last byte of the page: with a document published before each question, with everything that is
remembered of words forgotten before each, as in a process that has just begun, and with neither. Exit status 1 where a floor
is missed.
"""

import argparse
import itertools
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from flask import Flask
from sqlalchemy import func, insert, select, text, update

from benchmarks.corpus import BASE, Vocabulary, make_vocabulary
from benchmarks.report import Mark, finish, options, table
from benchmarks.search import KEPT, NAMES, SETTINGS, _bytes, _execute
from server.app import create_app
from server.catalogue.find_models import FindDocumentRow
from server.catalogue.models import ArkRow, ItemRow
from server.catalogue.publication_models import PublicationRow
from server.catalogue.search_models import SearchDocumentRow, SearchTermRow, SearchViewRow
from server.catalogue.session import Catalogue
from server.model.description import Date, Description, Person, Place, Subject, Text, Title, Typology
from server.model.item import Campaign, Institution, Item
from server.model.rights import Rights, RightsStatus
from server.portal.searching import Finding
from server.search.choose import index_of
from server.search.index import identify
from server.search.layout import Layout, pack_layout
from server.search.library.entry import RECIPE, file_item
from server.search.library.index import PART_BITS, TEXT_PART
from server.search.match import NEW_LINE, SAME_LINE, write_words
from server.search.reading import SearchView
from server.search.terms import ALL, index_view
from server.settings import load_settings
from server.storage.local import LocalStorage
from tests.support.postgres import postgres_server
from tests.support.publications import MOMENT, NAAN, Shelf, make_newspaper, make_view, renamed

DATABASES = ("sqlite", "postgresql")
ROUNDS = 3
MEDIAN, P95 = 50.0, 200.0
WORDS, LINE = 120, 10
BATCH = 2000
_CORPUS = 2
"""To be raised when other documents are drawn."""

_PAGES = (1, 4, 8), (6, 3, 1)
"""Pages of a document with text, and how often there are so many."""

KINDS = ("everything", "the commonest word", "a rare word", "a phrase", "two facets", "no hit")


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of one kind of question."""

    kind: str
    times: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of the answers took no longer."""
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        """Of twenty answers nineteen took no longer."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * 0.95))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, ask, tell; return the exit status."""
    parser: argparse.ArgumentParser = options("Library", documents=100_000, drawn=5_000, asked=25)
    parser.add_argument("--only", choices=DATABASES, help="measure one database only")
    parser.add_argument("--fill", action="store_true", help="only fill what is kept (SQLite)")
    chosen = parser.parse_args(arguments)
    size = 2_000 if chosen.quick else chosen.documents
    vocabulary = make_vocabulary()
    parts, marks = [], []
    for database in (chosen.only,) if chosen.only else DATABASES:
        with _filled(database, size, min(size, chosen.drawn or size), vocabulary) as (catalogue, filled):
            if chosen.fill:
                continue
            with _served(catalogue) as (app, finding):
                before: Mapping[str, Callable[[], None]] = {
                    "after a publication": partial(_publish, catalogue),
                    "asked for the first time": finding.library.forget_terms,
                    "asked again": lambda: None,
                }
                taken = {when: _measure(app, _questions(vocabulary, chosen.asked), act) for when, act in before.items()}
        parts.append(f"### {size} documents on {NAMES[database]}\n\n{_table(taken)}\n\n{filled}")
        for when, measured in taken.items():
            for each in measured:
                what = f"{size} documents on {NAMES[database]}, {each.kind}, {when}"
                marks.append(Mark(f"{what}: median", each.median, MEDIAN, at_most=True, unit="ms"))
                marks.append(Mark(f"{what}: p95", each.p95, P95, at_most=True, unit="ms"))
        print(parts[-1], flush=True)
    return finish("library", "\n\n".join(parts), marks, write=chosen.write) if marks else 0


@contextmanager
def _filled(database: str, size: int, drawn: int, vocabulary: Vocabulary) -> Iterator[tuple[Catalogue, str]]:
    if database == "sqlite":
        folder = KEPT.with_name("library") / f"{size}-{drawn}-{RECIPE}-{_CORPUS}"
        told = folder / "filled"  # written last: what is whole is measured again without being filled again
        if not told.exists():
            shutil.rmtree(folder, ignore_errors=True)
        catalogue = Catalogue(f"sqlite:///{folder / 'catalogue.sqlite'}")
        if not told.exists():
            told.write_text(_fill(catalogue, size, drawn, vocabulary))
        yield catalogue, told.read_text()
        catalogue.close()
    else:
        with postgres_server(SETTINGS) as server, server.database() as url:
            catalogue = Catalogue(url)
            yield catalogue, _fill(catalogue, size, drawn, vocabulary)
            catalogue.close()


@contextmanager
def _served(catalogue: Catalogue) -> Iterator[tuple[Flask, Finding]]:
    """Give the pages over a catalogue, and what searches in them."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            base_url=BASE, database_url=catalogue.url.render_as_string(hide_password=False), secret_key="k" * 32
        )
        app = create_app(settings, catalogue, LocalStorage(Path(folder)))
        yield app, app.extensions["vitrine-finding"]


def _fill(catalogue: Catalogue, size: int, drawn: int, vocabulary: Vocabulary) -> str:
    begun = time.monotonic()
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    with catalogue.write() as session:
        shelf._hold(session, renamed(make_newspaper(), "v1bench", "Corpus"))  # noqa: SLF001  # as the tests do
    if not catalogue.is_sqlite:
        _execute(catalogue, "drop index ix_search_index_terms")
        _execute(catalogue, "drop index ix_find_index_terms")
    views, hits = Counter[str](), Counter[str]()
    chance, rng = random.Random(1909), np.random.default_rng(1909)
    for start in range(0, drawn, BATCH):
        numbers = range(start + 1, min(drawn, start + BATCH) + 1)
        _write(catalogue, [(n, *_draw(n, vocabulary, chance, rng)) for n in numbers], views, hits)
        if start % 10_000 == 0:
            print(f"  {numbers[-1]} documents after {time.monotonic() - begun:.0f} s", flush=True)
    copies = -(-size // drawn)
    for copy in range(1, copies):
        _copy(catalogue, copy, drawn, min(drawn, size - copy * drawn))
        print(f"  {min(size, (copy + 1) * drawn)} documents after {time.monotonic() - begun:.0f} s", flush=True)
    views = Counter({term: count * copies for term, count in views.items()})
    hits = Counter({term: count * copies for term, count in hits.items()})
    with catalogue.write() as session:
        for some in _batched(list(views), 10_000):
            session.execute(insert(SearchTermRow), [{"term": t, "views": views[t], "hits": hits[t]} for t in some])
    if not catalogue.is_sqlite:
        for name in ("search_index", "find_index"):
            _execute(catalogue, f"create index ix_{name}_terms on {name} using gin (terms) with (fastupdate = off)")
        for name in ("search_index", "search_view", "search_term", "find_index", "find_document", "publication"):
            _execute(catalogue, f"vacuum analyze {name}")
    taken = time.monotonic() - begun
    how = "all drawn" if drawn == size else f"{drawn} drawn, the others copies of them"
    return f"Filled in {taken:.0f} s, {how}; the database has {_bytes(catalogue) / 1e9:.1f} GB."


_COPIES = (
    (
        "insert into search_document (name, number, label) select '{prefix}' || (number + {by}), number + {by}, label "
        "from search_document where number <= {count}"
    ),
    (
        "insert into search_view (identifier, words, layout) select identifier + {views}, words, layout "
        "from search_view where identifier < {below}"
    ),
    ("insert into search_index ({key}, terms) select {key} + {views}, terms from search_index where {key} < {below}"),
    ("insert into find_index ({key}, terms) select {key} + {parts}, terms from find_index where {key} < {below_parts}"),
)


def _copy(catalogue: Catalogue, copy: int, drawn: int, count: int) -> None:
    """Make documents out of those that were drawn: what a search does with them is the same."""
    by = copy * drawn
    rows: dict[type, list[dict[str, object]]] = {ArkRow: [], ItemRow: [], PublicationRow: [], FindDocumentRow: []}
    with catalogue.write() as session:
        connection = session.connection()
        for row in connection.execute(select(FindDocumentRow.__table__).where(FindDocumentRow.number <= count)):
            number, name = row.number + by, f"v1doc{row.number + by}"
            rows[ArkRow].append({"name": name, "minted_at": MOMENT})
            rows[ItemRow].append(_item(name))
            rows[PublicationRow].append(_publication(name, number))
            facets = {facet: [_vary(facet, value, copy) for value in values] for facet, values in row.facets.items()}
            text_number = number if row.text_number is not None else None
            changed = {"number": number, "name": name, "change": number, "first_sequence": number}
            rows[FindDocumentRow].append({**row._mapping, **changed, "text_number": text_number, "facets": facets})  # noqa: SLF001  # its public name
        for kind, each in rows.items():
            connection.execute(insert(kind), each)
        key = "rowid" if catalogue.is_sqlite else "identifier"
        for statement in _COPIES:
            # numbers as they are: PostgreSQL would multiply them as integers of four bytes
            places = {"views": identify(by, 0), "below": identify(count + 1, 0), "parts": by << PART_BITS}
            below = (count + 1) << PART_BITS
            connection.execute(
                text(statement.format(prefix="v1doc", by=by, count=count, key=key, below_parts=below, **places))
            )


def _vary(facet: str, value: str, copy: int) -> str:
    return f"{value} {copy}" if facet in ("person", "place", "subject") and (len(value) + copy) % 2 else value


def _batched(values: list[str], size: int) -> Iterator[list[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _draw(
    number: int, vocabulary: Vocabulary, chance: random.Random, rng: np.random.Generator
) -> tuple[Item, list[SearchView]]:
    words = vocabulary.words
    name = f"v1doc{number}"
    said = [words[place] for place in np.searchsorted(vocabulary.sums, rng.random(30)).tolist()]
    year = chance.randint(1500, 1950)
    day = f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}" if chance.random() < 0.5 else str(year)
    described = Description(
        titles=(Title(" ".join(said[:8]).capitalize(), "fr"),),
        typology=chance.choices(list(Typology), (1, 4, 2, 6, 4, 2, 12, 2, 3))[0],
        rights=Rights(chance.choice((RightsStatus.PUBLIC_DOMAIN, RightsStatus.LICENCE_OUVERTE, RightsStatus.CC_BY)), "x", "y"),
        people=tuple(Person(f"{words[500 + int(chance.paretovariate(0.7)) % 20_000].title()}, {said[1].title()[:1]}.", "", "aut") for _ in range(chance.randint(0, 2))),
        dates=(Date(day),) if chance.random() < 0.93 else (),
        places=tuple(Place(f"{words[900 + int(chance.paretovariate(0.8)) % 3_000].title()} (Nord)") for _ in range(chance.randint(0, 2))),
        subjects=tuple(Subject(f"{words[2_000 + int(chance.paretovariate(0.7)) % 8_000].capitalize()} -- Histoire") for _ in range(chance.randint(0, 3))),
        languages=("fre",) if chance.random() < 0.9 else ("lat", "fre"),
        shelfmark=f"J {number}",
        abstracts=(Text(" ".join(said[8:]), "fr"),),
    )  # fmt: skip
    has_text = chance.random() < 0.7
    pages = chance.choices(*_PAGES)[0] if has_text else 1
    views = tuple(make_view(name, number, has_text=has_text) for number in range(1, pages + 1))
    library = Institution(f"bib-{int(chance.paretovariate(0.9)) % 30}", {"fr": "Bibliothèque"})
    campaign = Campaign(f"202{chance.randint(0, 7)}-x", 2020, {"fr": "Campagne"}) if chance.random() < 0.6 else None
    item = Item(name, NAAN, described, library, views, campaign=campaign)
    return item, [_page(number, vocabulary, rng) for number in range(1, pages + 1)] if has_text else []


_BOXES = list(
    itertools.chain.from_iterable((100 + 180 * (w % LINE), 100 + 90 * (w // LINE), 160, 60) for w in range(WORDS))
)
_BEHIND = [NEW_LINE if word % LINE == LINE - 1 and word < WORDS - 1 else SAME_LINE for word in range(WORDS)]


def _page(number: int, vocabulary: Vocabulary, rng: np.random.Generator) -> SearchView:
    places: Sequence[int] = np.searchsorted(vocabulary.sums, rng.random(WORDS)).tolist()
    printed = [vocabulary.words[place] for place in places]
    layout = Layout(tuple(printed), [w // LINE + 1 for w in range(WORDS)], _BOXES, range(WORDS), range(WORDS))
    words = write_words([(vocabulary.folded[place], behind) for place, behind in zip(places, _BEHIND, strict=True)])
    return SearchView(number, words, pack_layout(layout))


def _write(
    catalogue: Catalogue, drawn: Sequence[tuple[int, Item, list[SearchView]]], views: Counter[str], hits: Counter[str]
) -> None:
    rows: dict[type, list[dict[str, object]]] = {}
    terms, parts = [], []
    for number, item, pages in drawn:
        name = item.name
        rows.setdefault(ArkRow, []).append({"name": name, "minted_at": MOMENT})
        rows.setdefault(ItemRow, []).append(_item(name))
        rows.setdefault(PublicationRow, []).append(_publication(name, number))
        if pages:
            rows.setdefault(SearchDocumentRow, []).append({"name": name, "number": number, "label": {"fr": [name]}})
        for page in pages:
            indexed = index_view(page, ())
            views[ALL] += 1
            views.update(indexed.terms.split())
            hits.update(indexed.words.split())
            identifier = identify(number, page.number)
            rows.setdefault(SearchViewRow, []).append(
                {"identifier": identifier, "words": indexed.words, "layout": indexed.layout}
            )
            terms.append((identifier, indexed.terms))
        entry = file_item(item, [page.words for page in pages])
        rows.setdefault(FindDocumentRow, []).append(
            {
                "number": number, "name": name, "change": number, "live": True, "recipe": RECIPE, "digest": entry.digest,
                "common": entry.common, "text_number": number if pages else None, "first_sequence": number, "sort_key": entry.sort_key,
                "earliest": entry.earliest, "latest": entry.latest, "facets": entry.facets, "shown": entry.shown,
            }
        )  # fmt: skip
        numbered = (*enumerate(entry.notice), *enumerate(entry.text, start=TEXT_PART))
        parts += [{"identifier": number << PART_BITS | part, "terms": each} for part, each in numbered]
    with catalogue.write() as session:
        connection = session.connection()
        for kind, each in rows.items():
            connection.execute(insert(kind), each)
        index_of(connection).write(connection, terms)
        statement = "insert into find_index (rowid, terms) values (:identifier, :terms)"
        if not catalogue.is_sqlite:
            statement = "insert into find_index values (:identifier, array_to_tsvector(string_to_array(:terms, ' ')))"
        connection.execute(text(statement), parts)


def _item(name: str) -> dict[str, object]:
    return {
        "name": name, "institution": "bm-douai", "identifier": name, "delivery": "by-hand", "state": "ready",
        "input_digest": "", "typology": "", "rights_status": "", "description": {}, "structure": [], "created_at": MOMENT,
    }  # fmt: skip


def _publication(name: str, number: int) -> dict[str, object]:
    return {
        "name": name, "state": "live", "sequence": number, "datestamp": 1, "first_sequence": number,
        "first_datestamp": 1, "fingerprint": "", "item": {}, "reason": "",
    }  # fmt: skip


def _questions(vocabulary: Vocabulary, count: int) -> Mapping[str, list[dict[str, str]]]:
    """Return so many questions of each kind, all different but for the first and the commonest word."""
    words = vocabulary.folded
    types, centuries = list(Typology), range(16, 21)
    pairs = [f'"{one} {other}"' for one in words[:25] for other in words[:25] if one != other]
    mixed = [f'"{words[60 + n]} {words[180 + 3 * n]}"' for n in range(count)]
    return {
        KINDS[0]: [{"page": str(1 + n % 5)} for n in range(count)],
        KINDS[1]: [{"q": words[0], "page": str(1 + n % 5)} for n in range(count)],
        KINDS[2]: [{"q": words[60_000 + 900 * n]} for n in range(count)],
        KINDS[3]: [{"q": each} for each in [*pairs[: count * 20 : 40], *mixed][:count]],
        KINDS[4]: [
            {"f.type": str(types[n % 9]), "f.century": str(centuries[n % 5]), **({"q": words[40 + n]} if n % 2 else {})}
            for n in range(count)
        ],
        KINDS[5]: [{"q": f"zzyx{number}"} for number in range(count)],
    }


def _publish(catalogue: Catalogue) -> None:
    """Change a document, as its publication does for whoever remembers what there is."""
    newest = select(func.max(FindDocumentRow.change)).scalar_subquery()
    with catalogue.write() as session:
        session.execute(update(FindDocumentRow).where(FindDocumentRow.number == 7).values(change=newest + 1))


def _measure(app: Flask, questions: Mapping[str, list[dict[str, str]]], before: Callable[[], None]) -> list[Measured]:
    client = app.test_client()
    times: dict[str, list[float]] = {kind: [] for kind in questions}
    for round_ in range(ROUNDS + 1):
        for number in range(max(map(len, questions.values()))):
            for kind, asked in questions.items():
                before()
                path = f"/fr/recherche?{urlencode(asked[number])}"
                begun = time.perf_counter()
                answer = client.get(path, headers={"Accept": "text/html"})
                taken = (time.perf_counter() - begun) * 1000
                if answer.status_code != 200:
                    raise SystemExit(f"{path} was answered with {answer.status_code}")
                if round_:  # the first round reads what is always needed
                    times[kind].append(taken)
    return [Measured(kind, tuple(each)) for kind, each in times.items()]


def _table(taken: Mapping[str, Sequence[Measured]]) -> str:
    head = ("question", *(f"{what} ms, {when}" for when in taken for what in ("median", "p95")))
    rows = [
        (each[0].kind, *(f"{value:.1f}" for one in each for value in (one.median, one.p95)))
        for each in zip(*taken.values(), strict=True)
    ]
    return table(head, rows)


if __name__ == "__main__":
    sys.exit(main())
