"""What was read is not read again after a kill; what changed is, and what cannot be read stops nothing."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from server.delivery import digests as remembering
from server.delivery.checksums import Claim, hash_files
from server.delivery.digests import open_digests
from server.delivery.folder import walk_folder
from server.delivery.opening import open_delivery
from server.delivery.values import Context
from server.ingest.run import ingest
from server.workshop import Workshop
from tests.support.deliveries import Row, write_table
from tests.support.workshops import Quiet


class Reads:
    """Counts the bytes that are really read, by the digests that are begun."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def new(self, name: str, **how: Any) -> Any:
        self.begun.append(name)
        return hashlib.sha256() if name == "sha256" else hashlib.md5(usedforsecurity=False)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    counted = Reads()
    monkeypatch.setattr("server.delivery.checksums.hashlib.new", counted.new)
    monkeypatch.setattr(remembering, "_RESTING_SECONDS", -1.0)  # else files just written are not at rest
    return counted


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "delivery"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.tif").write_bytes(bytes([number]) * 1000)
    return folder


def read(home: Path, folder: Path, *claims: Claim) -> dict[str, str]:
    with open_digests(home, folder) as known:
        return hash_files(walk_folder(folder), claims, digests=known).files


def test_files_at_rest_are_read_once(tmp_path: Path, delivery: Path, reads: Reads) -> None:
    first = read(tmp_path, delivery)
    assert len(reads.begun) == 5
    assert read(tmp_path, delivery) == first
    assert len(reads.begun) == 5
    with open_digests(tmp_path, delivery) as known:
        assert known.known == 5
    # another algorithm is asked for of one of them: that one is read again, and then both are known
    claim = Claim("1.tif", "md5", "0" * 32, "list.md5", 1, True)
    for _ in range(2):
        assert read(tmp_path, delivery, claim) == first
        assert len(reads.begun) == 7


def test_a_file_with_its_old_date_and_size_and_other_bytes_is_read_again(
    tmp_path: Path, delivery: Path, reads: Reads
) -> None:
    first = read(tmp_path, delivery)
    changed = delivery / "3.tif"
    facts = changed.stat()
    while changed.stat().st_ctime_ns == facts.st_ctime_ns:  # the clock of a file system ticks slowly
        changed.write_bytes(b"x" * 1000)
        os.utime(changed, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert (changed.stat().st_size, changed.stat().st_mtime_ns) == (facts.st_size, facts.st_mtime_ns)
    again = read(tmp_path, delivery)
    assert again["3.tif"] != first["3.tif"]
    assert {path for path in first if first[path] == again[path]} == {"0.tif", "1.tif", "2.tif", "4.tif"}
    assert len(reads.begun) == 6


def test_a_file_that_changed_a_moment_ago_is_not_remembered(
    tmp_path: Path, delivery: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "_RESTING_SECONDS", 3600.0)
    read(tmp_path, delivery)
    read(tmp_path, delivery)
    assert len(reads.begun) == 10


def test_a_line_that_was_cut_off_and_old_ones_are_not_believed(
    tmp_path: Path, delivery: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(tmp_path, delivery)
    [kept] = (tmp_path / "digests").glob("*.jsonl")
    kept.write_bytes(kept.read_bytes()[:-20])
    assert read(tmp_path, delivery) == first
    assert len(reads.begun) == 6
    assert read(tmp_path, delivery) == first
    assert len(reads.begun) == 6
    monkeypatch.setattr(remembering, "BELIEVED_SECONDS", -1)
    assert read(tmp_path, delivery) == first
    assert len(reads.begun) == 11


def test_a_file_that_cannot_be_read_refuses_its_document_and_no_other(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2")])
    (folder / "lone.bin").write_bytes(b"?")
    plain = Path.open

    def failing(self: Path, *how: Any, **more: Any) -> Any:
        if self.name in ("c1_0002.png", "lone.bin") and how == ("rb",):
            raise OSError(5, "Input/output error")
        return plain(self, *how, **more)

    monkeypatch.setattr(Path, "open", failing)
    delivery = open_delivery(folder, Context())
    told = [(found.item, found.view, found.message) for found in delivery.findings if found.rule == "file-unreadable"]
    assert told == [
        ("c1", 2, "c1_0002.png: cannot be read to its end: Input/output error; copy the delivery again"),
        ("", None, "lone.bin: cannot be read to its end: Input/output error; copy the delivery again"),
    ]
    assert "c1_0002.png" not in delivery.files
    outcomes = ingest(delivery, workshop, Quiet()).outcomes
    assert [(outcome.identifier, outcome.state) for outcome in outcomes] == [("c1", "failed"), ("c2", "ingested")]
    assert "c1_0002.png: cannot be read to its end" in outcomes[0].problem
