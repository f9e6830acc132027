import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.model.ark import ALPHABET, BLADE_LENGTH, check_character, is_sound, random_blade, split_ark

NAMES = st.text(ALPHABET, min_size=4, max_size=12)


def test_the_check_character_is_that_of_the_noid_documentation() -> None:
    # The worked example of the Noid Check Digit Algorithm: 13030/xf93gt2 takes q.
    assert check_character("13030", "xf93gt2") == "q"
    assert is_sound("13030", "xf93gt2q")


@given(NAMES, st.data())
def test_one_wrong_character_is_noticed(name: str, data: st.DataObject) -> None:
    sound = name + check_character("99999", name)
    place = data.draw(st.integers(0, len(sound) - 1))
    wrong = data.draw(st.sampled_from([character for character in ALPHABET if character != sound[place]]))
    assert not is_sound("99999", sound[:place] + wrong + sound[place + 1 :])


@given(NAMES, st.data())
def test_two_swapped_neighbours_are_noticed(name: str, data: st.DataObject) -> None:
    sound = name + check_character("99999", name)
    place = data.draw(st.integers(0, len(sound) - 2))
    swapped = sound[:place] + sound[place + 1] + sound[place] + sound[place + 2 :]
    assert is_sound("99999", swapped) == (swapped == sound)


def test_a_blade_has_no_vowels() -> None:
    blade = random_blade()
    assert len(blade) == BLADE_LENGTH
    assert set(blade) <= set(ALPHABET)


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("ark:/12148/btv1b8449691v", ("12148", "btv1b8449691v")),
        ("ark:12148/btv1b8449691v", ("12148", "btv1b8449691v")),
        ("https://gallica.bnf.fr/ark:/12148/btv1b-8449-691v", ("12148", "btv1b8449691v")),
        ("  ark:/99999/v1x/ ", ("99999", "v1x")),
        ("ark:/123/x", None),
        ("doi:10.1/2", None),
        ("ark:/12148/", None),
        ("ark:/12148/a b", None),
    ],
)
def test_an_ark_is_recognised_as_it_is_written(written: str, parts: tuple[str, str] | None) -> None:
    assert split_ark(written) == parts
