"""Structure: what the delivery says of places in an image lies inside it."""

from collections.abc import Iterable

from server.delivery.values import Finding, Severity, outside
from server.quality.examine import Examined
from server.quality.registry import Rule, rule


@rule(
    "control-points-outside", "structure", Severity.ERROR,
    fr="Un point de contrôle d’un plan est hors de l’image.", en="A control point of a plan lies outside its image.",
)  # fmt: skip
def control_points_outside(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Every control point lies inside the image in whose pixels it is given."""
    for item in examined.delivery.items:
        for view in item.views:
            seen = examined.images.get(view.source)
            if view.georeference and seen and seen.facts:
                for message in outside(view, seen.facts.width, seen.facts.height):
                    yield this.finding(message, view.georeference.path, item.identifier, view.number)
