"""Dates as written, to EDTF and to bounds."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.model.dates import Bounds, bounds, is_edtf, qualified, to_edtf


@pytest.mark.parametrize(
    ("literal", "edtf"),
    [
        ("1814", "1814"), ("2 avril 1814", "1814-04-02"), ("samedi 2 avril 1814", "1814-04-02"), ("1er août 1900", "1900-08-01"),
        ("02.04.1814", "1814-04-02"), ("5/11/1903", "1903-11-05"), ("1814-04-02", "1814-04-02"), ("1814-04-02T10:00:00Z", "1814-04-02"),
        ("April 2nd, 1814", "1814-04-02"), ("5 janv. 1900", "1900-01-05"), ("avril 1814", "1814-04"), ("11/1903", "1903-11"),
        ("1905?", "1905?"), ("[1905 ?]", "1905?"), ("[vers 1905]", "1905~"), ("ca 1905", "1905~"), ("vers le 5 mai 1905", "1905-05-05~"),
        ("18??", "18XX"), ("18..", "18XX"), ("190?", "190X"), ("190-", "190X"), ("années 1920", "192X"), ("1920s", "192X"),
        ("XVIIIe siècle", "17XX"), ("18th century", "17XX"), ("XVe siècle (?)", "14XX?"), ("XVIIIe-XIXe siècles", "17XX/18XX"),
        ("2e moitié du XVIe s.", "1550/1599"), ("1900-1910", "1900/1910"), ("1914-18", "1914/1918"), ("1900 – 1910", "1900/1910"),
        ("entre 1900 et 1910", "1900/1910"), ("du 2 au 5 mai 1905", "1905-05-02/1905-05-05"), ("juin-juillet 1905", "1905-06/1905-07"),
        ("avant 1900", "../1900"), ("après 1900", "1900/.."), ("été 1936", "1936-22"), ("cop. 1905", "1905"), ("c1905", "1905"),
        ("s.d.", ""), ("[S.d.]", ""), ("n.d.", ""), ("", ""), ("hier", ""), ("30.02.1905", ""), ("29 février 1900", ""),
        ("42000", ""), ("IIIIe siècle", ""), ("1910-1900", ""), ("an II", ""), ("13/13/1900", ""),
    ],
)  # fmt: skip
def test_what_cataloguers_write_becomes_edtf_or_nothing(literal: str, edtf: str) -> None:
    assert to_edtf(literal) == edtf
    assert not edtf or is_edtf(edtf)


def test_every_date_of_the_documentation_is_read_as_it_says(repository: Path) -> None:
    page = (repository / "docs/reference/delivery-table.md").read_text()
    section = page.split("### Dates", 1)[1].split("###", 1)[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    assert len(rows) > 8
    for written, meant in rows:
        literals, edtf = re.findall("`([^`]+)`", written), re.findall("`([^`]+)`", meant)
        for position, literal in enumerate(literals):
            assert to_edtf(literal) == (edtf[position % len(edtf)] if edtf else ""), literal


@pytest.mark.parametrize(
    ("edtf", "earliest", "latest"),
    [
        ("1814-04-02", date(1814, 4, 2), date(1814, 4, 2)), ("1904-02", date(1904, 2, 1), date(1904, 2, 29)),
        ("1905~", date(1905, 1, 1), date(1905, 12, 31)), ("17XX", date(1700, 1, 1), date(1799, 12, 31)),
        ("1900/1910", date(1900, 1, 1), date(1910, 12, 31)), ("1900?/1910?", date(1900, 1, 1), date(1910, 12, 31)),
        ("../1900", None, date(1900, 12, 31)), ("1900/..", date(1900, 1, 1), None), ("", None, None), ("nonsense", None, None),
        ("-0044", None, None),
    ],
)  # fmt: skip
def test_bounds_are_the_first_and_the_last_day(edtf: str, earliest: date | None, latest: date | None) -> None:
    assert bounds(edtf) == Bounds(earliest, latest)


def test_a_qualification_is_added_to_both_ends_and_never_twice() -> None:
    assert qualified("1900/1910", approximate=True) == "1900~/1910~"
    assert qualified("1905?", approximate=True) == "1905?"
    assert qualified("1905", approximate=True, uncertain=True) == "1905%"
    assert qualified("", uncertain=True) == ""


@given(
    st.one_of(
        st.text(max_size=40),
        st.from_regex(r"(vers |entre |\[)?\d{1,4}[-./ ]?\d{0,2}[-./ ]?\d{0,4}\??\]?", fullmatch=True),
    )
)
def test_any_text_gives_valid_edtf_or_nothing(literal: str) -> None:
    edtf = to_edtf(literal)
    assert edtf == "" or is_edtf(edtf)
    found = bounds(edtf)
    assert found.earliest is None or found.latest is None or found.earliest <= found.latest
