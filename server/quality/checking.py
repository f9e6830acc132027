"""Checking a delivery: every rule of a contract over everything seen. Nothing in the delivery is changed."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from server.delivery.values import Delivery, Finding, Severity
from server.formats.xml import MAX_XML_BYTES
from server.quality.contract import STANDARD, Contract, is_sampled
from server.quality.examine import Examined, Kept, Progress, examine
from server.quality.order import Order, told_before
from server.quality.registry import Rule, rules
from server.told import told

_WEIGHTS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
RATE_RULE = "rate-exceeded"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of the views looked at have a fault, and how many the contract accepts (`accepted`, in per cent).

    `rule` is that of the fault, or `views` and `documents` for everything together.
    """

    rule: str
    found: int
    looked_at: int
    accepted: float

    @property
    def per_cent(self) -> float:
        """The share that has the fault."""
        return 100 * self.found / self.looked_at if self.looked_at else 0.0

    @property
    def exceeded(self) -> bool:
        """Whether it is more than the contract accepts."""
        return self.per_cent > self.accepted


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `passed` means no error; whether the delivery is accepted, a person decides.

    `rates` are those of every rule that found something in a view, then of views and documents altogether. `pictures` are
    the digests of the decoded pixels, by the path of the master. `label` is the name of the contract for people, by language;
    `order` the table of what was ordered, where there is one.
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
    contract: str = STANDARD.name
    rates: tuple[Rate, ...] = ()
    pictures: dict[str, str] = field(default_factory=dict)
    label: Mapping[str, str] = field(default_factory=lambda: STANDARD.label)
    order: str = ""

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
    contract: Contract = STANDARD,
    max_pixels: int = 1_000_000_000,
    max_xml_bytes: int = MAX_XML_BYTES,
    processes: int = 1,
    progress: Progress | None = None,
    journal: Kept | None = None,
    order: Order | None = None,
    picture: Callable[[str, int | None], Path] | None = None,
) -> Report:
    """Check an opened delivery: look at every view with `processes` processes, then apply every rule.

    `picture` says where the small picture of a master, by its digest and page, is kept for a report.
    """
    looking = max(
        (each.setting.sampling for each in contract.rules() if each.definition.family == "picture"), default=0.0
    )
    decoding = max(contract.sampling("image-incomplete"), looking)
    seen = examine(
        delivery,
        max_pixels=max_pixels,
        max_xml_bytes=max_xml_bytes,
        processes=processes,
        progress=progress,
        decoding=lambda digest: is_sampled(digest, decoding),
        looking=lambda digest: is_sampled(digest, looking),
        journal=journal,
        picture=picture,
    )
    return judge(replace(seen, order=order) if order else seen, contract)


def judge(seen: Examined, contract: Contract = STANDARD) -> Report:
    """Apply every rule of a contract to what was seen; no file is opened."""
    delivery = seen.delivery
    found = [weighed for each in delivery.findings if (weighed := contract.weighed(each))]
    looked_at: dict[str, int] = {}
    for rule in contract.rules():
        if rule.of_views:
            looked_at[rule.definition.name] = _looked_at(seen, rule)
        found += [each for each in rule.check(seen, rule) if _counts(delivery, rule, each)]
    shelfmarks = {item.identifier: item.description.shelfmark for item in delivery.items}
    found = told_before(dict.fromkeys(found), seen.order, shelfmarks)
    rates = tuple(_rates(delivery, contract, found, looked_at))
    found += _exceeded(rates, contract)
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
        contract=contract.name,
        rates=rates,
        pictures={path: image.pixels for path, image in seen.images.items() if image.pixels},
        label=contract.label,
        order=seen.order.path,
    )


def _counts(delivery: Delivery, rule: Rule, found: Finding) -> bool:
    """Tell whether a finding is of a view that the rule was to look at."""
    if not rule.of_views or rule.setting.sampling >= 100 or found.path not in delivery.files:
        return True
    return is_sampled(delivery.files[found.path], rule.setting.sampling)


def _looked_at(seen: Examined, rule: Rule) -> int:
    files = seen.delivery.files
    return sum(
        1
        for item in seen.delivery.items
        for view in item.views
        if view.master in files and is_sampled(files[view.master], rule.setting.sampling)
    )


def _rates(
    delivery: Delivery, contract: Contract, found: Iterable[Finding], looked_at: dict[str, int]
) -> Iterable[Rate]:
    accepted = {rule.definition.name: contract.setting(rule).accepted for rule in rules()}
    faulty: dict[str, set[tuple[str, int]]] = {}
    views: set[tuple[str, int]] = set()
    documents: set[str] = set()
    for each in found:
        if each.severity is Severity.ERROR and each.item:
            documents.add(each.item)
        if each.view is not None and each.severity is not Severity.INFO:
            views.add((each.item, each.view))
            if each.rule in looked_at:
                faulty.setdefault(each.rule, set()).add((each.item, each.view))
    for name in sorted(faulty):
        yield Rate(name, len(faulty[name]), looked_at[name], accepted[name])
    yield Rate("views", len(views), sum(len(item.views) for item in delivery.items), contract.views)
    known = {item.identifier for item in delivery.items} | documents
    yield Rate("documents", len(documents), len(known), contract.documents)


def _exceeded(rates: Iterable[Rate], contract: Contract) -> Iterable[Finding]:
    what = {"views": told("views have an error or a warning"), "documents": told("documents have an error")}
    for rate in rates:
        if rate.exceeded:
            message = told(
                "{found:,} of {of:,} {what}, {share:.1f} %; the contract {contract} accepts {accepted:g} %: refuse the delivery",
                found=rate.found,
                of=rate.looked_at,
                what=what.get(rate.rule) or told("views looked at have the fault {rule}", rule=rate.rule),
                share=rate.per_cent,
                contract=contract.name,
                accepted=rate.accepted,
            )
            yield Finding(RATE_RULE, Severity.ERROR, message)
