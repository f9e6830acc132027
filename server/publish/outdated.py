"""Which publications an earlier version of this software rendered, and what mends it.

What is published stays as it was rendered until it is published again: a new version that shows more of an item shows it
only then. `RENDERING` says which version rendered a publication. Nothing here may import what renders: `vitrine serve`
asks too.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.catalogue.publication_models import PublicationRow
from server.told import NOTHING, Told, counted, told

RENDERING = 4
"""To be raised when an item is rendered, or made searchable, otherwise than before.

0 is what was published before this was recorded: without a manifest of Presentation API 2.1, perhaps, or text pages.
1 is what was published before places and years were kept to browse by, 2 before source records were given to readers.
3 is what was published before /oai had more formats than oai_dc, and records their licence.
"""


def count_outdated(session: Session) -> int:
    """Return how many live publications an earlier version rendered."""
    outdated = (PublicationRow.state == "live") & (PublicationRow.rendering < RENDERING)
    return session.scalar(select(func.count()).where(outdated)) or 0


def tell_outdated(count: int) -> Told:
    """Return the sentence for an operator, empty where there is nothing to do."""
    if not count:
        return NOTHING
    return told(
        "{documents} by an earlier version of Vitrine and may lack what this one shows; run `vitrine publish --all`, which "
        "renders everything again and changes the datestamps of what became different only",
        documents=counted(count, "{n:,} published document was rendered", "{n:,} published documents were rendered"),
    )
