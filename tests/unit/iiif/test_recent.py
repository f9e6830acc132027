"""Answers are kept for a moment, and never beyond it."""

from server.iiif.recent import Recent


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_good_for_its_time_counted_from_before_it_was_looked_for() -> None:
    clock = Clock()
    recent: Recent[str, str] = Recent(2.0, clock=clock)
    assert recent.get("a") is None
    asked = recent.now()
    clock.now += 1.5  # the catalogue was slow
    recent.keep("a", "A", 10, asked)
    assert recent.get("a") == "A"
    clock.now += 0.6
    assert recent.get("a") is None
    assert recent.size == 0


def test_what_took_longer_than_its_time_is_not_kept() -> None:
    clock = Clock()
    recent: Recent[str, str] = Recent(2.0, clock=clock)
    asked = recent.now()
    clock.now += 2.5
    recent.keep("a", "A", 10, asked)
    assert recent.get("a") is None


def test_the_oldest_make_room_and_what_is_too_large_is_not_kept() -> None:
    recent: Recent[str, str] = Recent(2.0, most_bytes=100, clock=Clock())
    for name in "abcde":
        recent.keep(name, name.upper(), 25, recent.now())
    assert [recent.get(name) for name in "abcde"] == [None, "B", "C", "D", "E"]
    recent.keep("f", "F", 26, recent.now())
    assert recent.get("f") is None
    recent.keep("b", "B again", 5, recent.now())
    assert (recent.get("b"), recent.size) == ("B again", 80)


def test_nothing_is_kept_where_no_age_is_promised() -> None:
    recent: Recent[str, str] = Recent(0.0, clock=Clock())
    recent.keep("a", "A", 1, recent.now())
    assert recent.get("a") is None
