"""Deliveries made to do harm: each is refused with a sentence that names file, fault and remedy; nothing else happens."""

import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from server.delivery.folder import Limits
from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery, Finding
from server.errors import DeliveryError, FormatError, UnsafePath
from server.quality.checking import Report, check
from tests.support.supplied import ALTO, ITEMS, METS, pack, write_mets, write_table

CONTEXT = Context(rights="public-domain")


def errors(delivery: Delivery | Report) -> list[Finding]:
    return [finding for finding in delivery.findings if finding.severity == "error"]


def only_error(delivery: Delivery | Report) -> Finding:
    found = errors(delivery)
    assert len(found) == 1, found
    return found[0]


LAUGHS = '<!DOCTYPE lolz [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]>"  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_entity_bomb_in_mets_is_refused_with_its_line(tmp_path: Path, encoding: str) -> None:
    write_mets(tmp_path)
    bomb = METS.replace('encoding="UTF-8"', f'encoding="{encoding}"').replace("?>", f"?>\n{LAUGHS}", 1)
    (tmp_path / "LIL_0001-METS.xml").write_bytes(bomb.replace("Écho du Nord<", "&j;<").encode(encoding))
    found = only_error(open_delivery(tmp_path, CONTEXT))
    assert found.rule == "document-unreadable"
    assert "LIL_0001-METS.xml, line 2: declares XML entities" in found.message


def test_an_external_entity_reads_no_file_of_this_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    folder = write_mets(tmp_path / "delivery")
    doctype = f'?>\n<!DOCTYPE m [<!ENTITY x SYSTEM "file://{secret}">]>'
    (folder / "LIL_0001-METS.xml").write_text(METS.replace("?>", doctype, 1).replace("Inauguration", "&x;"))
    delivery = open_delivery(folder, CONTEXT)
    assert "declares XML entities" in only_error(delivery).message
    assert "the secret" not in str(delivery)


def test_an_external_dtd_is_not_loaded(tmp_path: Path) -> None:
    dtd = tmp_path / "evil.dtd"
    dtd.write_text('<!ENTITY x "from outside">')
    folder = write_mets(tmp_path / "delivery")
    text = METS.replace("?>", f'?>\n<!DOCTYPE mets SYSTEM "{dtd}">', 1).replace("Inauguration", "&x;")
    (folder / "LIL_0001-METS.xml").write_text(text)
    delivery = open_delivery(folder, CONTEXT)
    assert "from outside" not in str(delivery)


@pytest.mark.parametrize(
    "href",
    ["../../../etc/passwd", "..%2F..%2Fetc/passwd", "images/../../x.png", "file://../../etc/passwd", "..\\..\\x.png"],
)
def test_a_path_out_of_the_delivery_in_mets_refuses_the_document(tmp_path: Path, href: str) -> None:
    folder = write_mets(tmp_path / "delivery", METS.replace("images/p_0001.png", href))
    (tmp_path / "x.png").write_bytes(b"outside")
    delivery = open_delivery(folder, CONTEXT)
    found = only_error(delivery)
    assert found.rule == "path-unsafe"
    assert "LIL_0001-METS.xml, line " in found.message
    assert delivery.items == ()


@pytest.mark.parametrize("href", ["/etc/passwd", "file:///etc/passwd", "C:\\Windows\\win.ini"])
def test_an_absolute_path_never_leaves_the_delivery(tmp_path: Path, href: str) -> None:
    delivery = open_delivery(write_mets(tmp_path, METS.replace("images/p_0001.png", href)), CONTEXT)
    assert only_error(delivery).rule == "master-missing"
    assert all(not view.master.startswith("/") for item in delivery.items for view in item.views)


@pytest.mark.parametrize("images", ["../../etc/passwd", "../*", "..\\*.png", "/etc/*", "C:\\*", "images/../../*"])
def test_a_path_out_of_the_delivery_in_a_table_refuses_the_row_only(tmp_path: Path, images: str) -> None:
    folder = write_table(tmp_path / "delivery", ITEMS.replace("cp_001_r.png | cp_001_v.png", images), None)
    (tmp_path / "outside.png").write_bytes(b"outside")
    delivery = open_delivery(folder, CONTEXT)
    assert [item.identifier for item in delivery.items] == ["CP-002"]
    found = only_error(delivery)
    assert (found.rule, found.item) == ("path-unsafe", "CP-001")
    assert "items.csv, line 2" in found.message


