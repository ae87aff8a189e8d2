"""The profile of the local stack, made anew at each start."""

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from agave_deploy.errors import ProfileError
from agave_deploy.images.engine import find_engine
from agave_deploy.local_stack.accounts import SERVICE_ACCOUNT
from agave_deploy.profiles.profile import Profile, to_profile
from agave_deploy.profiles.settings import check_settings

__all__ = [
    "DATA_FOLDER",
    "PROFILE_FILE",
    "SETTINGS_FILE",
    "TERMINAL_HOSTS",
    "TerminalChoice",
    "choose_jobs",
    "choose_terminals",
    "make_local_profile",
    "read_own_settings",
    "save_profile",
    "write_command",
]

DATA_FOLDER = ".ipt-data"  # in the checkout, where nobody names another one
PROFILE_FILE = "profile.yaml"
SETTINGS_FILE = "settings.yaml"
TERMINAL_HOSTS: Final = ("auto", "docker", "sandbox", "process")
_OURS: Final = ("terminal_home_root", "terminal_dir")


@dataclass(frozen=True)
class TerminalChoice:
    """What a person chose for terminals.

    Attributes:
        host: one of `TERMINAL_HOSTS`.
        engine: the container engine's address; empty for the usual one.
        is_found: whether the engine was found here rather than named.
    """

    host: str = "auto"
    engine: str = ""
    is_found: bool = False

    @property
    def settings(self) -> dict[str, str]:
        """The settings that say so."""
        kept = {"terminal_host": self.host, "terminal_engine": self.engine}
        return {name: value for name, value in kept.items() if value}

    def over(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings with those of a file, which give way to what was named.

        Args:
            own: the file's settings.
        """
        named = self.settings
        if self.host == "auto":
            named.pop("terminal_host", None)
        if self.is_found:
            named.pop("terminal_engine", None)
        return {**self.settings, **own, **named}


def choose_terminals(
    host: str, engine: str | None, find: Callable[[], str | None] = find_engine
) -> TerminalChoice:
    """Return what runs terminals: the engine that is named, or that images go to.

    Args:
        host: one of `TERMINAL_HOSTS`.
        engine: its address, if the person named one.
        find: finds this machine's engine.
    """
    is_found = engine is None
    if is_found and host in {"auto", "docker"}:
        engine = find()
    is_here = engine is not None and engine.startswith("unix:")
    return TerminalChoice(host, engine if engine and is_here else "", is_found)


def choose_jobs(settings: Mapping[str, Any], image: str) -> list[str]:
    """Return the tenant's options that put jobs behind the same wall as terminals.

    Args:
        settings: of terminals.
        image: theirs, where the settings name none.
    """
    host = settings.get("terminal_host", "auto")
    engine = str(settings.get("terminal_engine") or "")
    if host in {"sandbox", "process"}:
        return ["--jobs", "sandbox"]
    if not engine.startswith("unix:"):
        return []
    # Terminals that are on other hosts say nothing of the engine here.
    is_certain = host == "docker" and not settings.get("terminal_hosts")
    return [
        *("--jobs", "container" if is_certain else "auto"),
        *("--job-engine", engine),
        *("--job-image", str(settings.get("terminal_image") or image)),
    ]


def make_local_profile(
    data: Path,
    url: str,
    members: Sequence[str],
    terminals: TerminalChoice,
    systems: Sequence[Path] = (),
) -> dict[str, Any]:
    """Return the fields of the profile.

    Args:
        data: of the tenant.
        url: of the tenant.
        members: all its accounts.
        terminals: what runs them.
        systems: folders of systems.

    Raises:
        ProfileError: The operator's own settings are wrong.
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
        "systems": [str(folder) for folder in systems],
        "public_systems": True,  # all accounts are members here
        "settings": {
            "terminal_home_root": str(data / "storage" / "ipt.storage"),
            "terminal_dir": str(data / "terminals"),
            "ipt_python": sys.executable,
            **terminals.over(read_own_settings(data)),
        },
    }


def read_own_settings(data: Path) -> dict[str, Any]:
    """Return the settings of terminals that the operator wrote into the data folder.

    Args:
        data: of the tenant; the file may be missing.

    Raises:
        ProfileError: The file can't be read, or names the key that is wrong.
    """
    try:
        own = yaml.safe_load((data / SETTINGS_FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ProfileError(f"{SETTINGS_FILE} can't be read: {error}") from error
    if own is None:  # nothing but comments
        return {}
    if not isinstance(own, dict):
        raise ProfileError(f"{SETTINGS_FILE} must be a mapping.")
    check_settings(own, SETTINGS_FILE)
    refused = [
        key
        for key in own
        if key in _OURS or not (key.startswith("terminal_") or key == "call_actor")
    ]
    if refused:
        raise ProfileError(f"{SETTINGS_FILE}: {refused[0]} is chosen by `up` itself.")
    return own


def save_profile(fields: dict[str, Any], folder: Path) -> Profile:
    """Write the profile for later commands, and return it."""
    path = folder / PROFILE_FILE
    path.write_text(yaml.safe_dump(fields, sort_keys=False), "utf-8")
    return to_profile(fields, folder)


def write_command(root: Path, data: Path, words: str) -> str:
    """Return what a person types to do something with a data folder.

    Args:
        root: of the checkout.
        data: of the tenant.
        words: the command and its options.
    """
    if data == (root / DATA_FOLDER).absolute():
        return f"./build.sh {words}"
    return f"./build.sh {words} --data {shlex.quote(str(data))}"
