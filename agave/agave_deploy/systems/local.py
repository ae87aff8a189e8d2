"""The systems of the local stack, written anew at each start into `<data>/run/systems`.

`local` is always there, `local-slurm` where this machine's Slurm answers; an
operator's own files lie beside them in `<data>/systems`, and are never written.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml

from agave_deploy.errors import StackError
from agave_deploy.systems.local_slurm import Ask, ask_slurm, find_queues
from agave_deploy.systems.reading import read_system

__all__ = ["OWN_SYSTEMS", "REGISTRY", "SLURM_CHOICES", "prepare_systems"]

REGISTRY: Final = "agave/systems/registry"
OWN_SYSTEMS: Final = "systems"
SLURM_CHOICES: Final = ("auto", "on", "off")
_ALWAYS: Final = "local"
_SLURM: Final = "local-slurm"


def prepare_systems(
    root: Path,
    data: Path,
    slurm: str = "auto",
    say: Callable[[str], None] = lambda _line: None,
    ask: Ask = ask_slurm,
) -> list[Path]:
    """Write the shipped systems that fit this machine; return the folders of all.

    Args:
        root: of the checkout.
        data: of the tenant.
        slurm: one of `SLURM_CHOICES`: whether this machine's Slurm is a system.
        say: takes a line for the person.
        ask: runs a command of Slurm.

    Raises:
        RegistryError: A shipped file is wrong.
        StackError: Slurm was asked for, and does not answer.
    """
    made, own = data / "run" / OWN_SYSTEMS, data / OWN_SYSTEMS
    for folder in (made, own):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    shipped = {_ALWAYS: _read(root / REGISTRY / f"{_ALWAYS}.yaml")}
    if slurm != "off":
        raw = _read(root / REGISTRY / f"{_SLURM}.yaml")
        queues, reason = find_queues(raw["queues"][0], ask)
        if queues:
            names = ", ".join(queue["name"] for queue in queues)
            say(f"Slurm of this machine is a system, with the queues {names}")
            shipped[_SLURM] = {**raw, "queues": queues}
        elif slurm == "on":
            raise StackError(
                f"This machine's Slurm does not answer ({reason}); start it, or leave "
                "out --slurm on."
            )
    for path in made.glob("*.yaml"):
        if path.stem not in shipped:
            path.unlink()
    for name, raw in shipped.items():
        path = made / f"{name}.yaml"
        path.write_text(yaml.safe_dump(raw, sort_keys=False), "utf-8")
    return [made, own]


def _read(path: Path) -> dict[str, Any]:
    """Return a shipped file as it is, once it is known to be right.

    Raises:
        RegistryError: It is wrong.
    """
    read_system(path, {})
    raw: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return raw
