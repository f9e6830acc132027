"""A delivery's way through the catalogue: received → checked → accepted | refused, bound to the digest of its files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.events import record_event
from server.catalogue.locks import serialise
from server.catalogue.models import (
    CampaignRow,
    DeliveryRow,
    DeliveryState,
    FindingRow,
    InstitutionRow,
    SupplierRow,
)
from server.errors import CatalogueError
from server.told import Told, counted, told

_REGISTERS = {"institution": told("institution"), "supplier": told("supplier"), "campaign": told("campaign")}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is recorded of a delivery when it is first seen; slugs may be empty while nobody has said them.

    `brings` are the parts of held documents that it brings alone, none where it brings documents whole.
    """

    name: str
    path: str
    digest: str
    kind: str
    institution: str = ""
    supplier: str = ""
    campaign: str = ""
    brings: tuple[str, ...] = ()

    @property
    def identifier(self) -> str:
        """Name of the folder with the beginning of the digest: readable, and other files make another delivery."""
        return f"{self.name[:180]}-{self.digest[:8]}"


def receive(session: Session, arrival: Arrival, now: datetime, actor: str) -> DeliveryRow:
    """Record a delivery unless it is known, and return its row.

    Raises CatalogueError if it names an institution, supplier or campaign that no register knows, or another one than
    those that a person has decided on; also if it is said to bring other parts than when it was decided on.
    """
    serialise(session, "receive")
    _must_be_known(session, "institution", arrival.institution, InstitutionRow)
    _must_be_known(session, "supplier", arrival.supplier, SupplierRow)
    _must_be_known(session, "campaign", arrival.campaign, CampaignRow)
    row = session.scalar(select(DeliveryRow).where(DeliveryRow.digest == arrival.digest))
    if row is None:
        row = DeliveryRow(
            identifier=arrival.identifier,
            name=arrival.name,
            path=arrival.path,
            digest=arrival.digest,
            kind=arrival.kind,
            brings=" ".join(arrival.brings),
            received_at=now,
        )
        session.add(row)
        record_event(session, now, actor, "received", arrival.identifier, digest=arrival.digest)
    row.path = arrival.path
    if row.state in (DeliveryState.RECEIVED, DeliveryState.CHECKED) or row.institution is None:
        # Once a person has decided, what the decision was about does not change any more.
        row.institution = arrival.institution or row.institution
        row.supplier = arrival.supplier or row.supplier
        row.campaign = arrival.campaign or row.campaign
        if row.brings != " ".join(arrival.brings):
            # a missing image is a fault of the one and none of the other: what was checked was something else
            row.brings, row.state = " ".join(arrival.brings), DeliveryState.RECEIVED
    else:
        _must_be_as_decided(row, arrival)
    session.flush()
    return row


def record_check(
    session: Session, row: DeliveryRow, findings: Iterable[FindingRow], now: datetime, actor: str, recipe: str
) -> None:
    """Replace the findings of a delivery by those of a new check; a decision already taken stays."""
    session.execute(delete(FindingRow).where(FindingRow.delivery == row.identifier))
    rows = list(findings)
    session.add_all(rows)
    row.checked_at = now
    row.errors = sum(finding.severity == "error" for finding in rows)
    row.warnings = sum(finding.severity == "warning" for finding in rows)
    if row.state == DeliveryState.RECEIVED:
        row.state = DeliveryState.CHECKED
    record_event(
        session, now, actor, "checked", row.identifier, digest=row.digest, recipe=recipe,
        detail={"errors": row.errors, "warnings": row.warnings},
    )  # fmt: skip


