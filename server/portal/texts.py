"""The English of the pages. They are written in French; `translations/en/LC_MESSAGES/messages.po` holds every text in English.

After a text of a page changed: `python -m server.portal.texts` brings the catalogue up to date and compiles it.
What is new is left empty, for a person to translate; a test fails until nothing is.
"""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PORTAL = Path(__file__).parent
ENGLISH = PORTAL / "translations" / "en" / "LC_MESSAGES" / "messages.po"

_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
_OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2)}


def extract() -> Catalog:
    """Return the texts that the pages hold now, untranslated."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    found = extract_from_dir(PORTAL, _METHODS, _OPTIONS, _KEYWORDS)
    for name, _line, message, _comments, _context in found:
        catalog.add(message, locations=[(Path(name).as_posix(), 0)])
    return catalog


def read_english() -> Catalog:
    """Return the English catalogue as it stands."""
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def compiled(catalog: Catalog) -> bytes:
    """Return the binary form that gettext reads."""
    catalog.creation_date = catalog.revision_date = _SOME_DAY  # the same texts make the same bytes
    target = BytesIO()
    write_mo(target, catalog)
    return target.getvalue()


def update() -> None:
    """Bring the English catalogue up to date with the pages, and compile it."""
    catalog = read_english()
    catalog.update(extract(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    target = BytesIO()
    write_po(target, catalog, width=120, sort_output=True, no_location=True, omit_header=True)
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: en\\n"\n'
    plural = '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    ENGLISH.write_bytes((header + plural).encode() + target.getvalue().lstrip(b"\n"))
    ENGLISH.with_suffix(".mo").write_bytes(compiled(read_english()))


if __name__ == "__main__":
    update()
