"""How sharp a picture is, told from its edges and not from its noise. numpy only.

At an edge between dark and light the steepest step between two neighbouring pixels is a share of the whole step:
1 where the edge lies between two pixels, 0.4 / s where a blur of s pixels (the deviation of a Gaussian) lies over it.
Only the strongest edges count, so that grain and JPEG noise, which are much weaker, change little.
"""

import numpy as np
from numpy.typing import NDArray

BLOCK = 64
"""Side in pixels of the pieces of a picture that are looked at in full resolution."""

CELLS = 6
"""The picture is divided into so many cells in both directions; each gives its most contrasted pieces."""

_OF_A_CELL = 2
_REACH = 7
"""An edge and what lies on both sides of it, in pixels from its middle: 14 pixels, 13 steps."""

_LEAST_STEP = 40.0
"""Gray values between both sides of an edge that counts."""

_FAINT_STEP = 20.0
"""The same where no edge is higher: of a page that was scanned too flat, or so blurred that thin strokes fade."""

_UPRIGHT = 0.35
"""Share of the whole step by which an edge may change over three rows."""

_LEAST_EDGES = 60
_STEP = 4

Gray = NDArray[np.uint8]
Levels = NDArray[np.int16] | NDArray[np.float32]


class Blocks:
    """The most contrasted pieces of a picture, taken while its rows come by."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._best: dict[tuple[int, int], list[tuple[float, Gray]]] = {}

    def add(self, top: int, rows: Gray) -> None:
        """Look at the next rows, a multiple of `BLOCK` of them but for the last."""
        down, across = rows.shape[0] // BLOCK, rows.shape[1] // BLOCK
        if not down or not across:
            return
        # a sixteenth of the pixels tells where there is contrast
        thin = rows[: down * BLOCK : _STEP, : across * BLOCK : _STEP].astype(np.float32)
        small = BLOCK // _STEP
        spread = thin.reshape(down, small, across, small).std(axis=(1, 3))
        for y in range(down):
            row = min((top + y * BLOCK) * CELLS // self._height, CELLS - 1)
            columns = np.minimum(np.arange(across) * BLOCK * CELLS // self._width, CELLS - 1)
            for cell in range(CELLS):
                inside = np.flatnonzero(columns == cell)
                if not len(inside):
                    continue
                x = int(inside[np.argmax(spread[y, inside])])
                self._keep((row, cell), float(spread[y, x]), rows, y, x)

    def sharpness(self) -> float:
        """Return the middle sharpness of the pieces that have edges, from 0 to 1; 0 where there are too few."""
        pixels = self._pixels()
        return _sharpness(pixels, pixels.transpose(0, 2, 1), _LEAST_STEP)

    def faint_sharpness(self) -> float:
        """Return the same of edges that are faint: the mean of three along the edge, so that noise makes none sharper.

        Edges that slant are passed by: their mean is that of an edge that moves.
        """
        pixels = self._pixels().astype(np.float32)
        turned = pixels.transpose(0, 2, 1)
        return _sharpness(_along(pixels), _along(turned), _FAINT_STEP, _drift(pixels), _drift(turned))

    def _pixels(self) -> Levels:
        blocks = [block for kept in self._best.values() for _, block in kept]
        return np.stack(blocks).astype(np.int16) if blocks else np.zeros((0, BLOCK, BLOCK), np.int16)

    def _keep(self, cell: tuple[int, int], spread: float, rows: Gray, y: int, x: int) -> None:
        kept = self._best.setdefault(cell, [])
        if len(kept) == _OF_A_CELL and kept[-1][0] >= spread:
            return
        block = rows[y * BLOCK : (y + 1) * BLOCK, x * BLOCK : (x + 1) * BLOCK].copy()
        kept.append((spread, block))
        kept.sort(key=lambda each: -each[0])
        del kept[_OF_A_CELL:]


def _sharpness(
    across: Levels, down: Levels, least: float, drift: Levels | None = None, drift_down: Levels | None = None
) -> float:
    """Return the middle sharpness of pieces, from their edges in both directions."""
    pairs = zip(_shares(across, least, drift), _shares(down, least, drift_down), strict=True)
    both = [np.concatenate(pair) for pair in pairs]
    found = [float(np.median(shares)) for shares in both if len(shares) >= _LEAST_EDGES]
    return float(np.median(found)) if len(found) >= 3 else 0.0


def _along(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of three rows."""
    return np.asarray((pixels[:, :-2] + pixels[:, 1:-1] + pixels[:, 2:]) / 3, dtype=np.float32)


def _drift(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much changes from the first of three rows to the last."""
    return np.asarray(np.abs(pixels[:, 2:] - pixels[:, :-2]), dtype=np.float32)


def _shares(pixels: Levels, step: float, drift: Levels | None = None) -> list[NDArray[np.float64]]:
    """Return, for each piece, how steep its strongest edges across are, as shares of their whole step.

    `drift` tells which edges move from row to row: those are not counted.
    """
    if not len(pixels):
        return []
    steps = np.abs(np.diff(pixels, axis=2))
    whole = _highest(pixels, 14) + _highest(-pixels, 14)
    middle = steps[:, :, _REACH - 1 : _REACH - 1 + whole.shape[2]]
    # the middle of an edge is where no step nearby is higher
    crest = middle >= _highest(steps, 13)
    least = np.maximum(step, 0.6 * whole.max(axis=(1, 2)))
    counted = crest & (whole >= least[:, None, None])
    if drift is not None:
        moved = np.maximum(drift[:, :, :-1], drift[:, :, 1:])[:, :, _REACH - 1 : _REACH - 1 + whole.shape[2]]
        counted &= moved <= _UPRIGHT * whole
    return [one[chosen] / of[chosen] for one, of, chosen in zip(middle, whole, counted, strict=True)]


def _highest(values: Levels, width: int) -> Levels:
    """Return the highest of so many neighbours, 8 to 16 of them, by doubling."""
    for step in (1, 2, 4):
        values = np.maximum(values[:, :, :-step], values[:, :, step:])
    beyond = width - 8
    return np.maximum(values[:, :, :-beyond], values[:, :, beyond:])
