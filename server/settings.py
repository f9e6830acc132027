"""The settings: environment variables with the prefix `VITRINE_`, typed and checked once.

`docs/reference/settings.md` describes each one; a test keeps it complete.
"""

import os
import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from server.errors import SettingsError
from server.told import told

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")


def checked_base(address: str) -> str:
    """Return a public base address without its final slash. Raises ValueError saying what it must be.

    Routes, links and the content security policy are rooted at it: scheme, host, perhaps a port, and nothing else.
    """
    must = "must be an http or https address of a host, such as https://collections.example.org, without a path"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError(must) from None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError(must)
    base = f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port is not None else "")
    if address.rstrip("/").lower() != base:
        raise ValueError(must)
    return base


class Settings(BaseSettings):
    """What a person may choose about one installation. Sizes are in pixels or bytes as the name says."""

    model_config = SettingsConfigDict(env_prefix="VITRINE_", frozen=True, extra="ignore")

    home_dir: Path = Field(
        Path("data/var"), description="Run-time folder of a single machine: catalogue, pyramids, cache."
    )
    language: Literal["", "fr", "en"] = Field(
        "",
        description="Language that commands speak: fr or en. Default: that of the environment (LC_ALL, LC_MESSAGES, LANG), "
        "and French where it names none.",
    )
    data_dir: Path = Field(
        Path("data"), description="Folder of what comes in: institutions.toml, campaigns.toml, suppliers.toml."
    )
    manifests_dir: Path = Field(
        Path("manifests"), description="Folder of what goes out: collections/*.toml, harvesters/*.toml."
    )
    host: str = Field("127.0.0.1", description="Address that `vitrine serve` listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port that `vitrine serve` listens on.")
    base_url: str = Field(
        "", description="Public address of this server, without a final slash. Default: http://127.0.0.1:{PORT}."
    )
    database_url: str = Field("", description="SQLAlchemy URL of the catalogue. Default: SQLite in the home folder.")
    storage_url: str = Field(
        "", description="Where bytes are kept: a folder, or s3://bucket/prefix. Default: a folder in the home folder."
    )
    secret_key: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Keys that sign tokens, separated by commas, newest first. Made by itself on a single machine."
    )
    repository_id: str = Field(
        "vitrine.example.org",
        pattern=r"^[a-zA-Z][a-zA-Z0-9\-]*(\.[a-zA-Z][a-zA-Z0-9\-]*)+$",
        description="Namespace of OAI identifiers, a domain name; fixed at first publication.",
    )
    repository_name: str = Field("Vitrine", description="Name of the repository, as harvesters and readers see it.")
    admin_email: str = Field(
        "admin@example.org", pattern=r"^\S+@(\S+\.)+\S+$", description="Address for harvesters, in OAI-PMH Identify."
    )
    legal_publisher: str = Field("", description="Who publishes the site, with address, as the legal notice has it.")
    legal_director: str = Field("", description="Who answers for what is published, as the legal notice has it.")
    legal_host: str = Field("", description="Who hosts the site, with address, as the legal notice has it.")
    metadata_rights: str = Field(
        "",
        pattern=r"^(https?://[^\s<>\"]+)?$",
        description="Address of the licence of the metadata themselves, told to harvesters in Identify and with each record. Default: none is told.",
    )
    naan: str = Field(
        "99999", pattern=r"^[0-9]{5,9}$", description="Name Assigning Authority Number of our ARKs; 99999 is for tests."
    )
    ark_shoulder: str = Field(
        "v1", pattern=r"^[bcdfghjkmnpqrstvwxz]+[0-9]$", description="Shoulder that begins each ARK name we mint."
    )
    workers: int = Field(0, ge=0, le=256, description="Processes for ingest and serve; 0 means one per core.")
    max_master_pixels: int = Field(1_000_000_000, ge=1, description="Masters with more pixels than this are refused.")
    max_width: int = Field(
        6000, ge=1, description="Greatest width in pixels of an image made on request (Image API maxWidth)."
    )
    max_height: int = Field(
        6000, ge=1, description="Greatest height in pixels of an image made on request (Image API maxHeight)."
    )
    max_area: int = Field(
        24_000_000, ge=1, description="Greatest number of pixels of an image made on request (Image API maxArea)."
    )
    tile_size: int = Field(
        512,
        ge=64,
        le=4096,
        multiple_of=16,
        description="Side in pixels of a tile; fixed for a pyramid when it is made.",
    )
    jpeg_quality: int = Field(
        85, ge=50, le=89, description="JPEG quality of pyramids; from 90 on libvips would drop chroma subsampling."
    )
    max_xml_bytes: int = Field(64 * 2**20, ge=2**16, description="XML files larger than this are refused.")
    oai_page_size: int = Field(500, ge=1, le=1000, description="Most records in one OAI-PMH response.")
    oai_page_bytes: int = Field(
        1_000_000,
        ge=1_000,
        le=64_000_000,
        description="Most bytes of records in one OAI-PMH response; a record that is larger alone comes alone.",
    )
    token_lifetime: int = Field(7 * 86400, ge=60, description="Seconds for which a resumption token is good.")
    harvest_address_days: int = Field(
        30,
        ge=0,
        description="Days after which the log of harvests forgets where they came from; 0 keeps no address at all.",
    )
    harvest_log_days: int = Field(
        400, ge=1, description="Days for which the log of harvests remembers a harvest that is over."
    )
    image_max_age: int = Field(
        60,
        ge=0,
        description="Seconds after which nobody is shown any more what was withdrawn or replaced: server, nginx and browser "
        "together keep images, manifests and texts no longer.",
    )
    sweep_seconds: int = Field(60, ge=1, description="Seconds between two looks for publications that have become due.")
    s3_endpoint: str = Field("", description="Endpoint of the S3 service, for storage at s3://.")
    s3_access_key_id: str = Field("", description="Access key of the S3 service.")
    s3_secret_access_key: str = Field("", description="Secret key of the S3 service.")
    s3_region: str = Field("us-east-1", description="Region of the S3 service.")

    @field_validator("secret_key", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("base_url")
    @classmethod
    def _is_a_base(cls, value: str) -> str:
        return checked_base(value) if value else value

    @property
    def base(self) -> str:
        """Public address without a final slash."""
        return self.base_url or f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the catalogue."""
        return self.database_url or f"sqlite:///{(self.home_dir / 'catalogue.sqlite').absolute()}"

    @property
    def storage(self) -> str:
        """Storage URL: a folder path or `s3://bucket/prefix`."""
        return self.storage_url or str((self.home_dir / "storage").absolute())

    @property
    def processes(self) -> int:
        """How many processes to work with: the setting, else the cores of this machine."""
        return self.workers or len(os.sched_getaffinity(0))

    @cached_property
    def signing_keys(self) -> tuple[str, ...]:
        """Keys for signing, newest first; on a single machine made once and kept with mode 0600.

        Raises SettingsError with PostgreSQL and no key: several machines must share it.
        """
        if self.secret_key:
            return self.secret_key
        if not self.database.startswith("sqlite"):
            raise SettingsError(
                told(
                    "VITRINE_SECRET_KEY is missing: with PostgreSQL every machine must sign with the same key; set it to "
                    "a long random text, the same everywhere"
                )
            )
        path = self.home_dir / "secret_key"
        try:
            return (self._kept_key(path),)
        except OSError as error:
            raise SettingsError(
                told(
                    "the key that signs tokens cannot be kept in {path}: {strerror}; set VITRINE_HOME_DIR to a folder "
                    "where you may write, or VITRINE_SECRET_KEY",
                    path=str(path),
                    strerror=error.strerror,
                )
            ) from None

    def make_home(self) -> None:
        """Make the home folder. Raises SettingsError where that cannot be."""
        try:
            self.home_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                told(
                    "VITRINE_HOME_DIR={home_dir!r} cannot be made: {strerror}; name a folder where you may write",
                    home_dir=str(self.home_dir),
                    strerror=error.strerror,
                )
            ) from None

    def _kept_key(self, path: Path) -> str:
        if not path.exists():
            self.make_home()
            fresh = self.home_dir / f".secret_key.{os.getpid()}"
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            try:
                os.link(fresh, path)  # fails where another process was first: its key counts
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text().strip()


def load_settings(**overrides: object) -> Settings:
    """Read the environment. Raises SettingsError naming each wrong variable and what it must be."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as error:
        faults = "; ".join(
            f"VITRINE_{'_'.join(str(part) for part in fault['loc'][:1]).upper()}={fault['input']!r}: {fault['msg']}"
            for fault in error.errors()
        )
        raise SettingsError(faults) from None
