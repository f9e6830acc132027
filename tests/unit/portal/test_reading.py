import json
from itertools import count

from server.model.structure import Range, Target
from server.model.text import Box
from server.portal.reading import ReadLine, arrange, read_lines


def line(text: str, x: int = 0, y: int = 0, width: int = 400, language: str | None = "fr") -> ReadLine:
    return ReadLine(text, Box(x, y, width, 20), language)


def column(*texts: str, x: int = 0, top: int = 0) -> list[ReadLine]:
    return [line(text, x, y) for text, y in zip(texts, count(top, 24), strict=False)]


def test_lines_are_read_with_place_and_language() -> None:
    page = {
        "items": [
            {
                "textGranularity": "line",
                "body": {"value": "Bonjour", "language": "fr"},
                "target": "http://x/canvas/f1#xywh=1,2,3,4",
            },
            {"textGranularity": "page", "body": {"value": "une transcription"}, "target": "http://x/canvas/f1"},
        ]
    }
    assert read_lines(json.dumps(page).encode()) == (ReadLine("Bonjour", Box(1, 2, 3, 4), "fr"),)
    alone = {"items": page["items"][1:]}
    assert read_lines(json.dumps(alone).encode()) == (ReadLine("une transcription"),)


def test_a_broken_word_is_joined_and_a_hyphen_between_names_stays() -> None:
    (passage,) = arrange(column("les tisse-", "rands de Saint-", "Omer en 1914-", "1918"), (), 1)
    assert passage.paragraphs == ("les tisserands de Saint-Omer en 1914-1918",)
    (soft,) = arrange(column("le tra¬", "vail"), (), 1)
    assert soft.paragraphs == ("le travail",)


def test_paragraphs_are_told_by_gaps_indents_and_short_lines() -> None:
    apart = [*column("Un.", "Deux."), *column("Trois.", top=200)]
    assert arrange(apart, (), 1)[0].paragraphs == ("Un. Deux.", "Trois.")
    short = [line("Une longue ligne d’abord", y=0), line("et sa fin.", y=24, width=120), line("Une autre", y=48)]
    assert arrange(short, (), 1)[0].paragraphs == ("Une longue ligne d’abord et sa fin.", "Une autre")
    indented = [line("Une phrase finit.", y=0), line("Une autre commence", x=30, y=24, width=370)]
    assert arrange(indented, (), 1)[0].paragraphs == ("Une phrase finit.", "Une autre commence")


def test_text_that_goes_on_in_another_column_is_one_paragraph() -> None:
    lines = [*column("au bas de la colonne le", top=500), *column("texte continue", x=500)]
    assert arrange(lines, (), 1)[0].paragraphs == ("au bas de la colonne le texte continue",)


def test_articles_are_headings_where_their_regions_begin() -> None:
    structure = (
        Range(
            "issue", "Nº 12", "fr", (Target(1),),
            (
                Range("article", "Nouvelles", "fr", (Target(1, Box(0, 0, 400, 100)),)),
                Range("article", "Cours des grains", "fr", (Target(1, Box(0, 100, 400, 300)), Target(2, Box(0, 0, 9, 9)))),
            ),
        ),
    )  # fmt: skip
    lines = [*column("NOUVELLES", "de Paris"), *column("Le blé monte", top=200), *column("hors de tout", x=900)]
    passages = arrange(lines, structure, 1)
    assert [(each.heading, each.paragraphs) for each in passages] == [
        ("Nouvelles", ("de Paris",)),
        ("Cours des grains", ("Le blé monte",)),
        ("", ("hors de tout",)),
    ]
    assert {each.level for each in passages} == {3}
    assert passages[0].language == "fr"


def test_a_heading_below_its_rubric_is_not_said_twice() -> None:
    article = Range("article", "Un grand incendie", "fr", (Target(1, Box(0, 0, 400, 400)),))
    lines = column("Lannoy", "UN GRAND", "INCENDIE", "Un incendie s’est", "déclaré.", "UN GRAND")
    (passage,) = arrange(lines, (article,), 1)
    assert (passage.heading, passage.paragraphs) == (
        "Un grand incendie", ("Lannoy", "Un incendie s’est déclaré. UN GRAND"),
    )  # fmt: skip
    (other,) = arrange(column("Un", "Deux", "Trois", "Quatre", "Un grand incendie"), (article,), 1)
    assert other.paragraphs == ("Un Deux Trois Quatre Un grand incendie",), "far below it is a part of the text"


def test_type_of_another_size_is_another_paragraph() -> None:
    large = ReadLine("LE COURRIER DE LA DEÛLE", Box(0, 0, 900, 60))
    small = [
        ReadLine("Journal républicain quotidien", Box(0, 70, 500, 22)),
        ReadLine("de la région du Nord", Box(0, 94, 360, 22)),
    ]
    assert arrange([large, *small], (), 1)[0].paragraphs == (
        "LE COURRIER DE LA DEÛLE", "Journal républicain quotidien de la région du Nord",
    )  # fmt: skip
    initial = [
        ReadLine("L’an mil huit cent quarante et", Box(0, 0, 400, 60)),
        ReadLine("un, le sept du mois de mars", Box(60, 26, 340, 22)),
    ]
    assert arrange(initial, (), 1)[0].paragraphs == ("L’an mil huit cent quarante et un, le sept du mois de mars",)


def test_an_article_that_goes_on_behind_another_has_one_heading() -> None:
    structure = (
        Range("article", "Feuilleton", "fr", (Target(1, Box(0, 0, 400, 50)), Target(1, Box(0, 200, 400, 50)))),
        Range("article", "Annonce", "fr", (Target(1, Box(0, 100, 400, 50)),)),
    )
    lines = [*column("un début"), *column("à vendre", top=110), *column("une fin", top=210)]
    assert [each.heading for each in arrange(lines, structure, 1)] == ["Feuilleton", "Annonce", ""]


def test_a_part_of_an_article_is_a_heading_below_it() -> None:
    part = Range("part", "Chapitre premier", "fr", (Target(1, Box(0, 100, 400, 100)),))
    structure = (Range("article", "Germinal", "fr", (Target(1, Box(0, 0, 400, 300)),), (part,)),)
    lines = [*column("Résumé"), *column("Dans la plaine rase", top=120)]
    assert [(each.heading, each.level) for each in arrange(lines, structure, 1)] == [
        ("Germinal", 3),
        ("Chapitre premier", 4),
    ]


def test_a_transcription_keeps_its_lines() -> None:
    (passage,) = arrange([ReadLine("Chère tante,\nnous voici.\n\nÀ bientôt.")], (), 1)
    assert passage.paragraphs == ("Chère tante,\nnous voici.", "À bientôt.")
    assert arrange([], (), 1) == ()
