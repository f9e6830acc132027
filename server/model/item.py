"""An item whole, as the publication sees it: what the builders of manifests and records are given."""

from dataclasses import dataclass
from datetime import date

from server.model.description import Description
from server.model.structure import Range
from server.model.view import NEVER_PUBLISHED, NOT_A_THUMBNAIL, ViewKind, ViewNotes


@dataclass(frozen=True, slots=True)
class Partnership:
    """An institution's part in a programme (`armarium`, `gallica`); `until` is the last day, None while it lasts."""

    programme: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Institution:
    """Who holds the documents. `gallica_label` must equal what Gallica already shows for it."""

    name: str
    label: dict[str, str]
    isil: str = ""
    rcr: str = ""
    gallica_label: str = ""
    commune: str = ""
    insee: str = ""
    homepage: str = ""
    logo: str = ""
    partnerships: tuple[Partnership, ...] = ()


@dataclass(frozen=True, slots=True)
class Campaign:
    """A year's themed digitisation: itself a collection and a set. `order` is the reference of the purchase order."""

    name: str
    year: int
    theme: dict[str, str]
    order: str = ""
    keep_masters: bool = True


@dataclass(frozen=True, slots=True)
class PublishedView:
    """A view as the builders need it. `image` is its identifier in the Image API; sizes in pixels."""

    number: int
    image: str
    width: int
    height: int
    notes: ViewNotes
    has_text: bool = False
    sizes: tuple[tuple[int, int], ...] = ()
    has_alto: bool = False
    """Whether the ALTO that its text was read from can be given to readers: it is kept, and speaks of no other view."""

    @property
    def is_public(self) -> bool:
        """Whether readers may see it."""
        return self.notes.public and self.notes.kind not in NEVER_PUBLISHED


@dataclass(frozen=True, slots=True)
class Item:
    """One document. `name` is the name part of its ARK; `views` holds every view, public or not, in order."""

    name: str
    naan: str
    description: Description
    institution: Institution
    views: tuple[PublishedView, ...]
    campaign: Campaign | None = None
    collections: tuple[str, ...] = ()
    structure: tuple[Range, ...] = ()
    viewing_direction: str = "left-to-right"
    paged: bool = False
    thumbnail_view: int | None = None
    source: str = ""
    """Media type of the description as it was delivered, where readers may have that."""

    @property
    def ark(self) -> str:
        """The ARK in its canonical form, `ark:/NAAN/name`."""
        return f"ark:/{self.naan}/{self.name}"

    @property
    def public_views(self) -> tuple[PublishedView, ...]:
        """The views that readers may see, with the numbers they always had."""
        return tuple(view for view in self.views if view.is_public)

    @property
    def face(self) -> PublishedView:
        """The view that stands for the item: the one asked for, else the title page, else the first telling one."""
        views = self.public_views
        for view in views:
            if view.number == self.thumbnail_view:
                return view
        for view in views:
            if view.notes.kind is ViewKind.TITLE_PAGE:
                return view
        return next((view for view in views if view.notes.kind not in NOT_A_THUMBNAIL), views[0])
