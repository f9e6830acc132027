"""What Identify says of a repository beyond the protocol: the descriptions of the implementation guidelines.

oai-identifier (how identifiers are built), rightsManifest (under which licence the metadata are, where the installation
says so: a right is never guessed), branding (icon and address to show), friends (the other repositories of this
installation, for harvesters that look for more).
"""

from lxml.etree import QName, SubElement, _Element
from oaipmh.server import NS_XSI, nsoai  # type: ignore[import-untyped]  # it ships no types

from server.oai.formats.xml import clean
from server.oai.repository import Repository

_OAI = "http://www.openarchives.org/OAI/2.0"
_SAMPLE = "v1b7xk2"
_METADATA = f"{_OAI}/entity#metadata"
_ICON = "/static/favicon.svg"


def describe(identify: _Element, repository: Repository) -> None:
    """Add a `<description>` for each thing that there is to say."""
    scheme = _add(identify, "oai-identifier", f"{_OAI}/oai-identifier", f"{_OAI}/oai-identifier.xsd")
    for name, value in (
        ("scheme", "oai"),
        ("repositoryIdentifier", repository.repository_id),
        ("delimiter", ":"),
        ("sampleIdentifier", repository.addresses.oai_identifier(_SAMPLE)),
    ):
        _child(scheme, name).text = value
    if repository.settings.metadata_rights:
        manifest = _add(identify, "rightsManifest", f"{_OAI}/rights/", f"{_OAI}/rightsManifest.xsd")
        manifest.set("appliesTo", _METADATA)
        _child(_child(manifest, "rights"), "rightsReference").set("ref", repository.settings.metadata_rights)
    icon = _child(_add(identify, "branding", f"{_OAI}/branding/", f"{_OAI}/branding.xsd"), "collectionIcon")
    base = repository.settings.base
    for name, value in (("url", base + _ICON), ("link", f"{base}/"), ("title", repository.settings.repository_name)):
        _child(icon, name).text = clean(value)
    if repository.friends:
        friends = _add(identify, "friends", f"{_OAI}/friends/", f"{_OAI}/friends.xsd")
        for address in repository.friends:
            _child(friends, "baseURL").text = address


def _add(identify: _Element, name: str, namespace: str, schema: str) -> _Element:
    """Return the element of a description, in a namespace of its own and with the address of its schema."""
    description = SubElement(identify, nsoai("description"))
    found = SubElement(description, f"{{{namespace}}}{name}", nsmap={None: namespace})
    found.set(f"{{{NS_XSI}}}schemaLocation", f"{namespace} {schema}")
    return found


def _child(parent: _Element, name: str) -> _Element:
    return SubElement(parent, f"{{{QName(parent).namespace}}}{name}")
