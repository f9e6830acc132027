"""The commonest words that are known are French: of texts in other languages the same is found, slower at most."""

import random

import pytest

from server.search.common import COMMON
from server.search.folding import split
from tests.support.finding import Finder, ask
from tests.support.searching import make_item, set_page

COMMONEST = {
    "Dutch": "de van het een en in te dat die is niet voor met zijn op aan door heer over om",
    "English": "the of and to in a that is was for it with as his on be at by or me",
    "Latin": "et in est non ad cum ut qui quod de a ab ex per sed si tu te se nec",
    "Picard": "ch’ chés el al in pis avec ed des sus po tin min sin d’ l’ ech su et ou",
    "French": "de la le et les des en que qui un une du dans est il au par pour ne pas",
}


def _words(language: str) -> list[str]:
    return COMMONEST[language].split()


@pytest.mark.parametrize("most", [2000, 3], ids=["looked up", "too common"])
def test_common_words_of_any_language_are_found_as_by_looking(
    finder: Finder, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Single words, phrases and beginnings are met exactly; of a phrase that is too common, by more that is said to be more."""
    monkeypatch.setattr("server.search.library.views.MOST_VIEWS", most)
    chance = random.Random(1713)
    held: dict[str, list[tuple[str, ...]]] = {}
    for number in range(30):
        language = list(COMMONEST)[number % len(COMMONEST)]
        pages = [" ".join(chance.choices(_words(language), k=9)) for _ in range(2)]
        name = f"v1lang{number:02}"
        finder.library.put(make_item(name, 2, "Feuillet"), {view: set_page(page) for view, page in enumerate(pages, 1)})
        held[name] = [split(page) for page in pages]

    def hold(phrase: tuple[str, ...], *, is_open: bool = False) -> set[str]:
        def is_at(words: tuple[str, ...], start: int) -> bool:
            found = words[start : start + len(phrase)]
            if is_open:
                return found[:-1] == phrase[:-1] and len(found) == len(phrase) and found[-1].startswith(phrase[-1])
            return found == phrase

        return {name for name, pages in held.items() if any(is_at(page, n) for page in pages for n in range(len(page)))}

    seen = {"exact": 0, "more": 0, "foreign": 0}
    for language in COMMONEST:
        drawn = [held[name] for name in list(held)[list(COMMONEST).index(language) :: len(COMMONEST)]]
        for _ in range(6):
            page = chance.choice(chance.choice(drawn))
            width = chance.choice((1, 2, 2, 3, 4))
            start = chance.randrange(len(page) - width + 1)
            phrase = page[start : start + width]
            for is_open in (False, True):
                asked = " ".join(phrase)
                if is_open and len(phrase[-1]) > 1:
                    asked = asked[:-1]
                query = f'"{asked}{"*" if is_open else ""}"'
                with finder.library.catalogue.snapshot() as connection:
                    found = finder.search.search(connection, ask(text=query), size=100)
                truly = hold(split(asked), is_open=is_open)
                names = {document.name for document in found.documents}
                assert truly, query
                if found.is_loose:
                    assert names >= truly, query
                    seen["more"] += 1
                else:
                    assert names == truly, query
                    seen["exact"] += 1
                seen["foreign"] += not COMMON.issuperset(phrase)
    assert seen["exact"]
    assert seen["foreign"] > 20
    assert (seen["more"] > 0) == (most == 3)
