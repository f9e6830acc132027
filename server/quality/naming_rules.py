"""Naming: the names of a document's images are of one pattern, in one sequence, and safe everywhere."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from server.delivery.values import DeliveredItem, Finding, Severity
from server.model.words import fold
from server.quality.examine import Examined
from server.quality.registry import Limit, Rule, rule
from server.told import told

_SAFE = re.compile(r"^[A-Za-z0-9._-]+$")
_SIDES = ("", "recto", "avers", "front", "verso", "revers", "back", "bis", "ter", "quater")
"""Words that follow the number of a leaf, in the order in which its views come; single letters follow the alphabet."""
_IMAGES = (".tif", ".tiff", ".jpg", ".jpeg", ".png", ".jp2", ".jpx", ".jpf", ".j2k", ".jpc")
_NUMBERED = re.compile(r"^(?P<prefix>.*?)(?P<number>\d{1,9})(?P<tail>\D*)$")


@rule(
    "name-characters", "naming", Severity.WARNING,
    fr="Un nom d’image contient d’autres caractères que lettres non accentuées, chiffres, point, tiret et souligné.",
    en="The name of an image holds other characters than plain letters, digits, dot, hyphen and underscore.",
)  # fmt: skip
def name_characters(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Names of masters are safe on every file system and in every address."""
    for item in examined.delivery.items:
        for number, path in _masters(item):
            name = PurePosixPath(path).name
            if not _SAFE.match(name):
                unwanted = "".join(sorted({letter for letter in name if not _SAFE.match(letter)}))
                message = told(
                    "the name {name!r} holds {unwanted!r}; use letters without accents, digits, dot, hyphen "
                    "and underscore",
                    name=name,
                    unwanted=unwanted,
                )
                yield this.finding(message, path, item.identifier, number)


