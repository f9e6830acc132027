"""The capture of a sheet: laid on the scanner's backing, through its lens, onto its sensor; soundly, or with one fault.

`Take` is what a person and a machine do to a sheet. Its neutral values make a sound view, with the small differences
that every real one has: a turn of up to 0.3°, a shift, noise, a light that is never quite the same.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tests.support.views.sheets import Light, Style

BACKINGS = {"felt": (42, 41, 40), "white": (246, 246, 244)}


@dataclass(frozen=True, slots=True)
class Take:
    """How a sheet is captured. Angles in degrees, lengths as shares of the picture, `gain` and `lift` on the light.

    `seed` is that of the small differences; `border` shows so much backing at one side, `cut` takes so much of the
    sheet away there; `scale` is the size of the picture.
    """

    seed: int = 0
    angle: float = 0.0
    blur: float = 0.0
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    lift: float = 0.0
    contrast: float = 1.0
    border: float = 0.0
    border_tone: tuple[int, int, int] = (36, 35, 35)
    cut: float = 0.0
    side: int = 0
    scale: float = 1.0


SOUND = Take()


def capture(style: Style, sheet: Light, take: Take = SOUND) -> NDArray[np.uint8]:
    """Return the view as a scanner hands it over, rows × columns × 3."""
    rng = np.random.default_rng([style.seed, take.seed, 4242])
    angle = take.angle + float(rng.uniform(-0.25, 0.25))
    page = Image.fromarray(sheet.clip(0, 255).astype(np.uint8))
    width, height = page.size
    edges = [0.0] * 4
    if style.backing != "none":
        edges = [float(value) for value in rng.uniform(0.008, 0.018, 4)]
    tone = BACKINGS.get(style.backing, style.paper)
    if take.border:
        edges[take.side] = take.border
        tone = take.border_tone
    left, top, right, bottom = (
        round(share * size) for share, size in zip(edges, (width, height, width, height), strict=True)
    )
    canvas = Image.new("RGB", (width + left + right, height + top + bottom), tone)
    if style.backing == "none" and not take.border:
        # nothing but the sheet is in the picture, however it lies: what is beside it is the next sheet
        canvas.paste(page.rotate(-angle, Image.Resampling.BICUBIC, fillcolor=style.paper), (left, top))
    else:
        # what lies beneath shows at the corners: the same tone as around, so that no mask is needed
        grown = page.rotate(-angle, Image.Resampling.BICUBIC, expand=True, fillcolor=tone)
        at = (left + (width - grown.width) // 2, top + (height - grown.height) // 2)
        if take.angle and style.backing != "none":
            # a sheet that lies askew needs a larger bed: nothing of it is lost
            canvas = Image.new("RGB", (grown.width + left + right, grown.height + top + bottom), tone)
            at = (left, top)
        canvas.paste(grown, at)
    if take.cut:
        canvas = _cut(canvas, take, sheet, (left, top))
    if take.scale != 1.0:
        canvas = canvas.resize(
            (round(canvas.width * take.scale), round(canvas.height * take.scale)), Image.Resampling.BICUBIC
        )
    soft = canvas.filter(ImageFilter.GaussianBlur(float(np.hypot(style.blur, take.blur))))
    # in place: each of these pictures has three million values
    light = np.array(soft, dtype=np.float32)
    light *= float(rng.uniform(0.99, 1.01))
    if take.contrast != 1.0:
        light -= 128
        light *= take.contrast
        light += 128
    if take.gain != (1.0, 1.0, 1.0):
        light *= np.array(take.gain, np.float32)
    if take.lift:
        light += take.lift
    noise = rng.standard_normal(light.shape, dtype=np.float32)
    noise *= style.noise
    light += noise
    light.clip(0, 255, out=light)
    light += 0.5
    return light.clip(0, 255, out=light).astype(np.uint8)


def _cut(canvas: Image.Image, take: Take, sheet: Light, at: tuple[int, int]) -> Image.Image:
    """Take away one side, as far into what is printed as `cut` says."""
    gray = sheet.mean(axis=2)
    dark = gray < np.percentile(gray, 80) * 0.72
    along = dark.sum(axis=1 if take.side % 2 else 0)
    inked = np.flatnonzero(along > 0.02 * dark.shape[1 if take.side % 2 else 0])
    size = canvas.height if take.side % 2 else canvas.width
    offset = at[1] if take.side % 2 else at[0]
    near, far = int(inked[0]) + offset, int(inked[-1]) + offset
    if take.side < 2:
        lost = near + round(take.cut * size)
        return canvas.crop((lost, 0, *canvas.size) if take.side == 0 else (0, lost, *canvas.size))
    kept = far - round(take.cut * size)
    return canvas.crop((0, 0, kept, canvas.height) if take.side == 2 else (0, 0, canvas.width, kept))
