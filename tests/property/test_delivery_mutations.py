"""Whatever happens to the bytes of a supplier's file, it is read, or refused with a sentence: never another exception."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery
from server.errors import DeliveryError
from server.formats.alto import read_alto
from server.formats.mets import read_mets
from server.formats.table import read_table
from server.formats.xml import parse_xml, root_name
from server.quality.checking import check
from server.quality.report import to_json
from tests.support.supplied import ALTO, ITEMS, METS, VIEWS, pack, write_mets, write_table

Read = TypeVar("Read")

CONTEXT = Context(typology="presse", rights="public-domain")
PIECES = st.one_of(
    st.binary(min_size=1, max_size=6),
    st.sampled_from(
        [b"", b"\0", b"<", b">", b'"', b"&", b"]]>", b"<!--", b"..", b"../", b"%2e%2e/", b"-", b"9" * 30, b"1e308", b"nan",
         b"\xff", b"\xc3", b"|", b";", b"\n", b"*", b"/", b"\\", b"C:\\", b"@", b"BEGIN", b"ID=", b"\xef\xbb\xbf",
         "é".encode(), b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<mets:div/>", b"mets:structMap", b"=", b"#", b"(", b"?"]
    ),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, source: bytes) -> bytes:
    body = bytearray(source)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        length = draw(st.sampled_from([0, 0, 1, 1, 2, 5, 20, 200]))
        body[start : start + length] = draw(PIECES)
    return bytes(body)


def everything_holds(delivery: Delivery) -> None:
    for item in delivery.items:
        assert item.identifier
        assert item.description.titles
        assert [view.number for view in item.views] == list(range(1, len(item.views) + 1))
        for view in item.views:
            for path in (view.master, view.text or ""):
                assert ".." not in path.split("/")
                assert not path.startswith("/")
    assert to_json(check(delivery))


def read_or_told(read: Callable[[], Read]) -> Read | str:
    """Return what was read, or the sentence that refuses it; anything else that is raised fails the test."""
    try:
        return read()
    except DeliveryError as error:
        return str(error)


@settings(max_examples=150, deadline=None)
@given(body=mutated(METS.encode()))
def test_a_damaged_mets_is_read_or_refused(body: bytes) -> None:
    mets = read_or_told(lambda: read_mets(body, "m.xml"))
    assert "m.xml" in (mets if isinstance(mets, str) else mets.path)


@settings(max_examples=150, deadline=None)
@given(body=mutated(ALTO.encode()))
def test_a_damaged_alto_is_read_or_refused(body: bytes) -> None:
    alto = read_or_told(lambda: read_alto(body, "a.xml", size=(600, 800)))
    if isinstance(alto, str):
        assert "a.xml" in alto
    else:
        assert (alto.text.width, alto.text.height) == (600, 800)


@settings(max_examples=150, deadline=None)
@given(body=mutated(ITEMS.encode()))
def test_a_damaged_table_is_read_or_refused(body: bytes) -> None:
    table = read_or_told(lambda: read_table(body, "t.csv"))
    assert "t.csv" in (table if isinstance(table, str) else table.path)


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=300))
def test_any_bytes_are_xml_or_refused(body: bytes) -> None:
    root_name(body)
    root = read_or_told(lambda: parse_xml(body, "x.xml"))
    assert not isinstance(root, str) or "x.xml" in root


def _write_bag(folder: Path) -> Path:
    return pack(write_mets(folder))


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (write_mets, "LIL_0001-METS.xml"),
        (write_mets, "alto/p_0001.xml"),
        (write_table, "items.csv"),
        (write_table, "vues.csv"),
        (_write_bag, "manifest-sha512.txt"),
        (_write_bag, "bagit.txt"),
        (_write_bag, "bag-info.txt"),
        (write_mets, "images/p_0001.png"),
    ],
)
def test_a_delivery_with_a_damaged_file_is_opened_or_refused(write: Callable[[Path], Path], name: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = write(Path(temporary) / "delivery")
        sound = (folder / name).read_bytes()

        @settings(max_examples=30, deadline=None)
        @given(body=mutated(sound))
        def trial(body: bytes) -> None:
            (folder / name).write_bytes(body)
            delivery = read_or_told(lambda: open_delivery(folder, CONTEXT))
            if not isinstance(delivery, str):
                everything_holds(delivery)

        trial()


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_any_context_file_is_read_or_refused(text: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "delivery.toml").write_text(text, encoding="utf-8", errors="replace")
        (folder / "a.csv").write_text("dc:identifier,dc:title\n")
        delivery = read_or_told(lambda: open_delivery(folder, CONTEXT))
        assert "delivery.toml" in (delivery if isinstance(delivery, str) else delivery.files)


def test_the_undamaged_deliveries_are_sound(tmp_path: Path) -> None:
    for write in (write_mets, write_table, _write_bag):
        delivery = open_delivery(write(tmp_path / str(write)), CONTEXT)
        assert [f for f in delivery.findings if f.severity == "error"] == []
        assert delivery.items
        everything_holds(delivery)
    assert VIEWS
