"""Looking at a delivery: what was seen is kept as it comes, and one bad file never stops the rest."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery
from server.errors import Busy
from server.quality import examine as examining
from server.quality.checking import check
from server.quality.contract import read_contract
from server.quality.examine import Job, Seen, examine, look
from server.quality.journal import KEPT_SECONDS, open_journal
from server.quality.report import to_json
from tests.support.supplied import ITEMS, write_table


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    write_table(tmp_path / "delivery", ITEMS, None)
    return open_delivery(tmp_path / "delivery", Context(rights="public-domain"))


def run_over(delivery: Delivery, **how: Any) -> dict[str, str]:
    seen = examine(delivery, max_pixels=10**9, **how)
    return {path: image.fault for path, image in seen.images.items()}


def ends_the_process(job: Job) -> Seen:
    """Look, but for one file at which the decoder dies, and one at which it never ends."""
    if job.master.endswith("cp_001_v.png"):
        os.kill(os.getpid(), signal.SIGSEGV)
    while job.master.endswith("g_2.png"):
        pass
    return look(job)


def dying(job: Job) -> Seen:
    signal.alarm(job.seconds)
    return ends_the_process(job)


def test_a_decoder_that_dies_or_never_ends_takes_one_view_with_it(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining, "_timed", dying)
    told: list[int] = []
    faults = run_over(delivery, processes=2, seconds=4, progress=lambda done, _all, _read: told.append(done))
    bad = {path for path, fault in faults.items() if fault}
    assert {path.rpartition("/")[2] for path in bad} == {"cp_001_v.png", "g_2.png"}
    assert all(
        "ends the program that decodes it, or keeps it busy for more than 4 seconds" in faults[path] for path in bad
    )
    assert told == [1, 2, 3, 4]


def test_a_check_that_was_stopped_goes_on_where_it_was(
    delivery: Delivery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def counting(job: Job) -> Seen:
        if len(looked) == 2:
            raise KeyboardInterrupt
        looked.append(job.master)
        return look(job)

    whole = to_json(check(delivery))
    monkeypatch.setattr(examining, "look", counting)
    with pytest.raises(KeyboardInterrupt), open_journal(tmp_path, delivery.digest) as journal:
        check(delivery, journal=journal)
    first = list(looked)
    assert len(first) == 2
    looked[:] = ["x", "y", "z"]  # counts on from here
    with open_journal(tmp_path, delivery.digest) as journal:
        assert journal.known == 2
        assert to_json(check(delivery, journal=journal)) == whole
    assert len(looked) == 5
    assert not set(first) & set(looked)
    monkeypatch.setattr(examining, "look", None)
    with open_journal(tmp_path, delivery.digest) as journal:
        assert to_json(check(delivery, journal=journal)) == whole


def test_a_line_that_was_cut_off_is_looked_at_again(delivery: Delivery, tmp_path: Path) -> None:
    whole = to_json(check(delivery))
    with open_journal(tmp_path, delivery.digest) as journal:
        check(delivery, journal=journal)
    [path] = (tmp_path / "checks").glob("*.jsonl")
    path.write_bytes(path.read_bytes()[:-40])
    for known in (3, 4):
        with open_journal(tmp_path, delivery.digest) as journal:
            assert journal.known == known
            assert to_json(check(delivery, journal=journal)) == whole


def test_a_file_that_changed_is_looked_at_again(delivery: Delivery, tmp_path: Path) -> None:
    with open_journal(tmp_path, delivery.digest) as journal:
        check(delivery, journal=journal)
        view = delivery.items[0].views[0].master
        (delivery.root / view).write_bytes(b"no image")
        changed = open_delivery(delivery.root, Context(rights="public-domain"))
        assert [
            found.path for found in check(changed, journal=journal).findings if found.rule == "image-unreadable"
        ] == [view]


def test_two_checks_of_the_same_files_do_not_meet(delivery: Delivery, tmp_path: Path) -> None:
    with (
        open_journal(tmp_path, delivery.digest),
        pytest.raises(Busy, match="another check of the same files is at work"),
        open_journal(tmp_path, delivery.digest),
    ):
        pytest.fail("both are open")


def test_journals_that_nobody_used_for_long_go(tmp_path: Path) -> None:
    for digest in ("a" * 64, "b" * 64):
        with open_journal(tmp_path, digest):
            pass
    old = tmp_path / "checks" / f"{'a' * 32}.jsonl"
    os.utime(old, (0, old.stat().st_mtime - KEPT_SECONDS - 60))
    with open_journal(tmp_path, "b" * 64):
        assert not old.exists()


def test_what_no_rule_samples_is_not_decoded(delivery: Delivery, tmp_path: Path) -> None:
    path = tmp_path / "little.toml"
    names = ("blank", "duplicate", "skew", "border", "margin", "focus", "clipping", "cast", "outlier")
    off = "".join(f"[rules.picture-{name}]\non = false\n" for name in names)
    path.write_text('name = "little"\nlabel.fr = "a"\nlabel.en = "b"\n[rules.image-incomplete]\nsampling = 0\n' + off)
    assert check(delivery, contract=read_contract(path)).pictures == {}
    assert len(check(delivery).pictures) == 4


@pytest.fixture(autouse=True)
def _no_alarm_is_left() -> Iterator[None]:
    yield
    signal.alarm(0)
