"""What a partner decided in the report is taken over whole, once, and only for the files that were looked at."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.catalogue.models import EventRow
from server.catalogue.reviews import list_marks
from server.settings import load_settings
from server.workshop import open_workshop
from tests.support.deliveries import Row, draw, write_table
from tests.support.typed import Typed
from tests.support.workshops import opened


def decisions(folder: Path, decision: str = "accepted", reason: str = "", **marks: str) -> dict[str, Any]:
    """Return what the report saves; `marks` are by the stem of the image."""
    delivery = opened(folder)
    views = [
        {
            "item": item.identifier, "view": view.number, "path": view.master,
            "digest": f"sha256:{hashlib.sha256((folder / view.master).read_bytes()).hexdigest()}",
            "mark": mark, "comment": "un essai",
        }
        for item in delivery.items for view in item.views if (mark := marks.get(Path(view.master).stem))
    ]  # fmt: skip
    return {
        "schema": "vitrine-decisions/1",
        "delivery": {"name": delivery.name, "identifier": "", "digest": f"sha256:{delivery.digest}"},
        "institution": "bm-lille", "by": "Mme Petit", "decision": decision, "reason": reason, "views": views,
    }  # fmt: skip


def save(path: Path, said: object) -> Path:
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def folder(typed: Typed, tmp_path: Path) -> Path:
    typed.well("init")
    made = write_table(tmp_path / "cartes", [Row("c1"), Row("c2")])
    typed.well("check", made)
    return made


def standing(typed: Typed) -> str:
    [delivery] = json.loads(typed("status", "--json").output)["deliveries"]
    return str(delivery["state"])


def test_decisions_are_taken_over_once(typed: Typed, folder: Path, tmp_path: Path) -> None:
    file = save(tmp_path / "decisions.json", decisions(folder, "refused", "à refaire", c1_0001="redo", c2_0002="fine"))
    told = typed.well("review", "import", file)
    assert "Refused: cartes-" in told
    assert "2 views marked: 1 fine, 1 to redo." in told
    assert standing(typed) == "refused"
    tools = open_workshop(load_settings())
    with tools.catalogue.read() as session:
        events = [event.action for event in session.scalars(select(EventRow).order_by(EventRow.identifier))]
        identifier = session.scalars(select(EventRow.subject).where(EventRow.action == "reviewed")).one()
        marks = [(mark.item, mark.number, mark.mark, mark.comment) for mark in list_marks(session, identifier)]
    assert events[-2:] == ["refused", "reviewed"]
    assert marks == [("c1", 1, "redo", "un essai"), ("c2", 2, "fine", "un essai")]
    assert "Known already" in typed.well("review", "import", file)
    with tools.catalogue.read() as session:
        assert len(session.scalars(select(EventRow.identifier)).all()) == len(events)
    tools.catalogue.close()
    typed.well("accept", folder, "--by", "M. Leroy", "--for", "bm-lille")
    assert "M. Leroy decided anew" in typed.badly("review", "import", file)
    assert standing(typed) == "accepted"


NOT_BOUND: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda said: said["delivery"].update(digest=f"sha256:{'0' * 64}"), "the files that were checked here under that name are others"),
    (lambda said: said["delivery"].update(digest=f"sha256:{'0' * 64}", name="autre"), "was never checked here"),
    (lambda said: said["views"][0].update(digest=f"sha256:{'1' * 64}"), "view f1 of c1 was another file"),
    (lambda said: said["views"][0].update(view=9), "view f9 of c1 was not in the check"),
    (lambda said: said.update(institution="roubaix"), "a decision for roubaix does not count"),
    (lambda said: said.update(decision="refused", reason=""), "a refusal needs a reason"),
    (lambda said: said["views"].append(said["views"][0]), "speaks twice of a view"),
    (lambda said: said["views"][0].update(mark="perhaps"), "views.0.mark"),
    (lambda said: said.update(by="  \u0007"), "control character"),
    (lambda said: said.update(schema="vitrine-decisions/2"), "is not a vitrine-decisions/1 file"),
    (lambda said: said.pop("delivery"), "delivery: is missing"),
]  # fmt: skip
"""What is done to the file, and what is said of it."""


def test_what_is_not_bound_to_what_was_checked_changes_nothing(typed: Typed, folder: Path, tmp_path: Path) -> None:
    for change, fault in NOT_BOUND:
        said = decisions(folder, c1_0001="redo")
        change(said)
        assert fault in typed.badly("review", "import", save(tmp_path / "decisions.json", said))
        assert standing(typed) == "checked", fault


def test_a_file_that_is_none_is_refused(typed: Typed, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "decisions.json"
    for body in (b"", b"\xff\xfe", b"[1]", b"[" * 100_000, b'{"a": NaN}', "\ufeff{}".encode()):
        file.write_bytes(body)
        assert "ask for the file that the report saves" in typed.badly("review", "import", file), body[:10]
        assert standing(typed) == "checked", body[:10]


def test_errors_are_accepted_with_a_reason_only(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes", [Row("c1")])
    (folder / "c1_0002.png").write_bytes(b"no image")
    typed.badly("check", folder)
    assert "found 1 error" in typed.badly("review", "import", save(tmp_path / "d.json", decisions(folder)))
    typed.well("review", "import", save(tmp_path / "d.json", decisions(folder, reason="le recto suffit")))
    assert standing(typed) == "accepted"


def test_a_redelivery_is_compared_with_what_it_replaces(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    images = [f"c1_{number:04}.png" for number in range(1, 8)]
    first = write_table(tmp_path / "mars" / "cartes", [Row("c1", images)])
    (first / images[3]).write_bytes(b"no image")
    assert (
        "Replaces" not in typed("check", first, "--report", tmp_path / "first.html", "--report-language", "en").output
    )
    file = save(
        tmp_path / "d.json", decisions(first, "refused", "voir marques", c1_0001="redo", c1_0002="redo", c1_0005="redo")
    )
    typed.well("review", "import", file)

    again = write_table(tmp_path / "avril" / "cartes", [Row("c1", [*images[:6], "c1_0009.png"])])
    draw(again / images[0], seed=71)  # asked, redone
    # images[1]: asked, the same file; images[3]: its error is mended, for it is drawn now
    repack(again / images[4])  # asked, the same picture in another file
    draw(again / images[2], seed=99)  # nobody asked
    repack(again / images[5])  # nobody asked, the same picture
    draw(again / "c1_0009.png", seed=5)
    page = tmp_path / "report.html"
    told = typed.well("check", again, "--report", page, "--report-language", "en")
    assert "Replaces cartes-" in told
    assert "Views: 2 asked for and redone" in told
    assert "Views: 2 asked for and not redone" in told
    assert "Views: 2 changed without being asked" in told, "f3, and the new picture in the place of the last one"
    assert "Views: 1 whose file changed and whose picture did not" in told
    compared = json.loads(typed("check", again, "--json").output)["comparison"]
    assert {one["view"]: one["change"] for one in compared["views"]} == {
        1: "fixed", 2: "not-fixed", 3: "unasked", 4: "fixed", 5: "not-fixed", 6: "repacked", 7: "unasked",
    }  # fmt: skip
    shown = page.read_text(encoding="utf-8")
    assert "Vues : 2 demandées et refaites" in shown
    assert '"change": "not-fixed"' in shown
    # beside each view whose picture is another one stands that of before, where it could be read then
    assert set(re.findall(r'id="p(\d+)"', shown)) == {"0", "2", "6"}
    alone = (tmp_path / "first.html").read_text(encoding="utf-8")
    assert ('id="t0"' in alone, 'id="p0"' in alone) == (True, False)


def repack(path: Path) -> None:
    """Write the same picture as another file."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Software", "again")
    Image.open(path).copy().save(path, pnginfo=info)
