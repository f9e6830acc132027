"""What is cut off is told by a margin that is missing: by itself, or because the other views of its document have one."""

from dataclasses import replace

import pytest

from server.imaging.appearance import Appearance
from tests.support.views.rates import suspicions

PAGE = Appearance(
    width=2000, height=3000, borders=(0.0, 0.0, 0.0, 0.0), margins=(0.12, 0.1, 0.12, 0.13), frames=(0.01, 0.01, 0.01, 0.01),
    ink=0.08, tones=0.01, skew=0.0, sharpness=0.5, white=0.0, black=0.0, mean=205.0, contrast=110.0, lightest=225.0,
    darkest=120.0, paper=(88.0, 2.0, 12.0), hash="",
)  # fmt: skip
ON_FELT = replace(PAGE, borders=(0.01, 0.012, 0.011, 0.014), margins=(1.0, 1.0, 1.0, 1.0), frames=(1.0, 1.0, 1.0, 1.0))
PLATE = replace(PAGE, frames=(0.1, 0.1, 0.1, 0.2), ink=0.07, tones=0.55)


def cut(*views: Appearance, of_one: int | None = None) -> set[int]:
    """Return which views are told to be cut off, of a document whose pages do not look the same."""
    unlike = [replace(view, hash=f"{2 ** (number % 1000):0252x}") for number, view in enumerate(views)]
    return {view for rule, view in suspicions(unlike, of_one) if rule == "picture-margin"}


def test_print_that_reaches_an_edge_is_cut_off_however_few_the_views() -> None:
    assert cut(PAGE, replace(PAGE, margins=(0.12, 0.1, 0.004, 0.13))) == {2}


def test_print_much_nearer_to_an_edge_than_on_the_other_pages_is_cut_off() -> None:
    between_two_lines = replace(PAGE, margins=(0.12, 0.015, 0.12, 0.13))
    assert cut(*[PAGE] * 4, between_two_lines) == {5}
    assert cut(PAGE, PAGE, between_two_lines) == set()


def test_narrow_margins_that_a_book_has_on_each_other_page_are_its_own() -> None:
    inner = replace(PAGE, margins=(0.018, 0.1, 0.12, 0.13))
    assert cut(*[PAGE, inner] * 3) == set()


def test_a_page_without_the_backing_of_the_others_is_cut_off_where_its_print_is_near() -> None:
    bare = replace(ON_FELT, borders=(0.01, 0.0, 0.011, 0.014), margins=(1.0, 0.015, 1.0, 1.0))
    assert cut(*[ON_FELT] * 5, bare) == {6}
    assert cut(*[ON_FELT] * 5, replace(bare, margins=(1.0, 0.09, 1.0, 1.0))) == set()


@pytest.mark.parametrize("frames", [(0.0, 0.1, 0.1, 0.2), (0.1, 0.1, 0.1, 0.04)])
def test_a_picture_without_most_of_the_mount_of_the_others_is_cut_off(
    frames: tuple[float, float, float, float],
) -> None:
    photographs = [PLATE, PLATE, PLATE, PLATE, replace(PLATE, frames=frames)]
    assert cut(*photographs) == {5}
    assert cut(*photographs, of_one=1) == {5}  # beside the other photographs of the delivery


@pytest.mark.parametrize(("width", "height"), [(2000, 2700), (1800, 3000)])
def test_a_view_that_is_shorter_than_the_others_and_as_wide_is_cut_off(width: int, height: int) -> None:
    pages = [replace(PAGE, width=2000 + 8 * number, height=3000 - 5 * number) for number in range(6)]
    short = replace(PAGE, width=width, height=height)
    assert cut(*pages, short) == {7}
    assert cut(*pages, short, of_one=1) == set()  # cards of a delivery have sizes of their own


def test_a_smaller_view_and_those_of_a_document_of_many_sizes_are_whole() -> None:
    assert cut(*[PAGE] * 6, replace(PAGE, width=1800, height=2700)) == set()
    assert cut(*(replace(PAGE, height=2400 + 130 * number) for number in range(6))) == set()
