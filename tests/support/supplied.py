"""Small deliveries for tests: a METS of two pages with ALTO, a table with a views table, a bag around either."""

import hashlib
from pathlib import Path

from PIL import Image

METS = """<?xml version="1.0" encoding="UTF-8"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"
  xmlns:m="http://www.loc.gov/mods/v3" OBJID="LIL_0001" TYPE="Newspaper" LABEL="L’Écho du Nord">
 <mets:dmdSec ID="D1"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><m:mods>
  <m:genre>newspaper</m:genre>
  <m:titleInfo xml:lang="fr"><m:nonSort>L’</m:nonSort><m:title>Écho du Nord</m:title></m:titleInfo>
  <m:identifier type="issn">1234-5678</m:identifier>
  <m:originInfo><m:place><m:placeTerm type="text">Lille</m:placeTerm></m:place><m:publisher>Dubois</m:publisher></m:originInfo>
 </m:mods></mets:xmlData></mets:mdWrap></mets:dmdSec>
 <mets:dmdSec ID="D2"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><m:mods>
  <m:titleInfo xml:lang="fr"><m:title>L’Écho du Nord, n° 5</m:title></m:titleInfo>
  <m:originInfo><m:dateIssued encoding="w3cdtf">1905-10-05</m:dateIssued></m:originInfo>
  <m:language><m:languageTerm type="code" authority="iso639-2b">fre</m:languageTerm></m:language>
  <m:accessCondition type="use and reproduction" xlink:href="http://creativecommons.org/publicdomain/mark/1.0/"/>
 </m:mods></mets:xmlData></mets:mdWrap></mets:dmdSec>
 <mets:fileSec>
  <mets:fileGrp USE="THUMBS">
   <mets:file ID="T1" MIMETYPE="image/jpeg"><mets:FLocat LOCTYPE="URL" xlink:href="http://example.org/1.jpg"/></mets:file>
  </mets:fileGrp>
  <mets:fileGrp USE="MASTER">
   <mets:file ID="I1" MIMETYPE="image/png"><mets:FLocat LOCTYPE="URL" xlink:href="images/p_0001.png"/></mets:file>
   <mets:file ID="I2" MIMETYPE="image/png"><mets:FLocat LOCTYPE="URL" xlink:href="images/p_0002.png"/></mets:file>
  </mets:fileGrp>
  <mets:fileGrp USE="FULLTEXT">
   <mets:file ID="A1" MIMETYPE="text/xml"><mets:FLocat LOCTYPE="URL" xlink:href="alto/p_0001.xml"/></mets:file>
   <mets:file ID="A2" MIMETYPE="text/xml"><mets:FLocat LOCTYPE="URL" xlink:href="alto/p_0002.xml"/></mets:file>
  </mets:fileGrp>
 </mets:fileSec>
 <mets:structMap TYPE="PHYSICAL"><mets:div ID="P0" TYPE="physSequence">
  <mets:div ID="P2" ORDER="2" ORDERLABEL="2" TYPE="page"><mets:fptr FILEID="I2"/><mets:fptr FILEID="A2"/></mets:div>
  <mets:div ID="P1" ORDER="1" ORDERLABEL="1" TYPE="TITLE_PAGE"><mets:fptr FILEID="T1"/><mets:fptr FILEID="I1"/><mets:fptr FILEID="A1"/></mets:div>
 </mets:div></mets:structMap>
 <mets:structMap TYPE="LOGICAL"><mets:div ID="L0" TYPE="Newspaper" DMDID="D1"><mets:div ID="L1" TYPE="ISSUE" DMDID="D2">
  <mets:div ID="L2" TYPE="CONTENT">
   <mets:div ID="L3" TYPE="ARTICLE" LABEL="Inauguration du canal">
    <mets:div TYPE="HEADING"><mets:fptr><mets:area FILEID="A1" BETYPE="IDREF" BEGIN="B1"/></mets:fptr></mets:div>
    <mets:div TYPE="BODY"><mets:fptr><mets:seq><mets:area FILEID="A1" BETYPE="IDREF" BEGIN="B2"/><mets:area FILEID="A2" BETYPE="IDREF" BEGIN="B1"/></mets:seq></mets:fptr></mets:div>
   </mets:div>
   <mets:div ID="L4" TYPE="ARTICLE"><mets:div TYPE="TITLE"><mets:fptr><mets:area FILEID="A2" BETYPE="IDREF" BEGIN="B2"/></mets:fptr></mets:div></mets:div>
  </mets:div>
 </mets:div></mets:div></mets:structMap>
</mets:mets>
"""

