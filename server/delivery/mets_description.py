"""What a METS says of its document: the records of the document's own division, completed from those around it.

MODS or Dublin Core in dmdSec (METS Primer 1.6, section 4). The nearest record that says something counts; what none says
comes from the label of the METS, then from the delivery's context.
"""

from dataclasses import dataclass, replace

from lxml import etree

from server.delivery.dublin_core import KNOWN, canonical, describe, hint_typology, read_typology
from server.delivery.rights import Stated, context_rights, state_rights
from server.delivery.rules import Notes
from server.delivery.values import Context
from server.formats.crosswalk import Element, Statement, apply_rules, read_crosswalk
from server.formats.mets import Div, Mets, Record
from server.formats.mods import ModsRecord
from server.formats.xml import XML_LANG, local, name_of, words
from server.model.description import Description, Title, Typology, Whole, WholeKind
from server.model.languages import bcp47
from server.model.rights import Rights, RightsStatus
from server.model.words import fold
from server.told import told

_SPAR_NAMESPACE = "http://bibnum.bnf.fr/ns/spar_dc"
NAMING_IDENTIFIERS = ("record", "local", "purl", "urn", "ark", "uri", "handle", "")


@dataclass(frozen=True, slots=True)
class Records:
    """A METS, the document's division in it, the divisions around that, and their MODS records, nearest first."""

    mets: Mets
    main: Div | None
    around: tuple[Div, ...]
    records: tuple[ModsRecord, ...]


def describe_mets(about: Records, context: Context, notes: Notes) -> Description | None:
    """Return the description, or None where title or typology are missing; findings go to `notes`."""
    return _Describing(about, context, notes).describe()


