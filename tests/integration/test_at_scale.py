"""Some hundred views: killed on the way and gone on with, a broken file among them, in bounded memory.

`benchmarks/deliveries.py` does the same with ten thousand.
"""

import re
from pathlib import Path

import pytest

from tests.support.large import House, settle, write_large

DOCUMENTS, VIEWS = 6, 50
MOST_MEGABYTES = 500


@pytest.mark.timeout(600)
def test_a_large_delivery_is_gone_on_with_after_each_kill(tmp_path: Path) -> None:
    [broken] = write_large(tmp_path / "registres", DOCUMENTS, VIEWS, broken=1)
    house = House(tmp_path / "house")
    settle(tmp_path / "registres")
    delivery, whole = tmp_path / "registres", DOCUMENTS * VIEWS
    # killed while it looks
    killed = house.run("check", delivery, kill_when=lambda: house.looked_at() >= whole // 3)
    assert killed.status == -9, killed.said
    seen, read = house.looked_at(), house.read()
    assert whole // 3 <= seen < whole
    assert read == 2 * whole + DOCUMENTS + 1, "images, ALTO, METS and delivery.toml"
    # gone on with: no file is read again for its digest, no view looked at again
    checked = house.run("check", delivery, "--report-language", "en")
    told = re.search(r"(\d+) views looked at before: the check goes on from there", checked.said)
    assert told, checked.said
    assert seen - 1 <= int(told[1]) <= seen  # the last line may be cut off
    assert house.read() == read
    assert house.looked_at() <= whole + 1
    # one broken file is a finding, and every other view was looked at
    assert checked.status == 1
    assert "p_0025.jpg" in checked.said
    assert f"{whole} views" in checked.said
    accepted = house.run(
        "accept",
        "registres",
        "--by",
        "A. Person",
        "--for",
        "bm-lille",
        "--despite-errors",
        "--reason",
        "le reste est bon",
    )
    assert accepted.status == 0, accepted.said
    # killed while pyramids are made
    killed_again = house.run("ingest", delivery, kill_when=lambda: house.made() >= whole // 3)
    assert killed_again.status == -9, killed_again.said
    stamps = {path: path.stat().st_mtime_ns for path in (house.home / "storage").rglob("*.idx")}
    ingested = house.run("ingest", delivery)
    assert ingested.status == 1
    counted = re.search(r"(\d+) documents? ingested .* (\d+) already held, 1 refused", " ".join(ingested.said.split()))
    assert counted, ingested.said
    assert int(counted[1]) + int(counted[2]) == DOCUMENTS - 1
    kept = {path for path, stamp in stamps.items() if path.exists() and path.stat().st_mtime_ns == stamp}
    assert len(kept) >= len(stamps) - VIEWS, "what was made is not made again, but for the document that is refused"
    assert house.made() == whole - VIEWS
    assert house.read() == read
    assert broken in ingested.said
    published = house.run("publish", "--delivery", "registres")
    assert f"{DOCUMENTS} documents: {DOCUMENTS - 1} published, 1 refused" in published.said, published.said
    for run in (killed, checked, killed_again, ingested, published):
        assert run.largest < MOST_MEGABYTES
