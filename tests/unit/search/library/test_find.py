"""The search of the library: the same on SQLite and PostgreSQL."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from server.catalogue.find_models import FindDocumentRow
from server.errors import BadRequest
from server.model.description import Date, Person, Subject, Text, Title, Typology, Whole, WholeKind
from server.model.item import Item
from server.model.rights import Rights, RightsStatus
from server.search.folding import split
from server.search.library import mirror as mirrors
from server.search.library.asked import understand
from server.search.library.entry import FACETS
from server.search.library.find import Library as Search
from server.search.library.index import find_members_among
from server.search.query import MOST_CHARACTERS, join_asked, parse_query, write_query
from tests.support.finding import Finder, ask, describe
from tests.support.publications import DOUAI, LILLE, make_newspaper, make_postcard, renamed
from tests.support.searching import make_item, set_page


def test_words_are_found_in_notice_and_text_without_accents_and_articles(filled: Finder) -> None:
    assert set(filled.names("oeuvres")) == {"v1livre"}
    assert set(filled.names("INCENDIE")) == {"v1echo", "v1lettre"}
    assert set(filled.names("l'hotel ville")) == {"v1echo", "v1plan"}
    assert filled.names("introuvable") == []
    assert filled.names("!!!") == [], "signs alone are no wish to see everything"
    assert len(filled.names()) == 5


def test_a_field_is_searched_alone(filled: Finder) -> None:
    assert filled.names(title="ville") == ["v1plan"]
    assert set(filled.names(text="ville")) == {"v1echo", "v1livre"}
    assert filled.names(creator="valmore") == ["v1livre"]
    assert filled.names(subject="poésie") == ["v1livre"]
    assert set(filled.names(place="douai")) == {"v1livre", "v1plan"}
    assert filled.names(description="incendie") == ["v1lettre"]
    assert filled.names(title="ville", place="lille") == []


def test_phrases_stand_in_one_field_or_on_one_view(filled: Finder) -> None:
    assert set(filled.names('"hôtel de ville"')) == {"v1echo", "v1plan"}
    assert filled.names('"de la"') == ["v1echo"], "the line ends, the words follow one another"
    assert filled.names(text='"roses de saadi la"') == ["v1livre"]
    assert filled.names('"ville hôtel"') == []
    assert set(filled.names("incend*")) == {"v1echo", "v1lettre"}
    assert filled.names('"plan de l’hôtel de vi*"') == ["v1plan"]
    assert filled.names(text='"hotel de vi*"') == ["v1echo"]
    assert not filled.find('"hôtel de ville"').is_loose


def test_a_phrase_whose_words_are_on_too_many_views_is_looked_for_by_its_words(
    filled: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.search.library.views.MOST_VIEWS", 0)
    found = filled.find(text='"douai de ville"')
    assert found.is_loose
    assert [each.name for each in found.documents] == ["v1livre"]


@pytest.mark.parametrize(("portion", "first"), [(1, 1), (3, 2), (500, 4)])
def test_phrases_and_hits_are_found_on_late_views_of_several_documents(
    finder: Finder, monkeypatch: pytest.MonkeyPatch, portion: int, first: int
) -> None:
    monkeypatch.setattr("server.search.library.views._PORTION", portion)
    monkeypatch.setattr("server.search.library.views._FIRST", first)
    apart, met = set_page("le marché aux poissons"), set_page("le poissons du marché", "au marché")
    for name, late in (("v1one", 1), ("v1six", 6), ("v1nine", 9), ("v1never", 0)):
        finder.library.put(make_item(name, 9), {n: met if n == late else apart for n in range(1, 10)})
    found = finder.find('"poissons du marché"', sort="new")
    assert not found.is_loose
    assert [(each.name, each.hit and each.hit.marks[0].number) for each in found.documents] == [
        ("v1nine", 9), ("v1six", 6), ("v1one", 1),
    ]  # fmt: skip
    words = finder.find("poissons aux", sort="new")
    first_views = [each.hit.marks[0].number for each in words.documents if each.hit is not None]
    assert first_views == [1, 1, 1, 2], "all words on one view come first"
    either = finder.find('"poissons du marché" "marché aux"')
    assert {each.name: each.hit and (each.hit.marks[0].number, each.hit.match) for each in either.documents} == {
        "v1one": (1, "poissons du marché"), "v1six": (6, "poissons du marché"), "v1nine": (9, "poissons du marché"),
    }  # fmt: skip


def test_what_the_title_says_comes_before_notice_and_text(filled: Finder) -> None:
    assert filled.names("ville") == ["v1plan", "v1echo", "v1livre"]
    assert filled.names("incendie") == ["v1lettre", "v1echo"]


def test_issues_sort_by_their_newspaper_and_their_day(finder: Finder) -> None:
    for name, title, day in (
        ("v1ten", "L’Écho du Nord, 10 mars 1909", "1909-03-10"), ("v1april", "L’Écho du Nord, 1er avril 1909", "1909-04-01"),
        ("v1two", "L’Écho du Nord, 2 mars 1909", "1909-03-02"),
    ):  # fmt: skip
        issue = renamed(make_newspaper(name), name, title)
        finder.library.put(describe(issue, dates=(Date(day),), part_of=Whole("L’Écho du Nord")), {})
    finder.library.put(describe(renamed(make_postcard("v1card"), "v1card", "L’Écho"), dates=()), {})
    assert finder.names(sort="title") == ["v1card", "v1two", "v1ten", "v1april"]


def test_dates_sort_both_ways_and_undated_documents_come_last(filled: Finder) -> None:
    assert filled.names(sort="date") == ["v1plan", "v1echo", "v1livre", "v1carte", "v1lettre"]
    assert filled.names(sort="-date") == ["v1carte", "v1livre", "v1echo", "v1plan", "v1lettre"]
    assert filled.names() == ["v1lettre", "v1livre", "v1plan", "v1echo", "v1carte"], "the newest first"
    assert filled.names(from_="1800", to="1850") == ["v1plan", "v1echo"]
    assert filled.names(from_="1902") == ["v1carte"]
    assert filled.names(to="1800") == ["v1plan"]


def test_a_value_counts_what_choosing_it_would_show(filled: Finder) -> None:
    assert filled.counts("place") == {"Douai (Nord)": 2, "Lille (Nord)": 3}
    assert filled.counts("century") == {"18": 1, "19": 2, "20": 2}
    assert filled.counts("person", f_type="livres-imprimes") == {"Desbordes-Valmore, Marceline": 1, "Hugo, Victor": 1}
    chosen = {"f_place": "Douai (Nord)", "f_institution": "bm-lille"}
    assert filled.names(**chosen) == ["v1livre"]
    assert filled.counts("place", **chosen) == {"Douai (Nord)": 1, "Lille (Nord)": 3}, "its own choice does not count"
    assert filled.counts("institution", **chosen) == {"bm-lille": 1, "bm-douai": 1}
    assert filled.counts("text", **chosen) == {"1": 1}
    assert set(filled.names(f_place="Douai (Nord)|Lille (Nord)")) == {"v1carte", "v1livre", "v1plan", "v1lettre"}
    assert filled.counts("type", f_type="presse", f_place="Arras")["presse"] == 0, (
        "what is chosen is listed without hits"
    )


def test_a_hit_leads_to_the_view_and_the_box(filled: Finder) -> None:
    found = filled.find("grains incendie")
    (document,) = found.documents
    assert document.name == "v1echo"
    hit = document.hit
    assert hit is not None
    assert hit.match == "grains"
    assert (hit.marks[0].number, hit.before) == (2, "Cours des ")
    assert hit.marks[0].box is not None
    assert [each.hit for each in filled.find("lettre").documents] == [None]


def test_up_to_three_places_of_a_document_are_shown_and_counted_where_that_costs_nothing(finder: Finder) -> None:
    met, apart = set_page("le marché aux poissons de la ville"), set_page("la halle")
    for name, views, on in (
        ("v1two", 9, (2, 7)),
        ("v1five", 16, (1, 4, 5, 9, 16)),
        ("v1many", 20, range(1, 21)),
        ("v1long", 20, (3, 19)),
    ):
        finder.library.put(make_item(name, views), {n: met if n in on else apart for n in range(1, views + 1)})
    for query in ("marché", '"marché aux poissons"', "marché ville"):
        told = {each.name: each for each in finder.find(query).documents}
        places = {name: [hit.marks[0].number for hit in each.hits] for name, each in told.items()}
        assert places == {"v1two": [2, 7], "v1five": [1, 4, 5], "v1many": [1, 2, 3], "v1long": [3, 19]}, query
        assert all(each.hit is each.hits[0] for each in told.values())
        assert {name: each.has_more for name, each in told.items()} == {
            "v1two": False, "v1five": True, "v1many": True, "v1long": False,
        }  # fmt: skip
        is_phrase = query.startswith('"')
        assert {name: each.met_views for name, each in told.items()} == {
            "v1two": 2, "v1five": None if is_phrase else 5, "v1many": None, "v1long": 2,
        }  # fmt: skip
    (only,) = finder.find("marché", title="écho", size="1").documents[:1]
    assert only.met_views == told[only.name].met_views


def test_the_place_where_most_stands_together_comes_first(finder: Finder) -> None:
    pages = {
        1: set_page("ville " + "x " * 40 + "le marché"),
        2: set_page("ville", "la halle", "le marché de la ville"),
        3: set_page("ville", "marché"),
    }
    finder.library.put(make_item("v1a", 3), pages)
    (document,) = finder.find("ville marché").documents
    assert [hit.marks[0].number for hit in document.hits] == [2, 3, 1]
    assert document.hits[0].before + document.hits[0].match + document.hits[0].after != ""


def test_large_pages_are_not_all_opened(finder: Finder, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("v1a", "v1b"):
        finder.library.put(make_item(name, 4), {n: set_page("le marché " + "mot " * 30) for n in range(1, 5)})
    letters = len(" le marche " + "mot " * 30)
    for most, shown in ((0, [1, 1]), (letters, [1, 2]), (3 * letters, [2, 3]), (10**6, [3, 3])):
        monkeypatch.setattr("server.search.library.views._MORE_LETTERS", most)
        documents = finder.find("marché").documents
        assert sorted(len(each.hits) for each in documents) == shown
        assert {(each.met_views, each.has_more) for each in documents} == {(4, True)}


@pytest.mark.parametrize(
    ("asked", "within"),
    [
        ("Hôtel de VILLE incendie", "Hôtel de VILLE incendie"),
        ("Écho hôtel", "hotel"),
        ("Écho « l’hôtel de ville »", '"l hotel de ville"'),
        ("Écho incen*", "incen*"),
    ],
)
def test_a_document_is_asked_for_what_its_text_has(filled: Finder, asked: str, within: str) -> None:
    (document,) = filled.find(asked).documents
    assert document.within == within
    assert document.hit is not None
    assert filled.library.hits("v1echo", within)[0] == document.hit.match


@given(st.lists(st.from_regex(r'[a-zA-Zé’"«*-]{1,9}', fullmatch=True), max_size=6))
def test_what_is_asked_can_be_written_and_asked_again(words: list[str]) -> None:
    query = parse_query(" ".join(words))
    assert parse_query(write_query(query)) == query


_ASKED = st.text(st.sampled_from('ab é*-’" «»“”'), max_size=12)


@given(st.lists(_ASKED, max_size=4))
def test_texts_that_are_joined_ask_for_what_each_asks_for(texts: list[str]) -> None:
    """An open phrase in one of them does not swallow the words of the next."""
    clauses = dict.fromkeys(clause for text in texts for clause in parse_query(text).clauses)
    assert parse_query(join_asked(texts)).clauses == tuple(clauses)


@given(_ASKED.filter(str.strip), _ASKED.filter(str.strip))
def test_words_that_are_given_twice_are_asked_for_together(one: str, other: str) -> None:
    twice = understand([("q", one), ("q", other)])
    assert set(twice.clauses.get("q", ())) == {*parse_query(one).clauses, *parse_query(other).clauses}
    assert understand(twice.parameters) == twice, "its address asks the same"


def test_an_open_phrase_does_not_swallow_what_is_asked_of_the_text(filled: Finder) -> None:
    (document,) = filled.find('"hôtel de', text="incendie").documents
    assert document.within == '"hôtel de" incendie'
    (document,) = filled.find('"hôtel de', text="ville").documents
    assert filled.library.hits("v1echo", document.within)
    assert parse_query(document.within).clauses == parse_query('"hôtel de" ville').clauses


def test_the_way_into_a_document_is_never_longer_than_may_be_asked(filled: Finder) -> None:
    long = " ".join(["incendie", "ville"] * 8)
    (document,) = filled.find(f"{long} {'ville ' * 2}", text=f"hôtel {'– ' * 480}").documents
    assert document.within == "incendie ville hotel"
    wide = parse_query(" ".join(f"{letter}" * 60 for letter in "abcdefghijklmnop"))
    assert len(write_query(wide)) <= MOST_CHARACTERS


def test_views_are_called_by_their_labels(filled: Finder) -> None:
    item = make_item("v1folio", 4)
    labels = ("", "1r", "1v", "2r")
    shown = [replace(v, notes=replace(v.notes, label=label)) for v, label in zip(item.views, labels, strict=True)]
    hidden = replace(shown[3], notes=replace(shown[3].notes, public=False))
    filled.library.put(replace(item, views=(*shown[:3], hidden)), {2: set_page("feuillet", "premier")})
    (document,) = filled.find("feuillet").documents
    assert document.shown["labels"] == {"2": "1r", "3": "1v"}
    without_text = filled.find(title="plan").documents
    assert ["labels" in each.shown for each in without_text] == [False], "nothing of it is ever shown so"


def test_what_is_withdrawn_or_changed_is_so_at_once(filled: Finder) -> None:
    assert set(filled.names("incendie")) == {"v1echo", "v1lettre"}
    filled.library.withdraw("v1echo")
    assert filled.names("incendie") == ["v1lettre"]
    assert filled.names("grains") == []
    assert filled.find().total == 4
    assert "presse" not in filled.counts("type")
    changed = describe(make_postcard("v1lettre"), titles=(Title("Lettre brûlée"),), typology=Typology.ARCHIVES)
    filled.library.put(changed, {})
    assert filled.names("incendie") == []
    assert filled.names("brulee") == ["v1lettre"]
    assert filled.counts("type") == {"archives": 1, "cartes-postales": 1, "cartes-et-plans": 1, "livres-imprimes": 1}
    filled.library.put(make_item("v1echo", 1, "L’Écho du Nord"), {1: set_page("Incendie")})
    assert filled.names("incendie") == ["v1echo"], "what comes back is found again"


def test_pages_hold_every_document_once(finder: Finder) -> None:
    for number in range(45):
        finder.library.put(renamed(make_postcard(f"v1p{number}"), f"v1p{number}", f"Carte {number % 7}"), {})
    for order in ("relevance", "date", "-date", "new", "title"):
        pages = [finder.names("carte", sort=order, page=str(page)) for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [20, 20, 5]
        assert len({name for page in pages for name in page}) == 45
    assert finder.names("carte", page="4") == []
    assert finder.find("carte").pages == 3


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ([("q", "a" * 10_000)], "q has 10000 characters"),
        ([("q", " ".join(f"mot{number}" for number in range(40)))], "32"),
        ([("title", "mot " * 20), ("text", "mot " * 20 + "autre " * 20)], ""),
        ([("f.couleur", "bleu")], "there is no facet 'couleur'"),
        ([("sort", "hasard")], "is no order"),
        ([("page", "0")], "page"),
        ([("page", "²")], "page"),
        ([("from", "hier")], "from"),
        ([("all", "couleur")], "no facet"),
        ([("f.person", str(number)) for number in range(50)], "more than 40"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(parameters: list[tuple[str, str]], said: str) -> None:
    if said:
        with pytest.raises(BadRequest, match=said):
            understand(parameters)
    else:
        assert understand(parameters).clauses["title"] == understand([("title", "mot")]).clauses["title"]


def test_an_address_says_the_same_question_always_alike() -> None:
    asked = understand(
        [
            ("utm_source", "lettre"),
            ("page", "3"),
            ("f.type", "presse"),
            ("q", "  gare  du nord "),
            ("f.place", "Lille"),
            ("f.type", "archives"),
        ]
    )
    assert asked.query == "?q=gare+du+nord&f.type=archives&f.type=presse&f.place=Lille&page=3"
    assert understand(asked.parameters).query == asked.query
    assert asked.toggled("type", "presse").query == "?q=gare+du+nord&f.type=archives&f.place=Lille"
    assert asked.without("type").query == "?q=gare+du+nord&f.place=Lille"
    assert asked.sorted_by("-date").query.endswith("&sort=-date")
    assert ask("", from_="1900").without_years().query == ""


TITLE, OTHER_TITLE, WORK = (
    Whole("L’Écho", "1111-1111"), Whole("L’Écho du Nord", "2222-2222"), Whole("Œuvres", "ark:/1/w", "", WholeKind.MULTIVOLUME)
)  # fmt: skip
WORDS = ("gare", "nord", "rue", "école", "pont", "fête")


def _draw(chance: random.Random, number: int) -> tuple[Item, dict[int, list[str]]]:
    name = f"v1d{number}"
    item = make_item(name, 1, " ".join(chance.sample(WORDS, 2)))
    described = describe(
        replace(item, institution=chance.choice((LILLE, DOUAI))),
        typology=chance.choice(list(Typology)),
        rights=Rights(chance.choice((RightsStatus.CC0, RightsStatus.PUBLIC_DOMAIN)), "x", "y"),
        dates=tuple(Date(chance.choice(("1790", "1848-03", "19XX", "1799/1801"))) for _ in range(chance.randint(0, 1))),
        people=tuple(Person(f"Nom {chance.randint(0, 30)}", "", "aut") for _ in range(chance.randint(0, 2))),
        subjects=tuple(Subject(f"Sujet {chance.randint(0, 9)}") for _ in range(chance.randint(0, 2))),
        languages=tuple(chance.sample(("fre", "lat", "eng"), chance.randint(0, 2))),
        abstracts=(Text(" ".join(chance.choices(WORDS, k=3)), "fr"),),
        places=(), shelfmark="", part_of=chance.choice((None, TITLE, OTHER_TITLE, WORK)),
    )  # fmt: skip
    described = replace(described, collections=("choix",) if chance.random() < 0.2 else ())
    has_text = chance.random() < 0.6
    return described, {1: chance.choices(WORDS, k=4)} if has_text else {}


@pytest.mark.parametrize("small", [0, 1500], ids=["bits", "documents"])
def test_counts_are_those_of_looking_at_every_document(
    finder: Finder, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(mirrors, "_SMALL", small)
    monkeypatch.setattr("server.search.library.find.SHOWN_VALUES", 4)
    chance = random.Random(1909)
    finder.library.select("choix", {"fr": "Choix"})
    held: dict[str, tuple[Item, dict[int, list[str]]]] = {}
    for number in range(60):
        item, texts = _draw(chance, number)
        finder.library.put(item, {view: set_page(" ".join(words)) for view, words in texts.items()})
        held[item.name] = item, texts
        if number % 9 == 8:
            gone = chance.choice(sorted(held))
            finder.library.withdraw(gone)
            del held[gone]
    with finder.library.catalogue.snapshot() as connection:
        facets = {row.name: row.facets for row in connection.execute(select(FindDocumentRow)) if row.live}
    assert facets.keys() == held.keys()
    choices: dict[str, list[str]] = {
        "type": ["presse", "archives|presse"],
        "person": ["Nom 3", "Nom 1|Nom 2|Nom 9"],
        "language": ["lat"],
        "text": ["1"],
        "in": ["titre-2222-2222|collection-choix"],
    }
    combinations = [
        dict(zip(choices, each, strict=True)) for each in product(*([None, *values] for values in choices.values()))
    ]
    for query, chosen in product(("", "gare", "gare pont", "introuvable"), combinations):
        picked = {facet: value.split("|") for facet, value in chosen.items() if value}
        found = finder.find(query, **{f"f_{facet}": "|".join(values) for facet, values in picked.items()})
        met = [name for name, (item, texts) in held.items() if _meets(query, item, texts)]
        wanted = [name for name in met if _has(facets[name], picked)]
        assert found.total == len(wanted)
        for facet in found.facets:
            others = {key: values for key, values in picked.items() if key != facet.name}
            counted = Counter(
                value for name in met if _has(facets[name], others) for value in facets[name].get(facet.name, ())
            )
            if facet.name == "year" and "in" not in picked:
                assert not facet.counts
                continue
            listed = {count.value: count.documents for count in facet.counts}
            assert listed == {value: counted[value] for value in listed}
            unlisted = [count for value, count in counted.items() if value not in listed]
            chosen_here = set(picked.get(facet.name, ()))
            most = [listed[value] for value in listed if value not in chosen_here]
            assert facet.has_more or not unlisted
            assert not unlisted or not most or max(unlisted) <= min(most)
    assert set(FACETS) == {facet.name for facet in found.facets}


def _meets(query: str, item: Item, texts: dict[int, list[str]]) -> bool:
    said = [
        item.description.title.value,
        *(each.value for each in item.description.abstracts),
        *map(" ".join, texts.values()),
    ]
    return set(split(query)) <= {word for each in said for word in split(each)}


def _has(facets: dict[str, list[str]], picked: Mapping[str, Iterable[str]]) -> bool:
    return all(set(values) & set(facets.get(facet, ())) for facet, values in picked.items())


def test_a_question_is_limited_to_a_newspaper_a_year_of_it_a_work_or_a_selection(finder: Finder) -> None:
    """By its name: that of another may be the beginning of its own, and its issues may have dates of several years."""
    finder.library.select("choix", {"fr": "Choix"})
    for name, whole, day in (
        ("v1a", TITLE, "1909-12-31"), ("v1b", TITLE, "1910-01-01/1910-01-31"), ("v1c", TITLE, ""),
        ("v1d", OTHER_TITLE, "1909-12-31"), ("v1e", WORK, "1909"), ("v1f", None, "1909"),
    ):  # fmt: skip
        item = describe(make_postcard(name), part_of=whole, dates=(Date(day),) if day else ())
        finder.library.put(replace(item, collections=("choix",) if name in ("v1e", "v1f") else ()), {})
    for asked, names in (
        ({"f_in": "titre-1111-1111"}, {"v1a", "v1b", "v1c"}),
        ({"f_in": "titre-2222-2222"}, {"v1d"}),
        ({"f_in": "titre-1111-1111|titre-2222-2222"}, {"v1a", "v1b", "v1c", "v1d"}),
        ({"f_year": "titre-1111-1111-1909"}, {"v1a"}),
        ({"f_year": "titre-1111-1111-sd"}, {"v1c"}),
        ({"f_in": "titre-1111-1111", "f_year": "titre-1111-1111-1910", "from_": "1910"}, {"v1b"}),
        ({"f_in": "titre-1111-1111", "f_year": "titre-2222-2222-1909"}, set()),
        ({"f_in": "collection-choix"}, {"v1e", "v1f"}),
        ({"f_in": "collection-choix", "query": "place"}, {"v1e", "v1f"}),
        ({"f_in": "titre-1111"}, set()),
    ):
        assert set(finder.names(**asked)) == names, asked
    assert finder.counts("in")["titre-1111-1111"] == 3
    assert finder.counts("year") == {}
    years = {"titre-1111-1111-1909": 1, "titre-1111-1111-1910": 1, "titre-1111-1111-sd": 1}
    assert finder.counts("year", f_in="titre-1111-1111") == years
    assert finder.counts("year", f_in="titre-1111-1111", f_year="titre-1111-1111-sd") == years
    assert finder.counts("year", all="year") == years | {"titre-2222-2222-1909": 1}
    finder.library.withdraw("v1d")
    assert finder.names(f_in="titre-2222-2222") == []


@pytest.mark.parametrize("most", [1, 24], ids=["mostly asked anew", "mostly mended"])
def test_what_is_remembered_of_words_is_what_a_search_that_remembers_nothing_finds(
    finder: Finder, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(mirrors, "MOST_CHANGES", most)
    chance = random.Random(1911)
    finder.library.select("choix", {"fr": "Choix"})
    mended: list[int] = []
    original = find_members_among

    def count_mended(
        connection: Connection, terms: Sequence[tuple[str, bool]], numbers: Sequence[int]
    ) -> dict[tuple[str, bool], int]:
        mended.append(len(numbers))
        return original(connection, terms, numbers)

    monkeypatch.setattr("server.search.library.find.find_members_among", count_mended)
    public: set[str] = set()
    with finder.library.catalogue.snapshot() as earlier:
        finder.search.search(earlier, ask("gare"))
        for _ in range(40):
            for _ in range(chance.randint(1, 3)):
                if public and chance.random() < 0.3:
                    gone = chance.choice(sorted(public))
                    finder.library.withdraw(gone)
                    public.remove(gone)
                else:
                    item, texts = _draw(chance, chance.randint(1, 12))
                    finder.library.put(item, {view: set_page(" ".join(words)) for view, words in texts.items()})
                    public.add(item.name)
            for query in chance.sample((*WORDS, "gar*", "gare nord", '"rue pont"', "nulle-part"), 4):
                fresh = Finder(finder.library, Search())
                assert finder.names(query) == fresh.names(query), query
                assert finder.counts("type", query) == fresh.counts("type", query), query
        # a snapshot from before all this neither sees what is remembered since nor spoils it
        assert finder.search.search(earlier, ask("gare")).total == 0
    assert finder.names("gare") == Finder(finder.library, Search()).names("gare")
    assert mended
    assert max(mended) <= most