class _Describing:
    def __init__(self, about: Records, context: Context, notes: Notes) -> None:
        self.about, self.context, self.notes = about, context, notes

    def describe(self) -> Description | None:
        if not self.about.records:
            description = self._dublin_core()
            if description or self.about.mets.records:
                return description
        return self._from_mods()

    def _dublin_core(self) -> Description | None:
        for record in self._nearest_first():
            if name_of(record.element).namespace == _SPAR_NAMESPACE:
                return self._from_spar(record.element)
            statements = [
                Statement(name, words(element), bcp47(element.get(XML_LANG, "")) or None)
                for element in record.element.iter()
                if words(element)
                and (name := canonical(f"{'dcterms' if 'terms' in str(element.tag) else 'dc'}:{local(element)}"))
                in KNOWN
                and len(element) == 0
            ]
            if record.kind.upper() == "DC" or statements:
                if not any(statement.name == "dc:title" for statement in statements):
                    statements += [
                        Statement("dc:title", title.value) for title in self._label() or self._supplied_title()
                    ]
                return describe(statements, self.context, self.notes)
            self.notes.add(
                "record-kind-unknown",
                told(
                    "the record {identifier!r} is {kind}; MODS or DC is read",
                    identifier=record.identifier,
                    kind=record.kind or told("unnamed"),
                ),
            )
        return self._from_mods() if self.about.mets.records else None

    def _nearest_first(self) -> list[Record]:
        """Return the records, those of the document's division and of those around it first, then those of its group."""
        divisions = [div for div in (self.about.main, *self.about.around) if div]
        divisions += (
            [div for div in self.about.mets.physical.walk() if div.children] if self.about.mets.physical else []
        )
        named = [name for div in divisions for name in div.descriptions]
        return [
            self.about.mets.records[name]
            for name in dict.fromkeys((*named, *self.about.mets.records))
            if name in self.about.mets.records
        ]

    def _from_spar(self, element: etree._Element) -> Description | None:
        """Read BnF's own Dublin Core; what it does not keep apart is taken apart as in a table."""
        said = [
            statement if statement.name == "dcterms:ispartof" else replace(statement, parts=None)
            for statement in apply_rules(read_crosswalk("spar"), Element(element))
        ]
        titles = [statement for statement in said if statement.name == "dc:title"]
        part = next((statement.part("number") for statement in said if statement.name == "dcterms:ispartof"), "")
        if not titles:
            said += [Statement("dc:title", title.value) for title in self._label() or self._supplied_title()]
        elif part:
            said[said.index(titles[0])] = replace(titles[0], value=f"{titles[0].value}, {part}")
        return describe(said, self.context, self.notes)

    def _from_mods(self) -> Description | None:
        empty = ModsRecord()
        own = self.about.records[0] if self.about.records else empty
        outer = self.about.records[1:]
        around = next((record.titles for record in outer if record.titles), ())
        titles = own.titles or self._label() or around or self._supplied_title()
        typology = self._typology()
        if not titles:
            self.notes.add("title-missing", told("has neither a title nor an identifier; add a MODS titleInfo"))
        if typology is None or not titles:
            return None
        default = bcp47(self.context.language) or None
        if titles[0].language is None and default:
            titles = (replace(titles[0], language=default), *titles[1:])
        for record in [own, *outer]:
            for said in record.unknown_languages:
                self.notes.add(
                    "language-unknown",
                    told("the language {said!r} is not known; give an ISO 639 code such as fre", said=said),
                )
        for date in own.dates:
            if not date.edtf:
                self.notes.add(
                    "date-not-understood",
                    told("the date {literal!r} is not understood; it is shown as written", literal=date.literal),
                )
        both = [own, *outer]
        languages = next((record.languages for record in both if record.languages), ())
        return Description(
            titles=titles,
            typology=typology,
            rights=self._rights(),
            people=next((record.people for record in both if record.people), ()),
            dates=next((record.dates for record in both if record.dates), ()),
            places=next((record.places for record in both if record.places), ()),
            subjects=next((record.subjects for record in both if record.subjects), ()),
            languages=languages or ((self.context.language,) if self.context.language else ()),
            shelfmark=next((record.shelfmark for record in both if record.shelfmark), ""),
            extent=own.extent,
            publisher=next((record.publisher for record in both if record.publisher), ""),
            publication_place=next((record.publication_place for record in both if record.publication_place), ""),
            abstracts=own.abstracts,
            part_of=own.part_of
            or next((record.part_of for record in outer if record.part_of), None)
            or self._title_around(),
            genre=next((record.genre for record in both if record.genre), ""),
            notes=own.notes,
        )

    def _label(self) -> tuple[Title, ...]:
        return (Title(self.about.mets.label),) if self.about.mets.label else ()

    def _supplied_title(self) -> tuple[Title, ...]:
        named = self.about.mets.objid or next(
            (
                name
                for record in self.about.records[:1]
                for kind in NAMING_IDENTIFIERS
                if (name := record.identifier(kind))
            ),
            "",
        )
        short = named.rstrip("/").rpartition("/")[2]
        if not short:
            return ()
        self.notes.add(
            "title-supplied", told("has no title; [{short}] stands for it, from its identifier", short=short)
        )
        return (Title(f"[{short}]"),)

    def _typology(self) -> Typology | None:
        own = (
            [record.genre for record in self.about.records]
            + [self.about.mets.kind]
            + ([self.about.main.kind] if self.about.main else [])
        )
        found = hint_typology(own)
        if found or self.context.typology:
            return found or Typology(self.context.typology)
        around = [record.resource_type for record in self.about.records] + [div.kind for div in self.about.around]
        return hint_typology([*own, *around], vague=True) or read_typology([], self.context, self.notes)

    def _rights(self) -> Rights:
        start = context_rights(self.context)
        # the nearest record that says anything decides; a restriction on what is around holds for what is in it
        nearest = next((record for record in self.about.records if record.conditions), None)
        status, decisive = state_rights(
            [
                Stated(said, (said,), _is_restriction(kind))
                for record in self.about.records
                for kind, said in record.conditions
                if record is nearest or _is_restriction(kind)
            ],
            start.status,
            self.notes,
        )
        if status is RightsStatus.UNDETERMINED:
            self.notes.add(
                "rights-undetermined",
                told("says no rights that are known; the document will not be published until they are"),
            )
        return replace(start, status=status, basis=start.basis or (decisive.written if decisive else ""))

    def _title_around(self) -> Whole | None:
        """Return the newspaper that this issue is of: the record around the issue's own describes it."""
        if (
            not self.about.main
            or fold(self.about.main.kind) != "issue"
            or len(self.about.records) < 2
            or not self.about.records[1].titles
        ):
            return None
        outer = self.about.records[1]
        identifier = outer.identifier("catalogueidentifier", "issn", "record", "local") or (
            outer.identifiers[0][1] if outer.identifiers else ""
        )
        return Whole(outer.titles[0].value, identifier, "", WholeKind.PERIODICAL)


def _is_restriction(kind: str) -> bool:
    return "restriction" in kind.lower()
