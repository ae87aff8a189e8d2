"""The profile of the local stack, made anew at each start."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from agave_deploy.accounts import SERVICE_ACCOUNT
from agave_deploy.engine import find_engine
from agave_deploy.errors import ProfileError
from agave_deploy.profile import Profile, to_profile

__all__ = [
    "PROFILE_FILE",
    "TERMINAL_HOSTS",
    "TerminalChoice",
    "choose_terminals",
    "make_local_profile",
    "save_profile",
]

PROFILE_FILE = "profile.yaml"
TERMINAL_HOSTS: Final = ("auto", "docker", "sandbox", "process")
_REGISTRY = "agave/systems/registry.yaml"


@dataclass(frozen=True)
class TerminalChoice:
    """What a person chose for terminals.

    Attributes:
        host: one of `TERMINAL_HOSTS`.
        engine: the container engine's address; empty for the usual one.
    """

    host: str = "auto"
    engine: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """The settings that say so."""
        kept = {"terminal_host": self.host, "terminal_engine": self.engine}
        return {name: value for name, value in kept.items() if value}


def choose_terminals(
    host: str, engine: str | None, find: Callable[[], str | None] = find_engine
) -> TerminalChoice:
    """Return what runs terminals: the engine that is named, or that images go to.

    Args:
        host: one of `TERMINAL_HOSTS`.
        engine: its address, if the person named one.
        find: finds this machine's engine.
    """
    if engine is None and host in {"auto", "docker"}:
        engine = find()
    is_here = engine is not None and engine.startswith("unix:")
    return TerminalChoice(host, engine if engine and is_here else "")


def make_local_profile(
    root: Path,
    data: Path,
    url: str,
    members: Sequence[str],
    terminals: TerminalChoice,
) -> dict[str, Any]:
    """Return the fields of the profile.

    Args:
        root: of the checkout.
        data: of the tenant.
        url: of the tenant.
        members: all its accounts.
        terminals: what runs them.
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
            **terminals.settings,
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
