"""The profile of the local stack, made anew at each start."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from agave_deploy.accounts import SERVICE_ACCOUNT
from agave_deploy.errors import ProfileError
from agave_deploy.profile import Profile, to_profile

__all__ = ["PROFILE_FILE", "make_local_profile", "save_profile"]

PROFILE_FILE = "profile.yaml"
_REGISTRY = "agave/systems/registry.yaml"


def make_local_profile(
    root: Path, data: Path, url: str, members: Sequence[str]
) -> dict[str, Any]:
    """Return the fields of the profile.

    Args:
        root: of the checkout.
        data: of the tenant.
        url: of the tenant.
        members: all its accounts.
    """
    return {
        "tenant": url,
        "instance": "dev",
        "service_account": SERVICE_ACCOUNT,
        "secrets": str(data / "secrets"),
        "members": [name for name in members if name != SERVICE_ACCOUNT],
        "admins": ["admin"],
        "storage_system": "ipt.storage",
        "site_system": "ipt.site",
        "registry": _read_registry(root / _REGISTRY),
        "settings": {
            "terminal_home_root": str(data / "storage" / "ipt.storage"),
            "terminal_dir": str(data / "terminals"),
            "ipt_python": sys.executable,
        },
    }


def save_profile(fields: dict[str, Any], folder: Path) -> Profile:
    """Write the profile for later commands, and return it."""
    path = folder / PROFILE_FILE
    path.write_text(yaml.safe_dump(fields, sort_keys=False), "utf-8")
    return to_profile(fields, folder)


def _read_registry(path: Path) -> list[dict[str, Any]]:
    try:
        value = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ProfileError(f"{path.name} can't be read: {error}") from error
    if not isinstance(value, dict) or not isinstance(value.get("systems"), list):
        raise ProfileError(f"{path.name} needs a list 'systems'.")
    systems: list[dict[str, Any]] = value["systems"]
    for system in systems:
        for queue in system.get("queues", []):
            queue.setdefault("max_processors", os.cpu_count() or 1)
    return systems