@rule(
    "name-case", "naming", Severity.WARNING,
    fr="Les noms d’images d’un document mêlent majuscules et minuscules, ou plusieurs extensions.",
    en="The names of a document's images mix upper and lower case, or several suffixes.",
)  # fmt: skip
def name_case(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Suffixes and prefixes of one document are written alike."""
    for item in examined.delivery.items:
        masters = [path for _, path in _masters(item)]
        suffixes = Counter(PurePosixPath(path).suffix for path in masters)
        if len(suffixes) > 1:
            shown = ", ".join(f"{suffix or 'none'} ({count})" for suffix, count in sorted(suffixes.items()))
            yield this.finding(
                told(
                    "{identifier}: the suffixes of its images are {shown}; use one",
                    identifier=item.identifier,
                    shown=shown,
                ),
                "",
                item.identifier,
            )
        prefixes = {match["prefix"] for path in masters if (match := _NUMBERED.match(PurePosixPath(path).stem))}
        if len({prefix.casefold() for prefix in prefixes}) < len(prefixes):
            shown = ", ".join(sorted(prefixes))
            yield this.finding(
                told(
                    "{identifier}: names differ only in case: {shown}; use one form",
                    identifier=item.identifier,
                    shown=shown,
                ),
                "",
                item.identifier,
            )


@rule(
    "name-prefix", "naming", Severity.WARNING,
    fr="Les images d’un document n’ont pas toutes le même préfixe.",
    en="The images of a document do not all have the same prefix.",
)  # fmt: skip
def name_prefix(examined: Examined, this: Rule) -> Iterable[Finding]:
    """All numbered names of one document begin alike."""
    for item in examined.delivery.items:
        counts = Counter(prefix.casefold() for _, _, prefix, _, _ in _numbered(item))
        if len(counts) < 2:
            continue
        usual, times = counts.most_common(1)[0]
        if times * 2 <= sum(counts.values()):
            shown = ", ".join(repr(prefix) for prefix in sorted(counts))
            yield this.finding(
                told(
                    "{identifier}: its images begin with {shown}; use one prefix",
                    identifier=item.identifier,
                    shown=shown,
                ),
                "",
                item.identifier,
            )
            continue
        for number, path, prefix, _, _ in _numbered(item):
            if prefix.casefold() != usual:
                message = told(
                    "{name} does not begin with {usual!r} like the other images of {identifier}",
                    name=PurePosixPath(path).name,
                    usual=usual,
                    identifier=item.identifier,
                )
                yield this.finding(message, path, item.identifier, number)


@rule(
    "name-sequence", "naming", Severity.WARNING,
    fr="La numérotation des images d’un document a un trou ou ne suit pas l’ordre des vues.",
    en="The numbers in the names of a document's images have a gap or do not follow the order of the views.",
)  # fmt: skip
def name_sequence(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Numbers in names grow by one from view to view."""
    for item in examined.delivery.items:
        last: dict[str, tuple[int, str, str]] = {}
        for number, path, prefix, value, side in _numbered(item):
            before = last.get(prefix.casefold())
            name = PurePosixPath(path).name
            if before and value <= before[0] and not (value == before[0] and _follows(side, before[2])):
                message = told(
                    "view f{number}, {name}, comes after {before}; look whether the order is right",
                    number=number,
                    name=name,
                    before=before[1],
                )
                yield this.finding(message, path, item.identifier, number)
            elif before and value > before[0] + 1:
                gap = value - before[0] - 1
                missing = told("a number is") if gap == 1 else told("{gap} numbers are", gap=gap)
                message = told(
                    "between {before} and {name} {missing} missing; look whether any view is missing",
                    before=before[1],
                    name=name,
                    missing=missing,
                )
                yield this.finding(message, path, item.identifier, number)
            last[prefix.casefold()] = (value, name, side)


@rule(
    "name-pattern", "naming", Severity.ERROR, of_views=True,
    fr="Le nom d’une image n’est pas celui que demande le contrat.", en="The name of an image is not what the contract asks for.",
    limits=(
        Limit("pattern", "", "expression régulière du nom entier, {shelfmark} y vaut la cote du document ; vide : rien n’est demandé",
              "regular expression of the whole name, in which {shelfmark} is the document's shelfmark; empty: nothing is asked"),
    ),
)  # fmt: skip
def name_pattern(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Names are as agreed: usually the shelfmark, then a number. In a shelfmark what no name may hold is read as any one sign."""
    pattern = this.text("pattern")
    if not pattern:
        return
    for item in examined.delivery.items:
        shelfmark = "".join(re.escape(letter) if _SAFE.match(letter) else "[-_. ]?" for letter in item.identifier)
        wanted = re.compile(pattern.replace("{shelfmark}", shelfmark))
        for number, path in _masters(item):
            name = PurePosixPath(path).name
            if not wanted.fullmatch(name):
                form = pattern.replace("{shelfmark}", item.identifier)
                yield this.finding(
                    told(
                        "view f{number}: the name {name!r} is not of the form {form!r}; rename it",
                        number=number,
                        name=name,
                        form=form,
                    ),
                    path,
                    item.identifier,
                    number,
                )


@rule(
    "view-count", "naming", Severity.WARNING,
    fr="Un document a moins de vues que son dossier ne contient d’images.",
    en="A document has fewer views than its folder holds images.",
)  # fmt: skip
def view_count(examined: Examined, this: Rule) -> Iterable[Finding]:
    """What describes a document (METS, refNum, table) shows every image of the folder that is its own."""
    owners: dict[str, set[str]] = {}
    for item in examined.delivery.items:
        for _, path in _masters(item):
            owners.setdefault(path.rpartition("/")[0], set()).add(item.identifier)
    known = {path for item in examined.delivery.items for _, path in _masters(item)} | examined.delivery.used
    for item in examined.delivery.items:
        folders = {path.rpartition("/")[0] for _, path in _masters(item)}
        own = {folder for folder in folders if owners[folder] == {item.identifier}}
        left = [
            path
            for path in examined.delivery.files
            if path.rpartition("/")[0] in own and path.lower().endswith(_IMAGES) and path not in known
        ]
        if left:
            count = len(item.views)
            yield this.finding(
                told("{identifier}: {path} shows {count} views, its folder holds {in_folder} images, such as "
"{left}; look which are missing in the description", identifier=item.identifier, path=item.source.path, count=count, in_folder=count + len(left), left=left[0]),
                item.source.path, item.identifier,
            )  # fmt: skip


def _masters(item: DeliveredItem) -> list[tuple[int, str]]:
    # the pages of a file have one name, which says nothing of their order
    return [(view.number, view.master) for view in item.views if view.master and view.page in (None, 1)]


def _follows(side: str, before: str) -> bool:
    """Return whether two views of one leaf, told apart by a word after its number, are in their order."""
    if len(side) == 1 and len(before) <= 1:
        return before < side
    return side in _SIDES and before in _SIDES and _SIDES.index(before) < _SIDES.index(side)


def _numbered(item: DeliveredItem) -> list[tuple[int, str, str, int, str]]:
    """Return of each numbered view: its number, path, the name's beginning, the number in it, the word after that."""
    found = []
    for number, path in _masters(item):
        match = _NUMBERED.match(PurePosixPath(path).name.split(".")[0])
        if match:
            found.append((number, path, match["prefix"], int(match["number"]), fold(match["tail"])))
    return found
