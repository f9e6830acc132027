"""Picture: what can be seen on a view, by itself and beside the others of its document.

Measured by `server/imaging/appearance.py` in the pass that decodes the file; here it is judged. How much of each fault
is caught, and how often a sound view is suspected, is in docs/explanation/quality.md.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from server.delivery.values import Finding, Severity
from server.imaging.appearance import Appearance
from server.imaging.likeness import unlikeness
from server.quality.examine import Examined
from server.quality.looks import FEW, SIDES, Look, documents, middle, peers
from server.quality.registry import Limit, Rule, rule
from server.told import Told, told

_MOST = 0.8
"""Share of the views that are pictures, from which one that is none is compared with them too."""

_SOFTER = 0.8
"""How soft edges of pictures are beside those of letters."""

_SPARSE = 0.009
"""Share of ink below which pages are much alike without being the same: backs of postcards that nobody wrote on."""

_STRICTER = 0.75
"""How much more alike, as a share of the limit, such pages must be to be one page. Drawn backs differ by 19 % and more."""


def _written(views: list[Look]) -> list[Look]:
    """Return the views on which something is to be seen."""
    return [view for view in views if view.looks.ink > 0.001 or view.looks.is_tonal]


def _alike(views: list[Look]) -> Iterator[list[Look]]:
    """Yield the pages and the pictures of a document, each with their like; clean ones are neither.

    What was scanned far too flat is nearly clean, and has no tones by which a picture could be known: it is a page then.
    """
    marked = [view for view in views if view.looks.is_marked or view.looks.is_tonal]
    for tonal in (False, True):
        yield [view for view in marked if view.looks.is_tonal is tonal]


@rule(
    "picture-blank", "picture", Severity.INFO, of_views=True,
    fr="La page semble vide.", en="The page seems to be blank.",
    limits=(
        Limit("ink", 0.1, "part d’encre, en pour cent, en dessous de laquelle une page est vide",
              "share of ink, in per cent, below which a page is blank", most=100),
    ),
)  # fmt: skip
def picture_blank(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Something is printed, written or pictured on every view."""
    for views in documents(examined):
        for view in views:
            if view.looks.ink * 100 < this.number("ink") and not view.looks.is_tonal:
                yield view.found(
                    this, told("nothing is to be seen on it; look whether the page is blank in the original")
                )


@rule(
    "picture-duplicate", "picture", Severity.WARNING, of_views=True,
    fr="Deux vues voisines montrent la même page.", en="Two neighbouring views show the same page.",
    limits=(
        Limit("unlike", 20, "part de l’empreinte visuelle, en pour cent, qui diffère au moins entre deux pages",
              "share of the perceptual hash, in per cent, that differs at least between two pages", most=50),
        Limit("apart", 2, "de combien de vues deux voisines sont éloignées au plus",
              "how many views apart neighbours are at most", least=1, most=20),
    ),
)  # fmt: skip
def picture_duplicate(examined: Examined, this: Rule) -> Iterable[Finding]:
    """No page is scanned twice in a row."""
    apart, unlike = int(this.number("apart")), this.number("unlike") / 100
    for views in documents(examined):
        written = _written(views)
        for place, view in enumerate(written):
            for other in written[max(0, place - apart) : place]:
                sparse = all(one.looks.ink < _SPARSE and not one.looks.is_tonal for one in (view, other))
                least = unlike * (_STRICTER if sparse else 1.0)
                if view.view - other.view > apart or unlikeness(view.looks.hash, other.looks.hash) >= least:
                    continue
                yield view.found(
                    this, told("shows the same page as view f{view}; look which of the two is to stay", view=other.view)
                )
                break


