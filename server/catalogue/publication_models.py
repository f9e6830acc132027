"""The tables of what the world sees: written by publish in one transaction, read by the surfaces.

`sequence` is the publication sequence: strictly increasing, without holes, given under the publication lock; the
`datestamp` (seconds since 1970, UTC) never falls as it rises. Every row that a harvester could see changed carries the
sequence of its last change.
"""

from datetime import date
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Float, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from server.catalogue.base import Base, bytewise_string


class PublicationRow(Base):
    """An item as published. `item` is the JSON of `server.model.item.Item` as it stood; kept when withdrawn, unserved.

    `rendering` says which version of the software rendered it (`server/publish/outdated.py`).
    """

    __tablename__ = "publication"
    __table_args__ = (
        CheckConstraint("state in ('live', 'withdrawn')", name="state"),
        Index("ix_publication_state_first", "state", "first_sequence"),
    )

    name: Mapped[str] = mapped_column(ForeignKey("item.name"), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    sequence: Mapped[int] = mapped_column(BigInteger, index=True)
    datestamp: Mapped[int] = mapped_column(BigInteger)
    first_sequence: Mapped[int] = mapped_column(BigInteger)
    first_datestamp: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[str] = mapped_column(String(64))
    item: Mapped[Any] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(default="")
    rendering: Mapped[int] = mapped_column(default=0, server_default="0")


class PayloadRow(Base):
    """Bytes as they are served, keyed by the SHA-256 of the plain form, which is empty where they are only kept packed."""

    __tablename__ = "payload"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    plain: Mapped[bytes] = mapped_column(LargeBinary)
    gzip: Mapped[bytes] = mapped_column(LargeBinary)
    brotli: Mapped[bytes] = mapped_column(LargeBinary)


class DocumentRow(Base):
    """A document of a live publication: `kind` is `manifest/3`, `manifest/2`, `text/f12` … (see `server/publish/texts.py`)."""

    __tablename__ = "document"

    name: Mapped[str] = mapped_column(ForeignKey("publication.name"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    payload: Mapped[str] = mapped_column(ForeignKey("payload.digest"), index=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    datestamp: Mapped[int] = mapped_column(BigInteger)


class MementoRow(Base):
    """A manifest as it was published at a sequence, in version 3 or 2 of the Presentation API (decision 17).

    `views` are the numbers of the views that it shows. A memento that may not be seen any more has no payload, and
    `closed` says why.
    """

    __tablename__ = "memento"
    __table_args__ = (CheckConstraint("(payload is null) = (closed <> '')", name="closed"),)

    name: Mapped[str] = mapped_column(ForeignKey("publication.name"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    datestamp: Mapped[int] = mapped_column(BigInteger)
    payload: Mapped[str | None] = mapped_column(ForeignKey("payload.digest"), index=True)
    views: Mapped[list[int]] = mapped_column(JSON)
    closed: Mapped[str] = mapped_column(default="")


class PublishedFileRow(Base):
    """A file of a live publication that lies in the storage under `key`: `document.pdf`, `f12.alto.xml`.

    `number` is its view's, 0 for the document as a whole. `size` is in bytes, None until it is made in the background; the
    datestamp is when it became what it is.
    """

    __tablename__ = "published_file"

    name: Mapped[str] = mapped_column(ForeignKey("publication.name"), primary_key=True)
    file: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(80))
    key: Mapped[str]
    size: Mapped[int | None] = mapped_column(BigInteger)
    datestamp: Mapped[int] = mapped_column(BigInteger)


class PublishedImageRow(Base):
    """An image as published: what the Image API needs, and nothing else. `label` is the language map of its document."""

    __tablename__ = "published_image"
    __table_args__ = (CheckConstraint("state in ('live', 'withdrawn')", name="state"),)

    image: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey("publication.name"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]
    pyramid_key: Mapped[str]
    index_key: Mapped[str]
    version: Mapped[str] = mapped_column(String(80))
    rights: Mapped[str] = mapped_column(default="")
    label: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    datestamp: Mapped[int] = mapped_column(BigInteger)


class PublishedCollectionRow(Base):
    """A IIIF collection: label and summary are language maps.

    `kind` is institution, typology, campaign, curated, title (of a newspaper), year (of a title) or work (in several
    volumes); `parent` names the collection above it, empty for the root; `sort_key` is its place among its likes.
    """

    __tablename__ = "published_collection"
    __table_args__ = (
        Index("ix_published_collection_kind", "kind", "sort_key", "name"),
        Index("ix_published_collection_parent", "parent", "sort_key", "name"),
    )

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    label: Mapped[dict[str, str]] = mapped_column(JSON)
    summary: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    parent: Mapped[str] = mapped_column(String(100), default="", server_default="")
    sort_key: Mapped[str] = mapped_column(bytewise_string(200), default="", server_default="")
    sequence: Mapped[int] = mapped_column(BigInteger)
    datestamp: Mapped[int] = mapped_column(BigInteger)


class MemberRow(Base):
    """A live item in a collection; `fragment` is its ready-made entry, a JSON object as bytes.

    `fragment_2` is the entry in collections of Presentation API 2.1; none where the item was published before there were.
    """

    __tablename__ = "member"
    __table_args__ = (Index("ix_member_collection_sort", "collection", "sort_key", "name"),)

    collection: Mapped[str] = mapped_column(ForeignKey("published_collection.name"), primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey("publication.name"), primary_key=True)
    sort_key: Mapped[str] = mapped_column(bytewise_string(200))
    fragment: Mapped[bytes] = mapped_column(LargeBinary)
    fragment_2: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)


class TraitRow(Base):
    """A place (`kind` place) or the year (`kind` year) by which a live item is browsed; `value` is sorted and addressed by."""

    __tablename__ = "published_trait"
    __table_args__ = (Index("ix_published_trait_value", "kind", "value", "name"),)

    name: Mapped[str] = mapped_column(ForeignKey("publication.name"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(80), primary_key=True)
    label: Mapped[str]
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)


RECORDS = "Records"
"""The activity of a journal entry that changed records alone."""


class JournalRow(Base):
    """One publication, update or withdrawal. Rows are added, never changed: every channel is fed from here."""

    __tablename__ = "journal"

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    datestamp: Mapped[int] = mapped_column(BigInteger, index=True)
    activity: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(ForeignKey("publication.name"), index=True)
    manifest: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(default="")


class ActivityRow(Base):
    """What Change Discovery tells of one manifest or collection in one version, as it is told for good (decision 15).

    `number` counts from 0 without holes: a page is a slice of it. `body` is the activity as JSON, with the addresses
    under `base` that were true when it was written. `sequence` is that of its publication, None where only the words of
    a collection changed. Rows are added, never changed.
    """

    __tablename__ = "activity"
    __table_args__ = (Index("ix_activity_subject", "subject", "name", "number"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sequence: Mapped[int | None] = mapped_column(ForeignKey("journal.sequence"))
    datestamp: Mapped[int] = mapped_column(BigInteger)
    activity: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    base: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class OaiSetRow(Base):
    """A set of a repository; `repository` is empty for the one of everything public."""

    __tablename__ = "oai_set"

    repository: Mapped[str] = mapped_column(String(40), primary_key=True)
    spec: Mapped[str] = mapped_column(String(200), primary_key=True)
    label: Mapped[dict[str, str]] = mapped_column(JSON)
    description: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


class OaiRecordRow(Base):
    """A record or its tombstone: `header` is the whole `<header>` element, `body` what follows it in `<record>`.

    `name` is a publication's, or that of the title or work whose record it is: no publication stands behind that one.
    """

    __tablename__ = "oai_record"
    __table_args__ = (
        Index("ix_oai_record_list", "repository", "prefix", "sequence"),
        Index("ix_oai_record_date", "repository", "prefix", "datestamp", "sequence"),
    )

    repository: Mapped[str] = mapped_column(String(40), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    datestamp: Mapped[int] = mapped_column(BigInteger)
    deleted: Mapped[bool]
    fingerprint: Mapped[str] = mapped_column(String(64))
    header: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class OaiFormerRecordRow(Base):
    """A state of a record that is no more: where it stood in the sequence, in which sets, and when it moved away.

    So that it is known whether a harvest brought that state (decision 48). `moved` is the datestamp of what took its place.
    Rows are added, never changed; they go when the log of harvests of their time is gone.
    """

    __tablename__ = "oai_former_record"
    __table_args__ = (Index("ix_oai_former_record_moved", "moved"),)

    repository: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(20), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    moved: Mapped[int] = mapped_column(BigInteger)
    deleted: Mapped[bool]
    specs: Mapped[list[str]] = mapped_column(JSON)


class OaiRecordSetRow(Base):
    """A record's membership of a set, with the record's place in the sequence, so that a set is listed by its index."""

    __tablename__ = "oai_record_set"
    __table_args__ = (
        Index("ix_oai_record_set_list", "repository", "prefix", "spec", "sequence"),
        Index("ix_oai_record_set_date", "repository", "prefix", "spec", "datestamp", "sequence"),
        Index("ix_oai_record_set_name", "repository", "prefix", "name"),
    )

    repository: Mapped[str] = mapped_column(String(40), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(20), primary_key=True)
    spec: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    datestamp: Mapped[int] = mapped_column(BigInteger)


class OaiRepositoryRow(Base):
    """A harvester's repository, as its file described it when it was last read (`manifests/harvesters/*.toml`).

    `definition` is the JSON of `server.model.harvester.Harvester`, `digest` its SHA-256; `applied` is the digest under
    which every live document was last looked at, and `day` the day on which: partnerships begin and end.
    """

    __tablename__ = "oai_repository"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    label: Mapped[dict[str, str]] = mapped_column(JSON)
    contact: Mapped[str]
    formats: Mapped[list[str]] = mapped_column(JSON)
    definition: Mapped[Any] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    applied: Mapped[str] = mapped_column(String(64), default="")
    day: Mapped[date | None]


class OaiStandingRow(Base):
    """How a live document stands in a repository that selects it.

    `listed`: its records are there; `covered`: the record of its whole stands for it; `refused`: a required rule is
    broken, or nothing may be said of its rights; `late`: the last valid record stays, and a newer one is refused.
    `whole` names the title or work that it is a part of, in repositories that have records of wholes.
    """

    __tablename__ = "oai_standing"
    __table_args__ = (
        CheckConstraint("state in ('listed', 'covered', 'refused', 'late')", name="state"),
        Index("ix_oai_standing_state", "repository", "state"),
        Index("ix_oai_standing_whole", "repository", "whole"),
    )

    repository: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey("publication.name"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(String(20))
    whole: Mapped[str] = mapped_column(String(80), default="")
    problems: Mapped[Any] = mapped_column(JSON)


class OaiWholeRow(Base):
    """A whole whose records in a repository are to be made anew, since a part of it changed: `because` names that part."""

    __tablename__ = "oai_whole"

    repository: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    because: Mapped[str] = mapped_column(ForeignKey("publication.name"))