def test_a_pattern_that_could_take_for_ever_does_not(tmp_path: Path) -> None:
    write_table(tmp_path, ITEMS.replace("plan/", "*a" * 40 + "b.png"), None)
    (tmp_path / "images" / ("a" * 200 + ".png")).write_bytes(b"x")
    found = errors(open_delivery(tmp_path, CONTEXT))
    assert [finding.rule for finding in found] == ["master-missing", "views-none"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "cell", ["(" + "1" * 120_000, " " * 120_000 + "x", "@ " * 60_000, "<" * 120_000, "| " * 60_000, "x (" * 40_000]
)
def test_a_cell_made_to_take_for_ever_does_not(tmp_path: Path, cell: str) -> None:
    columns = (
        "dc:creator",
        "dc:publisher",
        "dc:subject",
        "dc:coverage",
        "dc:date",
        "dc:rights",
        "structure",
        "dc:language",
        "dc:type",
    )
    header = "dc:identifier;dc:title;images;" + ";".join(columns)
    row = ";".join(["A", "T", "cp_001_r.png", *[f'"a{cell}b"'] * len(columns)])
    delivery = open_delivery(write_table(tmp_path, f"{header}\n{row}\n", None), Context(typology="presse"))
    assert [item.identifier for item in delivery.items] == ["A"]


@pytest.mark.timeout(20)
def test_a_list_of_checksums_made_to_take_for_ever_does_not(tmp_path: Path) -> None:
    write_table(tmp_path)
    (tmp_path / "list.md5").write_text(("x" + " " * 1_000_000 + "y\n") * 3)
    assert {finding.rule for finding in errors(open_delivery(tmp_path, CONTEXT))} == {"checksum-list-unreadable"}


def test_a_truncated_tiff_is_named_with_its_document_and_the_others_go_on(tmp_path: Path) -> None:
    items = ITEMS.replace("cp_001_v.png", "cut.tif")
    write_table(tmp_path, items, None)
    Image.effect_noise((900, 900), 80).save(tmp_path / "images/cut.tif")
    body = (tmp_path / "images/cut.tif").read_bytes()
    (tmp_path / "images/cut.tif").write_bytes(body[: len(body) // 3])
    report = check(open_delivery(tmp_path, CONTEXT), processes=2)
    assert report.refused_items == ("CP-001",)
    assert {(f.item, f.view) for f in errors(report)} == {("CP-001", 2)}
    assert "cut.tif" in errors(report)[0].message


def test_a_png_header_of_60000_by_60000_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    write_table(tmp_path, views=None)
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    )
    (tmp_path / "images/cp_001_r.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    report = check(open_delivery(tmp_path, CONTEXT), max_pixels=1_000_000_000)
    found = only_error(report)
    assert (found.rule, found.item, found.view) == ("image-too-large", "CP-001", 1)
    assert "60000 × 60000" in found.message


def test_an_alto_of_millions_of_elements_is_refused(tmp_path: Path) -> None:
    write_mets(tmp_path)
    start, end = ALTO.split("<SP/>", 1)
    (tmp_path / "alto/p_0001.xml").write_text(start + "<SP/>" * 2_100_000 + end)
    report = check(open_delivery(tmp_path, CONTEXT))
    assert "alto/p_0001.xml: more than 1,000,000 elements" in only_error(report).message


def test_an_alto_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "alto/p_0001.xml").write_text(ALTO.replace("canal", "canal" * 40_000))
    report = check(open_delivery(tmp_path, CONTEXT, limits=Limits(max_xml_bytes=100_000)), max_xml_bytes=100_000)
    assert "the limit is 100,000" in only_error(report).message


def test_xml_nested_without_end_is_refused(tmp_path: Path) -> None:
    write_mets(tmp_path, METS.replace('<mets:div TYPE="BODY">', "<mets:div>" * 5000 + '<mets:div TYPE="BODY">'))
    assert only_error(open_delivery(tmp_path, CONTEXT)).rule == "document-unreadable"
    deep = METS.replace('<mets:div ID="L4"', "<mets:div>" * 200 + "</mets:div>" * 200 + '<mets:div ID="L4"')
    write_mets(tmp_path, deep)
    assert "nested deeper than 150" in only_error(open_delivery(tmp_path, CONTEXT)).message


def test_an_empty_folder_is_told_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(
        DeliveryError, match=r"the folder is empty; expected: .*METS files .*dc:identifier and dc:title"
    ):
        open_delivery(tmp_path, CONTEXT)


def test_a_folder_of_other_things_is_told_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "mets.xml").write_text("<html/>")
    (tmp_path / "a.csv").write_text("name,title\n")
    with pytest.raises(DeliveryError, match="nothing in it is recognised as a document; expected"):
        open_delivery(tmp_path, CONTEXT)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    folder = write_table(tmp_path / "delivery")
    (folder / "images/cp_001_r.png").unlink()
    (folder / "images/cp_001_r.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(UnsafePath, match=r"images/cp_001_r\.png: is a link that leads out"):
        open_delivery(folder, CONTEXT)


def test_a_link_to_a_folder_and_a_loop_of_links_are_refused(tmp_path: Path) -> None:
    folder = write_table(tmp_path / "delivery")
    (folder / "loop").symlink_to(folder)
    with pytest.raises(UnsafePath, match="loop: is a link to a folder"):
        open_delivery(folder, CONTEXT)
    (folder / "loop").unlink()
    (folder / "loop").symlink_to(folder / "loop")
    with pytest.raises(UnsafePath, match="loop: is a link that leads nowhere"):
        open_delivery(folder, CONTEXT)


def test_a_special_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    folder = write_table(tmp_path / "delivery")
    os.mkfifo(folder / "images/pipe.png")
    with pytest.raises(UnsafePath, match=r"images/pipe\.png: is neither a file nor a folder"):
        open_delivery(folder, CONTEXT)


@pytest.mark.parametrize("control", ["\0", "\x1b[2J", "\x07"])
def test_control_characters_in_a_table_are_refused_with_their_line(tmp_path: Path, control: str) -> None:
    write_table(tmp_path, ITEMS.replace("Tourcoing", f"Tour{control}coing"))
    found = only_error(open_delivery(tmp_path, CONTEXT))
    assert f"items.csv, line 3: holds the control character U+{ord(control[0]):04X}" in found.message


def test_a_table_in_windows_1252_is_read_as_it_was_meant(tmp_path: Path) -> None:
    write_table(tmp_path, ITEMS.replace("’", "'").encode("cp1252"))
    delivery = open_delivery(tmp_path, CONTEXT)
    assert errors(delivery) == []
    assert delivery.items[0].description.title.value == "Lille – La Grand'Place"


def test_a_table_in_no_known_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    write_table(tmp_path, ITEMS.encode().replace(b"Tourcoing", b"Tour\x81\x8d\xffcoing"))
    found = only_error(open_delivery(tmp_path, CONTEXT))
    assert "neither UTF-8 nor Windows-1252" in found.message


def test_a_mets_whose_bytes_are_not_its_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "LIL_0001-METS.xml").write_bytes(METS.encode("utf-8").replace("É".encode(), b"\xc9"))
    found = only_error(open_delivery(tmp_path, CONTEXT))
    assert "LIL_0001-METS.xml, line 3: not well-formed XML" in found.message


