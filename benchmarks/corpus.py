"""Pages with the word distribution of French prose, drawn from a seed, written by the writer of the publication.

The two hundred commonest words have the shares that they have in novels of the 19th century, roughly; the others are
made of French syllables and follow Zipf's law, 300 000 of them, so that most are on a few pages only, as names and
misread words are. Neighbours are drawn independently: a phrase is as frequent as chance makes it.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import insert, text

from server.catalogue.models import ArkRow, ItemRow
from server.catalogue.publication_models import PublicationRow, PublishedCollectionRow
from server.catalogue.search_models import SearchDocumentRow
from server.catalogue.session import Catalogue
from server.search.folding import split
from server.search.index import VIEW_BITS, identify
from server.search.layout import Layout, pack_layout
from server.search.match import NEW_LINE, SAME_LINE, write_words
from server.search.reading import SearchView
from server.search.terms import index_view
from server.search.write import write_document
from tests.support.publications import MOMENT, Shelf, make_newspaper, renamed

WORDS = 300
"""Words of a page."""

LINE = 10
DOCUMENT = 500
"""Pages of a document."""

INSTITUTIONS = 10
_TOGETHER = 10
"""Documents that are copied in one transaction."""

BASE = "http://127.0.0.1:8000"

_COMMON = """
de 4.1 la 2.6 et 2.4 le 2.3 à 1.9 les 1.8 l 1.7 il 1.5 des 1.4 d 1.4 que 1.2 un 1.15 en 1.1 qui 1.0 dans .95 une .95 qu .85
du .85 elle .75 pas .7 ne .7 ce .65 se .62 s .6 son .6 au .58 pour .55 je .55 plus .52 lui .5 était .5 n .5 sur .48 vous .48
avait .45 sa .44 par .44 avec .43 on .42 ses .38 c .37 est .37 comme .36 mais .34 cette .28 tout .28 si .27 nous .26 bien .25
j .25 y .24 m .23 me .22 sans .22 a .22 fut .2 ces .2 aux .2 même .2 dit .2 où .2 homme .18 cet .18 fait .18 ou .17 ils .17
leur .17 deux .17 être .16 peu .16 moi .16 mon .16 encore .15 ai .14 là .14 tous .14 rien .14 monsieur .14 ma .13 toute .13
faire .13 sous .12 votre .12 jour .12 temps .12 après .12 main .11 jamais .11 femme .11 grand .11 point .11 avoir .11 quand .11
puis .1 père .1 petit .1 yeux .1 donc .1 moins .1 dont .1 tête .09 alors .09 quelque .09 notre .09 non .09 très .09 vie .09
autre .09 vers .08 ainsi .08 devant .08 monde .08 chose .08 mille .08 maison .08 trois .08 contre .08 voir .08 ni .08 nuit .07
moment .07 heure .07 porte .07 toujours .07 avant .07 cela .07 entre .07 mère .07 peut .07 chez .07 dire .07 roi .07 ville .07
coup .06 bras .06 terre .06 beau .06 jeune .06 enfant .06 sont .06 eut .06 quelques .06 voix .06 amour .06 dieu .06 rue .06
air .05 mort .05 ans .05 coeur .05 pendant .05 place .05 eau .05 aussi .05 depuis .05 lettre .05 nom .05 soir .05 esprit .05
chambre .05 lit .04 cheval .04 table .04 plein .04 fille .04 fond .04 bon .04 pied .04 seul .04 lieu .04 mot .04 côté .04
france .04 paris .04 soleil .03 mur .03 feu .03 bois .03 ciel .03 fleur .03 vin .03 pain .03 livre .03 lille .03 canal .02
""".split()  # noqa: SIM905  # a table is read as one
_STARTS = "b bl br c ch cl cr d dr f fl fr g gl gr j l m n p pl pr qu r s t tr v".split()  # noqa: SIM905
_VOWELS = "a e i o u ou ai eau eu on an in é è oi".split()  # noqa: SIM905
_ENDS = "e es er ent eur eux ier ion tion ment age té is it ette able oire esse aine".split()  # noqa: SIM905
_TAIL = 300_000


@dataclass(frozen=True)
class Vocabulary:
    """Words as printed and folded, from the commonest to the rarest, with the sums of their shares up to each one."""

    words: tuple[str, ...]
    folded: tuple[str, ...]
    sums: "np.ndarray[tuple[int], np.dtype[np.float64]]"


def make_vocabulary() -> Vocabulary:
    """Return the words of the corpus."""
    common = dict(zip(_COMMON[0::2], map(float, _COMMON[1::2]), strict=True))
    tail: dict[str, None] = {}
    chance = random.Random(1857)
    while len(tail) < _TAIL:
        syllables = [chance.choice(_STARTS) + chance.choice(_VOWELS) for _ in range(chance.randint(1, 3))]
        word = "".join(syllables) + chance.choice(_ENDS)
        if word not in common:
            tail[word] = None
    ranks = np.arange(1, _TAIL + 1) + 300.0
    rest = (100.0 - sum(common.values())) * (1 / ranks**1.05) / np.sum(1 / ranks**1.05)
    shares = np.concatenate([np.array(list(common.values())), rest])
    words = (*common, *tail)
    return Vocabulary(words, tuple(split(word)[0] for word in words), np.cumsum(shares / shares.sum()))


def fill(catalogue: Catalogue, pages: int, vocabulary: Vocabulary) -> Iterator[int]:
    """Write so many pages, a document at a time; yield how many are there."""
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    with catalogue.write() as session:
        shelf._hold(session, renamed(make_newspaper(), "v1bench", "Corpus"))  # noqa: SLF001  # as the tests do
        session.execute(
            insert(PublishedCollectionRow),
            [
                {"name": name, "kind": "institution", "label": {}, "summary": {}, "sequence": 1, "datestamp": 1}
                for name in map(institution, range(INSTITUTIONS))
            ],
        )
    rng = np.random.default_rng(1909)
    for document in range(-(-pages // DOCUMENT)):
        count = min(DOCUMENT, pages - document * DOCUMENT)
        with catalogue.write() as session:
            name = document_name(document)
            session.execute(insert(ArkRow), [{"name": name, "minted_at": MOMENT}])
            session.execute(insert(ItemRow), [_item(name)])
            session.execute(insert(PublicationRow), [_publication(name, document)])
            collections = ("type-press", institution(document))
            views = [index_view(_page(number, vocabulary, rng), collections) for number in range(1, count + 1)]
            write_document(session, name, {"fr": [name]}, views)
        yield document * DOCUMENT + count


def multiply(catalogue: Catalogue, drawn: int, pages: int) -> Iterator[int]:
    """Make so many pages out of those that were drawn, whole documents at a time, in SQL; yield how many are there.

    What a search does with them is the same, but for words that only few drawn pages have: they are on more, so that a
    rare word costs more than it would. It takes a tenth of the time of drawing.
    """
    documents, wanted = drawn // DOCUMENT, pages // DOCUMENT
    for first in range(documents, wanted, _TOGETHER):
        some = range(first, min(first + _TOGETHER, wanted))
        with catalogue.write() as session:
            for copy in some:
                source, shift = copy % documents, (copy - copy % documents) << VIEW_BITS
                bounds = {"low": identify(source + 1, 0), "high": identify(source + 2, 0) - 1, "shift": shift}
                name = document_name(copy)
                session.execute(insert(ArkRow), [{"name": name, "minted_at": MOMENT}])
                session.execute(insert(ItemRow), [_item(name)])
                session.execute(insert(PublicationRow), [_publication(name, copy)])
                session.execute(
                    insert(SearchDocumentRow), [{"name": name, "number": copy + 1, "label": {"fr": [name]}}]
                )
                session.execute(text(_COPY_VIEWS), bounds)
                session.execute(text(_COPY_INDEX.format(key="rowid" if catalogue.is_sqlite else "identifier")), bounds)
        yield (some[-1] + 1) * DOCUMENT
    with catalogue.write() as session:
        session.execute(
            text("update search_term set views = views * :more / :one, hits = hits * :more / :one"),
            {"more": pages, "one": drawn},
        )


_COPY_VIEWS = """
insert into search_view select identifier + :shift, words, layout from search_view where identifier between :low and :high
"""
_COPY_INDEX = """
insert into search_index ({key}, terms) select {key} + :shift, terms from search_index where {key} between :low and :high
"""


def document_name(document: int) -> str:
    """Return the name of a document."""
    return f"v1bench{document}"


def institution(document: int) -> str:
    """Return the collection of the institution that holds a document."""
    return f"institution-{document % INSTITUTIONS}"


def _item(name: str) -> dict[str, object]:
    return {
        "name": name, "institution": "bm-douai", "identifier": name, "delivery": "by-hand", "state": "ready",
        "input_digest": "", "typology": "", "rights_status": "", "description": {}, "structure": [], "created_at": MOMENT,
    }  # fmt: skip


def _publication(name: str, document: int) -> dict[str, object]:
    return {
        "name": name, "state": "live", "sequence": document, "datestamp": 1, "first_sequence": document,
        "first_datestamp": 1, "fingerprint": "", "item": {}, "reason": "",
    }  # fmt: skip


_X = [100 + 180 * (word % LINE) for word in range(WORDS)]
_BOXES = list(itertools.chain.from_iterable((_X[word], 100 + 90 * (word // LINE), 160, 60) for word in range(WORDS)))
_LINES = [word // LINE + 1 for word in range(WORDS)]
_BEHIND = [NEW_LINE if word % LINE == LINE - 1 and word < WORDS - 1 else SAME_LINE for word in range(WORDS)]


def _page(number: int, vocabulary: Vocabulary, rng: np.random.Generator) -> SearchView:
    places: Sequence[int] = np.searchsorted(vocabulary.sums, rng.random(WORDS)).tolist()
    printed = [vocabulary.words[place] for place in places]
    layout = Layout(tuple(printed), _LINES, _BOXES, range(WORDS), range(WORDS))
    words = write_words([(vocabulary.folded[place], behind) for place, behind in zip(places, _BEHIND, strict=True)])
    return SearchView(number, words, pack_layout(layout))
