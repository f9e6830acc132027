"""Files with exactly one fault in what they say of themselves, and the rule that finds each against a contract."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ASKED = """
name = "asked"
label.fr = "Demandé"
label.en = "Asked"
[rules.image-format]
formats = ["tiff", "jpeg"]
[rules.image-compression]
compressions = ["none", "jpeg"]
ratio = 40
[rules.image-resolution]
dpi = 400
[rules.image-depth]
bits = 8
[rules.image-colour]
colours = ["rgb", "gray"]
[rules.image-profile]
profiles = ["sRGB"]
[rules.image-definition]
pixels = 60
"""
PAGE = """<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>mm10</MeasurementUnit></Description>
<Layout><Page ID="P" WIDTH="{width}" HEIGHT="{height}"><PrintSpace><TextBlock ID="B"><TextLine><String CONTENT="a" HPOS="1" VPOS="1" WIDTH="2" HEIGHT="2"/>
</TextLine></TextBlock></PrintSpace></Page></Layout></alto>"""

Save = Callable[[Path], object]


def noise(mode: str = "RGB", size: tuple[int, int] = (80, 60)) -> Image.Image:
    rng = np.random.default_rng(5)
    bands = {"RGB": 3, "L": 1, "CMYK": 4}[mode]
    pixels = rng.integers(0, 255, (size[1], size[0], bands), dtype=np.uint8)
    return Image.fromarray(pixels[:, :, 0] if bands == 1 else pixels, mode)


def saved(name: str, image: Image.Image | None = None, **said: Any) -> Save:
    options: dict[str, Any] = {"dpi": (400, 400), "icc_profile": SRGB} | said
    return lambda folder: (image or noise()).save(
        folder / name, **{key: value for key, value in options.items() if value is not None}
    )


def with_tail(folder: Path) -> None:
    saved("a.jpg")(folder)
    with (folder / "a.jpg").open("ab") as file:
        file.write(b"MORE")


def with_unsorted_tags(folder: Path) -> None:
    saved("a.tif")(folder)
    body = bytearray((folder / "a.tif").read_bytes())
    (at,) = struct.unpack_from("<I", body, 4)
    one, other = body[at + 2 : at + 14], body[at + 14 : at + 26]
    body[at + 2 : at + 14], body[at + 14 : at + 26] = other, one
    (folder / "a.tif").write_bytes(body)


def exif_of(dpi: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x011A], exif[0x011B], exif[0x0128] = dpi, dpi, 2
    return exif


def turned(folder: Path) -> None:
    exif = exif_of(400)
    exif[0x0112] = 6
    saved("a.jpg", exif=exif)(folder)


def with_size_of_another(folder: Path) -> None:
    exif = exif_of(400)
    exif.get_ifd(0x8769)[0xA002], exif.get_ifd(0x8769)[0xA003] = 160, 120
    saved("a.jpg", exif=exif)(folder)


def of_a_smaller_page(folder: Path) -> None:
    saved("a.jpg")(folder)
    (folder / "a.xml").write_text(PAGE.format(width=40, height=30))  # 80 pixels on 4 mm: 508 dpi


FAULTS: dict[str, tuple[Save, str, str]] = {
    "trailing bytes": (with_tail, "image-malformed", "4 bytes follow its end marker"),
    "tags in disorder": (with_unsorted_tags, "image-malformed", "not in ascending order"),
    "another format": (saved("a.png"), "image-format", "is a png; ask for tiff or jpeg"),
    "another compression": (saved("a.tif", compression="tiff_lzw"), "image-compression", "is compressed by lzw; ask for none or jpeg"),
    "too much compression": (
        saved("a.jpg", Image.new("RGB", (800, 600), (200, 190, 170)), quality=20), "image-compression", "times smaller than its pixels, 40 were agreed",
    ),
    "wrong dpi": (saved("a.jpg", dpi=(300, 300)), "image-resolution", "has 300 dpi; ask for 400"),
    "no dpi": (saved("a.jpg", dpi=None), "image-resolution", "does not say its resolution; ask for 400 dpi"),
    "headers disagree": (saved("a.jpg", exif=exif_of(98)), "image-resolution-disagrees", "JFIF says 400, EXIF says 98 dpi"),
    "one bit": (saved("a.tif", noise("L").convert("1"), icc_profile=None), "image-depth", "has 1 bits a channel; ask for 8"),
    "print colours": (saved("a.tif", noise("CMYK"), icc_profile=None), "image-colour", "is in cmyk; ask for rgb or gray"),
    "no profile": (saved("a.jpg", icc_profile=None), "image-profile", "has no ICC profile; ask for sRGB"),
    "turned by a tag": (turned, "image-orientation", "has the orientation 6; ask for it turned"),
    "made smaller": (with_size_of_another, "image-size-disagrees", "has 80 × 60 pixels, EXIF says 160 × 120"),
    "too small": (saved("a.jpg", noise(size=(50, 40))), "image-definition", "has 50 pixels on its longer side; ask for 60"),
    "another page": (of_a_smaller_page, "image-definition", "says 400 dpi, but by the page of a.xml it has 508"),
}  # fmt: skip
