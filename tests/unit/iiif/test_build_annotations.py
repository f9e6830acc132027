import json
from dataclasses import replace
from typing import Any

import pytest

from server.iiif.build.annotations import has_text_page, write_text_pages, write_word_page
from server.iiif.build.validate import validate_text_page
from server.model.addresses import Addresses
from server.model.description import Text
from server.model.text import Block, Box, Hyphen, Line, PageText, Word
from tests.support.publications import make_newspaper, make_postcard

ADDRESSES = Addresses("https://vitrine.example.org", "99999", "vitrine.example.org")
CANVAS = "https://vitrine.example.org/iiif/presentation/3/v1hjkmn0/canvas/f1"


def page(*lines: tuple[str, Box], size: tuple[int, int] = (3600, 5000)) -> PageText:
    made = tuple(Line(tuple(Word(word, box) for word in text.split()), box) for text, box in lines)
    return PageText(*size, (Block("b1", made, Box(0, 0, *size)),), "fr")


def build(text: PageText | None) -> dict[str, Any]:
    item = make_newspaper()
    built: dict[str, Any] = json.loads(write_text_pages(item, item.views[0], text, ADDRESSES)[0])
    validate_text_page(built)
    return built


def test_a_line_is_an_annotation_of_its_region() -> None:
    built = build(page(("Lille, le 1er mars", Box(10, 20, 300, 40)), ("Hier soir", Box(10, 70, 200, 40))))
    assert built["@context"][-1] == "http://iiif.io/api/presentation/3/context.json"
    assert built["@context"][0] == "http://iiif.io/api/extension/text-granularity/context.json"
    first, second = built["items"]
    assert first == {
        "id": "https://vitrine.example.org/iiif/presentation/3/v1hjkmn0/f1/text#line-1",
        "type": "Annotation",
        "motivation": "supplementing",
        "textGranularity": "line",
        "body": {"type": "TextualBody", "value": "Lille, le 1er mars", "format": "text/plain", "language": "fr"},
        "target": CANVAS + "#xywh=10,20,300,40",
    }
    assert second["id"].endswith("#line-2")


@pytest.mark.parametrize(
    ("box", "size", "target"),
    [
        (Box(10, 20, 300, 40), (1800, 2500), "#xywh=20,40,600,80"),
        (Box(-5, -5, 100, 100), (3600, 5000), "#xywh=0,0,95,95"),
        (Box(3500, 4900, 500, 500), (3600, 5000), "#xywh=3500,4900,100,100"),
        (Box(0, 0, 0, 0), (3600, 5000), ""),
        (Box(4000, 10, 10, 10), (3600, 5000), ""),
        (Box(10, 20, 300, 40), (0, 0), "#xywh=10,20,300,40"),
    ],
)
def test_boxes_lie_inside_the_canvas_and_are_never_empty(box: Box, size: tuple[int, int], target: str) -> None:
    [annotation] = build(page(("mot", box), size=size))["items"]
    assert annotation["target"] == CANVAS + target


def test_halves_of_a_word_stay_on_their_lines() -> None:
    box = Box(0, 0, 10, 10)
    lines = (
        Line((Word("la", box), Word("mai", box, hyphen=Hyphen.FIRST, whole="maison")), box),
        Line((Word("son", box, hyphen=Hyphen.SECOND, whole="maison"),), box),
        Line((), box),
    )
    built = build(PageText(3600, 5000, (Block("b", lines, box),)))
    assert [annotation["body"]["value"] for annotation in built["items"]] == ["la mai-", "son"]
    assert "language" not in built["items"][0]["body"]


def test_a_transcription_is_of_the_whole_canvas() -> None:
    item = make_postcard()
    verso = item.views[1]
    built = json.loads(write_text_pages(item, verso, None, ADDRESSES)[0])
    validate_text_page(built)
    [annotation] = built["items"]
    assert annotation["textGranularity"] == "page"
    assert annotation["target"].endswith("/v1bcdfg0/canvas/f2")
    assert annotation["body"]["value"].startswith("Chère tante,\n")


