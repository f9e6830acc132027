from dataclasses import replace

from server.formats.pdf.headings import Levels, expect_headings
from server.model.structure import Range, Target
from server.model.text import Box, PageText
from tests.support.booklets import SIZE, STRUCTURE, set_lines


def page(*lines: tuple[int, str]) -> PageText:
    return PageText(*SIZE, tuple(set_lines(top, text) for top, text in lines), "fr")


def find(structure: tuple[Range, ...], *pages: tuple[int, PageText]) -> list[dict[int, int]]:
    levels = Levels(expect_headings(structure))
    return [levels.find(view, text, SIZE) for view, text in pages]


def test_a_block_that_says_the_name_of_a_division_is_its_heading_whatever_the_case() -> None:
    assert find(STRUCTURE, (1, page((100, "CHAPITRE PREMIER"), (400, "Il était une fois")))) == [{0: 1}]


def test_elsewhere_or_with_other_words_it_is_none() -> None:
    assert find(STRUCTURE, (1, page((900, "Chapitre premier"), (100, "Chapitre premier et dernier")))) == [{}]
    assert find(STRUCTURE, (3, page((100, "Chapitre premier")))) == [{}]


def test_of_two_blocks_with_the_same_words_the_first_is_the_heading() -> None:
    assert find(STRUCTURE, (1, page((100, "Chapitre premier"), (200, "Chapitre premier")))) == [{0: 1}]


def test_levels_follow_the_headings_above_and_none_is_skipped() -> None:
    deep = Range(
        "a",
        "Un",
        None,
        (Target(1),),
        (Range("b", "Deux", None, (Target(1),), (Range("c", "Trois", None, (Target(2),)),)),),
    )
    whole = (Range("livre", "Le livre", None, (Target(9),), (deep, Range("a", "Quatre", None, (Target(2),)))),)
    assert find(whole, (1, page((100, "Un"), (200, "Deux"))), (2, page((100, "Trois"), (200, "Quatre")))) == [
        {0: 1, 1: 2},
        {0: 3, 1: 1},
    ]


def test_deeper_than_six_is_six() -> None:
    nested = Range("x", "h8", None, (Target(1),))
    for depth in range(7, 0, -1):
        nested = Range("x", f"h{depth}", None, (Target(1),), (nested,))
    found = find((nested,), (1, page(*((100 * each, f"h{each}") for each in range(1, 9)))))
    assert list(found[0].values()) == [1, 2, 3, 4, 5, 6, 6, 6]


def test_a_division_without_letters_or_place_expects_nothing() -> None:
    assert expect_headings((Range("a", "…", None, (Target(1),)), Range("b", "Sans lieu"))) == ()


def test_the_page_of_the_text_may_have_another_size_than_the_view() -> None:
    text = page((100, "Chapitre premier"))
    half = replace(text, width=SIZE[0] // 2, height=SIZE[1] // 2)
    structure = (Range("c", "Chapitre premier", None, (Target(1, Box(0, 180, 1200, 120)),)),)
    assert find(structure, (1, half)) == [{0: 1}]
    assert find(structure, (1, text)) == [{}]
