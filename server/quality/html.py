"""The report as one HTML file: no server, no request to anybody, one inline script that its policy names by digest.

A partner institution opens it from an e-mail, looks at the views, marks them, and saves decisions.json, which
`vitrine review import` reads (`server/quality/decisions.py`). What it looks like is in `page/`: template, style, script
and the words in French and English.
"""

import base64
import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2

from server.delivery.values import Delivery, Finding
from server.imaging.preview import Preview
from server.quality.checking import Report
from server.quality.rates import ShownRate
from server.quality.registry import definitions

SCRIPTS = ("views.js", "zoom.js", "decide.js")
"""The parts of the one script, in order."""
_SIGNS = {"error": "✕", "warning": "▲", "info": "●"}
_MARK_SIGNS = {"fine": "✓", "redo": "↻", "known": "≈", "none": "–"}
_SHOWN = 1000
_VIEWS_OF_A_GROUP = 4
"""Views that documents have on average, at least, for each to have a heading of its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison with an earlier delivery: `kind` is an error, a warning or info."""

    kind: str
    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class About:
    """What the page says of the delivery beside what is in it: names as a person reads them, in French and English.

    `identifier` is the delivery's in the catalogue, `institution` the slug of whose documents it holds; `before` the pictures
    (JPEG) of views as they were delivered before.
    """

    identifier: str
    institution: str = ""
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    changes: Mapping[tuple[str, int], str] = field(default_factory=dict)
    before: Mapping[tuple[str, int], bytes] = field(default_factory=dict)
    compared: tuple[Line, ...] = ()


def to_html(
    report: Report, delivery: Delivery, rates: Iterable[ShownRate], pictures: Mapping[str, Preview], about: About
) -> str:
    """Return the whole page."""
    script = "".join(_read(name) for name in SCRIPTS)
    style = _read("report.css")
    told = [_told(finding) for finding in report.findings]
    views = list(_views(delivery, report, pictures, about))
    placed = {number for view in views for number in view["findings"]}
    general = [number for number in range(len(told)) if number not in placed]
    data = {
        "name": report.name,
        "identifier": about.identifier,
        "digest": report.digest,
        "institution": about.institution,
        "passed": report.passed,
        "grouped": len(views) >= _VIEWS_OF_A_GROUP * len(delivery.items),
        "documents": [
            {"identifier": item.identifier, "title": item.description.title.value} for item in delivery.items
        ],
        "views": views,
        "findings": [{name: each[name] for name in ("rule", "severity", "item", "path", "message")} for each in told],
        "general": general,
        "rules": {name: rule for name, rule in _rules().items() if any(each["rule"] == name for each in told)},
        "words": words(),
    }
    page: str = _template().render(
        policy=(
            f"default-src 'none'; img-src data:; style-src 'sha256-{_digest(style)}'; "
            f"script-src 'sha256-{_digest(script)}'; base-uri 'none'; form-action 'none'"
        ),
        style=style,
        script=script,
        words=words(),
        signs=_SIGNS,
        mark_signs=_MARK_SIGNS,
        name=report.name,
        digest=report.digest,
        passed=report.passed,
        documents=delivery.items,
        view_count=len(views),
        file_count=report.files,
        size=_megabytes(report.bytes),
        facts=[
            *about.names.items(),
            ("contract", (report.label["fr"], report.label["en"])),
            *([("order", (report.order, report.order))] if report.order else []),
        ],
        rates=list(rates),
        compared=about.compared,
        general=[told[number] for number in general[:_SHOWN]],
        listed=told[:_SHOWN],
        data=_inline(data),
        pictures=_blocks(delivery, pictures, about.before),
    )
    return page


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, Any]]:
    """Return the words of the page by language."""
    found: dict[str, dict[str, Any]] = tomllib.loads(_read("words.toml"))
    return found


def _views(
    delivery: Delivery, report: Report, pictures: Mapping[str, Preview], about: About
) -> Iterator[dict[str, Any]]:
    by_view: dict[tuple[str, int], list[int]] = {}
    for number, finding in enumerate(report.findings):
        if finding.view is not None:
            by_view.setdefault((finding.item, finding.view), []).append(number)
    for position, item in enumerate(delivery.items):
        for view in item.views:
            preview = pictures.get(view.source)
            yield {
                "document": position,
                "number": view.number,
                "label": view.notes.label,
                "path": view.master,
                "digest": delivery.files.get(view.master, ""),
                "width": preview.width if preview else 0,
                "height": preview.height if preview else 0,
                "dpi": round(preview.dpi) if preview else 0,
                "thumbnail": bool(preview),
                "findings": by_view.get((item.identifier, view.number), []),
                "change": about.changes.get((item.identifier, view.number), ""),
            }


def _blocks(
    delivery: Delivery, pictures: Mapping[str, Preview], before: Mapping[tuple[str, int], bytes]
) -> Iterator[tuple[str, str]]:
    """Yield the pictures of the views as base64, in blocks that the browser keeps as text until they are looked at."""
    views = ((item.identifier, view) for item in delivery.items for view in item.views)
    for number, (item, view) in enumerate(views):
        preview = pictures.get(view.source)
        if earlier := before.get((item, view.number)):
            yield f"p{number}", base64.b64encode(earlier).decode()
        if preview:
            yield f"t{number}", base64.b64encode(preview.thumbnail).decode()
            if preview.closer:
                yield f"z{number}", base64.b64encode(preview.closer).decode()


def _told(finding: Finding) -> dict[str, Any]:
    rule = _rules().get(finding.rule, {"family": "", "fr": finding.rule, "en": finding.rule})
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "item": finding.item,
        "view": finding.view,
        "path": finding.path,
        "message": {"fr": finding.message.into("fr"), "en": finding.message},
        **rule,
    }


@lru_cache(maxsize=1)
def _rules() -> dict[str, dict[str, str]]:
    return {rule.name: {"family": rule.family, "fr": rule.fr, "en": rule.en} for rule in definitions()}


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["share"] = lambda share: _percent(share).replace(".", ",") + "\u00a0%"
    environment.filters["share_en"] = lambda share: _percent(share) + "%"
    return environment.from_string(_read("report.html.j2"))


def _percent(share: float) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".")


def _megabytes(size: int) -> tuple[str, str]:
    told = f"{size / 1e6:,.1f}"
    return told.replace(",", "\u202f").replace(".", ",") + "\u00a0Mo", told + " MB"


def _inline(data: object) -> str:
    # nothing in what a supplier wrote may end the block (HTML, script data state)
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _read(name: str) -> str:
    return files("server.quality").joinpath("page", name).read_text(encoding="utf-8")