def find_delivery(session: Session, given: str) -> DeliveryRow:
    """Return a delivery by identifier or digest, or by the name of its folder where only one has it."""
    rows: Sequence[DeliveryRow] = session.scalars(
        select(DeliveryRow).where(
            or_(DeliveryRow.identifier == given, DeliveryRow.digest == given, DeliveryRow.name == given)
        )
    ).all()
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise CatalogueError(
            told(
                "no delivery {given} is known; run `vitrine check` on its folder, or see `vitrine status`", given=given
            )
        )
    names = ", ".join(sorted(row.identifier for row in rows))
    raise CatalogueError(
        told("several deliveries are called {given}: {names}; give one of these", given=given, names=names)
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision on a delivery, for an institution."""

    accepted: bool
    by: str
    institution: str
    reason: str = ""
    despite_errors: bool = False


def decide(session: Session, row: DeliveryRow, decision: Decision, now: datetime, actor: str) -> None:
    """Accept or refuse a checked delivery. Raises CatalogueError when it is not in a state for that."""
    if row.state == DeliveryState.RECEIVED:
        raise CatalogueError(
            told(
                "{identifier} was not checked; run `vitrine check` on it and look at the result first",
                identifier=row.identifier,
            )
        )
    if row.institution is None:
        raise CatalogueError(
            told(
                "nobody said whose documents {identifier} holds; run `vitrine check --institution …` again",
                identifier=row.identifier,
            )
        )
    if decision.institution != row.institution:
        raise CatalogueError(
            told(
                "{identifier} holds documents of {institution}; a decision for {other} does not count",
                identifier=row.identifier,
                institution=row.institution,
                other=decision.institution,
            )
        )
    if not decision.by.strip():
        raise CatalogueError(told("a decision needs the name of the person who takes it: --by"))
    if not decision.accepted and not decision.reason.strip():
        raise CatalogueError(told("a refusal needs a reason that the supplier can act on: --reason"))
    if decision.accepted and row.errors and not (decision.despite_errors and decision.reason.strip()):
        raise CatalogueError(
            told(
                "the check of {identifier} found {errors}; refuse it, or accept what is sound with --despite-errors "
                "--reason '…'",
                identifier=row.identifier,
                errors=counted(row.errors, "{n:,} error", "{n:,} errors"),
            )
        )
    state = DeliveryState.ACCEPTED if decision.accepted else DeliveryState.REFUSED
    if (row.state, row.decided_by, row.reason) == (state, decision.by, decision.reason):
        return
    row.state, row.decided_at, row.decided_by = state, now, decision.by
    row.decided_for, row.reason = decision.institution, decision.reason
    record_event(
        session, now, actor, state.value, row.identifier, digest=row.digest,
        detail={"by": decision.by, "for": decision.institution, "reason": decision.reason},
    )  # fmt: skip


def _must_be_as_decided(row: DeliveryRow, arrival: Arrival) -> None:
    if row.brings != " ".join(arrival.brings):
        parts = row.brings.split()
        was = told("bringing only {parts}", parts=" + ".join(parts)) if parts else told("bringing whole documents")
        said = " ".join(f"--brings {part}" for part in parts) or told("nothing of --brings")
        raise CatalogueError(
            told(
                "{identifier} {decided} by {person} as {was}; say {said}, or have the delivery sent again with "
                "brings in its delivery.toml",
                identifier=row.identifier,
                decided=_decided(row),
                person=row.decided_by,
                was=was,
                said=said,
            )
        )
    for word, given, decided in (
        ("institution", arrival.institution, row.institution),
        ("supplier", arrival.supplier, row.supplier),
        ("campaign", arrival.campaign, row.campaign),
    ):
        if given and given != decided:
            raise CatalogueError(
                told(
                    "{identifier} {decided} by {person} with {word} {kept}; {word} {given} comes too late: leave out "
                    "{option}, or have the delivery sent again with it in delivery.toml",
                    identifier=row.identifier,
                    decided=_decided(row),
                    person=row.decided_by,
                    word=_REGISTERS[word],
                    option=f"--{word}",
                    kept=decided or told("not said"),
                    given=given,
                )
            )


def _decided(row: DeliveryRow) -> Told:
    return told("was accepted") if row.state == DeliveryState.ACCEPTED else told("was refused")


def _must_be_known(
    session: Session, word: str, name: str, rows: type[InstitutionRow] | type[SupplierRow] | type[CampaignRow]
) -> None:
    if name and session.get(rows, name) is None:
        known = tuple(session.scalars(select(rows.name).order_by(bytewise(rows.name)))) or told("none")
        raise CatalogueError(
            told(
                "{word} {name!r} is in no register; add it to {file} and run `vitrine init`, or correct it (known: "
                "{known})",
                word=_REGISTERS[word],
                file=f"{word}s.toml",
                name=name,
                known=known,
            )
        )
