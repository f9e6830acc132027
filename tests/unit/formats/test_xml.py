"""Safe XML: what is refused, and how it says so. The bombs are in tests/integration/test_hostile_deliveries.py."""

from pathlib import Path

import pytest

from server.errors import FormatError
from server.formats.xml import MAX_DEPTH, RootName, line_of, local, parse_xml, read_xml, root_name, sniff_root, words


def test_a_byte_order_mark_is_believed_before_a_wrong_declaration() -> None:
    body = b"\xef\xbb\xbf" + '<?xml version="1.0" encoding="ISO-8859-1"?><a>été</a>'.encode()
    assert words(parse_xml(body, "a.xml")) == "été"


def test_latin_1_and_utf_16_are_read() -> None:
    assert words(parse_xml('<?xml version="1.0" encoding="ISO-8859-1"?><a>été</a>'.encode("latin-1"), "a.xml")) == "été"
    assert words(parse_xml('<?xml version="1.0" encoding="utf-16"?><a>été</a>'.encode("utf-16"), "a.xml")) == "été"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_entities_are_refused_in_any_encoding_with_their_line(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n\n<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    body = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding)
    with pytest.raises(FormatError, match=r"^a\.xml, line 3: declares XML entities; write the characters themselves"):
        parse_xml(body, "a.xml")


def test_a_doctype_without_entities_is_no_harm() -> None:
    assert local(parse_xml(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>', "a.xml")) == "a"


def test_a_fault_names_file_and_line() -> None:
    with pytest.raises(FormatError) as refused:
        parse_xml(b"<a>\n<b>\n</a>", "sub/a.xml")
    assert (refused.value.path, refused.value.line) == ("sub/a.xml", 3)


@pytest.mark.parametrize(
    "body", [b"", b"  \n", b"\0\0", b"no xml", b"<a>\0</a>", b'<?xml version="1.0" encoding="x-none"?><a/>']
)
def test_what_is_no_xml_is_refused(body: bytes) -> None:
    with pytest.raises(FormatError):
        parse_xml(body, "a.xml")


def test_limits_hold_to_the_byte_and_to_the_level(tmp_path: Path) -> None:
    body = b"<a>12345</a>"
    (tmp_path / "a.xml").write_bytes(body)
    assert words(read_xml(tmp_path / "a.xml", "a.xml", max_bytes=len(body))) == "12345"
    with pytest.raises(FormatError, match="the limit is 11"):
        read_xml(tmp_path / "a.xml", "a.xml", max_bytes=len(body) - 1)
    deep = b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH
    assert line_of(parse_xml(deep, "a.xml")) == 1
    with pytest.raises(FormatError, match="nested deeper"):
        parse_xml(b"<a>" + deep + b"</a>", "a.xml")


def test_a_root_is_found_in_the_start_of_a_file_even_when_the_rest_is_broken(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b'<?xml version="1.0"?><!-- c --><m:mets xmlns:m="http://www.loc.gov/METS/"><broken')
    assert sniff_root(tmp_path / "x") == RootName("http://www.loc.gov/METS/", "mets")
    (tmp_path / "y").write_bytes(b"dc:identifier;dc:title")
    assert sniff_root(tmp_path / "y") is None
    assert root_name(b"<alto") is None
    assert sniff_root(tmp_path / "absent") is None
