"""What a stage works with: settings, catalogue, storage, clock and the source of ARK blades, in one value."""

import getpass
from dataclasses import dataclass, field

from server.catalogue.session import Catalogue
from server.model.addresses import Addresses
from server.model.ark import Blades, random_blade
from server.model.clock import Clock, utc_now
from server.settings import Settings
from server.storage import open_storage
from server.storage.base import Storage


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"


@dataclass(frozen=True)
class Workshop:
    """One process's tools. Make it after a fork: it holds connections."""

    settings: Settings
    catalogue: Catalogue
    storage: Storage
    clock: Clock = utc_now
    blades: Blades = random_blade
    actor: str = field(default_factory=_login)

    @property
    def addresses(self) -> Addresses:
        """The addresses of this installation."""
        return Addresses(self.settings.base, self.settings.naan, self.settings.repository_id)


def open_workshop(settings: Settings) -> Workshop:
    """Open catalogue and storage as the settings say."""
    catalogue = Catalogue(settings.database)
    return Workshop(settings, catalogue, open_storage(settings), catalogue.clock)
