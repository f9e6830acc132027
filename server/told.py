"""What is told to a person: a sentence as a template and its values, in English at once and in French when asked.

A finding or an error is made far from where it is shown, and nobody knows there in which language. `Told` is the English
text, so that it can be stored, compared and printed like any other; it also keeps the template (the code of what is said)
and the values (its parameters), from which the same is said in French (`translations/findings.po`) or handed to a program.

`python -m server.told` brings the French texts up to date with the code; a test fails while one is missing. The standard
library and Babel only.
"""

import ast
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, LiteralString, Self

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

HERE = Path(__file__).parent
FRENCH = HERE / "translations" / "findings.po"
LANGUAGES = ("fr", "en")
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_VERBATIM = "{verbatim}"
_SENTENCES = ";"
"""The format of a value that is several sentences, which are put one after the other."""
_KEYWORDS: dict[str, tuple[int, ...]] = {"told": (0,), "counted": (1, 2)}
"""Who says sentences, and which of its arguments they are."""


_SPACES = "\u00a0\u202f"
"""What French has before its signs and within its numbers."""


class Told(str):
    """A sentence in English that can be said in French. Made by `told`, or `verbatim` where somebody else said it."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Self:
        """Say it in English, and keep what it was said with."""
        made = super().__new__(cls, _Saying("en").vformat(template, (), values))
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Told, (self.template, dict(self.values))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        """Keep template and values in JSON."""
        from pydantic_core import core_schema

        written = core_schema.plain_serializer_function_ser_schema(lambda said: said.parts() if said else "")
        return core_schema.no_info_plain_validator_function(_revive, serialization=written)

    def into(self, language: str) -> str:
        """Return the sentence in a language; in English where there is no other."""
        if language == "en":
            return str(self)
        said = self.template if self.values.get("n") != 0 else str(self.values.get("one", self.template))
        template = said if said == _VERBATIM else _french().get(said)
        return str(self) if template is None else _Saying(language).vformat(template, (), self.values)

    def parts(self) -> dict[str, object]:
        """Return template and values as JSON holds them."""
        return {
            "template": self.template,
            "values": {
                name: [_kept(each) for each in value] if isinstance(value, tuple) else _kept(value)
                for name, value in self.values.items()
            },
        }


def told(template: LiteralString, **values: object) -> Told:
    """Return a sentence; its template has its values in braces, formatted as by `str.format`."""
    return Told(template, values)


def verbatim(text: str) -> Told:
    """Return what another program said, which nobody translates; a `Told` as it is."""
    return text if isinstance(text, Told) else Told(_VERBATIM, {"verbatim": text})


def either(words: tuple[str, ...]) -> Told:
    """Return words as a choice: `a, b or c`."""
    if len(words) < 2:
        return verbatim(words[0] if words else "")
    return told("{some} or {last}", some=", ".join(words[:-1]), last=words[-1])


def listed(words: Iterable[str], most: int) -> Told:
    """Return words as a list: `a, b and 3 more`."""
    known = tuple(words)
    if len(known) > most:
        return told("{some} and {more:,} more", some=known[:most], more=len(known) - most)
    return told("{some}", some=known)


def together(sentences: Iterable[str]) -> Told:
    """Return several sentences as one, with a semicolon between them; those that say nothing are left out."""
    said = tuple(verbatim(each) for each in sentences if each)
    return said[0] if len(said) == 1 else told("{sentences:;}", sentences=said) if said else NOTHING


def from_kept(parts: Mapping[str, Any] | None, english: str) -> Told:
    """Return a sentence of which its parts were kept, or, by an older version of the software, its English text alone."""
    return from_parts(parts) if parts else verbatim(english) if english else NOTHING


def from_parts(parts: Mapping[str, Any]) -> Told:
    """Return the sentence that `Told.parts` gave."""
    return Told(str(parts["template"]), {name: _taken(value) for name, value in dict(parts["values"]).items()})


def _taken(value: Any) -> object:
    if isinstance(value, list):
        return tuple(_taken(each) for each in value)
    return from_parts(value) if isinstance(value, dict) else value


def _revive(kept: object) -> Told:
    if isinstance(kept, dict):
        return from_parts(kept)
    return verbatim(str(kept)) if kept else NOTHING


def counted(number: int, one: LiteralString, several: LiteralString) -> Told:
    """Return a number of things, `n` in both templates. Of none French has the singular, so `one` is among its values."""
    return Told(several, {"n": 0, "one": one}) if number == 0 else Told(one if number == 1 else several, {"n": number})


def printable(text: str, *, keeps: str = "") -> str:
    """Return a text without what a terminal would obey, which anybody may have written; the spaces of French stay."""
    kept = _SPACES + keeps
    return "".join(letter if letter.isprintable() or letter in kept else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _of_the_system() -> dict[str, Told]:
    """Return what the operating system says of files that cannot be read or written, by its English words (errno.h)."""
    return {
        str(said): said
        for said in (
            told("No such file or directory"),
            told("Permission denied"),
            told("Operation not permitted"),
            told("No space left on device"),
            told("Disk quota exceeded"),
            told("Read-only file system"),
            told("Input/output error"),
            told("File exists"),
            told("File name too long"),
            told("Is a directory"),
            told("Not a directory"),
            told("Directory not empty"),
            told("Too many open files"),
            told("Stale file handle"),
        )
    }


class _Saying(Formatter):
    """Formats as `str.format`, numbers and sentences as the language has them."""

    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, tuple) and format_spec == _SENTENCES:
            between = "; " if self._language == "en" else "\u00a0; "
            return between.join(self.format_field(each, "") for each in value)
        if isinstance(value, tuple):
            return ", ".join(self.format_field(each, format_spec) for each in value)
        if isinstance(value, str) and not isinstance(value, Told) and self._language != "en":
            value = _SYSTEM.get(value, value)
        if isinstance(value, Told):
            return format(value.into(self._language), format_spec)
        said = format(value, format_spec)
        if self._language == "en" or isinstance(value, bool) or not isinstance(value, int | float):
            return said
        # a comma before decimals, narrow spaces between thousands and before the sign (ISO 80000-1, French usage)
        return said.replace(",", "\u202f").replace(".", ",").replace("%", "\u00a0%")

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        # quotation marks are those of the template in French
        return value if self._language != "en" else super().convert_field(value, conversion)


_SYSTEM = _of_the_system()
NOTHING = Told("", {})
"""What is said where there is nothing to say."""


def _kept(value: object) -> object:
    if isinstance(value, Told):
        return value.parts()
    return value if value is None or isinstance(value, str | int | float) else str(value)


@lru_cache(maxsize=1)
def _french() -> dict[str, str]:
    return {str(message.id): str(message.string) for message in read_french() if message.id and message.string}


def read_french() -> "Catalog":
    """Return the French texts as they stand."""
    from babel.messages.pofile import read_po  # every process of ours tells something, and few in French

    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def extract() -> "Catalog":
    """Return the sentences that the code holds now, untranslated."""
    from babel.messages.catalog import Catalog

    catalog = Catalog(charset="utf-8", fuzzy=False)
    for path in sorted(HERE.rglob("*.py")):
        body = path.read_text(encoding="utf-8")
        if "told(" not in body and "counted(" not in body:
            continue
        # not by Babel's own extraction: it passes over sentences that stand deep within others
        for call in (each for each in ast.walk(ast.parse(body)) if isinstance(each, ast.Call)):
            for place in _KEYWORDS.get(getattr(call.func, "id", ""), ()):
                said = call.args[place] if place < len(call.args) else None
                if isinstance(said, ast.Constant) and isinstance(said.value, str):
                    catalog.add(said.value)
    return catalog


def update() -> None:
    """Bring the French texts up to date with the code: what is new is left empty, for a person to translate."""
    from babel.messages.pofile import write_po

    catalog = read_french()
    catalog.update(extract(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.creation_date = catalog.revision_date = _SOME_DAY
    target = BytesIO()
    write_po(target, catalog, width=120, sort_output=True, no_location=True, omit_header=True)
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: fr\\n"\n\n'
    FRENCH.write_bytes(header.encode() + target.getvalue().lstrip(b"\n"))


if __name__ == "__main__":
    update()
