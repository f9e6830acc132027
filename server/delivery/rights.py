"""What a document says of its own rights, for every kind of delivery.

A document's own statement comes before that of its delivery, also when it is not understood: the rights are undetermined
then, so that nothing is published which a person has forbidden in words that we do not know.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from server.delivery.rules import Notes
from server.delivery.values import Context
from server.model.clearance import rights_status
from server.model.rights import Rights, RightsStatus
from server.model.words import fold
from server.told import told

_UNRESTRICTED = frozenset(
    {
        "none", "no restriction", "no restrictions", "unrestricted", "open access", "free access",
        "aucune", "aucune restriction", "sans restriction", "acces libre", "libre acces", "libre",
        "librement communicable", "communicable",
    }
)  # fmt: skip
"""Words that lift a restriction on access; they say nothing of the rights in the document."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement: as written, the forms in which it may be understood, whether it is about access alone.

    `restricts` is the MODS accessCondition type `restriction on access`.
    """

    written: str
    forms: tuple[str, ...]
    restricts: bool = False


def context_rights(context: Context) -> Rights:
    """Return the rights that the delivery states for all its documents."""
    status = RightsStatus(context.rights) if context.rights else RightsStatus.UNDETERMINED
    return Rights(status, context.rights_basis, context.cleared_by)


def state_rights(
    statements: Iterable[Stated], default: RightsStatus, notes: Notes
) -> tuple[RightsStatus, Stated | None]:
    """Return the status that the statements make, and the statement that decided.

    The first that is understood counts, but a restriction counts wherever it stands. Where none is understood, or a
    restriction on access is not, the rights are undetermined; each that is not understood is noted
    (`rights-not-understood`). `default` is the status where nothing is said.
    """
    decided: tuple[RightsStatus, Stated | None] | None = None
    unclear = forbidden = False
    for statement in statements:
        status = next((found for form in statement.forms if (found := rights_status(form))), None)
        if status is RightsStatus.RESTRICTED:
            return status, statement
        if status is None and statement.restricts and fold(statement.written) in _UNRESTRICTED:
            continue
        if status is None:
            unclear, forbidden = True, forbidden or statement.restricts
            notes.add(
                "rights-not-understood",
                told(
                    "the rights {written!r} are not understood; use a status or a licence URI",
                    written=statement.written,
                ),
            )
        elif decided is None:
            decided = status, statement
    if forbidden or (unclear and decided is None):
        return RightsStatus.UNDETERMINED, None
    return decided or (default, None)
