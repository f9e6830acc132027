"""The yearly table of a campaign, for the ministry and the BnF: sheets in French or English, as ODS and as one HTML page."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from importlib.resources import files

import jinja2

from server.catalogue.campaigns import CampaignAccount, CampaignDocument
from server.delivery.costs import Costs
from server.formats.ods import Cell, Link, Sheet
from server.model.addresses import Addresses
from server.model.description import TYPOLOGY_LABELS, Typology

WORDS = {
    "summary": ("Synthèse", "Summary"), "documents": ("Documents", "Documents"), "deliveries": ("Livraisons", "Deliveries"),
    "institution": ("Établissement", "Institution"), "typology": ("Typologie", "Typology"),
    "supplier": ("Prestataire", "Supplier"), "views": ("Vues", "Views"),
    "online": ("Documents en ligne", "Documents online"), "views_online": ("Vues en ligne", "Views online"),
    "harvested": ("Moissonnés : {}", "Harvested: {}"), "identifier": ("Identifiant", "Identifier"),
    "shelfmark": ("Cote", "Shelfmark"), "title": ("Titre", "Title"), "state": ("État", "State"),
    "since": ("En ligne depuis", "Online since"), "permalink": ("Adresse pérenne", "Permalink"),
    "taken": ("Moissonné : {}", "Harvested: {}"), "delivery": ("Livraison", "Delivery"), "received": ("Reçue le", "Received"),
    "errors": ("Erreurs", "Errors"), "warnings": ("À vérifier", "To look at"), "refusals": ("Refus", "Refusals"),
    "by": ("Décidé par", "Decided by"), "on": ("Décidé le", "Decided on"), "reason": ("Motif", "Reason"),
    "total": ("Total", "Total"), "campaign": ("Campagne {} : {}", "Campaign {}: {}"), "order": ("Commande {}", "Order {}"),
    "everybody": ("tous", "everything"), "failed_documents": ("Documents non repris", "Documents not taken in"),
}  # fmt: skip
STATES = {
    "online": ("en ligne", "online"), "withdrawn": ("retiré", "withdrawn"), "held": ("conservé, non publié", "held, not published"),
    "failed": ("non repris", "not taken in"), "received": ("reçue", "received"), "checked": ("contrôlée", "checked"),
    "accepted": ("acceptée", "accepted"), "refused": ("refusée", "refused"),
}  # fmt: skip
LANGUAGES = ("fr", "en")


def sheets(account: CampaignAccount, costs: Costs, addresses: Addresses, language: str) -> tuple[Sheet, ...]:
    """Return the sheets: the summary by institution, typology and supplier, the documents, the deliveries."""
    place = LANGUAGES.index(language)

    def word(key: str, *filled: str) -> str:
        return WORDS[key][place].format(*filled)

    repositories = [(each, each or word("everybody")) for each in account.repositories]
    return (
        _summary(account, costs, repositories, word, language),
        Sheet(
            word("documents"),
            (
                word("institution"), word("identifier"), word("shelfmark"), word("title"), word("typology"), word("supplier"),
                word("delivery"), word("views"), word("state"), word("views_online"), word("since"), word("permalink"),
                *(word("taken", name) for _, name in repositories), *costs.columns,
            ),
            [
                (
                    one.institution, one.identifier, one.shelfmark, one.title, _typology(one.typology, language),
                    one.supplier, one.delivery, one.views, STATES[one.state][place], one.views_online,
                    one.online_since.date() if one.online_since else None,
                    Link(f"ark:/{addresses.naan}/{one.name}", addresses.ark(one.name)) if one.state == "online" else None,
                    *(one.harvested[each].date() if each in one.harvested else None for each, _ in repositories),
                    *costs.of(one.identifier, one.shelfmark),
                )
                for one in account.documents
            ],
        ),
        Sheet(
            word("deliveries"),
            tuple(
                word(key)
                for key in (
                    "delivery", "institution", "supplier", "documents", "views", "errors", "warnings", "received", "state",
                    "refusals", "by", "on", "reason",
                )
            ),
            [
                (
                    one.identifier, one.institution, one.supplier, one.documents, one.views, one.errors, one.warnings,
                    one.received_at.date(), STATES[one.state][place], one.refusals, one.decided_by,
                    one.decided_at.date() if one.decided_at else None, one.reason,
                )
                for one in account.deliveries
            ],
        ),
    )  # fmt: skip


def to_page(account: CampaignAccount, told: Sequence[Sheet], language: str) -> str:
    """Return the sheets as one HTML page that asks nobody for anything."""
    place = LANGUAGES.index(language)
    style = files("server.quality").joinpath("page", "yearly.css").read_text(encoding="utf-8")
    template = files("server.quality").joinpath("page", "yearly.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["cell"] = lambda cell: _told(cell, language)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.from_string(template).render(
        language=language,
        title=WORDS["campaign"][place].format(account.year, account.theme.get(language) or account.name),
        order=WORDS["order"][place].format(account.order) if account.order else "",
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=style,
        sheets=told,
        is_number=lambda cell: isinstance(cell, int | float),
        is_link=lambda cell: isinstance(cell, Link),
    )


def _summary(
    account: CampaignAccount, costs: Costs, repositories: list[tuple[str, str]], word: Callable[..., str], language: str
) -> Sheet:
    groups: dict[tuple[str, str, str], list[CampaignDocument]] = {}
    for one in account.documents:
        groups.setdefault((one.institution, _typology(one.typology, language), one.supplier), []).append(one)
    header = (
        word("institution"), word("typology"), word("supplier"), word("documents"), word("views"), word("online"),
        word("views_online"), word("failed_documents"), *(word("harvested", name) for _, name in repositories), *costs.columns,
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for names, documents in sorted(groups.items()):
        rows.append((*names, *_numbers(documents, costs, [each for each, _ in repositories])))
    numbers = _numbers(account.documents, costs, [each for each, _ in repositories])
    return Sheet(word("summary"), header, rows, (word("total"), "", "", *numbers))


def _numbers(documents: Sequence[CampaignDocument], costs: Costs, repositories: list[str]) -> tuple[Cell, ...]:
    amounts = [costs.of(one.identifier, one.shelfmark) for one in documents]
    return (
        len(documents),
        sum(one.views for one in documents),
        sum(one.state == "online" for one in documents),
        sum(one.views_online for one in documents),
        sum(one.state == "failed" for one in documents),
        *(sum(each in one.harvested for one in documents) for each in repositories),
        *(round(sum(row[place] or 0 for row in amounts), 2) for place in range(len(costs.columns))),
    )


def _typology(said: str, language: str) -> str:
    return TYPOLOGY_LABELS[Typology(said)][language]


def _told(cell: Cell, language: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Link):
        return cell.text
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float):
        written = f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}"
        return written if language == "en" else written.replace(",", "\u202f").replace(".", ",")
    return cell
