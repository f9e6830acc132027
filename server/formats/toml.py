"""TOML that a person keeps: read with the file's name and the line in every complaint. Knows nothing of what keys mean.

TOML 1.0 parsers forget where a key stood; `line_of` looks it up again for whoever finds its value wrong.
"""

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from server.errors import FormatError
from server.told import Told, told, verbatim

_TABLE = re.compile(r"^\s*\[{1,2}\s*([A-Za-z0-9_.\"-]+)\s*\]{1,2}")
_KEY = re.compile(r"^\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\")(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"))*)\s*=")


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the text of a file and what it says. Raises FormatError with the line where it is no TOML."""
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise FormatError(
            str(path), told("cannot be read: {strerror}", strerror=error.strerror), told("it is to be a file in TOML")
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise FormatError(str(path), told("this is not UTF-8"), told("save the file as UTF-8"), line) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        said = re.sub(r" \(at [^)]*\)", "", str(error))
        raise FormatError(
            str(path),
            verbatim(f"{said[0].lower()}{said[1:]}"),
            told("this is no TOML, correct the line"),
            line,
        ) from None
    except RecursionError:
        raise FormatError(
            str(path), told("its tables are nested too deeply"), told("write one table under another")
        ) from None


def line_of(text: str, key: Sequence[str]) -> int:
    """Return the line of a key, or of the innermost of its tables that is there; the first where there is none."""
    table: tuple[str, ...] = ()
    found, deepest = 1, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            here = table = _parts(header[1])
        elif match := _KEY.match(line):
            here = (*table, *_parts(match[1]))
        else:
            continue
        here = here[: len(key)]  # of `label.fr` the line is that of `label`, too
        if len(here) > deepest and tuple(key[: len(here)]) == here:
            found, deepest = number, len(here)
    return found


def nearest(said: str, known: Sequence[str]) -> Told:
    """Return what to write instead of a word that is not known: the one most like it, else all of them."""
    close = get_close_matches(said, known, 1)
    if close:
        return told("did you mean {name}?", name=close[0])
    return told("there are {names}", names=tuple(sorted(known)) or told("none"))


def _parts(written: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('"') for part in written.split("."))
