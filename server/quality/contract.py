"""Contracts: what quality was agreed with a supplier. One file each in `manifests/contracts`, read strictly.

A file sets, for each rule that it names, whether it is looked for, whether it blocks, at how many of the views, how
many may have the fault, and the rule's own thresholds; what it does not say is as in docs/reference/quality-rules.md.
A mistake in it names file, line, fault and remedy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from server.delivery.rules import READING_RULES
from server.delivery.values import Finding, Severity
from server.errors import FormatError
from server.formats.toml import line_of, nearest, read_toml
from server.quality.registry import Limit, Rule, Setting, Value, rules
from server.told import LANGUAGES, Told, either, told

FOLDER = "contracts"
_NAME = re.compile(r"^[a-z][a-z0-9-]{0,39}$")
_TOP = ("name", "supplier", "label", "language", "acceptance", "rules")
_ACCEPTANCE = ("views", "documents")
_SETTING = ("on", "blocking", "sampling", "accepted")


@dataclass(frozen=True, slots=True)
class Contract:
    """What was agreed: the rules as set, the findings of reading as set, the rates that refuse a delivery.

    `views` and `documents` are the shares, in per cent, of views with any error or warning and of documents with an
    error, above which the delivery is refused; 100 asks nothing. `readings` holds only what the file names. `language` is that
    of what the supplier is told.
    """

    name: str
    label: Mapping[str, str]
    supplier: str = ""
    views: float = 100.0
    documents: float = 100.0
    settings: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))
    readings: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))
    language: str = LANGUAGES[0]

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules that are looked for, as this contract sets them."""
        return tuple(found for each in rules() if (found := each.under(self.setting(each))).setting.on)

    def setting(self, of: Rule) -> Setting:
        """Return what holds for a rule."""
        return self.settings.get(of.definition.name) or of.default

    def weighed(self, found: Finding) -> Finding | None:
        """Return a finding of reading with the weight that this contract gives it; None where it is not looked for."""
        setting = self.readings.get(found.rule)
        if setting is None:
            return found
        if not setting.on:
            return None
        if setting.blocking:
            return replace(found, severity=Severity.ERROR)
        return replace(found, severity=Severity.WARNING) if found.severity is Severity.ERROR else found

    def sampling(self, name: str) -> float:
        """Return at how many views in a hundred a rule looks; 0 where it is off."""
        for each in rules():
            if each.definition.name == name:
                setting = self.setting(each)
                return setting.sampling if setting.on else 0.0
        raise KeyError(name)


def is_sampled(digest: str, per_cent: float) -> bool:
    """Tell whether a file of this SHA-256 is in a sample of that size.

    The file decides, not its place: nobody knows beforehand which view will be looked at, and a larger sample holds
    every smaller one.
    """
    return int(digest[:12], 16) * 100 < per_cent * 16**12


STANDARD = Contract("standard", MappingProxyType({"fr": "Règles générales", "en": "General rules"}))
"""What holds for a supplier without a contract of their own."""


def find_contract(manifests_dir: Path, name: str, supplier: str) -> Contract:
    """Return the contract of a name, else that of a supplier, else the general rules. Raises FormatError."""
    known = {path.stem: path for path in sorted((manifests_dir / FOLDER).glob("*.toml"))}
    if name:
        if name == STANDARD.name and name not in known:
            return STANDARD
        if name not in known:
            raise FormatError(
                str(manifests_dir / FOLDER / f"{name}.toml"),
                told("there is no such contract"),
                nearest(name, list(known)),
            )
        return read_contract(known[name])
    found = [contract for path in known.values() if (contract := read_contract(path)).supplier == supplier]
    if not supplier or not found:
        return read_contract(known[STANDARD.name]) if STANDARD.name in known else STANDARD
    if len(found) > 1:
        names = ", ".join(contract.name for contract in found)
        raise FormatError(
            str(manifests_dir / FOLDER), told("several contracts are of the supplier {supplier}: {names}", supplier=supplier, names=names),
            told("say which one holds with --contract"),
        )  # fmt: skip
    return found[0]


def read_contract(path: Path) -> Contract:
    """Return what a file says. Raises FormatError with the line of what is wrong in it."""
    text, data = read_toml(path)
    return _Reader(path, text).contract(data)


