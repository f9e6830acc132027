"""CSV as spreadsheets write it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import FormatError
from server.formats.table import read_table, write_row

TEXT = 'dc:identifier{d}dc:title\n1{d}L’été à Lille{d}\n2{d}"a {d} b"\n'


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize(
    ("codec", "called"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252"), ("utf-16", "utf-16")]
)
def test_encoding_and_delimiter_are_found_from_the_content(delimiter: str, codec: str, called: str) -> None:
    table = read_table(TEXT.format(d=delimiter).encode(codec), "t.csv")
    assert (table.encoding, table.delimiter) == (called, delimiter)
    assert table.header == ("dc:identifier", "dc:title")
    assert [row.cells[1] for row in table.rows] == ["L’été à Lille", f"a {delimiter} b"]
    assert [row.line for row in table.rows] == [2, 3]


def test_commas_in_text_do_not_make_a_semicolon_table_a_comma_table() -> None:
    body = b"id;title\n1;a, b, c, d\n2;e, f\n3;g, h, i\n"
    assert read_table(body, "t.csv").delimiter == ";"


def test_line_ends_inside_quotes_stay_in_the_cell_and_empty_rows_go() -> None:
    table = read_table(b'id,note\r\n1,"a\nb"\r\n,\r\n\r\n2,c\r\n', "t.csv")
    assert [row.cells for row in table.rows] == [("1", "a\nb"), ("2", "c")]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "the table is empty"), (b"a,b\n1,\0\n", r"line 2: holds the control character U\+0000"),
        (b'a,b\n1,"x\n', "broken row"), (b'a,b\n1,"x"y\n', "line 2: broken row"), (b"a\n\x81\n", "line 2: is neither UTF-8 nor"),
        (b"\xef\xbb\xbfa\n\xff\n", "begins as UTF-8 but is not"), (b"\xff\xfea", "begins as UTF-16 but is not"),
        (b"," .join([b"a"] * 501), "501 columns"),
    ],
)  # fmt: skip
def test_a_broken_table_is_refused_with_its_fault(body: bytes, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        read_table(body, "t.csv")


def test_a_table_larger_than_the_limit_is_refused() -> None:
    with pytest.raises(FormatError, match="the limit is 3"):
        read_table(b"a,b\n", "t.csv", max_bytes=3)


PRINTED = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=20)


@given(st.tuples(PRINTED, PRINTED))
def test_a_row_is_kept_whole(cells: tuple[str, str]) -> None:
    body = write_row(("a", "é"), cells).decode()
    assert list(csv.reader(io.StringIO(body, newline=""))) == [["a", "é"], list(cells)]
