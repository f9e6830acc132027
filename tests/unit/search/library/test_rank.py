"""Relevance: points as they are added, documents in their order, and what a reader gets first."""

import random
from dataclasses import replace

import pytest

from server.model.description import Person, Place, Subject, Text, Title
from server.model.item import Item
from server.search.library import find as finds
from server.search.library.entry import file_item
from server.search.library.rank import Points, rarity
from tests.support.finding import Finder, describe
from tests.support.publications import make_postcard, renamed
from tests.support.searching import make_item, set_page


def test_points_are_sums_and_order_documents_from_most_on() -> None:
    chance = random.Random(1909)
    points, sums = Points(), [0] * 300
    for _ in range(40):
        members, added = chance.getrandbits(300), chance.randint(0, 72)
        points.add(members, added)
        for number in range(300):
            sums[number] += (members >> number & 1) * added
    assert [points.of(number) for number in range(300)] == sums
    some = chance.getrandbits(300)
    wanted = sorted((number for number in range(300) if some >> number & 1), key=lambda number: (-sums[number], number))

    def take(members: int, over: int, most: int) -> list[int]:
        return [number for number in range(300) if members >> number & 1][over : over + most]

    for offset in (0, 1, 19, 100, len(wanted) - 1, len(wanted), 400):
        assert points.order(some, offset, 20, take) == wanted[offset : offset + 20]
    assert Points().order(some, 0, 5, take) == sorted(wanted)[:5], "without points they stand as they are taken"


def test_a_rare_word_counts_more() -> None:
    counts = [rarity(documents, 100_000) for documents in (100_000, 50_000, 20_000, 1_000, 50, 1)]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1], rarity(0, 0)) == (1, 6, 1)


def _entitled(name: str, title: str, **described: object) -> Item:
    item = describe(
        renamed(make_postcard(name), name, title), abstracts=(), subjects=(), people=(), places=(), shelfmark=""
    )
    return describe(item, **described)


@pytest.fixture
def shelves(finder: Finder) -> Finder:
    """One word in each field of a document of its own, and in several of one; all titles sort against the order."""
    put = finder.library.put
    put(_entitled("v1text", "Aa"), {})
    put(
        replace(make_item("v1text", 1, "Aa"), description=_entitled("v1text", "Aa").description),
        {1: set_page("le beffroi sonne")},
    )
    often = replace(make_item("v1often", 1, "Ab"), description=_entitled("v1often", "Ab").description)
    put(often, {1: set_page("beffroi et beffroi", "encore un beffroi")})
    put(_entitled("v1abstract", "Ac", abstracts=(Text("Au loin un beffroi.", "fr"),)), {})
    put(_entitled("v1place", "Ad", places=(Place("Beffroi (Douai)"),)), {})
    put(_entitled("v1subject", "Ae", subjects=(Subject("Beffroi"),)), {})
    put(_entitled("v1title", "Vue du beffroi"), {})
    put(_entitled("v1both", "Zz, le beffroi", subjects=(Subject("Beffroi"),)), {})
    return finder


def test_the_field_decides_then_how_often_then_the_title(shelves: Finder) -> None:
    wanted = ["v1both", "v1title", "v1subject", "v1place", "v1abstract", "v1often", "v1text"]
    assert shelves.names("beffroi") == wanted
    assert shelves.names("Beffr*") == wanted
    assert shelves.names("beffroi", sort="title") == [
        "v1text",
        "v1often",
        "v1abstract",
        "v1place",
        "v1subject",
        "v1title",
        "v1both",
    ]
    assert shelves.names(text="beffroi") == ["v1often", "v1text"]


def test_words_that_follow_one_another_in_the_title_come_first(finder: Finder) -> None:
    for name, title in (
        ("v1apart", "Ancienne histoire du pays de Lille"),
        ("v1near", "Une histoire de Lille"),
        ("v1first", "Histoire Lille"),
    ):
        finder.library.put(_entitled(name, title), {})
    assert finder.names("histoire lille")[0] == "v1first"
    assert finder.names('"histoire de lille"') == ["v1near"]


def test_the_rarer_word_in_the_title_counts_more(finder: Finder) -> None:
    for number in range(40):
        finder.library.put(_entitled(f"v1ville{number}", f"Plan {number}", abstracts=(Text("La ville.", "fr"),)), {})
    finder.library.put(_entitled("v1rare", "Zeppelin", abstracts=(Text("Au-dessus de la ville.", "fr"),)), {})
    finder.library.put(_entitled("v1common", "Ville", abstracts=(Text("Un zeppelin passe.", "fr"),)), {})
    assert finder.names("ville zeppelin") == ["v1rare", "v1common"]


def test_a_creator_stands_before_who_is_only_written_of(finder: Finder) -> None:
    finder.library.put(_entitled("v1of", "Aa", abstracts=(Text("On y parle de Desrousseaux.", "fr"),)), {})
    finder.library.put(_entitled("v1by", "Zz", people=(Person("Desrousseaux, Alexandre", "", "aut"),)), {})
    assert finder.names("desrousseaux") == ["v1by", "v1of"]


def test_a_long_question_is_answered_and_its_first_words_say_the_order(
    finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finds, "_RANKED", 1)
    finder.library.put(_entitled("v1a", "Pont", abstracts=(Text("gare", "fr"),)), {})
    finder.library.put(_entitled("v1b", "Gare", abstracts=(Text("pont", "fr"),)), {})
    assert finder.names("gare pont") == ["v1b", "v1a"]
    assert finder.names("pont gare") == ["v1a", "v1b"]


def test_a_word_comes_back_often_in_its_share_of_a_text() -> None:
    item = renamed(make_postcard("v1x"), "v1x", "X")

    def often(*texts: str) -> set[str]:
        terms = " ".join(file_item(item, texts).text).split()
        return {term.removeprefix("_y") for term in terms if term.startswith("_y")}

    assert often("filature de coton", "coton et coton") == {"coton"}
    assert often("de de de de") == set(), "the commonest words tell nothing"
    assert often("coton " * 3 + "mot " * 2000) == {"mot"}, "in a long text three times are not often"
    assert file_item(replace(item), [""]).text == ()


def test_titles_are_first_even_of_common_words(finder: Finder) -> None:
    finder.library.put(_entitled("v1zz", "Sur la route"), {})
    finder.library.put(_entitled("v1aa", "Route", abstracts=(Text("Sur place.", "fr"),)), {})
    finder.library.put(describe(_entitled("v1bb", "Chemin"), titles=(Title("Chemin", "fr"),)), {})
    assert finder.names("sur") == ["v1zz", "v1aa"]
