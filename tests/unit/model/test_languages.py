"""Codes and names of languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.model.languages import bcp47, iso639_2b


@pytest.mark.parametrize(
    ("said", "bibliographic", "tag"),
    [
        ("fr", "fre", "fr"), ("fre", "fre", "fr"), ("fra", "fre", "fr"), ("français", "fre", "fr"), ("French", "fre", "fr"),
        ("fr-be", "fre", "fr-BE"), ("zh_Hant_TW", "chi", "zh-Hant-TW"), ("ger", "ger", "de"), ("Deutsch", "ger", "de"),
        ("pcd", "pcd", "pcd"), ("Picard", "pcd", "pcd"), ("lat", "lat", "la"), ("néerlandais", "dut", "nl"), ("grc", "grc", "grc"),
        ("mul", "mul", "mul"), ("Moyen français", "frm", "frm"), ("xx", "", ""), ("", "", ""), ("klingonais", "", ""),
    ],
)  # fmt: skip
def test_codes_and_names_are_known(said: str, bibliographic: str, tag: str) -> None:
    assert (iso639_2b(said), bcp47(said)) == (bibliographic, tag)


@given(st.text(max_size=20))
def test_what_is_found_is_found_again(said: str) -> None:
    code = iso639_2b(said)
    assert code == "" or iso639_2b(code) == code
    tag = bcp47(said)
    assert tag == "" or iso639_2b(tag) == code
