"""Signing in to the machines of systems, each once for everybody who signs in alike."""

import hashlib
import socket
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from agave_local.outgoing.policy import Outgoing, Refused, Unreachable
from agave_local.records.store import Document
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.door import Account
from agave_local.services.jobs.shells.errors import HostRefused
from agave_local.services.jobs.shells.local import LocalShell
from agave_local.services.jobs.shells.ssh import SshShell
from agave_local.services.systems.vault import Vault
from sshlink import (
    SSH_PORT,
    BadKey,
    Dial,
    Password,
    PrivateKey,
    SshAddress,
    dial,
    read_host_key,
    read_private_key,
)

MOST_KEPT = 64
_PART = "login"


class Factory(Protocol):
    """Makes the shell of an account; nobody is signed in yet."""

    def __call__(self, account: Account, *, dial: Dial) -> Shell:
        """Return it."""
        ...


@dataclass(frozen=True)
class _Likeness:
    """What makes two who sign in the same: whoever differs in it shares nothing."""

    host: str
    port: int
    user: str
    host_key: str
    secret: bytes
    published: bool


class Shells:
    """The machines that were signed in to; several threads may use it at once.

    Args:
        vault: has the credentials.
        outgoing: the rules for what leaves the tenant, which hold for systems that
            anybody has described; one that was published has the operator's word.
            None for no rules.
        make: makes the shell of an account.
        most: connections that are kept; who was away longest signs in again.
    """

    def __init__(
        self,
        vault: Vault,
        outgoing: Outgoing | None = None,
        *,
        make: Factory = SshShell,
        most: int = MOST_KEPT,
    ) -> None:
        self._vault = vault
        self._guarded = dial if outgoing is None else _guarded(outgoing)
        self._make = make
        self._most = most
        self._lock = threading.Lock()
        self._shells: OrderedDict[_Likeness, Shell] = OrderedDict()
        self._used: dict[tuple[str, str], _Likeness] = {}

    def open(self, system: Document, owner: str) -> Shell:
        """Return the machine of a system, for somebody's jobs.

        A description or a credential that was changed means another connection; the
        one before is closed, where nobody else has it.

        Args:
            system: description of it.
            owner: whose credential signs in, the system's own where there is none.

        Raises:
            HostRefused: nobody can sign in with what is known; the message says why.
        """
        login = system[_PART]
        if login["protocol"] == "LOCAL":
            return LocalShell(grounds=_grounds(system))
        if login["protocol"] != "SSH":
            raise HostRefused(
                f"Jobs reach a system by LOCAL or SSH; {system['id']} has "
                f"{login['protocol']}."
            )
        if login.get("proxy"):
            raise HostRefused(
                f"{system['id']} is behind a proxy (login.proxy), through which jobs "
                "are not sent."
            )
        secrets = self._vault.open(system["id"], _PART, owner)
        likeness = _to_likeness(system, secrets)
        with self._lock:
            left = self._note((system["id"], owner), likeness)
            shell = self._shells.get(likeness)
            if shell is None:
                reach = dial if likeness.published else self._guarded
                shell = self._make(_to_account(system, secrets), dial=reach)
                self._shells[likeness] = shell
            self._shells.move_to_end(likeness)
            if len(self._shells) > self._most:
                left.append(self._shells.popitem(last=False)[1])
        for one in left:
            one.close()
        return shell

    def close_all(self) -> None:
        """Sign out everywhere; who opens one later signs in again."""
        with self._lock:
            shells = list(self._shells.values())
            self._shells.clear()
            self._used.clear()
        for shell in shells:
            shell.close()

    def _note(self, who: tuple[str, str], likeness: _Likeness) -> list[Shell]:
        """Note who signs in how; return what nobody has any more."""
        before = self._used.get(who)
        self._used[who] = likeness
        if before in (None, likeness) or before in self._used.values():
            return []
        shell = self._shells.pop(before, None)
        return [] if shell is None else [shell]


def _guarded(outgoing: Outgoing) -> Dial:
    """Return what connects by the tenant's rules for all that leaves it."""

    def connect(host: str, port: int, seconds: float) -> socket.socket:
        try:
            return outgoing.dial(host, port, seconds)
        except Refused as error:
            raise HostRefused(
                f"The tenant may not call the system's machine: {error} An "
                "administrator has to publish the system, or to allow that (outgoing)."
            ) from error
        except Unreachable as error:
            raise ConnectionError(str(error)) from error

    return connect


def _grounds(system: Document) -> list[str]:
    storage = system.get("storage") or {}
    named = (system.get("scratchDir"), system.get("workDir"), storage.get("homeDir"))
    return [str(path) for path in named if path and str(path).strip("/")]


def _to_likeness(system: Document, secrets: Document) -> _Likeness:
    login = system[_PART]
    secret = "\0".join(str(secrets.get(name)) for name in ("privateKey", "password"))
    return _Likeness(
        login["host"],
        login.get("port") or SSH_PORT,
        str(secrets.get("username")),
        str(login.get("hostKey")),
        hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest(),
        bool(system.get("public")),
    )


def _to_account(system: Document, secrets: Document) -> Account:
    """Return who signs in, and by what.

    Raises:
        HostRefused: something is missing, or is no key.
    """
    login, name = system[_PART], system["id"]
    try:
        read_host_key(login.get("hostKey") or "")
    except BadKey as error:
        raise HostRefused(
            f"The description of {name} does not say by which key its machine is "
            "known. Who administers the system has to add login.hostKey, one line of "
            "the machine's /etc/ssh/ssh_host_ed25519_key.pub."
        ) from error
    user = secrets.get("username")
    if not user:
        raise HostRefused(
            f"{name} has no credential to sign in with. Who administers the system "
            "has to add one (login.auth of type SSHKEYS or PASSWORD)."
        )
    address = SshAddress(user, login["host"], login.get("port") or SSH_PORT)
    return Account(address, login["hostKey"], _to_proof(name, secrets))


def _to_proof(name: str, secrets: Document) -> PrivateKey | Password:
    text = secrets.get("privateKey")
    if text:
        try:
            return read_private_key(text)
        except BadKey as error:
            raise HostRefused(
                f"The credential of {name} is no private key that can be used: "
                "Ed25519, ECDSA or RSA, in the format of OpenSSH or PEM, without a "
                "password."
            ) from error
    password = secrets.get("password")
    if not password:
        raise HostRefused(
            f"The credential of {name} has neither a private key nor a password."
        )
    return Password(password)
