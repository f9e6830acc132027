"""Real deliveries of other libraries, which the project does not hold: a test that needs one skips where it is not."""

import shutil
from pathlib import Path

from PIL import Image, ImageDraw

from server.formats.alto import read_alto
from tests.support.skips import NO_SHARED, SHARED, skip


def sample(name: str) -> Path:
    """Return the folder of a sample; skip the test where there is none."""
    folder = SHARED / "samples" / name
    if not folder.is_dir():
        skip(NO_SHARED)
    return folder


def copied(name: str, folder: Path) -> Path:
    """Return a copy of a sample that may be written to."""
    shutil.copytree(sample(name), folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def draw_page(alto: Path, image: Path, scale: float = 1.0) -> None:
    """Draw the page that an ALTO describes: each word is a black box exactly where it is said to be."""
    text = read_alto(alto.read_bytes(), alto.name).text
    picture = Image.new("L", (max(1, round(text.width * scale)), max(1, round(text.height * scale))), 250)
    pen = ImageDraw.Draw(picture)
    for word in (word for block in text.blocks for line in block.lines for word in line.words):
        box = word.box
        pen.rectangle([round(side * scale) for side in (box.x, box.y, box.x + box.width, box.y + box.height)], fill=20)
    image.parent.mkdir(parents=True, exist_ok=True)
    picture.save(image)
