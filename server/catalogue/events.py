"""Immutable events: who did what to what, when, from which input, by which recipe."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.catalogue.models import EventRow


def record_event(
    session: Session,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    *,
    digest: str = "",
    recipe: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an event to the transaction that has the effect it tells of."""
    session.add(
        EventRow(
            at=at, actor=actor, action=action, subject=subject, digest=digest, recipe=recipe, detail=dict(detail or {})
        )
    )
