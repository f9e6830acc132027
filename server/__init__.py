"""Vitrine: the publishing server for digitised heritage. `docs/explanation/architecture.md` is the plan of the house."""

__version__ = "0.1.0"
