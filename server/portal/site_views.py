"""The pages about this site: what it is, how it is read and reused, who answers for it, how accessible it is."""

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from server.catalogue.published import list_newest
from server.catalogue.repositories import load_published
from server.model.spoken_dates import format_edtf
from server.portal.language import LANGUAGES
from server.portal.statement import read_statement

if TYPE_CHECKING:
    from server.portal.views import Portal


class Site:
    """The pages about this site. Examples on them are of a document that is online now."""

    def __init__(self, portal: "Portal") -> None:
        self._portal = portal
        self._statement = read_statement()
        self.conformity = self._statement.conformity

    def about(self, language: str) -> Response:
        """Show what this site is."""
        return self._show("about.html", "about")

    def help(self, language: str) -> Response:
        """Show how documents are found, read and taken away."""
        return self._show("help.html", "help")

    def iiif(self, language: str) -> Response:
        """Show how images and manifests are reused."""
        with self._portal.catalogue.snapshot() as connection:
            newest = list_newest(connection, 24)
        items = [published.item for published in newest]
        with_text = next((item for item in items if any(view.has_text for view in item.public_views)), None)
        return self._show("help_iiif.html", "help/iiif", item=items[0] if items else None, with_text=with_text)

    def harvest(self, language: str) -> Response:
        """Show how records are harvested."""
        with self._portal.catalogue.snapshot() as connection:
            newest = list_newest(connection, 1)
            repositories = load_published(connection)
        return self._show(
            "help_harvest.html", "help/harvest", item=newest[0].item if newest else None, repositories=repositories
        )

    def legal(self, language: str) -> Response:
        """Show who answers for this site."""
        return self._show("legal.html", "legal", settings=self._portal.settings)

    def accessibility(self, language: str) -> Response:
        """Show the accessibility statement, which claims what is tested and nothing else."""
        day = format_edtf(self._statement.established.isoformat(), language)
        return self._show("accessibility.html", "accessibility", statement=self._statement, statement_day=day)

    def _show(self, template: str, path: str, **values: object) -> Response:
        return self._portal.page(template, {each: f"/{each}/{path}" for each in LANGUAGES}, **values)


def add_site(blueprint: Blueprint, site: Site) -> None:
    """Give the pages their addresses."""
    language = "/<any(fr, en):language>"
    for rule, view in (
        ("/about", site.about),
        ("/help", site.help),
        ("/help/iiif", site.iiif),
        ("/help/harvest", site.harvest),
        ("/legal", site.legal),
        ("/accessibility", site.accessibility),
    ):
        blueprint.add_url_rule(language + rule, f"{view.__name__}:{rule}", view, methods=["GET"])