def test_links_of_a_mets_that_go_in_circles_end(tmp_path: Path) -> None:
    circle = """<mets:structLink><mets:smLink xlink:from="L4" xlink:to="P1"/><mets:smLink xlink:from="P1" xlink:to="L4"/>
    <mets:smLink xlink:from="L4" xlink:to="L4"/></mets:structLink></mets:mets>"""
    text = METS.replace("</mets:mets>", circle).replace('OBJID="LIL_0001"', 'OBJID="LIL_0001" DMDID="D1"')
    delivery = open_delivery(write_mets(tmp_path, text), CONTEXT)
    assert errors(delivery) == []
    assert len(delivery.items) == 1


def test_a_file_that_mets_names_as_itself_ends(tmp_path: Path) -> None:
    delivery = open_delivery(write_mets(tmp_path, METS.replace("alto/p_0001.xml", "LIL_0001-METS.xml")), CONTEXT)
    assert delivery.items[0].views[0].text is None


def test_a_bag_that_fetches_from_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = pack(write_mets(tmp_path / "bag"))
    (folder / "fetch.txt").write_text("http://127.0.0.1:1/x 10 data/x\n")
    with pytest.raises(DeliveryError, match=r"fetch\.txt: files of this bag are elsewhere"):
        open_delivery(folder, CONTEXT)


def test_a_manifest_that_leads_out_of_the_bag_is_refused(tmp_path: Path) -> None:
    folder = pack(write_mets(tmp_path / "bag"))
    with (folder / "manifest-sha512.txt").open("a") as manifest:
        manifest.write("0" * 128 + "  data/../../../etc/passwd\n")
    with pytest.raises(DeliveryError, match="this bag cannot be read"):
        open_delivery(folder, CONTEXT)


def test_names_that_steer_a_terminal_are_refused(tmp_path: Path) -> None:
    folder = write_table(tmp_path / "delivery")
    (folder / "images/\x1b[31m.png").write_bytes(b"x")
    with pytest.raises(UnsafePath, match="control character"):
        open_delivery(folder, CONTEXT)


def test_a_context_with_a_wrong_key_is_refused_with_its_line(tmp_path: Path) -> None:
    write_table(tmp_path)
    (tmp_path / "delivery.toml").write_text('institution = "bm"\ntypologie = "presse"\n')
    with pytest.raises(FormatError, match=r"delivery\.toml, line 2: the key 'typologie' is not known"):
        open_delivery(tmp_path, CONTEXT)
