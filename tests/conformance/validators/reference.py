"""The picture that the validators know: ten by ten squares of 100 pixels, each in a colour of its own.

Drawn from the colours that iiif-validator holds the answers against (`ValidationInfo.colorInfo`). A test compares it with
the picture of the specification's site, pixel by pixel, where that is at hand.
"""

from pathlib import Path

from PIL import Image

SQUARE = 100
ROWS = """
    3daa7e c38578 a85ca3 6b37b2 70a71e 66c13f 9fb6c0 48ace3 12df91 9289b0
    3d6bb2 ab2b66 1c5b8f fb28b8 a63fa1 e1375b 80fcad 773364 bd7911 54f837
    5255ea 762d82 5629ad 2f248b e8e317 6bc293 94a25a d155a5 5803d2 3d904f
    a47a6e f269ab 6fe61d 027faa 4a5087 a7185f c0a573 57ac9f b5102b 6efb31
    81e258 055569 aebd07 e00c72 4f612f f9d660 9a6602 bc2aa2 bd27f4 2b6984
    5b2579 713a29 128b58 85436c 91a050 a72288 6bed3e 630336 7b9374 a58337
    8a802a df4503 5da880 efaed1 2da04f 35fed1 6fecdb 072a25 f694d6 3c17e1
    0655ea 2d4f8c 23020e 551d9c 0c36d7 acde15 8171ac 699b64 dfb1c7 93c5e2
    796dcc 2375f8 cc6989 0837bc cb5346 994d33 efcca6 26dcf0 4d1288 504368
    41f654 799cb8 125680 f07d07 4e1c2e 8927b7 3c6025 622e02 eb2415 a177b6
"""


def reference_picture() -> Image.Image:
    """Return the picture: 1000 × 1000 pixels, RGB."""
    rows = [row.split() for row in ROWS.strip().splitlines()]
    small = Image.frombytes("RGB", (len(rows[0]), len(rows)), bytes.fromhex("".join(map("".join, rows))))
    return small.resize((small.width * SQUARE, small.height * SQUARE), Image.Resampling.NEAREST)


def draw_reference(path: Path) -> None:
    """Write the picture as PNG."""
    reference_picture().save(path)
