"""Picture rules hold their rates: faults of middling strength are caught, sound views are left alone.

The thresholds were set on seeds and typefaces that are not these. `benchmarks/quality.py` counts the same over many more
views, in three strengths, and writes docs/explanation/quality.md.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from tests.support.views.faults import FAULTS
from tests.support.views.rates import Plan, Rates, count

MEDIUM = 1
KINDS = ("print", "register", "photograph", "postcard", "map", "plates")
PLAN = Plan(seeds=(203,), faces="second", views=12, strengths=(MEDIUM,), faulty=1, kinds=KINDS)


@pytest.fixture(scope="module")
def rates() -> Iterator[Rates]:
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        yield count(PLAN, pool)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_middling_strength_is_caught(rates: Rates, fault: str) -> None:
    assert rates.made[fault, MEDIUM] >= 3
    assert rates.detection(fault, MEDIUM) >= 0.95, [line for line in rates.missed if f": {fault} " in line]


def test_sound_views_are_left_alone(rates: Rates) -> None:
    assert rates.sound == 72
    for rule in sorted({fault.rule for fault in FAULTS.values()}):
        assert rates.false_alarms(rule) <= 0.01, [line for line in rates.missed if line.startswith(f"sound: {rule}")]