@rule(
    "picture-skew", "picture", Severity.WARNING, of_views=True,
    fr="La page est de travers.", en="The page is askew.",
    limits=(Limit("degrees", 0.8, "angle à partir duquel une page est de travers", "angle from which a page is askew", most=45),),
)  # fmt: skip
def picture_skew(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Lines of text, rules, frames and edges of sheets are level."""
    for views in documents(examined):
        for view in views:
            angle = view.looks.skew
            if angle is not None and abs(angle) > this.number("degrees"):
                way = told("clockwise") if angle > 0 else told("counter-clockwise")
                yield view.found(
                    this,
                    told(
                        "is turned {way} by {number:.1f}°; ask for it straightened, or scanned again",
                        way=way,
                        number=abs(angle),
                    ),
                )


@rule(
    "picture-border", "picture", Severity.WARNING, of_views=True,
    fr="Un bord sombre entoure la page.", en="A dark border is around the page.",
    limits=(
        Limit("share", 4, "largeur du fond visible d’un côté, en pour cent de la vue, à partir de laquelle il est de trop",
              "width of the background at one side, in per cent of the view, from which it is too much", most=50),
    ),
)  # fmt: skip
def picture_border(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Of what the sheet lies on no more is to be seen than was agreed."""
    for views in documents(examined):
        for view in views:
            wide = max(view.looks.borders)
            if wide * 100 > this.number("share"):
                side = SIDES[view.looks.borders.index(wide)]
                yield view.found(
                    this,
                    told(
                        "has a dark border of {wide:.1%} at its {side} side; ask for it cropped", wide=wide, side=side
                    ),
                )


@rule(
    "picture-focus", "picture", Severity.WARNING, of_views=True,
    fr="La vue est floue.", en="The view is blurred.",
    limits=(
        Limit("share", 62, "netteté, en pour cent de celle du document, en dessous de laquelle une vue est floue",
              "sharpness, in per cent of that of its document, below which a view is blurred", most=100),
        Limit("least", 0.12, "netteté (de 0 à 1) en dessous de laquelle toute vue est floue",
              "sharpness (0 to 1) below which any view is blurred", most=1),
    ),
)  # fmt: skip
def picture_focus(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Edges are as steep as on the other views of the document, pages and pictures apart."""
    for views, is_document in peers(examined):
        everything = [view for view in views if view.looks.sharpness]
        # a strong blur takes the ink away: what has edges is looked at, whether something is to be read on it or not
        for is_tonal in (False, True):
            measured = [view for view in everything if view.looks.is_tonal is is_tonal]
            share = this.number("share") / 100
            usual = 0.0
            if len(measured) >= FEW:
                usual = median(view.looks.sharpness for view in measured)
            elif len(everything) >= FEW:
                # a few plates in a book: their edges are softer than those of letters
                usual, share = median(view.looks.sharpness for view in everything), share * _SOFTER
            for view in measured:
                sharp = view.looks.sharpness
                if sharp < this.number("least"):
                    yield view.found(
                        this,
                        told("is blurred: its edges are {wide:.1f} pixels wide; ask for it again", wide=0.4 / sharp),
                    )
                elif sharp < usual * share:
                    yield view.found(
                        this,
                        told(
                            "is blurred: its sharpness is {share:.0%} of that {whole}; ask for it again",
                            share=sharp / usual,
                            whole=_whole(is_document=is_document),
                        ),
                    )


def _whole(*, is_document: bool) -> Told:
    return told("of the document") if is_document else told("of the delivery")


@rule(
    "picture-clipping", "picture", Severity.WARNING, of_views=True,
    fr="Des parties de la page sont brûlées ou bouchées.", en="Parts of the page are burnt out or blocked up.",
    limits=(
        Limit("share", 2, "part de la page, en pour cent, qui peut être au bout de l’échelle",
              "share of the page, in per cent, that may be at the end of the scale", most=100),
    ),
)  # fmt: skip
def picture_clipping(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Tones end before the scale does. Masters of one bit have nothing else than its ends and are left out."""
    for views in documents(examined):
        for view in views:
            facts = examined.images[view.source].facts
            if facts is None or facts.bits == 1:
                continue
            for share, word in ((view.looks.white, told("burnt out")), (view.looks.black, told("blocked up"))):
                if share * 100 > this.number("share"):
                    yield view.found(
                        this,
                        told(
                            "{share:.1%} of it is {word}; ask for it again with another exposure",
                            share=share,
                            word=word,
                        ),
                    )


@rule(
    "picture-cast", "picture", Severity.WARNING, of_views=True,
    fr="La vue a une dominante de couleur.", en="The view has a colour cast.",
    limits=(
        Limit("difference", 4, "écart (a*, b*) de la couleur du papier avec celle du document, à partir duquel il y a dominante",
              "difference (a*, b*) of the paper's colour from that of the document, from which it is a cast", most=100),
        Limit("green", 9, "a* en dessous de l’opposé duquel tout papier est trop vert",
              "a* below the opposite of which any paper is too green", most=100),
        Limit("red", 16, "a* au-dessus duquel tout papier est trop rouge", "a* above which any paper is too red", most=100),
        Limit("blue", 8, "b* en dessous de l’opposé duquel tout papier est trop bleu",
              "b* below the opposite of which any paper is too blue", most=100),
        Limit("yellow", 45, "b* au-dessus duquel tout papier est trop jaune", "b* above which any paper is too yellow", most=100),
    ),
)  # fmt: skip
def picture_cast(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Paper has the colour of paper, and of the other views of the document. Gray views have none."""
    for views, is_document in peers(examined):
        coloured = [view for view in views if _has_colour(examined, view)]
        usual = None
        if len(coloured) >= FEW:
            usual = (median(view.looks.paper[1] for view in coloured), median(view.looks.paper[2] for view in coloured))
        for view in coloured:
            _, red, yellow = view.looks.paper
            if hue := _beyond(this, red, yellow):
                yield view.found(
                    this, told("its paper is too {hue}; ask for it again with the right white balance", hue=hue)
                )
                continue
            away = math.hypot(red - usual[0], yellow - usual[1]) if usual else 0.0
            if usual and away > this.number("difference"):
                hue = _hue(red - usual[0], yellow - usual[1])
                yield view.found(
                    this,
                    told(
                        "its paper is more {hue} than that {whole}, by {away:.0f}; ask for it again in the same light",
                        hue=hue,
                        whole=_whole(is_document=is_document),
                        away=away,
                    ),
                )


def _has_colour(examined: Examined, view: Look) -> bool:
    facts = examined.images[view.source].facts
    return facts is not None and facts.bands >= 3


def _beyond(this: Rule, red: float, yellow: float) -> Told | None:
    if red < -this.number("green"):
        return told("green")
    if red > this.number("red"):
        return told("red")
    if yellow < -this.number("blue"):
        return told("blue")
    return told("yellow") if yellow > this.number("yellow") else None


def _hue(red: float, yellow: float) -> Told:
    if abs(red) > abs(yellow):
        return told("red") if red > 0 else told("green")
    return told("yellow") if yellow > 0 else told("blue")


@rule(
    "picture-outlier", "picture", Severity.WARNING, of_views=True,
    fr="Une vue diffère des autres du document : taille, clarté, contraste ou netteté.",
    en="A view differs from the others of its document: size, lightness, contrast or sharpness.",
    limits=(
        Limit("light", 78, "clarté, en pour cent de celle qui est habituelle, en dessous de laquelle une vue est trop sombre",
              "lightness, in per cent of what is usual, below which a view is too dark", most=100),
        Limit("contrast", 70, "contraste, en pour cent de celui qui est habituel, en dessous duquel une vue est trop terne",
              "contrast, in per cent of what is usual, below which a view is too flat", most=100),
        Limit("z", 5, "écart à la médiane, en écarts absolus médians normalisés, à partir duquel une vue diffère",
              "distance from the median, in normalised median absolute deviations, from which a view differs", most=1000),
    ),
)  # fmt: skip
def picture_outlier(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Views of a document are alike, pages and pictures apart (robust z-score; Iglewicz and Hoaglin, 1993)."""
    for views, is_document in peers(examined):
        for group in _alike(views):
            if len(group) >= FEW:
                # a picture that is flat enough has no tones any more to be known by
                is_most = group[0].looks.is_tonal and len(group) >= _MOST * len(views)
                beside = [view for view in views if not view.looks.is_tonal] if is_most else []
                yield from _outliers(group, beside, this, is_document=is_document)


@dataclass(frozen=True, slots=True)
class _Measure:
    """What is compared: the least deviation is a share of the median, within which nothing is a difference to speak of.

    `share` names the limit below which it is an outlier however much the views vary; `of_pictures` is the same of photographs and plates, whose mean says more of what they show than of the light.
    """

    name: Told
    of: Callable[[Appearance], float]
    least: float
    only_below: bool = False
    of_pictures: Callable[[Appearance], float] | None = None
    share: str = ""
    of_one_document: bool = False


_MEASURES = (
    # postcards and photographs of a delivery have sizes of their own
    _Measure(told("size"), lambda looks: float(looks.width * looks.height), 0.02, of_one_document=True),
    _Measure(told("lightness"), lambda looks: looks.mean, 0.03, of_pictures=lambda looks: looks.lightest, share="light"),
    # a title in large letters has more of it than text, which is no fault
    _Measure(
        told("contrast"), lambda looks: looks.contrast, 0.05, only_below=True,
        of_pictures=lambda looks: looks.lightest - looks.darkest, share="contrast",
    ),
    _Measure(told("sharpness"), lambda looks: looks.sharpness, 0.08, only_below=True),
)  # fmt: skip


def _outliers(group: list[Look], beside: list[Look], this: Rule, *, is_document: bool) -> Iterator[Finding]:
    """Yield what differs in a group; of the views `beside` it only what is far too dark or too flat."""
    for measure in _MEASURES:
        if measure.of_one_document and not is_document:
            continue
        of = measure.of_pictures if measure.of_pictures and group[0].looks.is_tonal else measure.of
        values = [of(view.looks) for view in group]
        usual, deviation = middle(values)
        spread = max(deviation, measure.least * usual)
        least = usual * this.number(measure.share) / 100 if measure.share else 0.0
        aways = [usual - one if measure.only_below else abs(usual - one) for one in values] + [0.0] * len(beside)
        values += [of(view.looks) for view in beside]
        for view, one, away in zip([*group, *beside], values, aways, strict=True):
            if one and (away > this.number("z") * spread or one < least):
                yield view.found(
                    this,
                    told(
                        "its {name} is {share:.0%} of what is usual {whole}; look whether it is as it should be",
                        name=measure.name,
                        share=one / usual,
                        whole=told("in the document") if is_document else told("in the delivery"),
                    ),
                )
