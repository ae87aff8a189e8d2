"""Ends the containers of terminals that a local stack leaves behind.

Each has a label that says whose it is: made of the instance and of the folder of
homes, so that two stacks on one engine leave each other's alone.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agave_deploy.errors import DeployError, ProfileError
from agave_deploy.images.engine import connect, find_engine
from agave_deploy.local_stack.local_profile import PROFILE_FILE
from agave_deploy.profiles.profile import read_profile

__all__ = ["stop_containers", "terminal_scope"]

Say = Callable[[str], None]
_LABEL: Final = "ipt.terminal."


def terminal_scope(instance: str, home_root: str) -> str:
    """Return the value of the label `ipt.terminal.scope` of a stack's containers."""
    return hashlib.sha256(f"{instance}\0{home_root}".encode()).hexdigest()[:12]


def stop_containers(
    run: Path, say: Say, find: Callable[[], str | None] = find_engine
) -> list[str]:
    """End every container of a stack; return the names of the terminals that lived.

    Args:
        run: folder of the stack's profile.
        say: takes a line for the person, where the engine does not answer.
        find: finds this machine's engine.
    """
    try:
        profile = read_profile(run / PROFILE_FILE)
    except ProfileError:
        return []  # nothing was ever deployed
    settings = profile.settings
    kind = settings.get("terminal_host", "auto")
    engine = settings.get("terminal_engine") or find()
    if engine is None or kind not in {"auto", "docker"}:
        return []
    scope = terminal_scope(profile.instance, settings["terminal_home_root"])
    try:
        return _end_all(engine, scope)
    except DeployError as error:
        if kind == "docker":
            say(f"terminals in containers may live on: {error}")
        return []


def _end_all(engine: str, scope: str) -> list[str]:
    from docker.errors import NotFound  # noqa: PLC0415 - see engine.py

    lived = []
    with connect(engine) as client:
        label = f"{_LABEL}scope={scope}"
        for container in client.containers.list(all=True, filters={"label": label}):
            labels = container.labels
            if container.status == "running" and labels[f"{_LABEL}role"] == "terminal":
                lived.append(labels[f"{_LABEL}name"])
            try:
                container.remove(force=True, v=True)
            except NotFound:
                continue  # it ended, and was cleared away, just now
    return sorted(lived)
