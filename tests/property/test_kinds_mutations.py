"""Every kind of delivery, damaged: it is opened, or refused with a sentence that names the file. Never another exception.

A short run; `python -m benchmarks.fuzz_deliveries` is the long one, with its bounds of time and memory.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.delivery.inspection import Inspection, inspect_delivery
from server.delivery.opening import look_into, open_delivery
from server.delivery.values import Context
from server.errors import DeliveryError
from server.formats.iso5426 import decode_iso5426
from server.formats.unimarc import Notice, read_exchange_format, to_marcxchange
from server.formats.xml import local, parse_xml
from tests.support.kinds import EAD, KINDS, Kind, write_finding_aid, write_notices
from tests.support.notices import Fields, in_exchange_format
from tests.support.skips import SHARED

CONTEXT = Context(typology="presse", rights="public-domain")
PIECES = st.one_of(
    st.binary(min_size=1, max_size=6),
    st.sampled_from(
        [b"", b"\0", b"<", b">", b'"', b"&", b"..", b"../../", b"9" * 30, b"-1", b"\xff", b"\xc3", b"\x1d", b"\x1e", b"\x1f",
         b"1e308", b"nan", b"\n", b"*", b"/", b"C:\\", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<c>", b"</c>", b'id=""', b"{a}",
         b"PK\x03\x04", b"%PDF-", b"\x1f\x8b", "é".encode(), b"endobj", b"/Kids", b"/Count 999999999"]
    ),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, source: bytes) -> bytes:
    body = bytearray(source)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        length = draw(st.sampled_from([0, 0, 1, 1, 2, 5, 20, 200, 2000]))
        body[start : start + length] = draw(PIECES)
    return bytes(body)


def seen_or_told(folder: Path) -> Inspection | str:
    """Return what is seen of a delivery, or the sentence that refuses it."""
    try:
        return inspect_delivery(look_into(folder, CONTEXT), hashed=False)
    except DeliveryError as error:
        return str(error)


def look(folder: Path) -> None:
    """Open a delivery; what it says or why it is refused must hold."""
    seen = seen_or_told(folder)
    if isinstance(seen, str):
        assert len(seen) > 20, "a refusal says what is wrong and what to do"
        return
    for item in seen.items:
        assert item.identifier
        assert item.title
    for told in seen.findings:
        assert told.message
    delivery = open_delivery(folder, CONTEXT)
    for document in delivery.items:
        assert [view.number for view in document.views] == list(range(1, len(document.views) + 1))
        for view in document.views:
            for path in (view.master, view.text or ""):
                assert not path.startswith("/")
                assert ".." not in path.split("/")
        assert document.source.read() is not None


@pytest.mark.parametrize(
    ("kind", "name"),
    [pytest.param(kind, name, id=f"{kind.name}-{name}") for kind in KINDS for name in kind.files],
)
def test_a_damaged_delivery_is_opened_or_refused(kind: Kind, name: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = kind.write(Path(temporary) / "delivery")
        sound = (folder / name).read_bytes()

        @settings(max_examples=25, deadline=None)
        @given(body=mutated(sound))
        def trial(body: bytes) -> None:
            (folder / name).write_bytes(body)
            look(folder)

        trial()


TAGS = st.sampled_from(
    ["001", "100", "101", "200", "210", "214", "300", "327", "461", "606", "700", "930", "995", "9 9", "é"]
)
TEXTS = st.text(max_size=30)
FIELDS = st.lists(
    st.one_of(
        st.tuples(TAGS, st.just("  "), st.lists(st.tuples(st.sampled_from("abcdefhikntvxyz034"), TEXTS), max_size=5)),
        st.tuples(TAGS, st.just("  "), TEXTS),
    ),
    max_size=12,
)


def plain(fields: Fields) -> Fields:
    """Return the fields with tags of three bytes, and without the braces that stand for the character set in tests."""
    return [
        (
            tag.encode("ascii", "replace").decode(),
            indicators,
            said
            if isinstance(said, str)
            else [(code, value.translate({123: None, 125: None})) for code, value in said],
        )
        for tag, indicators, said in fields
    ]


@settings(max_examples=60, deadline=None)
@given(fields=FIELDS, more=st.binary(max_size=20))
def test_any_record_is_read_or_told(fields: Fields, more: bytes) -> None:
    body = in_exchange_format(plain(fields)) + more
    for read in read_exchange_format(body, "n.mrc"):
        if isinstance(read, Notice):
            made = to_marcxchange(read.body)
            assert local(parse_xml(made, "n.xml")) == "record"
        else:
            assert read.message.startswith("n.mrc, record ")


@settings(max_examples=40, deadline=None)
@given(fields=FIELDS)
def test_a_delivery_of_any_record_is_opened_or_refused(fields: Fields) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = write_notices(Path(temporary) / "d")
        (folder / "notices.mrc").write_bytes(in_exchange_format(plain(fields)))
        look(folder)


@settings(max_examples=40, deadline=None)
@given(parts=st.lists(st.sampled_from(EAD.replace("<", "\n<").splitlines()), max_size=60))
def test_a_finding_aid_of_shuffled_parts_is_opened_or_refused(parts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = write_finding_aid(Path(temporary) / "d")
        (folder / "ir.xml").write_text("<ead><archdesc>" + "".join(parts) + "</archdesc></ead>", encoding="utf-8")
        look(folder)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=200))
def test_any_bytes_are_text_in_iso_5426(body: bytes) -> None:
    assert len(decode_iso5426(body)) <= len(body)


@pytest.mark.parametrize("name", ["jdpl-18140402-mets-alto-ccs", "lacroix-0220169-refnum-alto"])
def test_a_damaged_sample_is_opened_or_refused(name: str, shared: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        shutil.copytree(SHARED / "samples" / name, folder, copy_function=shutil.copyfile)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        described = next(path for path in folder.iterdir() if path.suffix.lower() == ".xml")
        sound = described.read_bytes()

        @settings(max_examples=10, deadline=None)
        @given(body=mutated(sound))
        def trial(body: bytes) -> None:
            described.write_bytes(body)
            look(folder)

        trial()
