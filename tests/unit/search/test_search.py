"""One suite on both databases: what is found, where it lies, page after page."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select, text

from server.catalogue.search_models import SearchDocumentRow, SearchTermRow, SearchViewRow
from server.model.description import Text
from server.model.view import ViewNotes
from server.search import find
from server.search.index import Required, decisive
from server.search.match import locate
from server.search.query import Query, parse_query
from server.search.scope import COUNTED_IN_A_COLLECTION
from server.search.write import remove_view
from tests.support.searching import Library, boxes, make_item, set_page

NAME = "v1hjkmn0"
PAGE = set_page(
    "L’Hôtel de ville de Lille et l’Œuvre",
    "des pauvres. La poſſeſſion de la",
    "ville, c’est-à-dire l’exposition du 7 août 1909.",
)


def test_french_folds(library: Library) -> None:
    library.put(make_item(), {1: PAGE})
    wanted = {
        "hotel": ["L’Hôtel"], "HÔTEL": ["L’Hôtel"], "l'hôtel": ["L’Hôtel"], "d’hôtel": ["L’Hôtel"],
        "oeuvre": ["l’Œuvre"], "œuvre": ["l’Œuvre"], "possession": ["poſſeſſion"], "aout": ["août"], "1909": ["1909."],
        "ville": ["ville", "ville,"], "vill": [], "beffroi": [],
    }  # fmt: skip
    for asked, found in wanted.items():
        assert library.hits(NAME, asked) == found, asked
        assert library.hits("collection/top", asked) == found, asked


def test_phrases_and_beginnings(library: Library) -> None:
    library.put(make_item(), {1: PAGE})
    wanted = {
        '"hôtel de ville"': ["L’Hôtel de ville"],
        "« l'hôtel de ville »": ["L’Hôtel de ville"],
        '"de la ville"': ["de la ville,"],
        '"de la"': ["de la"],
        '"la de"': [],
        '"ville de la"': [],
        "c’est-à-dire": ["c’est-à-dire"],
        '"est à dire"': ["c’est-à-dire"],
        "expo*": ["l’exposition"],
        "p*": ["pauvres.", "poſſeſſion"],
        '"des pau*"': ["des pauvres."],
        "ville pauvres": ["ville", "pauvres.", "ville,"],
        "ville beffroi": [],
        'ville "hôtel de ville"': ["L’Hôtel de ville", "ville,"],
        "vil* ville": ["ville", "ville,"],
        '"lille et l\'œuvre des pauvres"': ["Lille et l’Œuvre des pauvres."],
    }
    for asked, found in wanted.items():
        assert library.hits(NAME, asked) == found, asked
        assert library.hits("collection/type-presse", asked) == found, asked


def test_a_hit_over_lines_is_one_with_several_boxes(library: Library) -> None:
    library.put(make_item(), {1: PAGE})
    page = library.get(f"1/{NAME}", q='"œuvre des pauvres"')
    assert boxes(page) == ["f1#xywh=680,100,140,30", "f1#xywh=100,140,240,30"]
    [hit] = page["hits"]
    assert hit["annotations"] == [mark["@id"] for mark in page["resources"]]
    assert [mark["resource"]["chars"] for mark in page["resources"]] == ["l’Œuvre", "des pauvres."]
    assert (hit["before"], hit["match"], hit["after"]) == (
        "L’Hôtel de ville de Lille et ", "l’Œuvre des pauvres.", " La poſſeſſion de la ville, c’est-à-dire l’exposition du",
    )  # fmt: skip
    assert page["within"]["total"] == 1


def test_a_word_broken_at_the_end_of_a_line_is_found_once_and_boxed_twice(library: Library) -> None:
    broken = {"expo-": "exposition", "-sition": "exposition"}
    text = set_page("Grande expo-", "-sition de peut-", "être de la fila-", "ture des grands-", "pères", broken=broken)
    library.put(make_item(), {1: text})
    page = library.get(f"1/{NAME}", q="exposition")
    assert boxes(page) == ["f1#xywh=240,100,100,30", "f1#xywh=100,140,120,30"]
    assert [hit["match"] for hit in page["hits"]] == ["exposition"]
    assert [hit["after"] for hit in page["hits"]] == [" de peut-être de la filature des"]
    wanted = {
        "sition": 0, "expo": 0, "expo*": 1, '"grande exposition de"': 1, "filature": 1, "fila": 0, "être": 1,
        "peut-être": 1, '"peut-être de la filature"': 1, "grands-pères": 1, "pères": 1, "peutetre": 0,
    }  # fmt: skip
    for asked, count in wanted.items():
        assert len(library.hits(NAME, asked)) == count, asked
    assert boxes(library.get(f"1/{NAME}", q="peut-être")) == ["f1#xywh=300,140,100,30", "f1#xywh=100,180,80,30"]
    assert boxes(library.get(f"1/{NAME}", q="être")) == ["f1#xywh=100,180,80,30"]
    phrase = library.get(f"1/{NAME}", q='"grande exposition de"')
    assert boxes(phrase) == ["f1#xywh=100,100,240,30", "f1#xywh=100,140,180,30"]


def test_a_word_broken_at_the_foot_of_a_page_is_boxed_on_both(library: Library) -> None:
    broken = {"expo-": "exposition", "-sition": "exposition"}
    first, second = set_page("La grande expo-", "imprimeur", broken=broken), set_page("-sition de Lille", broken=broken)
    library.put(make_item(), {1: first, 2: second})
    page = library.get(f"1/{NAME}", q="exposition")
    assert [hit["match"] for hit in page["hits"]] == ["exposition"]
    assert boxes(page) == ["f1#xywh=300,100,100,30", "f2#xywh=100,100,120,30"]
    assert page["within"]["total"] == 1
    assert library.get(f"2/{NAME}", q="exposition")["partOf"]["total"] == 2
    assert library.hits(NAME, "sition") == []


def test_the_half_on_a_page_that_is_not_public_stays_unknown(library: Library) -> None:
    broken = {"expo-": "exposition", "-sition": "exposition"}
    item = make_item()
    hidden = replace(item.views[1], notes=replace(item.views[1].notes, public=False))
    texts = {1: set_page("La grande expo-", broken=broken), 2: set_page("-sition de secret", broken=broken)}
    library.put(replace(item, views=(item.views[0], hidden, item.views[2])), texts)
    page = library.get(f"1/{NAME}", q="exposition")
    assert boxes(page) == ["f1#xywh=300,100,100,30"]
    assert library.hits(NAME, "secret") == library.hits("collection/top", "secret") == []
    assert library.get(f"2/{NAME}/autocomplete", q="se")["items"] == []
    with library.catalogue.snapshot() as connection:
        assert connection.scalar(select(SearchTermRow.term).where(SearchTermRow.term == "secret")) is None


def test_boxes_are_those_of_the_view_and_never_empty(library: Library) -> None:
    text = set_page("Beffroi tour place")
    blocks = text.blocks
    line = blocks[0].lines[0]
    words = (
        replace(line.words[0], box=replace(line.words[0].box, width=0)),
        replace(line.words[1], box=replace(line.words[1].box, x=-20, y=-10)),
        replace(line.words[2], box=replace(line.words[2].box, x=3000)),
    )
    odd = replace(text, width=1000, height=1500, blocks=(replace(blocks[0], lines=(replace(line, words=words),)),))
    library.put(make_item(), {1: odd})
    assert boxes(library.get(f"1/{NAME}", q="beffroi")) == ["f1"]
    assert boxes(library.get(f"1/{NAME}", q="tour")) == ["f1#xywh=0,0,120,40"]
    assert boxes(library.get(f"1/{NAME}", q="place")) == ["f1"]


def test_transcriptions_are_found_on_the_whole_view(library: Library) -> None:
    item = make_item(pages=1)
    notes = ViewNotes(transcriptions=(Text("Chère tante,\nnous sommes bien arrivés à Lille.", "fr"),))
    library.put(replace(item, views=(replace(item.views[0], has_text=False, notes=notes),)), {})
    page = library.get(f"1/{NAME}", q='"tante nous"')
    assert boxes(page) == ["f1"]
    assert [(hit["before"], hit["match"]) for hit in page["hits"]] == [("Chère ", "tante, nous")]
    assert len(page["hits"][0]["annotations"]) == 1


@pytest.mark.parametrize("scope", [NAME, "collection/top", "collection/type-presse"])
@pytest.mark.parametrize("version", ["1", "2"])
def test_pages_show_every_hit_once(library: Library, scope: str, version: str) -> None:
    texts = {number: set_page(*(f"la ville {number} {line} de Lil-" for line in range(5))) for number in range(1, 41)}
    library.put(make_item(pages=40), texts)
    pages = walk(library, f"{version}/{scope}")
    ids = [mark["@id" if version == "1" else "id"] for page in pages for mark in marks(page)]
    assert len(ids) == len(set(ids)) == 200
    assert [page["startIndex"] for page in pages] == [0, 50, 100, 150]
    for before, after in pairwise(pages):
        assert address(after["prev"]) == address(before.get("@id") or before["id"])
    whole = pages[0]["within"] if version == "1" else pages[0]["partOf"]
    assert whole["total"] == 200
    assert address(whole["last"]) == address(pages[-1].get("@id") or pages[-1]["id"])
    assert "prev" not in pages[0]


@pytest.mark.parametrize("scope", ["collection/top", "collection/type-presse"])
@pytest.mark.parametrize("asked", ["ville", "vi*", '"de la"', '"la ville"'])
def test_what_is_not_counted_has_no_total_and_still_every_hit(library: Library, scope: str, asked: str) -> None:
    views = COUNTED_IN_A_COLLECTION // 2 + 60
    texts = {number: set_page("de la ville de la ville") for number in range(1, views + 1)}
    for number in (1, 2):
        library.put(make_item(f"v1hjkmn{number}", pages=views, title=f"L’Écho {number}"), texts)
    pages = walk(library, f"1/{scope}", asked)
    ids = [mark["@id"] for page in pages for mark in page["resources"]]
    assert len(ids) == len(set(ids)) == 4 * views
    assert "total" not in pages[0]["within"]
    assert "last" not in pages[0]["within"]
    assert [page["startIndex"] for page in pages] == list(range(0, 4 * views, 50))
    for before, after in pairwise(pages):
        back = library.get(after["prev"])
        assert [mark["@id"] for mark in back["resources"]] == [mark["@id"] for mark in before["resources"]]
    answer = library.ask(f"1/{scope}", q=asked, start=str(10**6))
    assert answer.status == 400
    assert "follow `next`" in answer.text


@pytest.mark.parametrize(
    ("asked", "term"),
    [
        ("ville", Required("ville")), ("vil*", Required("vil", is_open=True)), ('"de la"', Required("_de_la")),
        ('"de la*"', None), ('"la ville"', None), ('"la la la"', None), ('"grande ville"', None), ("lille ville", None),
        ("hôtel-dieu", None),
    ],
)  # fmt: skip
def test_what_is_known_by_one_term_needs_no_look_at_the_words(asked: str, term: Required | None) -> None:
    assert decisive(parse_query(asked)) == term


def test_a_word_on_more_views_than_are_counted_is_looked_for_on_one_page_of_them_only(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = COUNTED_IN_A_COLLECTION + 20
    library.put(make_item(pages=views), {number: set_page("ville", "lune") for number in range(1, views + 1)})
    looked: list[str] = []

    def spy(words: str, query: Query) -> list[tuple[int, int]]:
        looked.append(words)
        return locate(words, query)

    monkeypatch.setattr(find, "locate", spy)
    assert len(library.get("1/collection/top", q="ville")["hits"]) == find.SIZE
    assert len(looked) == find.SIZE + 1
    assert len(library.get("1/collection/top", q="ville lune")["hits"]) == find.SIZE
    assert len(looked) > COUNTED_IN_A_COLLECTION, "of two words it is not known on how many views both are"


def test_a_phrase_that_is_rarely_there_ends_a_page_early_and_loses_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "MOST_CANDIDATES", 7)
    texts = {number: set_page("lune soleil") for number in range(1, 31)} | {29: set_page("soleil lune")}
    library.put(make_item(pages=30), texts)
    page = library.get(f"1/{NAME}", q='"soleil lune"')
    assert page["hits"] == []
    assert "total" not in page["within"]
    assert library.hits(NAME, '"soleil lune"') == ["soleil lune"]


def test_hits_come_in_the_order_of_publication_and_of_pages(library: Library) -> None:
    for name, title in (("v1hjkmn2", "B"), ("v1hjkmn1", "A")):
        library.put(make_item(name, title=title), {2: set_page("ville"), 1: set_page("ville")})
    page = library.get("2/collection/top", q="ville")
    assert [mark["target"]["id"].split("/iiif/presentation/3/")[1].split("#")[0] for mark in page["items"]] == [
        "v1hjkmn2/canvas/f1", "v1hjkmn2/canvas/f2", "v1hjkmn1/canvas/f1", "v1hjkmn1/canvas/f2",
    ]  # fmt: skip


def test_a_collection_finds_its_own_documents_only(library: Library) -> None:
    library.put(make_item("v1hjkmn1"), {1: PAGE})
    other = make_item("v1hjkmn2")
    library.put(replace(other, institution=replace(other.institution, name="bm-lens")), {1: PAGE})
    assert len(library.hits("collection/top", "lille")) == 2
    page = library.get("2/collection/institution-bm-lens", q="lille")
    assert [mark["target"]["partOf"]["id"].rsplit("/", 2)[1] for mark in page["items"]] == ["v1hjkmn2"]
    library.put(replace(other, institution=replace(other.institution, name="bm-douai")), {1: PAGE})
    assert library.hits("collection/institution-bm-douai", "lille") != []
    gone = library.ask("2/collection/institution-bm-lens", given={"q": "lille"})
    assert gone.status == 410, "nothing is in it any more"


def test_publishing_again_replaces(library: Library) -> None:
    library.put(make_item(), {1: PAGE, 2: set_page("beffroi ville")})
    library.put(make_item(), {1: PAGE, 3: set_page("tramway")})
    assert library.hits(NAME, "beffroi") == []
    assert library.hits("collection/top", "tramway") == ["tramway"]
    assert counts(library) == recount(library)


def test_withdrawing_takes_everything_away(library: Library) -> None:
    library.put(make_item(), {1: PAGE})
    library.put(make_item("v1hjkmn9"), {1: set_page("autre ville")})
    library.withdraw(NAME)
    assert library.ask(f"2/{NAME}", q="ville").status == 410
    assert library.ask(f"1/{NAME}/autocomplete", q="vi").status == 410
    assert library.hits("collection/top", "ville") == ["ville"]
    assert counts(library) == recount(library)
    library.withdraw("v1hjkmn9")
    with library.catalogue.snapshot() as connection:
        for table in (SearchDocumentRow, SearchViewRow, SearchTermRow):
            assert connection.scalar(select(func.count()).select_from(table)) == 0
        assert connection.scalar(text("select count(*) from search_index")) == 0


def test_what_is_not_there(library: Library) -> None:
    library.put(replace(make_item(), views=(replace(make_item().views[0], has_text=False),)), {})
    assert library.hits(NAME, "ville") == []
    assert library.hits("collection/top", "ville") == []
    assert library.ask("2/v1unknown", q="ville").status == 404
    assert library.ask("2/collection/nowhere", q="ville").status == 404
    assert library.ask(f"3/{NAME}", q="ville").status == 404
    assert library.ask(f"2/{NAME}").status == 400


def test_a_collection_that_was_emptied_is_gone(library: Library) -> None:
    library.put(make_item(), {1: PAGE})
    library.withdraw(NAME)
    for service in ("2", "1"):
        assert library.ask(f"{service}/collection/type-presse", q="ville").status == 410
    assert library.ask("2/collection/top", q="ville").status == 200


@pytest.mark.parametrize("letters", ["mot", "ж" * 50])
def test_a_view_of_more_words_than_a_page_has_is_searched_as_far_as_the_limit(library: Library, letters: str) -> None:
    words = " ".join(f"{letters}{number}" for number in range(120_000))
    item = make_item(pages=1)
    notes = ViewNotes(transcriptions=(Text(words, "fr"),))
    library.put(replace(item, views=(replace(item.views[0], has_text=False, notes=notes),)), {})
    assert len(library.hits(NAME, f"{letters}5")) == 1
    assert library.hits(NAME, f"{letters}119999") == [], "the same on both databases"
    library.withdraw(NAME)
    with library.catalogue.snapshot() as connection:
        assert connection.scalar(select(func.count()).select_from(SearchTermRow)) == 0


def test_completion(library: Library) -> None:
    library.put(make_item(), {1: PAGE, 2: set_page("villes villa vie VILLA")})
    for scope in (NAME, "collection/top", "collection/type-presse"):
        terms = library.get(f"1/{scope}/autocomplete", q="Vi")["terms"]
        assert [(term["match"], term["count"]) for term in terms] == [
            ("vie", 1), ("villa", 2), ("ville", 2), ("villes", 1),
        ]  # fmt: skip
        least = library.get(f"1/{scope}/autocomplete", q="l’vi", min="2")["terms"]
        assert [term["match"] for term in least] == ["villa", "ville"]
        assert len(library.get(terms[1]["url"])["hits"]) == 2
    phrase = library.get(f"1/{NAME}/autocomplete", q="hôtel de v")["terms"]
    assert [term["match"] for term in phrase] == ['"hotel de ville"']
    assert len(library.get(phrase[0]["url"])["hits"]) == 1


def test_completion_in_a_large_collection_says_what_it_does_not_count(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.search.complete.MOST_COUNTED", 1)
    library.put(make_item(), {1: PAGE, 2: set_page("villes villa vie VILLA")})
    found = library.get("2/collection/type-presse/autocomplete", q="vi", min="2")
    assert [term["value"] for term in found["items"]] == ["vie", "villa", "ville", "villes"]
    assert found["ignored"] == ["min"]
    assert all("total" not in term for term in found["items"])


HOSTILE = [
    '"', '""', "'", "''", "*", "* *", '"*"', "a OR b", "a AND b", "NOT a", "a NEAR(b)", "terms:ville", "{terms}: a", "^ville",
    "ville + lille", "(ville", "ville)", "ville & !lille", "a | b", "a <-> b", "ville:*", "\\", "%", "_", "_call", "_de_la",
    "a\0b", "\0", "\x01\x02", "\u202e", "\ud83d\ude00", "😀", "é" * 900, "x" * 1000, "ville; drop table search_view",
    "<script>", "-", "--", "/* */", "http://example.org/?q=1", "l'", "«»", "ſ", "ﬁ*", "\u0301", "a\u0301*", "ǅ*",
]  # fmt: skip


@pytest.mark.parametrize("scope", [NAME, "collection/top"])
def test_hostile_questions_get_an_answer(library: Library, scope: str) -> None:
    library.put(make_item(), {1: PAGE})
    for asked in HOSTILE:
        for path in (f"2/{scope}", f"1/{scope}", f"2/{scope}/autocomplete", f"1/{scope}/autocomplete"):
            answer = library.ask(path, q=asked.encode("utf-8", "replace").decode())
            assert answer.status == 200, (path, asked, answer.text)
            json.loads(answer.body)
    for query in (b"q=%ff%fe", b"q=%00", b"q=a&q=b", b"q=%C3", b"q=%", b"q=\xe9t\xe9", b"q=a&start=0&from="):
        assert library.ask(f"2/{scope}?{query.decode('latin-1')}").status == 200, query
    refused = (
        {"q": "a" * 10_000}, {"q": " ".join(map(str, range(40)))}, {"q": "ville", "start": "-1"}, {"q": "ville", "start": "٣"},
        {"q": "ville", "from": "x"}, {"q": "ville", "from": "1.2.3"}, {"q": "ville", "start": "9" * 30}, {"q": ""},
    )  # fmt: skip
    for parameters in refused:
        answer = library.ask(f"2/{scope}", given=parameters)
        assert answer.status == 400, parameters
        assert answer.header("access-control-allow-origin") == "*"
    assert library.ask(f"2/{scope}", q="ville", given={"start": "5", "from": "999999999999999999.3"}).status == 200
    assert library.ask(f"2/{scope}?q=a&" + "&".join(f"p{n}=1" for n in range(60))).status == 400


def walk(library: Library, path: str, asked: str = "ville") -> list[dict[str, Any]]:
    pages = [library.get(path, q=asked)]
    while "next" in pages[-1]:
        pages.append(library.get(address(pages[-1]["next"])))
    return pages


def address(link: Any) -> str:
    return str(link if isinstance(link, str) else link["id"])


def marks(page: dict[str, Any]) -> list[Any]:
    found: list[Any] = page["resources"] if "resources" in page else page["items"]
    return found


def counts(library: Library) -> dict[str, tuple[int, int]]:
    with library.catalogue.snapshot() as connection:
        rows = connection.execute(select(SearchTermRow.term, SearchTermRow.views, SearchTermRow.hits))
        return {row.term: (row.views, row.hits) for row in rows if not row.term.startswith("_")}


def recount(library: Library) -> dict[str, tuple[int, int]]:
    with library.catalogue.snapshot() as connection:
        told = [words.split() for words in connection.scalars(select(SearchViewRow.words))]
    every = {word for words in told for word in words}
    return {word: (sum(word in words for words in told), sum(words.count(word) for words in told)) for word in every}


def test_a_view_that_is_withdrawn_is_gone_at_once_with_the_word_that_goes_on_there(library: Library) -> None:
    broken = {"expo-": "exposition", "-sition": "exposition"}
    first, second = set_page("La grande expo-", broken=broken), set_page("-sition de Lille", broken=broken)
    library.put(make_item(), {1: first, 2: second, 3: set_page("La grande place de Lille")})
    with library.catalogue.write() as session:
        remove_view(session, NAME, 2)
    assert library.hits("collection/top", "exposition") == library.hits(NAME, "exposition") == []
    assert boxes(library.get(f"1/{NAME}", q="grande")) == ["f3#xywh=160,100,120,30"]
    assert counts(library) == recount(library)
    library.put(make_item(), {1: first, 3: set_page("La grande place de Lille")})
    assert library.hits(NAME, "grande") == ["grande", "grande"]
