"""Breaking French text into lines."""

import pytest

from data.holdings.fonts import font
from data.holdings.library import french, passages
from data.holdings.typesetting import NBSP, Sheet, break_lines, draw_line, syllables
from server.model.text import Hyphen


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("horizontale", {"ho|rizontale", "hori|zontale", "horizon|tale"}),
        ("l’abbaye", set()),
        ("feu", set()),
        ("Basse-Deûle", {"Basse-|Deûle"}),
        ("république", {"ré|publique"}),
    ],
)
def test_words_are_broken_between_syllables(word: str, parts: set[str]) -> None:
    found = {f"{word[:at]}|{word[at:]}" for at in syllables(word)}
    assert parts <= found
    assert all(len(part.split("|")[0]) >= 2 and len(part.split("|")[1]) >= 2 for part in found)
    if not parts:
        assert not found or "’" in word


def test_lines_fit_their_column_and_lose_no_word() -> None:
    text = passages("presse")["germinal-1"].paragraphs[0]
    lines = break_lines(text, "roman", 25, 400, 25)
    read = ""
    for line in lines:
        for piece in line.pieces:
            if piece.hyphen is Hyphen.FIRST:
                read += piece.text
            else:
                read += piece.text + " "
    assert len(lines) > 10
    assert read.split() == text.replace(NBSP, " ").split()
    for line in lines:
        sheet = Sheet(500, 60)
        drawn = draw_line(sheet, line, "roman", 25, 20, 40, 400)
        assert drawn.box.x + drawn.box.width <= 20 + 400 + 4


def test_no_line_begins_with_a_mark_that_belongs_to_the_word_before() -> None:
    lines = break_lines(french("Il cria ; on vint ! Pourquoi ? « Je ne sais » : rien. " * 6), "roman", 25, 220)
    assert all(line.pieces[0].text not in (";", "!", "?", ":", "»") for line in lines)
    assert all(line.pieces[-1].text != "«" for line in lines)


def test_every_face_opens() -> None:
    from data.holdings.fonts import FACES

    for face in FACES:
        assert font(face, 30).getlength("Œuvre æ l’été — « oui »") > 100
