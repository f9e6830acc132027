"""Highlights are right to the pixel: every box of a hit ends on ink on all four sides, on the sample newspaper's pages."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from data.holdings.newspaper import Issue, issue
from data.holdings.typesetting import INKED
from server.model.text import Hyphen, PageText
from server.search.folding import split
from tests.support.publications import make_view
from tests.support.searching import Library, make_item

NAME = "v1hjkmn0"
_ON = re.compile(r"/canvas/f([0-9]+)#xywh=([0-9]+),([0-9]+),([0-9]+),([0-9]+)$")


@pytest.fixture(scope="module")
def printed() -> Issue:
    return issue(0, 0.56)


@pytest.fixture
def newspaper(library: Library, printed: Issue) -> Library:
    sheets = printed.sheets
    item = make_item(NAME, pages=len(sheets))
    views = tuple(
        make_view(NAME, number, (sheet.width, sheet.height), has_text=True) for number, sheet in enumerate(sheets, 1)
    )
    texts = {
        number: PageText(sheet.width, sheet.height, tuple(sheet.blocks), "fr") for number, sheet in enumerate(sheets, 1)
    }
    library.put(replace(item, views=views), texts)
    return library


def test_every_box_ends_on_ink(newspaper: Library, printed: Issue) -> None:
    words = Counter(
        part
        for sheet in printed.sheets
        for block in sheet.blocks
        for line in block.lines
        for word in line.words
        if word.hyphen is not Hyphen.SECOND
        for part in split(word.whole or word.content)
    )
    wanted = [word for word, count in words.most_common() if 2 <= count <= 40 and len(word) > 4][::20][:24]
    assert len(wanted) == 24
    phrases = ['"de la"', '"dans les"', '"et de"', '"qu\'il"']
    boxes = 0
    for asked in (*wanted, *phrases):
        page = newspaper.get(f"1/{NAME}", q=asked)
        if asked in words:
            assert page["within"]["total"] == words[asked], asked
        for mark in page["resources"]:
            match = _ON.search(mark["on"])
            assert match, mark
            number, x, y, width, height = map(int, match.groups())
            ink = np.asarray(printed.sheets[number - 1].ink.crop((x, y, x + width, y + height))) >= INKED
            for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]):
                assert edge.any(), (asked, mark)
            boxes += 1
    assert boxes > 150


def test_broken_words_are_boxed_on_both_halves(newspaper: Library, printed: Issue) -> None:
    halves = [
        (first, second)
        for sheet in printed.sheets
        for block in sheet.blocks
        for line, following in zip(block.lines, block.lines[1:], strict=False)
        for first, second in [(line.words[-1], following.words[0])]
        if first.hyphen is Hyphen.FIRST and second.hyphen is Hyphen.SECOND and len(split(first.whole)) == 1
    ]
    assert len(halves) > 100
    for first, second in halves[::20]:
        page = newspaper.get(f"1/{NAME}", q=first.whole)
        on = [mark["on"].rpartition("=")[2] for mark in page["resources"]]
        assert first.box.xywh in on
        assert on[on.index(first.box.xywh) + 1] == second.box.xywh
        hit = next(hit for hit in page["hits"] if len(hit["annotations"]) == 2)
        assert split(hit["match"])[-1] == split(first.whole)[0]
