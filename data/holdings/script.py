"""Handwriting: a script face written word by word, the line never quite straight, the pen dipped now and then."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from data.holdings.fonts import font


@dataclass
class Hand:
    """A hand at work on a layer of ink: `size` in pixels, `tilt` the rise of a line in pixels per pixel."""

    layer: Image.Image
    rng: np.random.Generator
    size: int
    tilt: float = -0.006
    pace: int = 9
    dipped: int = 0

    def word(self, text: str, x: float, base: float, size: int | None = None) -> float:
        """Write a word with the pen at (x, base) and return where it ends."""
        chosen = round((size or self.size) * float(self.rng.normal(1, 0.018)))
        cut = font("script", chosen)
        left, top, right, bottom = cut.getbbox(text, anchor="ls")
        pad = chosen // 3
        width, height = int(right - left) + 2 * pad, int(bottom - top) + 2 * pad
        strength = 252 - 74 * (self.dipped % self.pace) / self.pace
        mask, offset = cut.getmask2(text, mode="L", anchor="ls")
        drawn = Image.new("L", (width, height), 0)
        if mask.size[0] and mask.size[1]:
            drawn.paste(Image.frombytes("L", mask.size, bytes(mask)), (pad, pad))
        drawn = drawn.filter(ImageFilter.GaussianBlur(chosen / 110)).point(
            [min(255, round(v * 1.42)) for v in range(256)]
        )
        ramp = np.linspace(strength, strength - 26, width, dtype=np.float32)[None, :] / 255
        wave = 0.93 + 0.07 * np.sin(
            np.arange(height, dtype=np.float32)[:, None] / chosen * 7 + float(self.rng.uniform(0, 6))
        )
        inked = Image.fromarray(np.clip(np.asarray(drawn, dtype=np.float32) * ramp * wave, 0, 255).astype(np.uint8))
        inked = inked.rotate(float(self.rng.normal(0.3, 0.55)), resample=Image.Resampling.BICUBIC)
        place = (round(x + offset[0] - pad), round(base + offset[1] - pad + float(self.rng.normal(0, chosen * 0.018))))
        box = (*place, place[0] + width, place[1] + height)
        self.layer.paste(ImageChops.lighter(self.layer.crop(box), inked), place)
        self.dipped += 1
        return x + cut.getlength(text)

    def line(self, text: str, x: float, base: float, size: int | None = None) -> float:
        """Write a line and return where it ends."""
        start, space = x, font("script", size or self.size).getlength(" ")
        for word in text.replace("\u00a0", " ").split(" "):
            x = self.word(word, x, base + (x - start) * self.tilt, size) + space * float(self.rng.uniform(1.0, 1.35))
        return x

    def width(self, text: str, size: int | None = None) -> float:
        """Return about how wide a line will be."""
        return float(font("script", size or self.size).getlength(text)) * 1.03
