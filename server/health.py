"""Whether this server can do its work: the addresses it publishes under, the catalogue, the storage.

`/healthz` asks only whether the process is up; `/readyz` asks `find_faults`; `vitrine serve` asks `check_addresses`
before it starts. Must not import flask.
"""

from server.catalogue.published import find_installation
from server.catalogue.session import Catalogue
from server.errors import SettingsError, VitrineError
from server.settings import Settings
from server.storage import Storage


def find_faults(catalogue: Catalogue, storage: Storage) -> dict[str, str]:
    """Return what does not answer, by part (`database`, `storage`), with the reason; empty when all is well."""
    faults = {}
    for part, check in (("database", catalogue.check), ("storage", storage.check)):
        try:
            check()
        except VitrineError as error:
            faults[part] = str(error)
    return faults


def check_addresses(settings: Settings, catalogue: Catalogue) -> None:
    """Raise SettingsError unless what was fixed at the first publication is what the settings say.

    Manifests and records hold absolute addresses, so another base, namespace or NAAN would make them lie.
    """
    catalogue.check()
    with catalogue.snapshot() as connection:
        fixed = find_installation(connection)
    target = fixed.get("rebasing_to")
    if target:
        raise SettingsError(
            f"everything is being published anew under {target}, and that is not finished; run to its end: "
            f"vitrine rebase {target}"
        )
    base = fixed.get("base_url", settings.base)
    if base != settings.base:
        raise SettingsError(
            f"what is published holds addresses under {base}, and this server would answer under {settings.base}; "
            f"set VITRINE_BASE_URL={base}, or move everything with: vitrine rebase {settings.base}"
        )
    for key, variable, value, what in (
        ("repository_id", "VITRINE_REPOSITORY_ID", settings.repository_id, "OAI identifiers"),
        ("naan", "VITRINE_NAAN", settings.naan, "permalinks"),
    ):
        if fixed.get(key, value) != value:
            raise SettingsError(
                f"{variable}={value}, but the published {what} were made with {fixed[key]}, and identifiers never "
                f"change; set {variable}={fixed[key]}"
            )
