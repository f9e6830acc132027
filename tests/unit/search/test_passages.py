"""The way from passage to passage: from any view, over all hits of a document, on both databases."""

from collections.abc import Iterator

import pytest

from server.errors import Overloaded
from server.model.hits import Results
from server.search import find, passages
from server.search.layout import Layout, unpack_layout
from server.search.match import Span, locate
from server.search.passages import Passage, Passages, find_passages
from server.search.query import Query, parse_query
from server.search.scope import document_scope
from tests.support.searching import Library, make_item, set_page

NAME = "v1hjkmn0"
BROKEN = {"expo-": "exposition", "-sition": "exposition"}


def around(
    library: Library, asked: str, view: int, start: int = 0, facing: int | None = None
) -> tuple[Results, Passages]:
    with library.catalogue.snapshot() as connection:
        return find_passages(connection, document_scope(connection, NAME), parse_query(asked), view, start, facing)


def at(passage: Passage | None) -> tuple[int, int] | None:
    return None if passage is None else (passage.view, passage.number)


@pytest.fixture
def filled(library: Library) -> Library:
    """Seven pages: nothing on the first and the last, one hit, three hits, nothing, two, and a word broken at the foot."""
    texts = {
        2: set_page("la ville"),
        3: set_page("ville ville", "de la ville"),
        4: set_page("lune"),
        5: set_page("ville", "la ville et son expo-", broken=BROKEN),
        6: set_page("-sition de Lille", broken=BROKEN),
        7: set_page("fin"),
    }
    library.put(make_item(NAME, 7), texts)
    return library


@pytest.mark.parametrize(
    ("view", "here", "before", "previous", "following"),
    [
        (1, 0, 0, None, (2, 1)),
        (2, 1, 0, None, (3, 1)),
        (3, 3, 1, (2, 1), (5, 1)),
        (4, 0, 4, (3, 3), (5, 1)),
        (5, 2, 4, (3, 3), None),
        (6, 0, 6, (5, 2), None),
        (7, 0, 6, (5, 2), None),
    ],
)
def test_each_view_knows_its_passages_and_the_nearest_others(
    filled: Library,
    view: int,
    here: int,
    before: int,
    previous: tuple[int, int] | None,
    following: tuple[int, int] | None,
) -> None:
    results, found = around(filled, "ville", view)
    assert results.hits_total == 6
    assert [at(each) for each in found.here] == [(view, number) for number in range(1, here + 1)]
    assert (found.before, at(found.previous), at(found.following)) == (before, previous, following)
    assert all(mark.number == view and mark.box is not None for each in found.here for mark in each.marks)


def test_the_hits_of_a_list_say_which_of_their_view_they_are(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "SIZE", 2)
    pages = [around(filled, "ville", 1, start)[0].hits for start in (0, 2, 4)]
    told = [(hit.marks[0].number, hit.number) for hits in pages for hit in hits]
    assert told == [(2, 1), (3, 1), (3, 2), (3, 3), (5, 1), (5, 2)]


def test_a_word_broken_over_the_foot_of_a_page_is_a_passage_of_the_first_and_marked_on_both(filled: Library) -> None:
    _results, foot = around(filled, "exposition", 5)
    assert [[mark.number for mark in each.marks] for each in foot.here] == [[5, 6]]
    _results, head = around(filled, "exposition", 6)
    assert (head.here, [mark.number for mark in head.over], at(head.previous)) == ((), [6], (5, 1))
    assert around(filled, "ville", 6)[1].over == ()


@pytest.mark.parametrize(
    ("asked", "view", "facing", "count"),
    [("ville", 2, 3, 3), ("ville", 3, 2, 1), ("ville", 4, 5, 2), ("ville", 6, 7, 0), ("exposition", 5, 6, 1)],
)
def test_the_page_that_lies_open_beside_a_view_is_marked(
    filled: Library, asked: str, view: int, facing: int, count: int
) -> None:
    _results, found = around(filled, asked, view, facing=facing)
    assert [mark.number for mark in found.beside] == [facing] * count
    assert found.counts == ({2: 1, 3: 3, 5: 2} if asked == "ville" else {5: 1})


@pytest.mark.parametrize("asked", ["zzz", "", '"ville de lune"'])
def test_what_is_nowhere_has_no_way(filled: Library, asked: str) -> None:
    assert around(filled, asked, 3)[1] == Passages()


def test_every_passage_is_come_to_once_where_not_all_are_counted(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forwards and backwards: the walk over the views ends long before the open one."""
    monkeypatch.setattr("server.search.scope.COUNTED_IN_A_DOCUMENT", 3)
    monkeypatch.setattr(find, "SIZE", 4)
    pages = 30
    texts = {number: set_page(*["la ville"] * (number % 3)) for number in range(1, pages + 1)}
    library.put(make_item(NAME, pages), texts)
    expected = [(view, number) for view in range(1, pages + 1) for number in range(1, view % 3 + 1)]
    for asked in ("ville", '"la ville"'):
        assert list(walk(library, asked, 1, pages)) == expected
        assert list(walk_back(library, asked, pages)) == expected[::-1]
    results, found = around(library, "ville", 1)
    assert (results.hits_total, found.before, found.counts) == (None, 0, {})
    assert around(library, "ville", 29)[1].before is None


def walk(library: Library, asked: str, view: int, pages: int) -> Iterator[tuple[int, int]]:
    """Go from passage to passage to the end."""
    for _step in range(pages + 1):
        _results, found = around(library, asked, view)
        yield from (at(each) or (0, 0) for each in found.here)
        if found.following is None:
            return
        assert found.following.number == 1
        view = found.following.view


def walk_back(library: Library, asked: str, view: int) -> Iterator[tuple[int, int]]:
    """Go back from passage to passage to the beginning."""
    for _step in range(view + 1):
        _results, found = around(library, asked, view)
        yield from (at(each) or (0, 0) for each in found.here[::-1])
        if found.previous is None:
            return
        assert found.previous.number == len(around(library, asked, found.previous.view)[1].here)
        view = found.previous.view


def test_many_hits_cost_four_layouts_and_one_look_at_each_view(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "SIZE", 2)
    pages = 60
    library.put(make_item(NAME, pages), {number: set_page(*["ville ville"] * 3) for number in range(1, pages + 1)})
    looked: list[str] = []
    unpacked: list[bytes] = []

    def watched(words: str, query: Query) -> list[Span]:
        looked.append(words)
        return locate(words, query)

    def opened(packed: bytes) -> Layout:
        unpacked.append(packed)
        return unpack_layout(packed)

    monkeypatch.setattr(find, "locate", watched)
    monkeypatch.setattr(find, "unpack_layout", opened)
    results, found = around(library, "ville", 30)
    assert (results.hits_total, found.before, len(found.here)) == (6 * pages, 6 * 29, 6)
    assert (len(looked), len(unpacked)) == (pages, 1 + 3), "those of the list, and of three views"


def test_looking_for_a_neighbour_is_given_up_as_a_search_is(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.search.scope.COUNTED_IN_A_DOCUMENT", 2)
    monkeypatch.setattr(find, "SIZE", 2)
    library.put(make_item(NAME, 20), {number: set_page("la ville") for number in range(1, 21)})

    class Over:
        def check(self) -> None:
            raise Overloaded("this search takes too long; ask for rarer words")

    monkeypatch.setattr(passages, "Deadline", Over)
    with pytest.raises(Overloaded, match="too long"):
        around(library, "ville", 15)
