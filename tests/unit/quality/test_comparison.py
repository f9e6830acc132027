"""Views of a redelivery are paired by name, bytes and number, whatever moved."""

from server.catalogue.reviews import Before, CheckedView
from server.delivery.values import Finding, Severity
from server.quality.comparison import compare, describe
from server.told import NOTHING


def view(number: int, name: str, digest: str, pixels: str = "") -> CheckedView:
    return CheckedView("c1", number, f"{name}.tif", digest, pixels or digest)


def before(*views: CheckedView, asked: dict[int, set[str]] | None = None, marked: set[int] | None = None) -> Before:
    places = {("c1", number): frozenset(rules) for number, rules in (asked or {}).items()}
    places |= {("c1", number): places.get(("c1", number), frozenset()) for number in marked or ()}
    return Before("d", views, places, frozenset(("c1", number) for number in marked or ()))


def test_nothing_before_is_no_comparison() -> None:
    assert compare([view(1, "a", "1")], [], []) is None


def test_a_forgotten_page_moves_numbers_and_changes_nothing_else() -> None:
    old = before(view(1, "p1", "a"), view(2, "p3", "c"))
    found = compare([view(1, "p1", "a"), view(2, "p2", "b"), view(3, "p3", "c")], [], [old])
    assert found
    assert found.changes == {("c1", 1): "same", ("c1", 2): "added", ("c1", 3): "same"}
    assert not found.gone


def test_a_renamed_file_is_known_by_its_bytes_and_a_lost_one_is_told() -> None:
    old = before(view(1, "p1", "a"), view(2, "p2", "b"), view(3, "p3", "c"))
    found = compare([view(1, "x1", "a"), view(2, "p3", "c")], [], [old])
    assert found
    assert found.changes == {("c1", 1): "same", ("c1", 2): "same"}
    assert [one.path for one in found.gone] == ["p2.tif"]
    assert any(line.kind == "error" and "p2.tif" in line.en for line in describe(found))


def test_asked_is_redone_when_the_fault_is_gone_and_the_picture_is_another() -> None:
    old = before(
        view(1, "p1", "a"), view(2, "p2", "b"), view(3, "p3", "c"), view(4, "p4", "d", "same"),
        asked={1: {"focus"}, 2: {"focus"}, 4: {"icc-missing"}}, marked={3, 2},
    )  # fmt: skip
    new = [view(1, "p1", "a2"), view(2, "p2", "b2"), view(3, "p3", "c"), view(4, "p4", "d2", "same")]
    findings = [Finding("focus", Severity.ERROR, NOTHING, "p1.tif", "c1", 1)]
    found = compare(new, findings, [old])
    assert found
    assert found.changes == {
        ("c1", 1): "not-fixed",  # the same fault again
        ("c1", 2): "fixed",
        ("c1", 3): "not-fixed",  # the very same file
        ("c1", 4): "fixed",  # a profile was asked for, and is there; the picture need not be another
    }


def test_documents_that_come_for_the_first_time_are_not_compared() -> None:
    found = compare([view(1, "p1", "a"), CheckedView("c2", 1, "q.tif", "z")], [], [before(view(1, "p1", "a"))])
    assert found
    assert ("c2", 1) not in found.changes
