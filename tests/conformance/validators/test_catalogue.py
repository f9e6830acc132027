"""The rule by which a test of a validator is asked of us, on documents written by hand."""

import pytest

from scripts.validators import CLASSIC, NEW
from tests.conformance.validators.catalogue import FAULTS, OPTIONAL_OF_CLASSIC, VERSIONS, names, read_info

OF_3 = {"profile": "level1", "extraFormats": ["gif"], "extraQualities": ["gray"], "extraFeatures": ["mirroring"]}
OF_2 = {
    "profile": [
        "http://iiif.io/api/image/2/level1.json",
        {"formats": ["gif"], "qualities": ["gray"]},
        {"supports": ["mirroring", "sizeAboveFull"]},
    ]
}


@pytest.mark.parametrize(("version", "info"), [("3.0", OF_3), ("2.1", OF_2)])
def test_what_is_announced_is_asked(version: str, info: dict[str, object]) -> None:
    announced = read_info(version, info)
    assert announced.level == 1
    asked = {feature: announced.asks_for(3, [feature]) for feature in ("gif", "gray", "mirroring", "pdf", "level1")}
    assert asked == {"gif": True, "gray": True, "mirroring": True, "pdf": False, "level1": False}
    assert announced.asks_for(1, ["pdf"]), "its level asks it"
    assert not announced.asks_for(2, ["png"])
    assert announced.asks_for(3, ["pdf", "gif"]), "one of two is announced"
    assert announced.asks_for(3, []), "nothing needs to be announced for it"


def test_enlarging_has_another_name_in_2() -> None:
    assert read_info("2.1", OF_2).asks_for(3, ["sizeUpscaling"])
    assert not read_info("3.0", OF_3).asks_for(3, ["sizeUpscaling"])


def test_level_2_of_2_contains_a_quality_that_3_only_may_have() -> None:
    level_2, level_1 = ({"profile": [f"http://iiif.io/api/image/2/level{level}.json"]} for level in (2, 1))
    assert read_info("2.1", level_2).asks_for(3, ["bitonal"])
    assert not read_info("2.1", level_1).asks_for(3, ["bitonal"])
    assert not read_info("3.0", {"profile": "level2"}).asks_for(3, ["bitonal"])


def test_an_info_json_may_announce_nothing_more() -> None:
    assert read_info("3.0", {"profile": "level0"}).extras == frozenset()
    assert read_info("2.1", {"profile": ["http://iiif.io/api/image/2/level0.json"]}).extras == frozenset()


def test_faults_and_features_are_of_tests_that_there_are() -> None:
    for validator, version, name in FAULTS:
        assert name in names(validator, version)
    for version in VERSIONS:
        assert OPTIONAL_OF_CLASSIC.keys() <= set(names(CLASSIC, version))
        assert len(names(NEW, version)) == len(set(names(NEW, version))) > 40
