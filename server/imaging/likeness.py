"""A perceptual hash: two scans of one page have almost the same, two pages of one layout have not. numpy only.

The picture, 64 pixels square, is taken apart into waves (DCT-II); the sign of each of the slower ones is a bit. The
slowest are left out: they are the layout, which all pages of a book share.
"""

import numpy as np
from numpy.typing import NDArray

_SIDE = 64
_WAVES = 32
_SLOWEST = 6
"""Waves across and down together that are not taken."""

Field = NDArray[np.float32]


def _cosines() -> Field:
    at = (np.arange(_SIDE, dtype=np.float32) + 0.5) * np.pi / _SIDE
    return np.cos(np.arange(_WAVES, dtype=np.float32)[:, None] * at[None, :]).astype(np.float32)


_COSINES = _cosines()
_TAKEN = np.add.outer(np.arange(_WAVES), np.arange(_WAVES)) >= _SLOWEST


def fingerprint(small: Field) -> str:
    """Return the hash of a picture of 64 × 64 gray values, in hexadecimal digits."""
    waves = _COSINES @ (small - small.mean()) @ _COSINES.T
    return np.packbits(waves[_TAKEN] > 0).tobytes().hex()


def unlikeness(one: str, other: str) -> float:
    """Return the share of bits in which two hashes differ: 0 for the same picture, about 0.5 for two others."""
    bits = int(one, 16) ^ int(other, 16)
    return bits.bit_count() / (4 * len(one))


SIDE = _SIDE
