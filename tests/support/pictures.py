"""Pictures that the tests make themselves: smooth colours with fine detail, so that shifts and swaps show."""

import numpy as np
from numpy.typing import NDArray


def picture(width: int, height: int, bands: int = 3) -> NDArray[np.uint8]:
    """Return a picture in which every place differs from every other: gradients with waves on them."""
    x = np.arange(width)[None, :]
    y = np.arange(height)[:, None]
    red = 30 + 180 * x / max(width, 64) + 20 * np.sin(y / 6)
    green = 30 + 180 * y / max(height, 64) + 20 * np.sin(x / 6)
    blue = 120 + 100 * np.sin((x + y) / 60) * np.cos((x - y) / 90)
    full = np.stack([red + 0 * y, green + 0 * x, blue], axis=-1).clip(0, 255).astype(np.uint8)
    return full if bands == 3 else full[:, :, 0]
