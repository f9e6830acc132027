"""Faults of a capture in three strengths, each the only one of its view, and the rule that is to find it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.support.views.capture import Take, capture
from tests.support.views.sheets import KINDS, Light, Style, draw_sheet, views_of_one

STRENGTHS = ("weak", "medium", "strong")
PRINTED = ("print", "columns", "register", "map")
"""Kinds whose sheet has a margin all around."""

Make = Callable[[Style, int, int, np.random.Generator], NDArray[np.uint8]]
"""From a style, the number of the page, the strength (0 to 2) and chance to a view."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: the rule that finds it, what the strengths are, on which kinds of documents and which views it is one."""

    rule: str
    strengths: tuple[str, str, str]
    make: Make
    kinds: tuple[str, ...] = KINDS
    fits: Callable[[Style, int], bool] = lambda _style, _number: True


def _shows_an_edge(style: Style, number: int) -> bool:
    """Tell whether a picture has a mount or a backing around it: of one that fills its view nobody sees what is cut off."""
    if style.kind == "photograph":
        return style.seed % 2 == 0 or style.backing != "none"
    return {"postcard": number % 2 == 0, "plates": number % 3 == 2}.get(style.kind, True)


def _follows_its_like(style: Style, number: int) -> bool:
    """Tell whether the page before can be scanned again unseen: not the back of a card, which is as empty as the next."""
    return style.kind != "postcard" or (number % 2 == 1 and views_of_one(style, 12) > 2)


def _has_a_usual_size(style: Style, _number: int) -> bool:
    """Tell whether the views are of one document: cards of a delivery may have any size."""
    return views_of_one(style, 12) > 2


def _sign(rng: np.random.Generator) -> float:
    return 1.0 if rng.random() < 0.5 else -1.0


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(10**6))


def _skew(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    angle = (0.5, 1.5, 5.0)[strength] * _sign(rng)
    return capture(style, draw_sheet(style, number), Take(seed=_seed(rng), angle=angle))


def _blur(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    blur = (1.0, 2.0, 4.0)[strength]
    return capture(style, draw_sheet(style, number), Take(seed=_seed(rng), blur=blur))


def _exposed(style: Style, number: int, share: float, rng: np.random.Generator, *, light: bool) -> NDArray[np.uint8]:
    """Expose so that this share of the sheet is at the end of the scale."""
    sheet = draw_sheet(style, number)
    brightest = sheet.max(axis=2)
    if light:
        # as much as is asked for, whatever the light of this take
        gain = 260.0 / max(float(np.quantile(brightest, 1 - share)), 1.0)
        return capture(style, sheet, Take(seed=_seed(rng), gain=(gain, gain, gain)))
    return capture(style, sheet, Take(seed=_seed(rng), lift=-float(np.quantile(brightest, share)) - 2))


def _burnt(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    return _exposed(style, number, (0.02, 0.1, 0.4)[strength], rng, light=True)


def _blocked(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    return _exposed(style, number, (0.02, 0.1, 0.3)[strength], rng, light=False)


def _cast(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    weight = (0.03, 0.07, 0.15)[strength]
    hue = ((-1, 0.5, 1), (1, -0.5, 0.6), (0.7, 0.7, -1.4), (-0.9, 1, -0.3), (1, 0, -1))[int(rng.integers(5))]
    red, green, blue = (min(1.0, 1 - weight) * (1 + weight * part) for part in hue)
    return capture(style, draw_sheet(style, number), Take(seed=_seed(rng), gain=(red, green, blue)))


def _border(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    take = Take(seed=_seed(rng), border=(0.03, 0.07, 0.15)[strength], side=int(rng.integers(4)))
    return capture(style, draw_sheet(style, number), take)


def _cut(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    take = Take(seed=_seed(rng), cut=(0.005, 0.04, 0.1)[strength], side=int(rng.integers(4)))
    return capture(style, draw_sheet(style, number), take)


def _blank(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    sheet = draw_sheet(style, number, is_blank=True, show_through=(0.12, 0.045, 0.0)[strength])
    return capture(style, sheet, Take(seed=_seed(rng)))


def _again(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Scan the page before once more."""
    sheet: Light = draw_sheet(style, number - 1)
    if strength == 2:
        return capture(style, sheet, Take(seed=number - 1))
    turn = (1.2, 0.3)[strength] * _sign(rng)
    gain = 1 + (0.05, 0.015)[strength] * _sign(rng)
    return capture(style, sheet, Take(seed=_seed(rng), angle=turn, gain=(gain, gain, gain)))


def _size(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    return capture(style, draw_sheet(style, number), Take(seed=_seed(rng), scale=(0.96, 0.85, 0.6)[strength]))


def _dark(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    gain = (0.9, 0.65, 0.45)[strength]
    return capture(style, draw_sheet(style, number), Take(seed=_seed(rng), gain=(gain, gain, gain)))


def _flat(style: Style, number: int, strength: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    flat = (0.8, 0.5, 0.3)[strength]
    return capture(style, draw_sheet(style, number), Take(seed=_seed(rng), contrast=flat, lift=(1 - flat) * 60))


FAULTS: dict[str, Fault] = {
    "skew": Fault("picture-skew", ("0.5°", "1.5°", "5°"), _skew),
    "blur": Fault("picture-focus", ("1 px", "2 px", "4 px"), _blur),
    "burnt out": Fault("picture-clipping", ("2 %", "10 %", "40 %"), _burnt),
    "blocked up": Fault("picture-clipping", ("2 %", "10 %", "30 %"), _blocked, ("photograph", "plates", "postcard")),
    "colour cast": Fault("picture-cast", ("3 %", "7 %", "15 %"), _cast),
    "border": Fault("picture-border", ("3 %", "7 %", "15 %"), _border),
    "cut off": Fault(
        "picture-margin", ("0.5 %", "4 %", "10 %"), _cut, (*PRINTED, "photograph", "postcard", "plates"), _shows_an_edge
    ),
    "blank": Fault("picture-blank", ("strong show-through", "usual show-through", "clean"), _blank),
    "duplicate": Fault(
        "picture-duplicate", ("again, 1.2° askew", "again", "the same scan"), _again, fits=_follows_its_like
    ),
    "other size": Fault("picture-outlier", ("96 %", "85 %", "60 %"), _size, fits=_has_a_usual_size),
    "too dark": Fault("picture-outlier", ("90 %", "65 %", "45 %"), _dark),
    "flat": Fault("picture-outlier", ("80 %", "50 %", "30 %"), _flat),
}
