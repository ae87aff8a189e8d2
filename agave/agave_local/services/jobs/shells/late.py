"""Signing in, read from the disk when somebody wants to for the first time.

What signs in (paramiko, and cryptography behind it) takes 15 MB of memory and a part
of a second to read, and most tenants call no other machine.
"""

import threading
from typing import TYPE_CHECKING

from agave_local.outgoing.policy import Outgoing
from agave_local.records.store import Document
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.systems.vault import Vault

if TYPE_CHECKING:
    from agave_local.services.jobs.shells.opening import Shells


class LateShells:
    """Does what `Shells` does, from the first time on.

    Args:
        vault: has the credentials.
        outgoing: the rules for what leaves the tenant.
    """

    def __init__(self, vault: Vault, outgoing: Outgoing) -> None:
        self._vault = vault
        self._outgoing = outgoing
        self._shells: Shells | None = None
        self._lock = threading.Lock()

    def open(self, system: Document, owner: str) -> Shell:
        """Return the machine of a system, signed in to for somebody.

        Raises:
            HostError: see `Shells.open`.
        """
        with self._lock:
            if self._shells is None:
                from agave_local.services.jobs.shells.opening import (  # noqa: PLC0415 - see the module
                    Shells,
                )

                self._shells = Shells(self._vault, self._outgoing)
            shells = self._shells
        return shells.open(system, owner)

    def close_all(self) -> None:
        """Sign out everywhere."""
        with self._lock:
            shells = self._shells
        if shells is not None:
            shells.close_all()
