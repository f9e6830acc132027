"""`vitrine check`: by a contract, against an order, and again after it was killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.deliveries import Row, write_registers, write_table
from tests.support.processes import wait_until
from tests.support.typed import Typed

CONTRACT = (
    'name = "numerix"\nsupplier = "numerix"\nlabel.fr = "a"\nlabel.en = "b"\n[rules.image-resolution]\ndpi = 400\n'
)


def findings(typed: Typed, *words: str | Path) -> list[dict[str, object]]:
    told: list[dict[str, object]] = json.loads(typed("check", "--json", *words).output)["findings"]
    # the pictures of these deliveries look alike, which is told too
    return [found for found in told if found["rule"] != "picture-duplicate"]


def test_the_contract_of_the_supplier_is_the_one(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed.well("init")
    manifests = tmp_path / "other"
    (manifests / "contracts").mkdir(parents=True)
    (manifests / "contracts/numerix.toml").write_text(CONTRACT)
    (manifests / "contracts/lax.toml").write_text(CONTRACT.replace("numerix", "lax").replace("400", "0"))
    monkeypatch.setenv("VITRINE_MANIFESTS_DIR", str(manifests))
    folder = write_table(tmp_path / "cartes", [Row("c1")])
    assert [found["rule"] for found in findings(typed, folder)] == ["image-resolution"] * 2
    assert findings(typed, folder, "--contract", "lax") == []
    assert "did you mean numerix?" in typed.badly("check", folder, "--contract", "numeri")
    (manifests / "contracts/numerix.toml").write_text(CONTRACT + "dip = 3\n")
    assert "numerix.toml, line 7: rules.image-resolution.dip: there is no such key; did you mean dpi?" in typed.badly(
        "check", folder
    )


def test_the_tables_are_in_the_language_of_the_contract_unless_another_is_asked_for(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed.well("init")
    (tmp_path / "other/contracts").mkdir(parents=True)
    (tmp_path / "other/contracts/numerix.toml").write_text(CONTRACT.replace("[rules", 'language = "en"\n[rules', 1))
    monkeypatch.setenv("VITRINE_MANIFESTS_DIR", str(tmp_path / "other"))
    folder, table = write_table(tmp_path / "cartes", [Row("c1")]), tmp_path / "c.csv"
    told = typed.badly("check", folder, "--csv", table)
    assert "Contract: b (numerix)" in told
    written = table.read_text(encoding="utf-8-sig")
    assert written.startswith("document;view;file")
    assert "; ask for 400" in written
    told = typed.badly("check", folder, "--csv", table, "--report-language", "fr")
    assert "Contrat : a (numerix)" in told
    written = table.read_text(encoding="utf-8-sig")
    assert written.startswith("document;vue;fichier")
    assert "\u00a0; demandez 400 ppp" in written


def test_an_order_and_a_condition_report(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2")])
    (tmp_path / "order.csv").write_text("cote;vues\nc1;2\nc2;3\nc3;1\n")
    (tmp_path / "etat.csv").write_text("cote;vue;défaut\nc2;;feuillet manquant\n")
    told = findings(typed, folder, "--order", tmp_path / "order.csv")
    assert [(found["rule"], found["item"]) for found in told] == [
        ("order-views", "c2"),
        ("order-document-missing", None),
    ]
    told = findings(typed, folder, "--order", tmp_path / "order.csv", "--condition", tmp_path / "etat.csv")
    assert [(found["rule"], found["severity"]) for found in told] == [
        ("order-document-missing", "error"),
        ("order-views", "info"),
    ]
    (tmp_path / "order.csv").write_text("cote;vues\nc1;deux\n")
    assert "order.csv, line 2: 'deux' is no number of views" in typed.badly(
        "check", folder, "--order", tmp_path / "order.csv"
    )


@pytest.mark.timeout(600)
def test_a_check_that_was_killed_goes_on_where_it_was(tmp_path: Path, vitrine: Path) -> None:
    data, manifests = write_registers(tmp_path / "registers")
    environment = os.environ | {
        "VITRINE_HOME_DIR": str(tmp_path / "home"), "VITRINE_DATA_DIR": str(data), "VITRINE_MANIFESTS_DIR": str(manifests),
        "VITRINE_WORKERS": "2",
    }  # fmt: skip
    rows = [Row("c", images=[f"c_{number:04}.png" for number in range(1, 61)])]
    folder = write_table(tmp_path / "cartes", rows, size=(900, 700))
    command = [sys.executable, str(vitrine), "check", str(folder), "--report-language", "fr"]
    subprocess.run([sys.executable, str(vitrine), "init"], env=environment, check=True, capture_output=True)
    log = tmp_path / "log"
    with log.open("wb") as output:
        killed = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    journal = tmp_path / "home/checks"

    def begun() -> bool:
        return any(path.read_bytes().count(b"\n") >= 5 for path in journal.glob("*.jsonl"))

    wait_until(begun, killed, log, 300)
    assert killed.poll() is None, "the check was over before it could be killed"
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    [path] = journal.glob("*.jsonl")
    known = path.read_bytes().count(b"\n")
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    told = int(again.stdout.split(" vues déjà examinées\u00a0: le contrôle reprend à la suite.")[0].rpartition("\n")[2])
    assert 5 <= known <= told < 60
    assert "1 document, 60 vues" in again.stdout
    assert len(set(path.read_bytes().splitlines())) == 60
