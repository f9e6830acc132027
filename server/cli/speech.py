"""The language that the commands speak at the keyboard, and saying a sentence in it.

French first: English where `VITRINE_LANGUAGE` or the person's own environment (POSIX.1-2024 §8.2: `LC_ALL`, `LC_MESSAGES`,
`LANG`) asks for it, or for a language that is neither. Not to be imported outside the commands.
"""

import os

from rich.console import Console
from rich.text import Text

from server.told import LANGUAGES, Told, printable

out = Console(highlight=False, markup=False, emoji=False)
"""Where results go. Names that people gave hold brackets and colons: nothing in a text is taken for markup."""
_NO_LANGUAGE = frozenset({"", "c", "posix"})


def spoken() -> str:
    """Return the language of what is printed: `fr` or `en`."""
    chosen = os.environ.get("VITRINE_LANGUAGE", "")
    if chosen in LANGUAGES:
        return chosen
    place = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    language = place.partition(".")[0].partition("_")[0].lower()
    return "fr" if language in _NO_LANGUAGE or language == "fr" else "en"


def spell(said: Told) -> str:
    """Return a sentence in the language that is spoken, without what a terminal would obey."""
    return printable(said.into(spoken()), keeps="\n")


def say(said: Told, *, style: str = "") -> None:
    """Print a sentence, on one line however long: a command in it can be copied."""
    out.print(spell(said), style=style or None, soft_wrap=True)


def complain(problem: Told) -> None:
    """Print what is wrong on standard error."""
    Console(stderr=True, highlight=False, emoji=False).print(
        Text.assemble(("vitrine:", "bold red"), f" {spell(problem)}"), soft_wrap=True
    )
