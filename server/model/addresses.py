"""Every address that Vitrine mints, in one place. Nothing else may put a URL together.

The base is fixed at publication (decision 6): manifests and records hold absolute URLs. `name` is the name part of an
ARK, `image` is `{name}.f{number}`; neither holds a slash or needs percent-encoding.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote


def image_name(name: str, number: int) -> str:
    """Return the Image API identifier of a view, for example `v1b7xk2.f12`."""
    return f"{name}.f{number}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one installation: `base` has no final slash, `naan` is its Name Assigning Authority Number."""

    base: str
    naan: str
    repository_id: str = ""

    def ark(self, name: str) -> str:
        """Permalink of an item."""
        return f"{self.base}/ark:/{self.naan}/{name}"

    def view(self, name: str, number: int) -> str:
        """Permalink of a view."""
        return f"{self.ark(name)}/f{number}"

    def manifest(self, name: str, version: int = 3) -> str:
        """Manifest in Presentation API 3 or 2."""
        return f"{self.base}/iiif/presentation/{version}/{name}/manifest"

    def versions(self, name: str, version: int = 3) -> str:
        """List of the versions of a manifest, its TimeMap."""
        return f"{self.manifest(name, version)}/versions"

    def memento(self, name: str, sequence: int, version: int = 3) -> str:
        """A manifest as it was published at a sequence."""
        return f"{self.versions(name, version)}/{sequence}"

    def timegate(self, name: str, version: int = 3) -> str:
        """What leads to the version of a manifest that was there at a moment."""
        return f"{self.manifest(name, version)}/timegate"

    def part(self, name: str, path: str, version: int = 3) -> str:
        """An identifier below a manifest: canvas, range, annotation page; `path` like `canvas/f1`."""
        return f"{self.base}/iiif/presentation/{version}/{name}/{path}"

    def canvas(self, name: str, number: int, version: int = 3) -> str:
        """Canvas of a view."""
        return self.part(name, f"canvas/f{number}", version)

    def text(self, name: str, number: int, version: int = 3) -> str:
        """Annotation page that holds the lines of a view; in version 2 the annotation list."""
        return self.part(name, f"f{number}/text", version)

    def words(self, name: str, number: int) -> str:
        """Annotation page that holds the words of a view."""
        return self.part(name, f"f{number}/words")

    def rendering(self, name: str, file: str) -> str:
        """A file of an item to take away: `document.pdf`, `text.txt`, `f12.txt`, `f12.alto.xml`."""
        return f"{self.base}/renderings/{name}/{file}"

    def georeference(self, name: str, number: int) -> str:
        """Annotation page that holds the control points of a view."""
        return self.part(name, f"f{number}/georeference")

    def collection(self, name: str = "top", version: int = 3) -> str:
        """A IIIF collection; `top` is the root."""
        return f"{self.base}/iiif/presentation/{version}/collection/{name}"

    def neutral_collection(self, name: str) -> str:
        """What a collection is called in every version of the Presentation API."""
        return f"{self.base}/iiif/presentation/collection/{name}"

    def collection_page(self, name: str) -> str:
        """The page of a collection for readers, in French first."""
        return f"{self.base}/fr/collections/{name}"

    def changes(self) -> str:
        """All changes, by Change Discovery."""
        return f"{self.base}/iiif/discovery/1/all-changes"

    def changes_page(self, number: int) -> str:
        """A page of changes, counted from 0."""
        return f"{self.base}/iiif/discovery/1/page/{number}"

    def search(self, scope: str, version: int = 2) -> str:
        """Content Search service of a scope: an item's name, or `collection/` and a collection's."""
        return f"{self.base}/iiif/search/{version}/{scope}"

    def autocomplete(self, scope: str, version: int = 2) -> str:
        """Autocomplete service of a scope."""
        return f"{self.search(scope, version)}/autocomplete"

    def image(self, image: str, version: int = 3) -> str:
        """Base URI of an image service."""
        return f"{self.base}/iiif/image/{version}/{image}"

    def image_file(self, image: str, size: str = "max", region: str = "full", version: int = 3) -> str:
        """A JPEG made by the image service."""
        return f"{self.image(image, version)}/{region}/{size}/0/default.jpg"

    def logo(self, institution: str, file: str) -> str:
        """An institution's logo, served from here; empty where it has none. An address elsewhere stays as it is."""
        if not file or file.startswith(("http://", "https://")):
            return file
        return f"{self.base}/logos/{institution}{PurePosixPath(file).suffix}"

    def viewer(self, manifest: str) -> str:
        """The self-hosted Mirador, opened on a manifest."""
        return f"{self.base}/viewer?iiif-content={quote(manifest, safe='')}"

    def oai(self, repository: str = "") -> str:
        """OAI-PMH base URL of a repository; the empty name is the one of everything public."""
        return f"{self.base}/oai/{repository}" if repository else f"{self.base}/oai"

    def oai_identifier(self, name: str) -> str:
        """OAI identifier of an item, the same in every repository."""
        return f"oai:{self.repository_id}:{name}"

    def oai_record(self, name: str, prefix: str = "oai_dc", repository: str = "") -> str:
        """GetRecord request for an item."""
        identifier = quote(self.oai_identifier(name), safe="")
        return f"{self.oai(repository)}?verb=GetRecord&metadataPrefix={prefix}&identifier={identifier}"
