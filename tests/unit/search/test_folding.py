import gc
import tracemalloc
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import BadRequest
from server.search.folding import MOST_LETTERS, fold, split, split_asked
from server.search.query import parse_query

PRINTED = {
    "L’Hôtel-Dieu": ("l", "hotel", "dieu"),
    "l'œuvre": ("l", "oeuvre"),
    "ŒUVRES": ("oeuvres",),
    "Curriculum vitæ": ("curriculum", "vitae"),
    "poſſeſſion": ("possession",),
    "aujourd’hui": ("aujourd", "hui"),
    "jusqu’à": ("jusque", "a"),
    "lorſqu'il": ("lorsque", "il"),
    "c’est-à-dire,": ("c", "est", "a", "dire"),
    "ﬁlature": ("filature",),
    "Straße": ("strasse",),
    "1ᵉʳ": ("1er",),
    "nº 4 121.": ("no", "4", "121"),
    "Saint‑Omer": ("saint", "omer"),
    "co\u00adton": ("coton",),
    "ÉGALITÉ": ("egalite",),
    "e\u0301tat": ("etat",),
    "…—«»": (),
    "под_ковой": ("под", "ковои"),
}


@pytest.mark.parametrize("printed", PRINTED)
def test_what_french_prints_in_many_ways_is_one_word(printed: str) -> None:
    assert split(printed) == PRINTED[printed]


def test_elided_articles_hide_nothing_that_is_asked_for() -> None:
    assert split_asked("l’hôtel") == ("hotel",)
    assert split_asked("qu’il") == ("il",)
    assert split_asked("jusqu’à") == ("jusque", "a")
    assert split_asked("l") == ("l",)
    assert split_asked("l’") == ("l",)


@given(st.text(max_size=40))
def test_folding_is_stable_and_knows_no_case(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert split(text.lower()) == split(text.lower().swapcase().lower())
    assert split(unicodedata.normalize("NFC", text)) == split(unicodedata.normalize("NFD", text))


@given(st.text(max_size=200))
def test_a_word_is_letters_and_digits_and_not_long(text: str) -> None:
    for word in split(text):
        assert word.isalnum()
        assert 0 < len(word) <= MOST_LETTERS
        assert split(word) == (word,)


@given(st.text(max_size=60))
def test_what_is_printed_is_found_as_it_is_printed(text: str) -> None:
    assert set(split_asked(text)) <= set(split(text))


def test_of_what_is_asked_for_nothing_is_kept() -> None:
    def refuse(number: int) -> None:
        with pytest.raises(BadRequest, match="words"):
            parse_query('"' + " ".join(f"w{number}x{place}" for place in range(90)) + '"')

    refuse(0)
    tracemalloc.start()
    try:
        for number in range(1, 500):
            refuse(number)
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 500_000, "a stranger fills the memory with questions"
