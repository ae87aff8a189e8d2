"""A tenant's profile: everything that differs between one tenant and another.

A profile is a YAML (or JSON) file without secrets; those lie in the folder that it
names, or beside it.  The local stack writes its own profile at each start.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from agave_deploy.bundle.yaml_file import read_yaml
from agave_deploy.errors import ProfileError, in_words
from agave_deploy.profiles.settings import check_settings
from agave_deploy.profiles.storage import Storage, read_storage

__all__ = ["Profile", "read_profile", "to_profile"]

SSH: Final = "ssh:"
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_ANSWER_S: Final = 120.0
_MOST_ANSWER_S: Final = 3600
# Names of images: parts of lower case, a registry with its port before them.
_PREFIX: Final = re.compile(
    r"(?:[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?/)?"
    r"(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*/)*(?:[a-z0-9]+[._-])*",
    re.ASCII,
)
_NEEDED = ("terminal_home_root", "terminal_dir", "ipt_python")


@dataclass(frozen=True)
class Profile:
    """Where and as whom to deploy, and the settings of that place.

    Attributes:
        tenant: address without a path and without a trailing slash.
        instance: name of this installation on the tenant, such as `dev`.
        service_account: owns everything that is deployed.
        secrets: folder of the secrets, mode 700.
        members: users who may use the functions, the apps and the systems.
        admins: users who administer the instance.
        storage_system: where the homes are.
        site_system: where the site is.
        systems: folders of the files of systems (architecture 5.4).
        public_systems: whether everybody on the tenant may use those over SSH.
        settings: further keys of the functions' settings (architecture 5.1).
        images: prefix of the names of the functions' images; where it is empty the
            tenant has programs of the same names, as the local one.
        limits: whether the service account may set an actor's limits, for which
            Abaco wants a role.
        ca_bundle: certificates that vouch for the tenant; None for the usual ones.
        answer_s: seconds to wait for an answer of the tenant.
        storage: where storage systems lie that are on another machine than the
            tenant's, by id.
    """

    tenant: str
    instance: str
    service_account: str
    secrets: Path
    members: tuple[str, ...]
    admins: tuple[str, ...]
    storage_system: str
    site_system: str
    systems: tuple[Path, ...] = ()
    public_systems: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    images: str = ""
    limits: bool = False
    ca_bundle: Path | None = None
    answer_s: float = _ANSWER_S
    storage: Mapping[str, Storage] = field(default_factory=dict)

    @property
    def needs_ssh_key(self) -> bool:
        """Whether there are execution hosts that are reached over SSH."""
        hosts = self.settings.get("terminal_hosts", [])
        return any(host["engine"].startswith(SSH) for host in hosts)

    @property
    def site_path(self) -> str:
        """The public address of the site's folder, without the tenant's."""
        owner, system = self.service_account, self.site_system
        return f"/files/v2/download/{owner}/system/{system}/site"

    @property
    def site_url(self) -> str:
        """Where a person opens the site."""
        return f"{self.tenant}{self.site_path}/index.html"

    @property
    def callback_url(self) -> str:
        """Where the sign-in page sends people back to."""
        return f"{self.tenant}{self.site_path}/callback.html"


def read_profile(path: Path) -> Profile:
    """Read a profile from a file.

    Raises:
        ProfileError: It can't be read, or a field is wrong.
    """
    try:
        raw = read_yaml(path)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ProfileError(
            f"The profile {path.name} can't be read: {in_words(error)}."
        ) from error
    if not isinstance(raw, dict):
        raise ProfileError(f"The profile {path.name} must be a mapping.")
    return to_profile(raw, path.parent)


def to_profile(raw: Mapping[str, Any], folder: Path) -> Profile:
    """Check a profile's fields; a relative folder of secrets lies below `folder`.

    Raises:
        ProfileError: Names the field that is wrong.
    """
    return Profile(
        tenant=_read_tenant(raw),
        instance=_text(raw, "instance", "dev"),
        service_account=_text(raw, "service_account", "ipt"),
        secrets=folder / _text(raw, "secrets", "secrets"),
        members=_texts(raw, "members"),
        admins=_texts(raw, "admins"),
        storage_system=_text(raw, "storage_system", "ipt.storage"),
        site_system=_text(raw, "site_system", "ipt.site"),
        systems=_system_folders(raw, folder),
        public_systems=_flag(raw, "public_systems"),
        settings=_read_settings(raw),
        images=_read_prefix(raw),
        limits=_flag(raw, "limits"),
        ca_bundle=_read_bundle(raw, folder),
        answer_s=_read_seconds(raw),
        storage=read_storage(raw.get("storage", {})),
    )


def _read_prefix(raw: Mapping[str, Any]) -> str:
    prefix = _text(raw, "images", "")
    if prefix and not _PREFIX.fullmatch(prefix):
        raise ProfileError(
            "images must be what the names of images begin with, such as ipt/ or "
            "registry.example.org/ipt/."
        )
    return prefix


def _read_bundle(raw: Mapping[str, Any], folder: Path) -> Path | None:
    name = _text(raw, "ca_bundle", "")
    if not name:
        return None
    path = folder / name
    if not path.is_file():
        raise ProfileError(f"ca_bundle names no file: {name}.")
    return path


def _read_seconds(raw: Mapping[str, Any]) -> float:
    value = raw.get("answer_s", _ANSWER_S)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value <= _MOST_ANSWER_S:
        raise ProfileError(f"answer_s must be a number up to {_MOST_ANSWER_S}.")
    return float(value)


def _read_settings(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse what would fail at the first call of a function, or be ignored there."""
    settings = raw.get("settings", {})
    if not isinstance(settings, dict):
        raise ProfileError("settings must be a mapping.")
    missing = [key for key in _NEEDED if not settings.get(key)]
    if missing:
        raise ProfileError(f"settings needs {', '.join(missing)}.")
    check_settings(settings)
    return settings


def _read_tenant(raw: Mapping[str, Any]) -> str:
    tenant = _text(raw, "tenant", "").rstrip("/")
    parts = urlsplit(tenant)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        raise ProfileError("tenant must be an address like https://api.example.org.")
    if parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
        raise ProfileError("tenant must be https, or on this machine: secrets travel.")
    return tenant


def _text(raw: Mapping[str, Any], key: str, default: str) -> str:
    value = raw.get(key, default)
    if not isinstance(value, str):
        raise ProfileError(f"{key} must be a text.")
    return value


def _flag(raw: Mapping[str, Any], key: str) -> bool:
    value = raw.get(key, False)
    if not isinstance(value, bool):
        raise ProfileError(f"{key} must be true or false.")
    return value


def _texts(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = raw.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ProfileError(f"{key} must be a list of texts.")
    return tuple(value)


def _system_folders(raw: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """Return the folders of systems; their files are read when they are deployed."""
    if "registry" in raw:
        raise ProfileError(
            "registry has become systems: a folder with one file for each system."
        )
    value = raw.get("systems", [])
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ProfileError("systems must be the folder of the systems' files.")
    return tuple(folder / name for name in names)
