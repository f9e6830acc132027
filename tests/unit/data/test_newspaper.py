"""The newspaper's text is where ALTO says, to the pixel, and reads on from line to line, column to column, page to page."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from data.holdings.newspaper import Issue, issue
from data.holdings.typesetting import INKED
from server.model.text import Box, Hyphen, Line


@pytest.fixture(scope="module")
def printed() -> Issue:
    return issue(0, 0.56)


def _cut(picture: Image.Image, box: Box) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(picture.crop((box.x, box.y, box.x + box.width, box.y + box.height)))


def _lines(printed: Issue) -> list[tuple[int, Line]]:
    return [(page, line) for page, sheet in enumerate(printed.sheets) for block in sheet.blocks for line in block.lines]


def test_the_box_of_a_word_is_the_box_of_its_ink(printed: Issue) -> None:
    words = 0
    for page, line in _lines(printed):
        for word in line.words:
            ink = _cut(printed.sheets[page].ink, word.box) >= INKED
            assert ink[0].any(), word
            assert ink[-1].any(), word
            assert ink[:, 0].any(), word
            assert ink[:, -1].any(), word
            words += 1
    assert words > 5_000


def test_there_is_no_ink_between_the_lines_of_a_block(printed: Issue) -> None:
    looked_at = 0
    ruled = {block for placed in printed.placed if placed.article.kind == "advertisement" for _, block in placed.parts}
    for sheet in printed.sheets:
        for block in (block for block in sheet.blocks if block.identifier not in ruled):
            for upper, lower in pairwise(block.lines):
                gap = lower.box.y - upper.box.y - upper.box.height
                if gap > 0:
                    between = Box(block.box.x, upper.box.y + upper.box.height, block.box.width, gap)
                    assert not (_cut(sheet.ink, between) >= INKED).any(), (block.identifier, between)
                    looked_at += 1
    assert looked_at > 200


def test_the_scan_is_dark_where_the_words_are_and_light_between_them(printed: Issue) -> None:
    for page in range(3):
        grey, sheet = printed.pages[page].convert("L"), printed.sheets[page]
        blocks = [block for block in sheet.blocks if len(block.lines) > 3]
        words = [_cut(grey, word.box).mean() for block in blocks for line in block.lines for word in line.words]
        gaps = [
            _cut(grey, Box(block.box.x, low.box.y - 1, block.box.width, 1)).mean()
            for block in blocks
            for high, low in pairwise(block.lines)
            if low.box.y - high.box.y - high.box.height > 2
        ]
        assert len(words) > 500
        assert len(gaps) > 10
        assert float(np.mean(words)) < float(np.mean(gaps)) - 25


def test_the_halves_of_a_broken_word_make_the_whole(printed: Issue) -> None:
    broken = 0
    for sheet in printed.sheets:
        words = [word for block in sheet.blocks for line in block.lines for word in line.words]
        for first, second in pairwise(words):
            if first.hyphen is Hyphen.FIRST and second.hyphen is Hyphen.SECOND:
                joined = (first.content + second.content).strip("«»,;:.!?…()")
                assert joined.replace("-", "") == first.whole.replace("-", "")
                assert first.whole == second.whole
                broken += 1
    assert broken > 100


def test_articles_run_over_columns_and_pages(printed: Issue) -> None:
    over_pages = [placed for placed in printed.placed if len({page for page, _ in placed.parts}) > 1]
    known = {block.identifier for sheet in printed.sheets for block in sheet.blocks}
    assert over_pages
    assert all(identifier in known for placed in printed.placed for _, identifier in placed.parts if identifier)
    assert any(
        len(
            {
                block.box.x // 100
                for sheet in printed.sheets
                for block in sheet.blocks
                if block.identifier in dict.fromkeys(b for _, b in placed.parts)
            }
        )
        > 1
        for placed in printed.placed
    )


def test_blocks_stay_on_the_page(printed: Issue) -> None:
    for sheet in printed.sheets:
        for block in sheet.blocks:
            assert block.box.x >= 0
            assert block.box.y >= 0
            assert block.box.x + block.box.width <= sheet.width
            assert block.box.y + block.box.height <= sheet.height
