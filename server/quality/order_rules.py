"""Order: what was delivered is what was ordered. Without an order nothing is asked."""

from collections.abc import Iterable, Mapping

from server.delivery.values import DeliveredItem, Finding, Severity
from server.model.words import fold
from server.quality.examine import Examined
from server.quality.order import Ordered
from server.quality.registry import Limit, Rule, rule
from server.told import told


@rule(
    "order-document-missing", "order", Severity.ERROR,
    fr="Un document commandé n’est pas livré.", en="A document that was ordered is not delivered.",
)  # fmt: skip
def order_document_missing(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Every document of the order is in the delivery."""
    delivered = {name for item in examined.delivery.items for name in _names(item)}
    for row in examined.order.rows:
        if fold(row.shelfmark) not in delivered:
            yield this.finding(
                told(
                    "{path}, line {line}: {shelfmark} was ordered and is not here; ask the supplier when it comes",
                    path=examined.order.path,
                    line=row.line,
                    shelfmark=row.shelfmark,
                )
            )


@rule(
    "order-document-extra", "order", Severity.WARNING,
    fr="Un document livré n’a pas été commandé.", en="A document is delivered that was not ordered.",
)  # fmt: skip
def order_document_extra(examined: Examined, this: Rule) -> Iterable[Finding]:
    """No document is in the delivery that was not ordered."""
    ordered = {fold(row.shelfmark) for row in examined.order.rows}
    for item in examined.delivery.items:
        if ordered and not ordered & _names(item):
            message = told(
                "{identifier} is not in {path}; look whether it is ours, or called otherwise there",
                identifier=item.identifier,
                path=examined.order.path,
            )
            yield this.finding(message, item.source.path, item.identifier)


@rule(
    "order-views", "order", Severity.ERROR,
    fr="Le nombre de vues n’est pas celui de la commande.", en="The number of views is not that of the order.",
    limits=(Limit("tolerance", 0, "écart toléré, en vues", "deviation that is accepted, in views", most=10_000),),
)  # fmt: skip
def order_views(examined: Examined, this: Rule) -> Iterable[Finding]:
    """A document has as many views as were ordered."""
    ordered = {fold(row.shelfmark): row for row in examined.order.rows if row.views}
    for item in examined.delivery.items:
        row = _row(ordered, item)
        if row and abs(len(item.views) - row.views) > this.number("tolerance"):
            way = told("are missing") if len(item.views) < row.views else told("are too many")
            yield this.finding(
                told("{identifier} has {count} views, {views} were ordered ({path}, line {line}); ask the "
"supplier why {number} {way}", identifier=item.identifier, count=len(item.views), views=row.views, path=examined.order.path, line=row.line, number=abs(len(item.views) - row.views), way=way),
                item.source.path, item.identifier,
            )  # fmt: skip


@rule(
    "order-resolution", "order", Severity.ERROR, of_views=True,
    fr="La résolution d’une image n’est pas celle de la commande.", en="The resolution of an image is not that of the order.",
    limits=(Limit("tolerance", 2, "écart toléré, en pour cent", "deviation that is accepted, in per cent", most=100),),
)  # fmt: skip
def order_resolution(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Images have the resolution that was ordered for their document."""
    ordered = {fold(row.shelfmark): row for row in examined.order.rows if row.dpi}
    rows = {item.identifier: _row(ordered, item) for item in examined.delivery.items}
    for source, seen in examined.images.items():
        path = seen.path
        for item, view in examined.shown.get(source, ()):
            row = rows[item]
            if row is None or seen.facts is None:
                continue
            if abs(seen.dpi / row.dpi - 1) * 100 > this.number("tolerance"):
                has = told("has {dpi:g} dpi", dpi=seen.dpi) if seen.dpi else told("does not say its resolution")
                yield this.finding(
                    told(
                        "view f{view}: {path} {has}, {dpi:g} dpi were ordered; ask for it again",
                        view=view,
                        path=path,
                        has=has,
                        dpi=row.dpi,
                    ),
                    path,
                    item,
                    view,
                )


def _names(item: DeliveredItem) -> set[str]:
    """Return what a document may be called in an order: its identifier in the delivery, or its shelfmark."""
    return {fold(name) for name in (item.identifier, item.description.shelfmark) if name}


def _row(ordered: Mapping[str, Ordered], item: DeliveredItem) -> Ordered | None:
    return next((ordered[name] for name in sorted(_names(item)) if name in ordered), None)
