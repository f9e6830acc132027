"""Which documents a harvester's repository takes: the rule of its file, applied to one document on one day. Pure."""

from datetime import date

from server.model.harvester import Harvester
from server.model.item import Institution, Item
from server.model.languages import iso639_2b


def why_left_out(item: Item, harvester: Harvester, day: date) -> dict[str, str] | None:
    """Return why a repository does not take a document, in French and English; None where it does.

    A partnership is asked for first, and no inclusion goes round it: only documents of partners go there.
    """
    chosen, described = harvester.selection, item.description
    if chosen.closed:
        return {"fr": "l’entrepôt est fermé", "en": "the repository is closed"}
    if item.name in chosen.exclude:
        return {"fr": "le document est exclu par son nom", "en": "the document is excluded by its name"}
    if chosen.partners_of and not is_partner(item.institution, chosen.partners_of, day):
        return {
            "fr": f"{item.institution.name} n’est pas partenaire de {chosen.partners_of} ce jour",
            "en": f"{item.institution.name} is no partner of {chosen.partners_of} on this day",
        }
    if item.name in chosen.include:
        return None
    asked: tuple[tuple[tuple[str, ...] | None, tuple[str, ...], str, str], ...] = (
        (chosen.institutions, (item.institution.name,), "son institution", "its institution"),
        (chosen.typologies, (described.typology.value,), "sa catégorie", "its category"),
        (chosen.campaigns, (item.campaign.name,) if item.campaign else (), "sa campagne", "its campaign"),
        (chosen.collections, item.collections, "ses collections", "its collections"),
        (chosen.rights, (described.rights.status.value,), "ses droits", "its rights"),
        (chosen.languages, tuple(iso639_2b(language) for language in described.languages), "sa langue", "its language"),
    )
    for wanted, has, french, english in asked:
        if wanted is not None and not set(wanted) & set(has):
            said = ", ".join(has) or "–"
            return {"fr": f"la règle écarte {french} ({said})", "en": f"the rule leaves out {english} ({said})"}
    return None


def is_partner(institution: Institution, programme: str, day: date) -> bool:
    """Whether an institution is a partner of a programme on a day; the last day counts."""
    return any(
        part.programme == programme and part.since <= day and (part.until is None or day <= part.until)
        for part in institution.partnerships
    )
