"""The geometry of a pyramid: which sizes there are. Shared by the pyramid maker, info.json and the manifests."""


def level_sizes(width: int, height: int, tile_size: int) -> tuple[tuple[int, int], ...]:
    """Return (width, height) of each level in pixels, full size first, down to the first that fits into one tile.

    Level k is the full size divided by 2^k, rounded up: the `sizes` that info.json announces, one per scale factor.
    """
    sizes = [(width, height)]
    factor = 1
    while max(sizes[-1]) > tile_size:
        factor *= 2
        sizes.append((-(-width // factor), -(-height // factor)))
    return tuple(sizes)
