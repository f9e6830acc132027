import gzip
import hashlib
import json
from dataclasses import replace

import brotli

from server.model.addresses import Addresses
from server.model.description import Text
from server.model.item import Item
from server.model.rights import Rights, RightsStatus
from server.model.text import Block, Box, Hyphen, Line, PageText, Word
from server.publish.pages import make_pages
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
