"""The typefaces: opened from the npm packages of `package.json`, never from the system, so that bytes are the same."""

import json
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FONTS = Path(__file__).resolve().parents[2] / "node_modules" / "@fontsource"

FACES: dict[str, str] = {
    "roman": "old-standard-tt/files/old-standard-tt-latin-400-normal.woff",
    "italic": "old-standard-tt/files/old-standard-tt-latin-400-italic.woff",
    "bold": "old-standard-tt/files/old-standard-tt-latin-700-normal.woff",
    "display": "playfair-display/files/playfair-display-latin-700-normal.woff",
    "fat": "playfair-display/files/playfair-display-latin-900-normal.woff",
    "fat-italic": "playfair-display/files/playfair-display-latin-900-italic.woff",
    "garamond": "eb-garamond/files/eb-garamond-latin-400-normal.woff",
    "garamond-italic": "eb-garamond/files/eb-garamond-latin-400-italic.woff",
    "garamond-bold": "eb-garamond/files/eb-garamond-latin-600-normal.woff",
    "antique": "source-serif-4/files/source-serif-4-latin-900-normal.woff",
    "grotesque": "inter/files/inter-latin-800-normal.woff",
    "plain": "inter/files/inter-latin-400-normal.woff",
    "script": "pinyon-script/files/pinyon-script-latin-400-normal.woff",
}


class FontsMissing(RuntimeError):
    """The typefaces are not installed."""


@lru_cache(maxsize=512)
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a face of `FACES` at a size in pixels. Raises FontsMissing with the remedy."""
    path = FONTS / FACES[face]
    try:
        return ImageFont.truetype(str(path), max(size, 4))
    except OSError as error:
        raise FontsMissing(f"typeface {path} cannot be opened ({error}); run `npm ci` in the project folder") from None


def versions() -> dict[str, str]:
    """Return the version of each font package in use: part of what makes the bytes what they are."""
    found = {}
    for package in sorted({path.split("/", 1)[0] for path in FACES.values()}):
        try:
            found[package] = str(json.loads((FONTS / package / "package.json").read_text(encoding="utf-8"))["version"])
        except OSError as error:
            raise FontsMissing(
                f"font package {package} is missing ({error}); run `npm ci` in the project folder"
            ) from None
    return found
