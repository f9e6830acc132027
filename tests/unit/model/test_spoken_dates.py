import pytest

from server.model.spoken_dates import format_edtf


@pytest.mark.parametrize(
    ("edtf", "french", "english"),
    [
        ("1908", "1908", "1908"),
        ("1908-05", "mai 1908", "May 1908"),
        ("1908-05-12", "12 mai 1908", "12 May 1908"),
        ("1848-03-01", "1er mars 1848", "1 March 1848"),
        ("1905~", "vers 1905", "about 1905"),
        ("1905?", "1905 (?)", "1905 (?)"),
        ("1905%", "vers 1905 (?)", "about 1905 (?)"),
        ("190X", "années 1900", "1900s"),
        ("18XX", "XIXe siècle", "19th century"),
        ("17XX?", "XVIIIe siècle (?)", "18th century (?)"),
        ("20XX", "XXIe siècle", "21st century"),
        ("00XX", "Ier siècle", "1st century"),
        ("1914/1918", "1914 – 1918", "1914 – 1918"),
        ("../1900", "avant 1900", "before 1900"),
        ("1900/..", "depuis 1900", "since 1900"),
        ("/1900", "avant 1900", "before 1900"),
        ("0800", "800", "800"),
    ],
)
def test_dates_are_written_as_a_reader_writes_them(edtf: str, french: str, english: str) -> None:
    assert format_edtf(edtf, "fr") == french
    assert format_edtf(edtf, "en") == english


@pytest.mark.parametrize("strange", ["1936-22", "1905-02-30", "Y170000002", "[1667,1668]"])
def test_what_has_no_simple_words_stays_as_it_is(strange: str) -> None:
    assert format_edtf(strange, "fr") == strange
