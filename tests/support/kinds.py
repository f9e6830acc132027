"""A small delivery of every kind, as tests and the fuzz of deliveries write it: where, and which file describes it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.support.bnf import write_refnum, write_spar
from tests.support.goobi import write_goobi
from tests.support.notices import BOOK, in_exchange_format, in_xml, with_names
from tests.support.printed import write_printed
from tests.support.supplied import ITEMS, VIEWS, pack, write_image, write_mets, write_table
from tests.support.workbooks import write_workbook


@dataclass(frozen=True)
class Kind:
    """A kind of delivery: `write` makes one in a folder, `files` are those of it that are worth damaging."""

    name: str
    write: Callable[[Path], Path]
    files: tuple[str, ...]


EAD = """<?xml version="1.0" encoding="UTF-8"?>
<ead><eadheader><eadid>FRBM59</eadid></eadheader><archdesc level="fonds"><did><unittitle>Fonds Lallemand</unittitle><unitid type="cote">F 1</unitid>
<unitdate normal="1850/1910">1850-1910</unitdate><origination><persname role="pht">Lallemand, Paul</persname></origination></did>
<dsc><c id="i1"><did><unittitle>Lettre</unittitle><daogrp><daoloc role="image:first" href="lot/l_1.png"/><daoloc role="image:last" href="lot/l_2.png"/></daogrp></did>
<c01 id="i2"><did><dao href="lot/"/></did></c01></c></dsc></archdesc></ead>
"""


def write_workbook_delivery(folder: Path) -> Path:
    """Write the postcards of the tests in a workbook."""
    write_table(folder)
    (folder / "items.csv").unlink()
    (folder / "vues.csv").unlink()
    sheets = {
        "Notices": [line.split(";") for line in ITEMS.splitlines()],
        "Vues": [line.split(",") for line in VIEWS.splitlines()],
    }
    write_workbook(folder / "livraison.xlsx", sheets)
    return folder


def write_notices(folder: Path, encoding: str = "utf-8") -> Path:
    """Write two records in exchange format beside the images of each."""
    folder.mkdir(parents=True, exist_ok=True)
    body = in_exchange_format(BOOK, encoding) + in_exchange_format(with_names("2", "RES 13", "Été"), encoding)
    (folder / "notices.mrc").write_bytes(body)
    write_image(folder / "RES 12/a.png", 60)
    write_image(folder / "2_001.png", 61)
    return folder


def write_xml_notices(folder: Path) -> Path:
    """Write two records in XML beside the images of each."""
    write_notices(folder)
    (folder / "notices.mrc").unlink()
    (folder / "notices.xml").write_text(in_xml(BOOK, with_names("2", "RES 13", "Été")), encoding="utf-8")
    return folder


def write_finding_aid(folder: Path) -> Path:
    """Write a finding aid with two components that have images."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ir.xml").write_text(EAD, encoding="utf-8")
    for number in (1, 2):
        write_image(folder / f"lot/l_{number}.png", 70 + number)
    return folder


def write_pdf(folder: Path) -> Path:
    """Write a PDF of two scans."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = [Image.new("L", (60, 80), 100 + number) for number in (1, 2)]
    pages[0].save(folder / "livre.pdf", save_all=True, append_images=pages[1:], resolution=300)
    return folder


def write_pdf_with_text(folder: Path) -> Path:
    """Write a PDF of two scans with words on one of them, and an outline."""
    words = (("Le", 100, 200), ("beffroi", 180, 200))
    return write_printed(folder / "livre.pdf", (words, ()), title="Un livre", chapters=("Un", "Deux")).parent


def write_bag(folder: Path) -> Path:
    """Write a newspaper issue in a bag."""
    return pack(write_mets(folder))


KINDS = (
    Kind("mets", write_mets, ("LIL_0001-METS.xml", "alto/p_0001.xml")),
    Kind("bag", write_bag, ("manifest-sha512.txt", "bagit.txt", "bag-info.txt")),
    Kind("refnum", write_refnum, ("X0220169.XML", "X/X0000001.xml")),
    Kind("spar", write_spar, ("manifest.xml", "ocr/X0000001.xml.gz", "toc/T0000001.xml")),
    Kind("table", write_table, ("items.csv", "vues.csv")),
    Kind("workbook", write_workbook_delivery, ("livraison.xlsx",)),
    Kind("unimarc", write_notices, ("notices.mrc",)),
    Kind("unimarc-5426", lambda folder: write_notices(folder, "iso5426"), ("notices.mrc",)),
    Kind("unimarc-xml", write_xml_notices, ("notices.xml",)),
    Kind("ead", write_finding_aid, ("ir.xml",)),
    Kind("pdf", write_pdf, ("livre.pdf",)),
    Kind("pdf-with-text", write_pdf_with_text, ("livre.pdf",)),
    Kind("goobi", write_goobi, ("meta.xml",)),
)
