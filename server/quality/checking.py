"""Checking a delivery: every rule over everything seen. Nothing in the delivery is changed."""

from collections import Counter
from dataclasses import dataclass, field

from server.delivery.values import Delivery, Finding, Severity
from server.formats.xml import MAX_XML_BYTES
from server.quality.examine import Examined, Progress, examine
from server.quality.registry import rules

_WEIGHTS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `passed` means no error; whether the delivery is accepted, a person decides.

    `pictures` are the digests of the decoded pixels, by the path of the master.
    """

    name: str
    kind: str
    digest: str
    files: int
    bytes: int
    items: tuple[str, ...]
    views: int
    pixels: int
    findings: tuple[Finding, ...]
    counts: dict[Severity, int] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether nothing found is an error."""
        return not self.counts.get(Severity.ERROR, 0)

    @property
    def refused_items(self) -> tuple[str, ...]:
        """The documents that have an error of their own, in order."""
        return tuple(dict.fromkeys(f.item for f in self.findings if f.severity is Severity.ERROR and f.item))


def check(
    delivery: Delivery,
    *,
    max_pixels: int = 1_000_000_000,
    max_xml_bytes: int = MAX_XML_BYTES,
    processes: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Check an opened delivery: look at every view with `processes` processes, then apply every rule."""
    seen = examine(delivery, max_pixels=max_pixels, max_xml_bytes=max_xml_bytes, processes=processes, progress=progress)
    return judge(seen)


def judge(seen: Examined) -> Report:
    """Apply every rule to what was seen; no file is opened."""
    delivery = seen.delivery
    found = list(delivery.findings)
    for rule in rules():
        found += rule.check(seen, rule)
    order = {item.identifier: number for number, item in enumerate(delivery.items)}
    found.sort(
        key=lambda f: (
            _WEIGHTS[f.severity],
            order.get(f.item, len(order)),
            f.item,
            f.view or 0,
            f.rule,
            f.path,
            f.message,
        )
    )
    found = list(dict.fromkeys(found))
    counted = Counter(finding.severity for finding in found)
    return Report(
        name=delivery.name,
        kind=delivery.kind,
        digest=delivery.digest,
        files=len(delivery.files),
        bytes=sum((delivery.root / path).stat().st_size for path in delivery.files),
        items=tuple(item.identifier for item in delivery.items),
        views=sum(len(item.views) for item in delivery.items),
        pixels=sum(image.facts.width * image.facts.height for image in seen.images.values() if image.facts),
        findings=tuple(found),
        counts={severity: counted[severity] for severity in Severity},
        pictures={path: image.pixels for path, image in seen.images.items() if image.pixels},
    )
