"""All servers that are broken on purpose, and those that do otherwise than ours and nothing wrong: for each version."""

from tests.conformance.image import variants_of_answers as answers
from tests.conformance.image import variants_of_images as images
from tests.conformance.image import variants_of_info as info
from tests.conformance.image.breaking import Make

_BOTH = images.OF_BOTH | answers.OF_BOTH | info.OF_BOTH
VARIANTS: dict[str, dict[str, Make]] = {
    "3.0": _BOTH | images.OF_3 | answers.OF_3 | info.OF_3,
    "2.1": _BOTH | answers.OF_2 | info.OF_2,
}
"""What is broken, by what it does. Each does one thing wrong, and some rule must find it out."""

HARMLESS: dict[str, dict[str, Make]] = {"3.0": info.HARMLESS_OF_3, "2.1": info.HARMLESS_OF_2}
"""What the specification allows and our server does not do: no rule may object."""
