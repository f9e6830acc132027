"""What is told in two languages: the same facts in both, each sentence used."""

import re
from pathlib import Path
from string import Formatter

import pytest

from server import oai
from server.oai.errors import OaiError
from server.oai.sentences import SENTENCES, fault


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("which", SENTENCES)
def test_both_languages_tell_the_same_facts(which: str) -> None:
    english, french = SENTENCES[which]
    assert fields(english) == fields(french)
    assert english != french
    assert not re.search(r"[àâçéèêëîïôùû]| [;:?!]", english)


def test_every_sentence_is_told_somewhere_and_none_is_unknown() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(oai.__path__[0]).glob("*.py"))
    told = set(re.findall(r'(?:fault\([^()]*?, |_bad\()"([a-z ]+)"', sources))
    assert told == set(SENTENCES)


def test_a_fault_is_told_in_both() -> None:
    assert fault("badArgument", "empty", name="set") == OaiError(
        "badArgument", "the argument set is empty", "l’argument set est vide"
    )