ALTO = """<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">
 <Description><MeasurementUnit>pixel</MeasurementUnit><sourceImageInformation><fileName>p_000{n}.png</fileName></sourceImageInformation></Description>
 <Layout><Page ID="P{n}" WIDTH="60" HEIGHT="80"><PrintSpace HPOS="0" VPOS="0" WIDTH="60" HEIGHT="80">
  <TextBlock ID="B1" HPOS="5" VPOS="5" WIDTH="50" HEIGHT="10" LANG="fr"><TextLine HPOS="5" VPOS="5" WIDTH="50" HEIGHT="10">
   <String CONTENT="Le" HPOS="5" VPOS="5" WIDTH="10" HEIGHT="10" WC="0.9"/><SP/><String CONTENT="canal" HPOS="20" VPOS="5" WIDTH="30" HEIGHT="10" WC="1.0"/>
  </TextLine></TextBlock>
  <ComposedBlock ID="C1" HPOS="5" VPOS="20" WIDTH="50" HEIGHT="25"><TextBlock ID="B2" HPOS="5" VPOS="20" WIDTH="50" HEIGHT="25">
   <TextLine HPOS="5" VPOS="20" WIDTH="50" HEIGHT="10"><String CONTENT="inaugu" SUBS_TYPE="HypPart1" SUBS_CONTENT="inauguration" HPOS="5" VPOS="20" WIDTH="30" HEIGHT="10"/><HYP CONTENT="-"/></TextLine>
   <TextLine HPOS="5" VPOS="35" WIDTH="50" HEIGHT="10"><String CONTENT="ration" SUBS_TYPE="HypPart2" SUBS_CONTENT="inauguration" HPOS="5" VPOS="35" WIDTH="30" HEIGHT="10"/><String CONTENT="hier" HPOS="38" VPOS="35" WIDTH="15" HEIGHT="10"/></TextLine>
  </TextBlock></ComposedBlock>
 </PrintSpace></Page></Layout>
</alto>
"""

ITEMS = (
    "dc:identifier;dc:title@fr;dc:title@en;dc:creator;dc:date;dc:type;dc:language;dc:publisher;dc:subject;"
    "dcterms:spatial;dc:rights;dc:source;images;structure;ark;former_url;paged\n"
    "CP-001;Lille – La Grand’Place;Lille: the main square;Delsart, Jean (1852-1930). Photographe <https://www.idref.fr/1>;"
    "[vers 1905];Cartes postales;français;Éditions Lévy (Paris);Places <https://data.bnf.fr/ark:/12148/cb119441127> | Tramways;"
    "Lille (Nord) <https://www.geonames.org/2998324> @50.6372,3.0633;Domaine public;CP 12;cp_001_r.png | cp_001_v.png;"
    "Recto @ 1 | Verso @ 2;ark:/99999/v1bcdfghj2;https://old.example.org/1 | https://old.example.org/2;non\n"
    "CP-002;Tourcoing – La gare;;;1907?;Cartes postales;fre;;;;CC BY-SA 4.0;;plan/;;;;\n"
)

VIEWS = (
    "image,kind,label,public,alto,description,description_language,description_by,transcription,transcription_language\n"
    "images/cp_001_r.png,recto,recto,oui,,Une place animée,fr,machine,,\n"
    "images/cp_001_v.png,verso,verso,oui,,,,,Bons baisers de Lille,fr\n"
)


def write_image(path: Path, shade: int = 200, size: tuple[int, int] = (60, 80)) -> None:
    """Write a small gray image, in the format that its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, shade).save(path)


def write_mets(folder: Path, mets: str = METS) -> Path:
    """Write a newspaper issue of two pages."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "LIL_0001-METS.xml").write_text(mets)
    for number in (1, 2):
        write_image(folder / f"images/p_000{number}.png", 100 + number)
        (folder / "alto").mkdir(exist_ok=True)
        (folder / f"alto/p_000{number}.xml").write_text(ALTO.replace("{n}", str(number)))
    return folder


def write_table(folder: Path, items: str | bytes = ITEMS, views: str | None = VIEWS) -> Path:
    """Write a table of two postcards, with a views table."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "items.csv").write_bytes(items if isinstance(items, bytes) else items.encode())
    if views is not None:
        (folder / "vues.csv").write_text(views)
    for number, name in enumerate(("cp_001_r", "cp_001_v", "plan/g_2", "plan/g_10"), start=1):
        write_image(folder / f"images/{name}.png", 50 + number)
    return folder


def pack(folder: Path, algorithm: str = "sha512") -> Path:
    """Make a bag of a folder, in place: its files go to `data/`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines, total = [], 0
    for file in files:
        target = folder / "data" / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
        body = target.read_bytes()
        total += len(body)
        lines.append(f"{hashlib.new(algorithm, body).hexdigest()}  {target.relative_to(folder).as_posix()}\n")
    (folder / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    (folder / "bag-info.txt").write_text(f"Payload-Oxum: {total}.{len(files)}\n")
    (folder / f"manifest-{algorithm}.txt").write_text("".join(lines))
    return folder
