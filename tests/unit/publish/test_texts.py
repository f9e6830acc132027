import gzip
import hashlib
import itertools
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Collection
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import Any

import brotli
import pytest

from server.catalogue.values import pack_text
from server.model.addresses import Addresses
from server.model.description import Text
from server.model.item import Item
from server.model.rights import Rights, RightsStatus
from server.model.text import Block, Box, Hyphen, Line, PageText, Word
from server.publish.packing import NOTHING
from server.publish.pages import LEAST, PORTION, make_packed_pages, make_pages
from tests.support.publications import make_newspaper, make_postcard

ADDRESSES = Addresses("https://vitrine.example.org", "99999", "vitrine.example.org")
BOX = Box(10, 10, 50, 20)
TEXT = PageText(
    3600,
    5000,
    (
        Block("b1", (Line((Word("Nouvelles", BOX),), BOX),), BOX),
        Block(
            "b2",
            (
                Line((Word("La", BOX), Word("mai", BOX, hyphen=Hyphen.FIRST, whole="maison")), BOX),
                Line((Word("son", BOX, hyphen=Hyphen.SECOND, whole="maison"), Word("brûle.", BOX)), BOX),
            ),
            BOX,
        ),
    ),
    "fr",
)


def build(item: Item) -> dict[str, bytes]:
    pages = make_pages(item, lambda _: TEXT, ADDRESSES)
    documents = {kind: gzip.decompress(packed.gzip) for kind, packed in pages.documents.items()}
    for kind, packed in pages.documents.items():
        assert hashlib.sha256(documents[kind]).hexdigest() == packed.digest
        assert (packed.plain, brotli.decompress(packed.brotli)) == (b"", documents[kind])
    return documents | ({"plain": pages.whole} if pages.whole else {})


def read_packed(numbers: Collection[int]) -> dict[int, bytes]:
    """Return the texts of a newspaper of which each page ends within a word, and of which no two are the same."""
    found = {}
    for number in numbers:
        first = Line((Word("son", BOX, hyphen=Hyphen.SECOND, whole="maison"), Word(f"page{number}", BOX)), BOX)
        last = Line((Word("l’hôtel", BOX), Word("mai", BOX, hyphen=Hyphen.FIRST, whole="maison")), BOX)
        found[number] = pack_text(PageText(1800, 2500, (Block("b", (first, last), BOX),), "fr"))
    return found


def make_long(pages: int) -> Item:
    item = make_newspaper(pages=pages)
    return replace(item, views=tuple(replace(view, has_text=True) for view in item.views))


def test_many_pages_are_made_by_worker_processes_as_by_one() -> None:
    item = make_long(LEAST + PORTION + 3)
    alone = make_packed_pages(item, read_packed, ADDRESSES, NOTHING, processes=1)
    assert make_packed_pages(item, read_packed, ADDRESSES, NOTHING, processes=2) == alone
    # where portions meet, words are whole: the first half tells them, the second one does not
    assert alone.views[0].words.split() == ["maison", "page1", "l", "hotel", "maison"]
    assert [view.words.split() for view in alone.views[1:-1]] == [
        [f"page{number}", "l", "hotel", "maison"] for number in range(2, len(alone.views))
    ]
    assert [view.number for view in alone.views] == [view.number for view in item.public_views]
    held = {kind: packed.digest for kind, packed in alone.documents.items()}
    again = make_packed_pages(item, read_packed, ADDRESSES, held, processes=2)
    assert all(packed.is_kept for packed in again.documents.values())
    assert {kind: packed.digest for kind, packed in again.documents.items()} == held
    assert (again.whole, again.views) == (alone.whole, alone.views)


def test_a_worker_that_is_killed_stops_no_publication(caplog: pytest.LogCaptureFixture) -> None:
    item = make_long(LEAST)

    def read(numbers: Collection[int]) -> dict[int, bytes]:
        if len(workers := multiprocessing.active_children()) == 2:
            os.kill(workers[0].pid or 0, signal.SIGKILL)
        return read_packed(numbers)

    made = make_packed_pages(item, read, ADDRESSES, NOTHING, processes=2)
    assert made == make_packed_pages(item, read_packed, ADDRESSES, NOTHING, processes=1)
    assert "the processes that make its text ended" in caplog.text


@pytest.mark.parametrize(
    "fault", [OSError("handle is closed"), BlockingIOError("no more processes"), BrokenProcessPool("one ended")]
)
def test_a_pool_that_takes_nothing_more_stops_no_publication(
    fault: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    submit, taken = ProcessPoolExecutor.submit, itertools.count()

    def take_two(pool: ProcessPoolExecutor, work: Callable[..., Any], *portion: Any) -> Future[Any]:
        if work is not os.getpid and next(taken) == 2:
            raise fault
        return submit(pool, work, *portion)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", take_two)
    item = make_long(LEAST)
    made = make_packed_pages(item, read_packed, ADDRESSES, NOTHING, processes=2)
    assert made == make_packed_pages(item, read_packed, ADDRESSES, NOTHING, processes=1)
    assert f"the processes that make its text ended ({fault})" in caplog.text


def test_plain_text_is_what_is_read() -> None:
    documents = build(make_newspaper())
    assert documents["plain/f1"].decode() == "Nouvelles\n\nLa maison\nbrûle.\n"
    assert set(documents) == {"text/f1", "text2/f1", "words/f1", "plain/f1", "plain"}
    assert len(json.loads(documents["words/f1"])["items"]) == 5


def test_the_text_of_a_document_says_where_it_comes_from_and_of_which_view_each_part_is() -> None:
    whole = build(make_newspaper())["plain"].decode()
    head, first = whole.split("\n\n\n")
    assert head.splitlines() == [
        "L’Écho du Nord. Nº 12",
        "Bibliothèque Marceline Desbordes-Valmore, Douai, J 12",
        "https://vitrine.example.org/ark:/99999/v1hjkmn0",
        "Licence Ouverte 2.0 (Etalab)",
    ]
    assert first == "[f1 · page 1]\n\nNouvelles\n\nLa maison\nbrûle.\n"


def test_a_transcription_is_text_too_and_an_empty_one_is_none() -> None:
    item = make_postcard()
    assert build(item)["plain/f2"].decode() == "Chère tante,\nnous sommes bien arrivés.\n"
    assert "words/f2" not in build(item)
    verso = replace(item.views[1], notes=replace(item.views[1].notes, transcriptions=(Text("", "fr"),)))
    assert build(replace(item, views=(item.views[0], verso))) == {}


def test_of_a_view_that_is_not_public_nothing_is_said() -> None:
    item = make_newspaper()
    hidden = replace(item.views[0], notes=replace(item.views[0].notes, public=False))
    assert build(replace(item, views=(hidden, *item.views[1:]))) == {}


def test_what_is_in_copyright_is_shown_and_not_given_away() -> None:
    item = make_newspaper()
    rights = Rights(RightsStatus.IN_COPYRIGHT, "accord", "M. Lefebvre")
    protected = replace(item, description=replace(item.description, rights=rights))
    assert set(build(protected)) == {"text/f1", "text2/f1", "words/f1"}
