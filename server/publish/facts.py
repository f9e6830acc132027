"""What a PDF says of its document, and of the views for those who cannot see them. Pure."""

from server.formats.pdf.metadata import Facts
from server.iiif.build.manifest import canvas_label, document_label
from server.model.addresses import Addresses
from server.model.item import Item, PublishedView
from server.model.languages import bcp47
from server.model.rights import LICENCE_OUVERTE_URI, RightsStatus
from server.oai.formats.oai_dc import is_creator

USUAL_LANGUAGE = "fr"
"""Of a document whose language nobody states: most are in French, and a reader must be told one."""


def state_facts(item: Item, addresses: Addresses) -> Facts:
    """Return what an item's PDF says of it."""
    described = item.description
    rights = described.rights
    languages = tuple(code for language in described.languages if (code := bcp47(language)))
    titles = {
        "" if language == "none" else language: values[0] for language, values in document_label(item).items()
    } or {"": item.name}
    uri = rights.uri or (LICENCE_OUVERTE_URI if rights.status is RightsStatus.LICENCE_OUVERTE else "")
    return Facts(
        titles=titles,
        language=next(iter(languages), described.title.language or USUAL_LANGUAGE),
        identifier=item.ark,
        source=addresses.ark(item.name),
        creators=tuple(person.name for person in described.people if is_creator(person)),
        dates=tuple(date.edtf or date.literal for date in described.dates if date.edtf or date.literal),
        publishers=tuple(dict.fromkeys(item.institution.label.values())),
        languages=languages,
        rights=rights.label,
        rights_uri=uri,
        is_in_copyright=rights.status not in (RightsStatus.PUBLIC_DOMAIN, RightsStatus.CC0),
    )


def alternative(item: Item, view: PublishedView) -> str:
    """Return what a view shows, for those who cannot see it: its description, else which view of what it is.

    In the language of the document's title where it is described in it, else as it was described.
    """
    texts = [description.text for description in view.notes.descriptions if description.text.value]
    spoken = item.description.title.language
    chosen = [text for text in texts if text.language == spoken] or texts[:1]
    if chosen:
        return " ".join(text.value for text in chosen)
    return f"{item.description.title.value}, {next(iter(canvas_label(view).values()))[0]}"
