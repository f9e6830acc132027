"""How much of each fault the rules catch, and how often they suspect sound views: counted over drawn documents.

A document is drawn sound; then each of its views in turn is taken with one fault, the others stay. The rules see exactly
what they see in a check. The same function serves the test (a few pages) and the benchmark (many).
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, as_completed
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
from tests.support.views.sheets import KINDS, Style, draw_sheet, style_of, views_of_one

_NOBODYS = Description((), next(iter(Typology)), Rights(next(iter(RightsStatus))))


@dataclass
class Rates:
    """What was counted: views by fault and strength, those caught; sound views, and those suspected by each rule."""

    made: Counter[tuple[str, int]] = field(default_factory=Counter)
    caught: Counter[tuple[str, int]] = field(default_factory=Counter)
    sound: int = 0
    suspected: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def add(self, other: "Rates") -> None:
        """Add what was counted elsewhere."""
        self.made += other.made
        self.caught += other.caught
        self.sound += other.sound
        self.suspected += other.suspected
        self.missed += other.missed

    def to_json(self) -> str:
        """Return what was counted, to be kept."""
        return json.dumps(
            {
                "made": [[*key, number] for key, number in self.made.items()],
                "caught": [[*key, number] for key, number in self.caught.items()],
                "sound": self.sound,
                "suspected": dict(self.suspected),
                "missed": self.missed,
            }
        )

    @classmethod
    def from_json(cls, kept: str) -> "Rates":
        """Return what was kept."""
        told = json.loads(kept)
        made, caught = (
            Counter({(str(fault), int(strength)): int(number) for fault, strength, number in told[name]})
            for name in ("made", "caught")
        )
        return cls(made, caught, int(told["sound"]), Counter(told["suspected"]), list(told["missed"]))

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


def count(
    plan: Plan,
    pool: Executor,
    known: Callable[[str, int], Rates | None] = lambda _kind, _seed: None,
    keep: Callable[[str, int, Rates], None] = lambda _kind, _seed, _rates: None,
) -> Rates:
    """Draw, look and judge; what is `known` of a document is not counted again, what is new is given to `keep`."""
    rates = Rates()
    waiting: dict[Future[Rates], tuple[str, int]] = {}
    for kind, seed in ((kind, seed) for seed in plan.seeds for kind in plan.kinds):
        found = known(kind, seed)
        if found is None:
            waiting[pool.submit(_document, plan, kind, seed)] = (kind, seed)
        else:
            rates.add(found)
    for future in as_completed(waiting):
        keep(*waiting[future], future.result())
        rates.add(future.result())
    rates.missed.sort()
    return rates


def suspicions(looks: Sequence[Appearance], of_one: int | None = None) -> set[tuple[str, int]]:
    """Return which rule finds something in which view (from 1) of a delivery that looks so, `of_one` views a document."""
    views = tuple(DeliveredView(number, f"{number:04}.tif", ViewNotes()) for number in range(1, len(looks) + 1))
    each = of_one or len(views)
    items = tuple(
        DeliveredItem(f"A{start}", _NOBODYS, views[start : start + each], SourceRecord("a", "text/plain", b""))
        for start in range(0, len(views), each)
    )
    delivery = Delivery(Path(), "table", "", {}, Context(), items)
    images = {
        view.master: ImageSeen(
            view.master, 1, MasterFacts("tiff", look.width, look.height, 3, 8, 300, "sRGB", 1, "none"), appearance=look
        )
        for view, look in zip(views, looks, strict=True)
    }
    seen = Examined(
        delivery, images, {}, {view.master: ((f"A{(view.number - 1) // each * each}", view.number),) for view in views}
    )
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
    of_one = views_of_one(style, plan.views)
    for rule, view in sorted(suspicions(looks, of_one)):
        rates.suspected[rule] += 1
        rates.missed.append(f"sound: {rule} suspects {kind} {seed} f{view}: {looks[view - 1]}")
    for order, (name, fault) in enumerate(FAULTS.items()):
        if kind not in fault.kinds:
            continue
        for strength in plan.strengths:
            rng = np.random.default_rng([seed, KINDS.index(kind), order, strength])
            numbers = [number for number in range(2, plan.views + 1) if fault.fits(style, number)]
            for number in rng.choice(numbers, plan.faulty, replace=False) if numbers else ():
                look = look_at(fault.make(style, int(number), strength, rng))
                found = suspicions([*looks[: number - 1], look, *looks[number:]], of_one)
                rates.made[name, strength] += 1
                if (fault.rule, int(number)) in found:
                    rates.caught[name, strength] += 1
                else:
                    rates.missed.append(f"missed: {name} {strength} in {kind} {seed} f{number}: {look}")
    return rates


def _sound(style: Style, number: int) -> Appearance:
    return look_at(capture(style, draw_sheet(style, number), Take(seed=number)))
