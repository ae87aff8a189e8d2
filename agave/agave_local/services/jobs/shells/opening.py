"""Placeholder so that the tenant imports; helper A replaces this file."""

from agave_local.records.store import Document
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.systems.vault import Vault


class Shells:
    """Placeholder."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def open(self, system: Document, owner: str) -> Shell:
        """Not yet."""
        raise NotImplementedError

    def close_all(self) -> None:
        """Not yet."""