class _Reader:
    """Reads one file; knows where each key stands."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text

    def contract(self, data: dict[str, Any]) -> Contract:
        self._known(data, _TOP, ())
        name = data.get("name")
        if name != self._path.stem or not _NAME.match(str(name)):
            self._wrong(
                ("name",),
                told("{name!r} does not fit the file {file}", name=name, file=self._path.name),
                told("call the file as the contract"),
            )
        label = data.get("label")
        if (
            not isinstance(label, dict)
            or set(label) != {"fr", "en"}
            or not all(isinstance(one, str) and one for one in label.values())
        ):
            self._wrong(
                ("label",),
                told("its name must be there in both languages"),
                told('write label.fr = "…" and label.en = "…"'),
            )
        supplier = data.get("supplier", "")
        if not isinstance(supplier, str):
            self._wrong(("supplier",), told("is not a text"), told("give the name of a supplier in suppliers.toml"))
        language = data.get("language", LANGUAGES[0])
        if language not in LANGUAGES:
            self._wrong(
                ("language",),
                told("{language!r} is not a language of reports", language=language),
                told("write {what}", what=either(LANGUAGES)),
            )
        acceptance = self._table(data, "acceptance", ())
        self._known(acceptance, _ACCEPTANCE, ("acceptance",))
        settings: dict[str, Setting] = {}
        readings: dict[str, Setting] = {}
        known = {each.definition.name: each for each in rules()}
        for rule_name, said in self._table(data, "rules", ()).items():
            key = ("rules", rule_name)
            if not isinstance(said, dict):
                self._wrong(
                    key,
                    told("is not a table"),
                    told("write [{name}] and its keys below", name=f"rules.{rule_name}"),
                )
            if rule_name in known:
                settings[rule_name] = self._setting(key, said, known[rule_name])
            elif rule_name in READING_RULES:
                readings[rule_name] = self._reading(key, said)
            else:
                self._wrong(key, told("there is no such rule"), nearest(rule_name, [*known, *READING_RULES]))
        return Contract(
            str(name), MappingProxyType(dict(label)), supplier,
            self._per_cent(acceptance, "views", ("acceptance",)), self._per_cent(acceptance, "documents", ("acceptance",)),
            MappingProxyType(settings), MappingProxyType(readings), str(language),
        )  # fmt: skip

    def _setting(self, key: tuple[str, ...], said: dict[str, Any], rule: Rule) -> Setting:
        default = rule.default
        own = {limit.name: limit for limit in rule.limits}
        self._known(said, (*(_SETTING if rule.of_views else _SETTING[:2]), *own), key)
        limits = {
            name: self._limit((*key, name), said[name], limit) if name in said else limit.default
            for name, limit in own.items()
        }
        return Setting(
            on=self._truth(said, "on", key, default.on),
            blocking=self._truth(said, "blocking", key, default.blocking),
            sampling=self._per_cent(said, "sampling", key),
            accepted=self._per_cent(said, "accepted", key),
            limits=MappingProxyType(limits),
        )

    def _reading(self, key: tuple[str, ...], said: dict[str, Any]) -> Setting:
        """Read what is said of a finding of reading; what keeps a document from being read at all cannot be waived."""
        self._known(said, _SETTING[:2], key)
        is_error = READING_RULES[key[-1]].severity is Severity.ERROR
        on, blocking = self._truth(said, "on", key, True), self._truth(said, "blocking", key, is_error)
        if is_error and not (on and blocking):
            at = (*key, "on" if not on else "blocking")
            self._wrong(at, told("without it the document could not be ingested"), told("leave this line out"))
        return Setting(on=on, blocking=blocking)

    def _limit(self, key: tuple[str, ...], value: object, limit: Limit) -> Value:
        if isinstance(limit.default, str):
            if not isinstance(value, str):
                self._wrong(key, told("is not a text"), told("write {what}", what=f'{limit.name} = "…"'))
            if limit.name == "pattern":
                try:
                    re.compile(value.replace("{shelfmark}", "x"))
                except re.error as error:
                    self._wrong(
                        key,
                        told("{value!r} is no regular expression: {error}", value=value, error=str(error)),
                        told("correct it"),
                    )
            return value
        if isinstance(limit.default, tuple):
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                self._wrong(
                    key, told("is not a list of words"), told("write {what}", what=f'{limit.name} = ["…", "…"]')
                )
            for one in value:
                if limit.choices and one not in limit.choices:
                    self._wrong(key, told("{one!r} is not known", one=one), nearest(one, limit.choices))
            return tuple(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not limit.least <= value <= limit.most:
            self._wrong(
                key,
                told(
                    "{value!r} is not a number from {least:g} to {most:g}",
                    value=value,
                    least=limit.least,
                    most=limit.most,
                ),
                told("correct it"),
            )
        return float(value)

    def _table(self, data: dict[str, Any], name: str, under: tuple[str, ...]) -> dict[str, Any]:
        found = data.get(name, {})
        if not isinstance(found, dict):
            self._wrong((*under, name), told("is not a table"), told("write [{name}] and its keys below", name=name))
        return found

    def _truth(self, said: dict[str, Any], name: str, key: tuple[str, ...], default: bool) -> bool:
        value = said.get(name, default)
        if not isinstance(value, bool):
            self._wrong(
                (*key, name),
                told("{value!r} is neither true nor false", value=value),
                told("write one of them, without quotes"),
            )
        return value

    def _per_cent(self, said: dict[str, Any], name: str, key: tuple[str, ...]) -> float:
        value = said.get(name, 100)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            self._wrong(
                (*key, name),
                told("{value!r} is not a share in per cent", value=value),
                told("write a number from 0 to 100"),
            )
        return float(value)

    def _known(self, said: dict[str, Any], known: tuple[str, ...], under: tuple[str, ...]) -> None:
        for key in said:
            if key not in known:
                self._wrong((*under, key), told("there is no such key"), nearest(key, known))

    def _wrong(self, key: tuple[str, ...], fault: Told, remedy: Told) -> NoReturn:
        raise FormatError(
            str(self._path), told("{key}: {fault}", key=".".join(key), fault=fault), remedy, line_of(self._text, key)
        )
