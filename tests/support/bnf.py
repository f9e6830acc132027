"""Deliveries as BnF has them made: a refNum, and the METS of a package for SPAR, each with images and ALTO."""

import gzip
from pathlib import Path

from tests.support.supplied import ALTO, write_image

BNF_ALTO = ALTO.replace("http://www.loc.gov/standards/alto/ns-v4#", "http://bibnum.bnf.fr/ns/alto_prod").replace(
    'encoding="UTF-8"', 'encoding="iso-8859-1"'
)

REFNUM = """<?xml version="1.0" encoding="UTF-8"?>
<refNum xmlns="http://bibnum.bnf.fr/ns/refNum"><document identifiant="{identifier}">
<bibliographie><genre>PERIODIQUE</genre><titre>La Croix du Nord</titre><auteur>Dubois, Jean (1852-1930). Directeur de publication ; Bayard</auteur>
<editeur>La Croix (Lille)</editeur><dateEdition>1905-10-05</dateEdition><tomaison><type>Numéro </type><valeur>6311</valeur></tomaison>
<nombrePages>2</nombrePages><reference type="NOTICEBIBLIOGRAPHIQUE">ark:/12148/cb343631418</reference><reference type="COTE">JO 12</reference></bibliographie>
<production><nombreVueObjets>3</nombreVueObjets><nombreImages>3</nombreImages><objetAssocie>ALTO</objetAssocie></production>
<structure>
<vueObjet numeroPage="2" ordre="3" typePage="N" typePagination="A"><image nomImage="T0000003" typeFichier="TIF" dimension="60,80" resolution="0300,0300"/></vueObjet>
<vueObjet numeroPage="0" ordre="1" typePage="C" typePagination="N"><image nomImage="T0000001" typeFichier="TIF" dimension="60,80" resolution="0300,0300"/></vueObjet>
<vueObjet numeroPage="I" ordre="2" typePage="P" typePagination="R"><image nomImage="T0000002" typeFichier="TIF" dimension="60,80" resolution="0300,0300"/></vueObjet>
</structure></document></refNum>
"""

SPAR = """<?xml version="1.0" encoding="UTF-8"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:spar_dc="http://bibnum.bnf.fr/ns/spar_dc" OBJID="ark:/12148/bpt6k1">
<mets:dmdSec ID="DMD.2"><mets:mdWrap MDTYPE="OTHER" OTHERMDTYPE="spar_dc"><mets:xmlData><spar_dc:spar_dc>
 <dc:title xsi:type="spar_dc:paginationF">1r</dc:title><dc:type>Page de titre</dc:type></spar_dc:spar_dc></mets:xmlData></mets:mdWrap></mets:dmdSec>
<mets:dmdSec ID="DMD.1"><mets:mdWrap MDTYPE="OTHER" OTHERMDTYPE="spar_dc"><mets:xmlData><spar_dc:spar_dc>
 <dc:title>Histoire de Lille</dc:title><dc:description xsi:type="spar_dc:sequentialDesignation1">Tome 2</dc:description>
 <dc:creator>Derode, Victor (1797-1867). Auteur du texte</dc:creator><dc:publisher>Béghin (Lille)</dc:publisher><dc:date>1848</dc:date>
 <dc:language>fre</dc:language><dc:type>monograph</dc:type><dc:relation xsi:type="spar_dc:ark">ark:/12148/cb30325434w</dc:relation>
</spar_dc:spar_dc></mets:xmlData></mets:mdWrap></mets:dmdSec>
<mets:fileSec><mets:fileGrp ID="GRP.1" USE="master">
 <mets:file ID="master.1"><mets:FLocat LOCTYPE="URL" xlink:href="master/T0000001.png"/></mets:file>
 <mets:file ID="master.2"><mets:FLocat LOCTYPE="URL" xlink:href="master/T0000002.png"/></mets:file></mets:fileGrp>
 <mets:fileGrp ID="GRP.2" USE="ocr"><mets:file ID="ocr.1" MIMETYPE="text/xml"><mets:FLocat LOCTYPE="URL" xlink:href="ocr/X0000001.xml.gz"/></mets:file>
 <mets:file ID="ocr.2"><mets:FLocat LOCTYPE="URL" xlink:href="ocr/X0000002.xml.gz"/></mets:file></mets:fileGrp>
 <mets:fileGrp ID="GRP.3" USE="toc"><mets:file ID="toc.1"><mets:FLocat LOCTYPE="URL" xlink:href="toc/T0000001.xml"/></mets:file></mets:fileGrp></mets:fileSec>
<mets:structMap TYPE="physical"><mets:div ID="DIV.1" TYPE="set"><mets:div ID="DIV.2" TYPE="group" DMDID="DMD.1"><mets:fptr FILEID="toc.1"/>
 <mets:div ID="DIV.4" TYPE="object" ORDER="2"><mets:fptr FILEID="master.2"/><mets:fptr FILEID="ocr.2"/></mets:div>
 <mets:div ID="DIV.3" TYPE="object" ORDER="1" DMDID="DMD.2"><mets:fptr FILEID="master.1"/><mets:fptr FILEID="ocr.1"/></mets:div>
</mets:div></mets:div></mets:structMap></mets:mets>
"""

TOC = """<?xml version="1.0" encoding="UTF-8"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"><mets:fileSec><mets:fileGrp USE="ocr">
 <mets:file ID="o1"><mets:FLocat LOCTYPE="URL" xlink:href="../ocr/X0000001.xml.gz"/></mets:file>
 <mets:file ID="o2"><mets:FLocat LOCTYPE="URL" xlink:href="X0000002.xml"/></mets:file></mets:fileGrp></mets:fileSec>
<mets:structMap TYPE="logical"><mets:div TYPE="toc"><mets:div TYPE="chapter" LABEL="Chapitre I"><mets:fptr FILEID="o1"/>
 <mets:div TYPE="section" LABEL="Le siège"><mets:fptr FILEID="o2"/></mets:div></mets:div></mets:div></mets:structMap></mets:mets>
"""


def write_refnum(folder: Path, identifier: str = "0220169", name: str = "X0220169.XML") -> Path:
    """Write a newspaper issue of three views, with BnF's ALTO: declared ISO-8859-1, and UTF-8 by its mark."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(REFNUM.format(identifier=identifier), encoding="utf-8")
    for number in (1, 2, 3):
        write_image(folder / f"T/T000000{number}.TIF", 100 + number)
        (folder / "X").mkdir(exist_ok=True)
        text = (
            BNF_ALTO.replace("p_000{n}.png", f"0000000{number}.tif")
            .replace("{n}", str(number))
            .replace("canal", "café")
        )
        (folder / f"X/X000000{number}.xml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    return folder


def write_spar(folder: Path) -> Path:
    """Write a volume of two views with gzip ALTO and a table of contents."""
    for place in ("master", "ocr", "toc"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / "manifest.xml").write_text(SPAR, encoding="utf-8")
    (folder / "toc/T0000001.xml").write_text(TOC, encoding="utf-8")
    for number in (1, 2):
        write_image(folder / f"master/T000000{number}.png", 100 + number)
        body = gzip.compress(BNF_ALTO.replace("{n}", str(number)).encode("iso-8859-1"), mtime=0)
        (folder / f"ocr/X000000{number}.xml.gz").write_bytes(body)
    return folder
