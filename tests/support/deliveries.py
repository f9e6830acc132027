"""Small deliveries that the tests make themselves: a table, images, and text whose boxes lie on the ink."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

REGISTERS = {
    "institutions.toml": """
[[institution]]
name = "bm-lille"
label = { fr = "Bibliothèque de Lille", en = "Lille Library" }
isil = "FR-593505101"
gallica_label = "Bibliothèque municipale de Lille"
commune = "Lille"
insee = "59350"
homepage = "https://lille.example.org"
partnership = [{ programme = "gallica", since = 2020-01-01 }, { programme = "armarium", since = 2019-09-01, until = 2030-12-31 }]

[[institution]]
name = "roubaix"
label = { fr = "Médiathèque de Roubaix", en = "Roubaix Media Library" }
""",
    "suppliers.toml": '[[supplier]]\nname = "numerix"\nlabel = "Numérix"\n',
    "campaigns.toml": """
[[campaign]]
name = "2026-fetes"
year = 2026
theme = { fr = "Fêtes et cortèges", en = "Festivals and parades" }

[[campaign]]
name = "2025-places"
year = 2025
theme = { fr = "Places", en = "Squares" }
keep_masters = false
""",
}
COLLECTIONS = {
    "grand-place.toml": """
name = "grand-place"
label = { fr = "Autour de la Grand’Place", en = "Around the Main Square" }
summary = { fr = "Vues et plans.", en = "Views and plans." }
""",
}

ALTO = """<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit></Description>
<Layout><Page ID="P1" WIDTH="{width}" HEIGHT="{height}" PHYSICAL_IMG_NR="1"><PrintSpace><TextBlock ID="B1" HPOS="20" VPOS="20" WIDTH="100" HEIGHT="40">
<TextLine HPOS="20" VPOS="20" WIDTH="100" HEIGHT="20"><String CONTENT="L’œuvre" HPOS="20" VPOS="20" WIDTH="60" HEIGHT="20" WC="0.9"/></TextLine>
</TextBlock></PrintSpace></Page></Layout></alto>
"""


@dataclass(frozen=True)
class Row:
    """A document of a table: its images are made when the delivery is written."""

    identifier: str
    images: Sequence[str] = ()
    title: str = "Vue de la Grand’Place"
    rights: str = "public-domain"
    not_before: str = ""
    ark: str = ""
    former_url: str = ""
    former_oai: str = ""
    collections: str = ""
    text: bool = False


def write_registers(folder: Path) -> tuple[Path, Path]:
    """Write the registers of the tests; return the folders of what comes in and of what goes out."""
    data, manifests = folder / "data", folder / "manifests"
    (manifests / "collections").mkdir(parents=True)
    data.mkdir()
    for name, text in REGISTERS.items():
        (data / name).write_text(text, encoding="utf-8")
    for name, text in COLLECTIONS.items():
        (manifests / "collections" / name).write_text(text, encoding="utf-8")
    return data, manifests


def draw(path: Path, size: tuple[int, int] = (320, 240), seed: int = 0) -> None:
    """Draw a picture that differs from every other seed's; its format is what the suffix says."""
    image = Image.new("RGB", size, (230, 220 - seed % 40, 200))
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 20, 80, 40), fill=(40, 30, 30))
    pen.line((0, 0, *size), fill=(seed * 37 % 255, seed * 91 % 255, 120), width=5)
    image.save(path)


def write_table(
    folder: Path,
    rows: Sequence[Row],
    *,
    institution: str = "bm-lille",
    campaign: str = "2026-fetes",
    size: tuple[int, int] = (320, 240),
) -> Path:
    """Write a table delivery with its images; each row without images gets two, named after it."""
    folder.mkdir(parents=True)
    (folder / "delivery.toml").write_text(
        f'institution = "{institution}"\nsupplier = "numerix"\ncampaign = "{campaign}"\n', encoding="utf-8"
    )
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\n")
    writer.writerow(
        ["dc:identifier", "dc:title", "dc:title@en", "dc:type", "dc:language", "dc:date", "dc:rights", "not_before", "ark",
         "former_url", "former_oai", "collections", "images", "dcterms:spatial", "dc:creator"]
    )  # fmt: skip
    seed = 0
    for row in rows:
        images = list(row.images) or [f"{row.identifier}_0001.png", f"{row.identifier}_0002.png"]
        for image in images:
            seed += 1
            if not (folder / image).exists():
                draw(folder / image, size, seed)
            if row.text:
                alto = ALTO.format(width=size[0], height=size[1])
                (folder / image).with_suffix(".xml").write_text(alto, encoding="utf-8")
        writer.writerow(
            [row.identifier, row.title, "View of the Main Square", "cartes-postales", "fre", "vers 1905", row.rights,
             row.not_before, row.ark, row.former_url, row.former_oai, row.collections, " | ".join(images),
             "Lille (Nord) <https://sws.geonames.org/2998324/> @50.6372,3.0633", "Dupont, Émile (1860-1921). Photographe"]
        )  # fmt: skip
    (folder / "notices.csv").write_text(table.getvalue(), encoding="utf-8")
    return folder
