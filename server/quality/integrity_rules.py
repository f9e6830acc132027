"""Integrity: the delivery is what its lists say, and every image can be read to its last row."""

from collections.abc import Iterable

from server.delivery.values import Finding, ListedChecksum, Severity
from server.quality.examine import Examined
from server.quality.registry import Rule, rule
from server.told import told


@rule(
    "checksum-mismatch", "integrity", Severity.ERROR,
    fr="L’empreinte d’un fichier n’est pas celle de la liste.", en="The checksum of a file is not that of the list.",
)  # fmt: skip
def checksum_mismatch(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Compare each stated checksum with the one computed when the delivery was opened."""
    described: dict[str, set[str]] = {}
    for document in examined.delivery.items:
        described.setdefault(document.source.path, set()).add(document.identifier)
    for listed in examined.delivery.checksums:
        if listed.actual and listed.actual != listed.expected:
            where = _where(listed)
            message = told(
                "{path}: its {algorithm} is {actual}…, {where} says {expected}…; ask the supplier for the file again",
                path=listed.path,
                algorithm=listed.algorithm,
                actual=listed.actual[:12],
                where=where,
                expected=listed.expected[:12],
            )
            around = {item for item, _ in examined.shown.get(listed.path, ())} | described.get(listed.path, set())
            for item in sorted(around) or [""]:
                yield this.finding(message, listed.path, item)


@rule(
    "file-listed-missing", "integrity", Severity.ERROR,
    fr="Un fichier de la liste d’empreintes n’est pas dans la livraison.",
    en="A file of the list of checksums is not in the delivery.",
)  # fmt: skip
def file_listed_missing(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Every file that a list of checksums names is there."""
    for listed in examined.delivery.checksums:
        if not listed.actual:
            where = _where(listed)
            yield this.finding(
                told("{where}: {path} is not in the delivery; ask the supplier for it", where=where, path=listed.path),
                listed.path,
            )


@rule(
    "file-without-checksum", "integrity", Severity.WARNING,
    fr="Des empreintes sont fournies, mais pas pour ce fichier.",
    en="Checksums are supplied, but not for this file.",
)  # fmt: skip
def file_without_checksum(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Where masters have checksums, all have."""
    stated = {listed.path for listed in examined.delivery.checksums}
    masters = [
        view.master for item in examined.delivery.items for view in item.views if view.master in examined.delivery.files
    ]
    if not any(master in stated for master in masters):
        return
    for master in dict.fromkeys(masters):
        if master not in stated:
            for item, view in examined.shown.get(master, ()):
                yield this.finding(
                    told("{master} is in no list of checksums; ask the supplier to complete it", master=master),
                    master,
                    item,
                    view,
                )


@rule(
    "file-unaccounted", "integrity", Severity.WARNING,
    fr="Un fichier n’appartient à aucun document ni à aucune liste.",
    en="A file belongs to no document and to no list.",
)  # fmt: skip
def file_unaccounted(examined: Examined, this: Rule) -> Iterable[Finding]:
    """No other file is in the delivery than those that a document or a list names."""
    for path in examined.delivery.files:
        if path not in examined.delivery.used:
            yield this.finding(told("{path} belongs to no document; ask the supplier why it is there", path=path), path)


@rule(
    "image-unreadable", "integrity", Severity.ERROR, of_views=True,
    fr="Une image n’est pas lisible : format, en-tête.", en="An image cannot be read: format, header.",
)  # fmt: skip
def image_unreadable(examined: Examined, this: Rule) -> Iterable[Finding]:
    """The header of every master can be read."""
    yield from _faults(examined, this, "header")


@rule(
    "image-incomplete", "integrity", Severity.ERROR, of_views=True,
    fr="Une image ne se décode pas jusqu’à sa dernière ligne.", en="An image does not decode to its last row.",
)  # fmt: skip
def image_incomplete(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Every master decodes to its last row."""
    yield from _faults(examined, this, "pixels")


@rule(
    "image-too-large", "integrity", Severity.ERROR, of_views=True,
    fr="Une image compte plus de pixels que la limite (VITRINE_MAX_MASTER_PIXELS).",
    en="An image has more pixels than the limit (VITRINE_MAX_MASTER_PIXELS).",
)  # fmt: skip
def image_too_large(examined: Examined, this: Rule) -> Iterable[Finding]:
    """No master has more pixels than the settings allow."""
    yield from _faults(examined, this, "size")


@rule(
    "image-suffix", "files", Severity.WARNING,
    fr="L’extension d’une image ne correspond pas à son format.", en="The suffix of an image is not that of its format.",
)  # fmt: skip
def image_suffix(examined: Examined, this: Rule) -> Iterable[Finding]:
    """The name of a master says the format that it has."""
    suffixes = {
        "tiff": (".tif", ".tiff"), "jpeg": (".jpg", ".jpeg"), "png": (".png",),
        "jp2": (".jp2", ".jpx", ".jpf"), "j2k": (".j2k", ".jpc"),
    }  # fmt: skip
    for path, seen in examined.images.items():
        if seen.facts and not path.lower().endswith(suffixes.get(seen.facts.format, ("",))):
            for item, view in examined.shown.get(path, ()):
                yield this.finding(
                    told(
                        "{path} is a {format} by its content; correct its suffix",
                        path=path,
                        format=seen.facts.format.upper(),
                    ),
                    path,
                    item,
                    view,
                )


@rule(
    "image-shared", "files", Severity.WARNING,
    fr="La même image sert à plusieurs vues.", en="The same image stands for several views.",
)  # fmt: skip
def image_shared(examined: Examined, this: Rule) -> Iterable[Finding]:
    """A file, or two files with the same bytes, make one view only, and of a PDF each page makes one."""
    first: dict[tuple[str, int | None], tuple[str, str, int]] = {}
    for item in examined.delivery.items:
        for view in item.views:
            digest = examined.delivery.files.get(view.master)
            if digest is None:
                continue
            picture = (digest, view.page)
            if picture in first:
                path, other, number = first[picture]
                same = told("the same file") if path == view.master else told("the same bytes as {path}", path=path)
                message = told(
                    "{master} is {same} as view f{number} of {other}; look which view is meant",
                    master=view.master,
                    same=same,
                    number=number,
                    other=other,
                )
                yield this.finding(message, view.master, item.identifier, view.number)
            else:
                first[picture] = (view.master, item.identifier, view.number)


def _where(listed: ListedChecksum) -> str:
    if not listed.line:
        return listed.source
    return told("{path}, line {line}", path=listed.source, line=listed.line)


def _faults(examined: Examined, this: Rule, stage: str) -> Iterable[Finding]:
    for source, seen in examined.images.items():
        if seen.stage == stage:
            for item, view in examined.shown.get(source, ()):
                yield this.finding(told("view f{view}: {fault}", view=view, fault=seen.fault), seen.path, item, view)
