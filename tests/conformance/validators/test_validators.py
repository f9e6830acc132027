"""The two validators of the Image API on the real server: all that they ask of our level and of what we announce.

Each of their tests is one of ours, for each version that we offer. A test about something that info.json does not
announce must fail, or we serve what nobody is told of. Some tests no correct server passes: `FAULTS` says why, and
they must go on failing for that reason alone.
"""

import io
import math
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from scripts.validators import CLASSIC, NEW, Validator
from tests.conformance.validators.catalogue import FAULTS, OPTIONAL_OF_CLASSIC, VERSIONS, names
from tests.conformance.validators.conftest import OFFICIAL, Asking, Service
from tests.conformance.validators.reference import reference_picture

BOTH = (CLASSIC, NEW)
EVERY = [
    pytest.param(validator, version, name, id=f"{validator.name}-{version}-{name}")
    for version in VERSIONS
    for validator in BOTH
    for name in names(validator, version)
]


@pytest.mark.parametrize(("validator", "version", "name"), EVERY)
def test_what_a_validator_asks(
    validator: Validator, version: str, name: str, service: Service, verdicts: Asking
) -> None:
    verdict = verdicts(validator, version)[name]
    if fault := FAULTS.get((validator, version, name)):
        [said] = verdict.wrong or ["nothing wrong"]
        assert re.match(fault.says, said), f"no longer: {fault.why}; take it out of FAULTS"
        return
    asks = verdict.asks
    if validator is CLASSIC and verdict.level > 2:
        asks = [OPTIONAL_OF_CLASSIC[name]]
    if service.announced(version).asks_for(verdict.level, asks):
        assert not verdict.wrong, "\n".join(verdict.wrong)
    else:
        assert verdict.wrong, f"{asks} is served, and info.json does not announce it"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("validator", BOTH, ids=lambda validator: validator.name)
def test_no_test_of_a_validator_is_missing_here(validator: Validator, version: str, verdicts: Asking) -> None:
    assert sorted(verdicts(validator, version)) == names(validator, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_we_announce_level_2_in_full(version: str, service: Service) -> None:
    announced = service.announced(version)
    assert announced.level == 2
    # The tests about these are asked of us for as long as we announce them.
    assert announced.extras >= {"gif", "tif", "webp", "bitonal", "mirroring", "rotationArbitrary"}


def test_our_drawing_is_the_official_picture(shared: Path, service: Service) -> None:
    official = Image.open(shared / "samples" / OFFICIAL)
    assert official.size == (1000, 1000)
    assert ImageChops.difference(reference_picture(), official).getbbox() is None
    # Served, they are the same to the byte: what the validators say of the one holds for the other.
    for request in ("full/max/0/default.png", "full/max/0/default.jpg", "30,40,500,600/,333/90/gray.webp"):
        drawn, other = (service.get(f"/iiif/image/3/{service.document}.f{view}/{request}") for view in (1, 2))
        assert drawn == other
        assert Image.open(io.BytesIO(drawn)).width >= 278


@pytest.mark.parametrize(
    ("size", "side"),
    [("!2000,3000", 1000), ("^1453,1453", 1453), ("^,1453", 1453), ("^1453,", 1453), ("^pct:200", 2000),
     ("^!2000,500", 500), ("^!2000,3000", 2000)],
)  # fmt: skip
def test_sizes_that_the_faulty_tests_of_the_validators_hide(size: str, side: int, service: Service) -> None:
    body = service.get(f"/iiif/image/3/{service.document}.f1/full/{size}/0/default.jpg")
    assert Image.open(io.BytesIO(body)).size == (side, side)


def test_the_greatest_size_is_what_the_limits_allow(service: Service) -> None:
    info = service.info("3.0")
    body = service.get(f"/iiif/image/3/{service.document}.f1/full/^max/0/default.jpg")
    side = min(info["maxWidth"], info["maxHeight"], math.isqrt(info["maxArea"]))
    assert Image.open(io.BytesIO(body)).size == (side, side)


@pytest.mark.parametrize("size", ["1453,1453", ",1453", "1453,", "pct:200"])
def test_nothing_is_enlarged_unless_asked(size: str, service: Service) -> None:
    assert service.ask(f"/iiif/image/3/{service.document}.f1/full/{size}/0/default.jpg")[0] == 400
