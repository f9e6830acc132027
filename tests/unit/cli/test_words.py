"""What people type and what names hold is printed as it is: brackets, colons, spaces."""

import io
import json
import re
import shlex
from pathlib import Path

import pytest
from rich.console import Console

from tests.support.deliveries import Row, write_table
from tests.support.typed import Typed


def test_brackets_in_names_are_no_markup(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "lot [bis] [x] :smile:", [Row("c[/1]", images=("a_1.png",)), Row("c[red]2")])
    assert "lot [bis] [x] :smile:: table, 2 documents" in typed.well("check", folder)
    accepted = typed.well("accept", folder, "--by", "Anne [/x]", "--for", "bm-lille")
    assert re.search(r"Accepted: lot \[bis\] \[x\] :smile:-[0-9a-f]{8}, by Anne \[/x\] for bm-lille\.", accepted)
    ingested = typed.well("ingest", folder)
    assert "c[/1]" in ingested
    assert "c[red]2" in ingested
    assert "lot [bis] [x] :smile:-" in ingested
    typed.badly("withdraw", "[/x]", "--reason", "essai")


def test_a_refusal_with_brackets_is_told_as_it_was_written(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes", [Row("c1")])
    typed.well("check", folder)
    typed.well("refuse", folder, "--by", "A [/x]", "--for", "bm-lille", "--reason", "vue [/2] floue")
    typed.well("ingest", folder)
    assert "refused c1" not in typed.badly("publish", "--all")
    assert "vue [/2] floue" in typed.badly("publish", "--all")


def test_the_next_step_can_be_copied(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / ("un lot d'images, " * 8 + "fin"), [Row("c1")])
    [line] = [line for line in typed("check", folder).output.splitlines() if line.startswith("Next")]
    assert shlex.split(line.partition(": ")[2])[:4] == ["vitrine", "accept", str(folder), "--by"]


def test_a_delivery_is_named_in_full_on_a_narrow_screen(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed.well("init")
    typed.well("ingest", write_table(tmp_path / ("presse-lilloise-" * 5 + "1909"), [Row("c1")]))
    [delivery] = json.loads(typed("status", "--json").output)["deliveries"]
    console = Console(file=io.StringIO(), width=80, highlight=False, markup=False, emoji=False)
    monkeypatch.setattr("server.cli.status.out", console)
    typed.well("status")
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "…" not in shown
    column = shown.splitlines()[0].index("Institution")
    lines = [line[:column].strip() for line in shown.splitlines()[1:]]
    assert "".join(lines[: lines.index("")]) == delivery["identifier"]


def test_the_path_to_check_again_is_quoted(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "un lot", [Row("c9")])
    told = typed.badly("accept", folder, "--by", "A", "--for", "bm-lille")
    assert f"run `vitrine check {shlex.quote(str(folder))}`" in told
