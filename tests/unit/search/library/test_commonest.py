"""The commonest words: what documents say themselves of them is what the index says, and it is asked where one has not."""

import random

import numpy as np
import pytest
from sqlalchemy import update

from server.catalogue.find_models import FindDocumentRow
from server.search.common import COMMON
from server.search.library import find as finds
from server.search.library.commonest import SIZE, Commonest, is_common, pack_common
from server.search.library.entry import file_item
from server.search.library.index import find_members
from tests.support.finding import Finder, ask
from tests.support.publications import make_postcard
from tests.support.searching import make_item, set_page

TERMS = [f"_{letter}{word}" for letter in "tnx" for word in sorted(COMMON)]


def test_each_document_has_its_bits_while_others_come_and_go() -> None:
    chance = random.Random(1909)
    table, held = Commonest(), dict[int, set[str]]()
    for _ in range(30):
        come = {number: set(chance.sample(TERMS, 40)) for number in chance.sample(range(3000), 50)}
        table.change(come, [(number, pack_common(terms)) for number, terms in come.items()])
        held |= come
    for term in TERMS:
        assert table.members(term) == sum(1 << number for number, terms in held.items() if term in terms)
    assert table.is_whole


def test_a_document_that_has_not_said_it_is_known_until_it_does_or_goes() -> None:
    table = Commonest()
    table.change([7, 8], [(7, b""), (8, b"\1" * (SIZE - 1))])
    assert not table.is_whole
    table.change([7], [(7, bytes(SIZE))])
    assert not table.is_whole
    table.change([8], [])
    assert table.is_whole


def test_what_is_filed_says_the_commonest_words_of_title_notice_and_text() -> None:
    entry = file_item(make_postcard(), ["le beffroi de la ville"])
    bits = np.unpackbits(np.frombuffer(entry.common, np.uint8), bitorder="little")
    told = {term for term, bit in zip(TERMS, bits, strict=False) if bit}
    terms = {term for row in (*entry.notice, *entry.text) for term in row.split()}
    assert told == {term for term in terms if is_common(term)}
    assert {"_xle", "_xde", "_xla"} <= told
    assert "_xbeffroi" in terms - told


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The terms that the index is asked for."""
    terms: list[str] = []

    def note(connection: object, wanted: list[tuple[str, bool]]) -> list[int]:
        terms.extend(term for term, _ in wanted)
        return find_members(connection, wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(finds, "find_members", note)
    return terms


def test_the_index_is_not_asked_for_them(filled: Finder, asked: list[str]) -> None:
    found = filled.names("de")
    assert found
    assert asked == []
    with filled.library.catalogue.snapshot() as connection:
        index = find_members(connection, [(term, False) for term in TERMS])
        filled.search.warm(connection)
        change = filled.search.mirror.change
        assert [filled.search.mirror.common_members(term, change) for term in TERMS] == index
    filled.names("de*")
    assert "_xde" in asked, "words that begin so are no word"


def test_what_an_earlier_version_filed_is_asked_of_the_index(filled: Finder, asked: list[str]) -> None:
    before = filled.names("de la")
    with filled.library.catalogue.write() as session:
        row = FindDocumentRow.name == "v1echo"
        session.execute(update(FindDocumentRow).where(row).values(recipe=2, change=FindDocumentRow.change + 1000))
    assert filled.names("de la") == before
    assert {"_xde", "_nla"} <= set(asked)


def test_an_earlier_snapshot_is_answered_as_it_was(filled: Finder, asked: list[str]) -> None:
    assert filled.names("tout") == []
    with filled.library.catalogue.snapshot() as earlier:
        filled.search.search(earlier, ask("tout"))
        filled.library.put(make_item("v1new", 1), {1: set_page("le tout de tout")})
        assert filled.names("tout") == ["v1new"]
        assert asked == []
        assert filled.search.search(earlier, ask("tout")).total == 0
        assert "_xtout" in asked, "what is remembered is newer than this snapshot"
