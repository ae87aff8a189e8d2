"""Where homes, site and apps lie: the storage systems of a checkout, on this tenant.

The checkout's files describe folders of the tenant's own machine, as a local tenant has
them.  A profile says where they lie elsewhere, so that the checkout stays as it is:

    storage:
      ipt.storage: {host: data.example.org, user: ipt, root: /srv/ipt/homes,
                    host_key: ssh-ed25519 A…, credential: storage}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from agave_deploy.bundle.models import Manifest, System
from agave_deploy.errors import ProfileError

__all__ = ["HOMES", "SITE", "Storage", "place_storage", "read_storage"]

HOMES: Final = "ipt.storage"
SITE: Final = "ipt.site"
_PORT: Final = 22
_HIGHEST_PORT: Final = 65535
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_RULES: Final[Mapping[str, tuple[str, str]]] = {
    "host": (r"[A-Za-z0-9][A-Za-z0-9.-]*|\[?[0-9A-Fa-f:]+\]?", "a name or an address"),
    "user": (r"[A-Za-z_][A-Za-z0-9._-]{0,63}", "an account on the host"),
    "root": (r"(?!.*/\.\.?(?:/|$))/[^\x00-\x1f]*", "a whole path: /…"),
    "host_key": (
        r"[a-z0-9@.-]+ [A-Za-z0-9+/]+=*",
        "the host's public key: 'ssh-ed25519 A…'",
    ),
    "credential": (r"[a-z][a-z0-9-]{0,40}", "the name of a secret, never the key"),
}


@dataclass(frozen=True)
class Storage:
    """A folder of a machine that the tenant reaches over SFTP.

    Attributes:
        host: of the machine.
        user: whose account the tenant signs in to.
        root: the folder.
        host_key: the one public key that the machine may show.
        credential: name of the secret that is the private key.
        port: of SSH.
    """

    host: str
    user: str
    root: str
    host_key: str
    credential: str
    port: int = _PORT

    def to_document(self) -> dict[str, Any]:
        """Return it as Agave describes it; the key comes later."""
        return {
            "host": self.host,
            "port": self.port,
            "protocol": "SFTP",
            "rootDir": self.root,
            "homeDir": "/",
            "hostKey": self.host_key,
            "auth": {"type": "SSHKEYS"},
        }


def read_storage(raw: Any) -> dict[str, Storage]:
    """Read a profile's `storage`: by id of the system, where it lies.

    Raises:
        ProfileError: Names the field that is wrong, and what it must be.
    """
    if not isinstance(raw, dict):
        raise ProfileError("storage must be a mapping of ids of systems.")
    return {_read_id(id_): _read_entry(f"storage: {id_}", raw[id_]) for id_ in raw}


def place_storage(
    manifest: Manifest, storage: Mapping[str, Storage], *, homes: str, site: str
) -> Manifest:
    """Return a manifest with the storage systems of a tenant.

    Args:
        manifest: of the checkout.
        storage: where they lie; those left out are folders of the tenant's machine.
        homes: id of the system of homes; another one than the checkout's which
            `storage` does not describe is there already, and left alone.
        site: id of the system of the site.

    Raises:
        ProfileError: A system is described that nobody uses, or the site's is not.
    """
    names = {HOMES: homes, SITE: site}
    systems = []
    for system in manifest.systems:
        id_ = names.get(system.id, system.id)
        if id_ in storage:
            systems.append(_place(system, id_, storage[id_]))
        elif id_ == system.id:
            systems.append(system)
        elif id_ == site:
            raise ProfileError(f"storage must say where the site's system {site} lies.")
    unused = sorted(storage.keys() - {system.id for system in systems})
    if unused:
        known = sorted(names.get(system.id, system.id) for system in manifest.systems)
        raise ProfileError(
            f"storage: nothing uses a system {unused[0]}; there are {', '.join(known)}."
        )
    return replace(manifest, systems=tuple(systems))


def _place(system: System, id_: str, storage: Storage) -> System:
    document = {
        **system.document,
        "id": id_,
        "site": storage.host,
        "storage": storage.to_document(),
    }
    return System(document, system.public, storage.user, storage.credential)


def _read_id(id_: object) -> str:
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        raise ProfileError(f"storage: {id_!r} is no id of a system.")
    return id_


def _read_entry(place: str, raw: Any) -> Storage:
    if not isinstance(raw, dict):
        raise ProfileError(f"{place} must be a mapping with {', '.join(_RULES)}.")
    unknown = sorted(map(str, raw.keys() - {*_RULES, "port"}))
    if unknown:
        raise ProfileError(f"{place} has no key {unknown[0]}.")
    for key, (pattern, wanted) in _RULES.items():
        value = raw.get(key)
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise ProfileError(f"{place}: {key} must be {wanted}.")
    port = raw.get("port", _PORT)
    is_number = isinstance(port, int) and not isinstance(port, bool)
    if not is_number or not 0 < port <= _HIGHEST_PORT:
        raise ProfileError(f"{place}: port must be a number up to {_HIGHEST_PORT}.")
    return Storage(**raw)
