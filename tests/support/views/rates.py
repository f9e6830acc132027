"""How much of each fault the rules catch, and how often they suspect sound views: counted over drawn documents.

A document is drawn sound; then each of its views in turn is taken with one fault, the others stay. The rules see exactly
what they see in a check. The same function serves the test (a few pages) and the benchmark (many).
"""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from server.delivery.values import Context, DeliveredItem, DeliveredView, Delivery, SourceRecord
from server.imaging.appearance import Appearance
from server.imaging.overview import look_at
from server.imaging.source import MasterFacts
from server.model.description import Description, Typology
from server.model.rights import Rights, RightsStatus
from server.model.view import ViewNotes
from server.quality.examine import Examined, ImageSeen
from server.quality.registry import rules
from tests.support.views.capture import Take, capture
from tests.support.views.faults import FAULTS
from tests.support.views.sheets import KINDS, Style, draw_sheet, style_of

_NOBODYS = Description((), next(iter(Typology)), Rights(next(iter(RightsStatus))))


@dataclass
class Rates:
    """What was counted: views by fault and strength, those caught; sound views, and those suspected by each rule."""

    made: Counter[tuple[str, int]] = field(default_factory=Counter)
    caught: Counter[tuple[str, int]] = field(default_factory=Counter)
    sound: int = 0
    suspected: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def detection(self, fault: str, strength: int) -> float:
        """Return the share of faulty views that were caught; 1 where none was made."""
        made = self.made[fault, strength]
        return self.caught[fault, strength] / made if made else 1.0

    def false_alarms(self, rule: str) -> float:
        """Return the share of sound views that a rule suspects."""
        return self.suspected[rule] / self.sound if self.sound else 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn: seeds of documents, a set of typefaces, views of each, how many faulty ones by fault."""

    seeds: tuple[int, ...]
    faces: str
    views: int = 12
    strengths: tuple[int, ...] = (0, 1, 2)
    faulty: int = 2
    kinds: tuple[str, ...] = KINDS


def count(plan: Plan, pool: Executor) -> Rates:
    """Draw, look and judge."""
    rates = Rates()
    jobs = [(plan, kind, seed) for seed in plan.seeds for kind in plan.kinds]
    for found in pool.map(_document, *zip(*jobs, strict=True)):
        rates.made += found.made
        rates.caught += found.caught
        rates.sound += found.sound
        rates.suspected += found.suspected
        rates.missed += found.missed
    return rates


def suspicions(looks: Sequence[Appearance]) -> set[tuple[str, int]]:
    """Return which rule finds something in which view (from 1) of a document that looks so."""
    views = tuple(DeliveredView(number, f"{number:04}.tif", ViewNotes()) for number in range(1, len(looks) + 1))
    item = DeliveredItem("A", _NOBODYS, views, SourceRecord("a", "text/plain", b""))
    delivery = Delivery(Path(), "table", "", {}, Context(), (item,))
    images = {
        view.master: ImageSeen(
            view.master, 1, MasterFacts("tiff", look.width, look.height, 3, 8, 300, "sRGB", 1, "none"), appearance=look
        )
        for view, look in zip(views, looks, strict=True)
    }
    seen = Examined(delivery, images, {}, {view.master: (("A", view.number),) for view in views})
    return {
        (found.rule, found.view or 0)
        for rule in rules()
        if rule.definition.family == "picture"
        for found in rule.check(seen, rule)
    }


def _document(plan: Plan, kind: str, seed: int) -> Rates:
    style = style_of(kind, seed, plan.faces)
    rates = Rates()
    looks = [_sound(style, number) for number in range(1, plan.views + 1)]
    rates.sound = len(looks)
    for rule, view in sorted(suspicions(looks)):
        rates.suspected[rule] += 1
        rates.missed.append(f"sound: {rule} suspects {kind} {seed} f{view}: {looks[view - 1]}")
    for order, (name, fault) in enumerate(FAULTS.items()):
        if kind not in fault.kinds:
            continue
        for strength in plan.strengths:
            rng = np.random.default_rng([seed, KINDS.index(kind), order, strength])
            for number in rng.choice(np.arange(2, plan.views + 1), plan.faulty, replace=False):
                look = look_at(fault.make(style, int(number), strength, rng))
                found = suspicions([*looks[: number - 1], look, *looks[number:]])
                rates.made[name, strength] += 1
                if (fault.rule, int(number)) in found:
                    rates.caught[name, strength] += 1
                else:
                    rates.missed.append(f"missed: {name} {strength} in {kind} {seed} f{number}: {look}")
    return rates


def _sound(style: Style, number: int) -> Appearance:
    return look_at(capture(style, draw_sheet(style, number), Take(seed=number)))
