"""The meta.xml of Goobi and Kitodo 2: the METS in which they keep a process, with its scans."""

from pathlib import Path

from tests.support.supplied import write_image

GOOBI = """<?xml version="1.0" encoding="UTF-8"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mods="http://www.loc.gov/mods/v3">
<mets:dmdSec ID="DMDLOG_0001"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><mods:mods><mods:extension>
 <goobi:goobi xmlns:goobi="http://meta.goobi.org/v1.5.1/">
  <goobi:metadata name="TitleDocMain">Le Nord illustré</goobi:metadata><goobi:metadata name="TitleDocSub1">vues</goobi:metadata>
  <goobi:metadata name="CatalogIDDigital">20052145Z</goobi:metadata><goobi:metadata anchorId="true" name="CatalogIDDigital">349689334</goobi:metadata>
  <goobi:metadata name="PublicationYear">1900</goobi:metadata><goobi:metadata name="PlaceOfPublication">Lille</goobi:metadata>
  <goobi:metadata name="DocLanguage">fre</goobi:metadata><goobi:metadata name="shelfmarksource">RES 12</goobi:metadata>
  <goobi:metadata name="SubjectTopic">Fêtes</goobi:metadata><goobi:metadata name="SubjectGeographic">Lille (Nord)</goobi:metadata>
  <goobi:metadata name="Illustrator" type="person"><goobi:authorityValue>http://d-nb.info/gnd/1</goobi:authorityValue>
   <goobi:lastName>Dupont</goobi:lastName><goobi:firstName>Émile</goobi:firstName></goobi:metadata>
 </goobi:goobi></mods:extension></mods:mods></mets:xmlData></mets:mdWrap></mets:dmdSec>
<mets:fileSec><mets:fileGrp USE="LOCAL">
 <mets:file ID="FILE_0000" MIMETYPE="image/tiff"><mets:FLocat LOCTYPE="URL" xlink:href="file:///home/goobi/work/daten/1/images/scans_tif/00000001.png"/></mets:file>
 <mets:file ID="FILE_0001" MIMETYPE="image/tiff"><mets:FLocat LOCTYPE="URL" xlink:href="file:///home/goobi/work/daten/1/images/scans_tif/00000002.png"/></mets:file>
</mets:fileGrp></mets:fileSec>
<mets:structMap TYPE="LOGICAL"><mets:div DMDID="DMDLOG_0001" ID="LOG_0003" TYPE="Monograph"/></mets:structMap>
<mets:structMap TYPE="PHYSICAL"><mets:div ID="PHYS_0000" TYPE="BoundBook">
 <mets:div ID="PHYS_0001" ORDER="1" ORDERLABEL="uncounted" TYPE="page"><mets:fptr FILEID="FILE_0000"/></mets:div>
 <mets:div ID="PHYS_0002" ORDER="2" ORDERLABEL="XXVI" TYPE="page"><mets:fptr FILEID="FILE_0001"/></mets:div></mets:div></mets:structMap>
<mets:structLink><mets:smLink xlink:to="PHYS_0001" xlink:from="LOG_0003"/></mets:structLink></mets:mets>
"""


def write_goobi(folder: Path) -> Path:
    """Write a book of two scans as it lies in the folder of a process."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "meta.xml").write_text(GOOBI, encoding="utf-8")
    for number in (1, 2):
        write_image(folder / f"images/scans_tif/0000000{number}.png", 90 + number)
    return folder
