"""Views made of image files that nothing orders: in natural order, with the ALTO beside them and what a views table says.

For every kind whose description names no single page: UNIMARC, EAD, a PDF. A PDF gives a view for each of its pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from server.delivery.folder import Folder, is_image, natural_key
from server.delivery.paths import resolve
from server.delivery.rules import Notes, finding
from server.delivery.sidecars import Sidecars
from server.delivery.values import DeliveredView, Finding
from server.delivery.views_table import ViewRow, read_views_tables
from server.errors import DeliveryError
from server.formats.pdf.reading import read_facts
from server.model.view import ViewNotes
from server.told import told


class ViewMaker:
    """Makes views for the documents of one delivery; `used` are the files that they and the views tables account for."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.sidecars = Sidecars(folder)
        self.rows, self.findings, self.used = read_views_tables(folder)
        self._shown: set[str] = set()

    def make(
        self, masters: Iterable[str], notes: Notes, labels: Mapping[str, str] | None = None
    ) -> tuple[DeliveredView, ...]:
        """Return a view for each image, in the order given; a views table says more of one, `labels` less."""
        views: list[DeliveredView] = []
        for master in masters:
            self.used.add(master)
            self._shown.add(master)
            if is_pdf(self.folder, master):
                views += self._pages(master, len(views), notes)
                continue
            views.append(self._view(len(views) + 1, master, notes, (labels or {}).get(master, "")))
        return tuple(views)

    def _pages(self, master: str, before: int, notes: Notes) -> list[DeliveredView]:
        try:
            facts = read_facts(self.folder.root / master, master)
        except DeliveryError as error:
            notes.found.append(finding("document-unreadable", error.told, master, notes.item))
            return []
        return [
            DeliveredView(before + number, master, ViewNotes(label=facts.labels[number - 1]), page=number)
            for number in range(1, facts.pages + 1)
        ]

    def leftover(self) -> list[Finding]:
        """Return a finding for each image of which a views table speaks and which no document shows."""
        return [
            finding(
                "views-row-unknown",
                told(
                    "{source}, line {line}: no document shows {image}; name it as its document is named",
                    source=row.source,
                    line=row.line,
                    image=image,
                ),
                row.source,
            )
            for image, row in self.rows.items()
            if image not in self._shown and image in self.folder.files
        ]

    def _view(self, number: int, master: str, notes: Notes, label: str) -> DeliveredView:
        row = self.rows.get(master)
        view = DeliveredView(number, master, row.notes if row else ViewNotes(label=label), self.sidecars.of(master))
        if row and row.alto:
            view = replace(view, text=self._named_text(row, number, notes))
        if view.text:
            self.used.add(view.text)
        return view

    def _named_text(self, row: ViewRow, number: int, notes: Notes) -> str | None:
        target = resolve(self.folder, row.alto, source=row.source, line=row.line, beside=("alto", "ALTO"))
        if target.found:
            return target.path
        message = told(
            "{source}, line {line}: the ALTO {alto} is not in the delivery; ask the supplier for it",
            source=row.source,
            line=row.line,
            alto=row.alto,
        )
        notes.found.append(finding("text-missing", message, row.source, notes.item, number))
        return None


def in_order(paths: Iterable[str]) -> list[str]:
    """Return paths in natural order: `p2` before `p10`."""
    return sorted(paths, key=lambda path: (natural_key(path), path))


def images_of(folder: Folder) -> list[str]:
    """Return the images and the PDFs of a delivery, in natural order."""
    return in_order(path for path in folder.delivered if is_image(path) or is_pdf(folder, path))


def is_pdf(folder: Folder, path: str) -> bool:
    """Return whether a file is a PDF by its first bytes (ISO 32000-1 annex H: the mark is among the first 1024)."""
    return not is_image(path) and folder.files.get(path, 0) > 0 and b"%PDF-" in folder.head(path)[:1024]
