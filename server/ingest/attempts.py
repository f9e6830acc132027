"""What was refused for its files is not made again and again: the same input, made in the same way, fails in the same way.

An attempt is known by everything that decides how it ends: the input of the document, the recipe of its pyramids, the limits
of the settings, the version of the software. It is written into the event that records the failure, and only where
the fault lies in what was delivered: a full disk, a killed process or a missing register may be mended at any time.
"""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import __version__
from server.catalogue.models import EventRow
from server.imaging.pyramid import recipe_name
from server.ingest.record import Claim
from server.settings import Settings
from server.told import NOTHING, Told, from_kept

_ENDS = ("ingested", "updated", "failed", "update failed")


def attempt_key(claim: Claim, settings: Settings) -> str:
    """Return the SHA-256 of what decides how the making of a document ends."""
    parts = (
        claim.digest,
        claim.replaces,
        recipe_name(tile_size=settings.tile_size, quality=settings.jpeg_quality),
        settings.max_master_pixels,
        settings.max_xml_bytes,
        __version__,
    )
    return hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()


def refused_before(session: Session, name: str, attempt: str) -> Told:
    """Return why the last attempt on a document failed, where it was this very one; nothing otherwise."""
    last = session.scalar(
        select(EventRow)
        .where(EventRow.subject == name, EventRow.action.in_(_ENDS))
        .order_by(EventRow.identifier.desc())
        .limit(1)
    )
    if last is None or last.detail.get("attempt") != attempt:
        return NOTHING
    return from_kept(last.detail.get("said"), last.detail.get("failure", ""))