def test_which_views_have_a_page() -> None:
    recto, verso = make_postcard().views
    assert not has_text_page(recto)
    assert has_text_page(verso)
    assert has_text_page(replace(recto, has_text=True))


def words(text: PageText) -> list[dict[str, Any]]:
    item = make_newspaper()
    built = json.loads(write_word_page(item, item.views[0], text, ADDRESSES))
    validate_text_page(built)
    assert built["@context"][0] == "http://iiif.io/api/extension/text-granularity/context.json"
    assert built["id"] == "https://vitrine.example.org/iiif/presentation/3/v1hjkmn0/f1/words"
    items: list[dict[str, Any]] = built["items"]
    return items


def test_a_word_is_an_annotation_of_its_own_box() -> None:
    line = Line((Word("Lille,", Box(10, 20, 80, 40)), Word("hier", Box(100, 22, 60, 38))), Box(10, 20, 150, 40))
    first, second = words(PageText(1800, 2500, (Block("b", (line,), line.box),), "fr"))
    assert first == {
        "id": "https://vitrine.example.org/iiif/presentation/3/v1hjkmn0/f1/words#word-1",
        "type": "Annotation",
        "motivation": "supplementing",
        "textGranularity": "word",
        "body": {"type": "TextualBody", "value": "Lille,", "format": "text/plain", "language": "fr"},
        "target": CANVAS + "#xywh=20,40,160,80",
    }
    assert second["target"] == CANVAS + "#xywh=200,44,120,76"


def test_a_word_that_lies_outside_has_the_box_of_its_line_and_one_without_letters_none() -> None:
    line = Line((Word("mot", Box(9000, 20, 80, 40)), Word("", Box(1, 1, 5, 5))), Box(10, 20, 150, 40))
    [annotation] = words(PageText(3600, 5000, (Block("b", (line,), line.box),)))
    assert annotation["target"] == CANVAS + "#xywh=10,20,150,40"


def test_the_first_half_of_a_word_shows_that_it_goes_on() -> None:
    box = Box(0, 0, 10, 10)
    halves = (Word("mai", box, hyphen=Hyphen.FIRST, whole="maison"), Word("son", box, hyphen=Hyphen.SECOND))
    text = PageText(3600, 5000, (Block("b", tuple(Line((half,), box) for half in halves), box),))
    assert [annotation["body"]["value"] for annotation in words(text)] == ["mai-", "son"]


def test_the_list_of_2_1_says_the_same_on_the_canvas_of_2_1() -> None:
    item = make_newspaper()
    view = replace(item.views[0], notes=replace(item.views[0].notes, transcriptions=(Text("À la main", None),)))
    text = page(("Lille, le 1er mars", Box(10, 20, 300, 40)))
    built = json.loads(write_text_pages(item, view, text, ADDRESSES)[1])
    root = "https://vitrine.example.org/iiif/presentation/2/v1hjkmn0"
    assert built["@context"] == "http://iiif.io/api/presentation/2/context.json"
    assert (built["@id"], built["@type"]) == (f"{root}/f1/text", "sc:AnnotationList")
    assert built["resources"] == [
        {
            "@id": f"{root}/f1/text#line-1",
            "@type": "oa:Annotation",
            "motivation": "sc:supplementing",
            "resource": {
                "@type": "cnt:ContentAsText",
                "format": "text/plain",
                "chars": "Lille, le 1er mars",
                "language": "fr",
            },
            "on": f"{root}/canvas/f1#xywh=10,20,300,40",
        },
        {
            "@id": f"{root}/f1/text#transcription-1",
            "@type": "oa:Annotation",
            "motivation": "sc:supplementing",
            "resource": {"@type": "cnt:ContentAsText", "format": "text/plain", "chars": "À la main"},
            "on": f"{root}/canvas/f1",
        },
    ]
