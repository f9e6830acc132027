"""Every text of the pages exists in both languages."""

import re

from server.portal import texts


def test_english_is_complete_and_holds_nothing_stale() -> None:
    there = {message.id for message in texts.extract() if message.id}
    english = texts.read_english()
    known = {message.id for message in english if message.id}
    assert there == known, "run `python -m server.portal.texts`, then translate what is new"
    assert len(known) > 50
    for message in english:
        if message.id:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(strings), f"{message.id!r} is not translated"
            assert not message.fuzzy, message.id


def test_a_translation_keeps_the_places_for_values() -> None:
    for message in texts.read_english():
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id:
            places = [set(re.findall(r"%\((\w+)\)", str(text))) for text in (*originals, *strings)]
            assert all(each == places[0] for each in places), message.id


def test_what_is_compiled_is_what_is_written() -> None:
    assert texts.ENGLISH.with_suffix(".mo").read_bytes() == texts.compiled(texts.read_english())
