"""What starts a program: a launcher of the registry, with numbers filled in."""

import re
from collections.abc import Callable

from iptweb.errors import BadRequest

from .registry import System, fill_launcher

__all__ = ["find_template", "read_launcher", "read_open_launcher", "to_open_launcher"]


def read_launcher(
    launcher: str, system: System, *, ranks: int, nodes: int, field: str = "ranks"
) -> str:
    """Return a launcher, filled in; only the registry's own are taken.

    Args:
        launcher: A template of the registry, or what it becomes.
        system: Whose launcher it is.
        ranks: How many it is to start.
        nodes: On how many nodes.
        field: Where the ranks came from.

    Raises:
        BadRequest: The system has no such launcher, or there is none and there are
            ranks to start.
    """
    if not launcher and ranks > 1:
        raise BadRequest(
            f"{field} asks for {ranks} ranks, and nothing would start them: choose a "
            "launcher.",
            field=field,
        )
    return _choose(
        launcher, system, lambda one: fill_launcher(one, ranks=ranks, nodes=nodes)
    )


def read_open_launcher(launcher: str, system: System, *, nodes: int) -> str:
    """Return a launcher with all its numbers but the ranks.

    Raises:
        BadRequest: The system has no such launcher, or it can't be told how many
            ranks to start.
    """
    opened = _choose(launcher, system, lambda one: to_open_launcher(one, nodes))
    if opened and "{ranks}" not in opened:
        raise BadRequest(
            "launcher must be one that can be told how many ranks to start.",
            field="launcher",
        )
    return opened


def to_open_launcher(template: str, nodes: int) -> str:
    """Return a template with its nodes filled in, and `{ranks}` for the ranks."""
    plain = template.replace("{processors}", "{ranks}")
    return plain.replace("{nodes}", str(nodes))


def find_template(command: str, system: System, *, nodes: int) -> tuple[str, int]:
    """Return the template that a command was made of, and for how many ranks.

    An empty template where there is none; 0 ranks where the command does not tell.
    """
    for template in system.launchers:
        found = _to_pattern(template, nodes).fullmatch(command)
        if found:
            return template, int(found.groupdict().get("ranks") or 0)
    return "", 0


def _to_pattern(template: str, nodes: int) -> re.Pattern[str]:
    """Return what a template becomes, whatever the ranks; the same ones everywhere."""
    parts = [
        re.escape(part) for part in to_open_launcher(template, nodes).split("{ranks}")
    ]
    first, *others = parts
    if not others:
        return re.compile(first)
    return re.compile(
        f"{first}(?P<ranks>[1-9][0-9]{{0,6}})" + "(?P=ranks)".join(others)
    )


def _choose(launcher: str, system: System, fill: Callable[[str], str]) -> str:
    for template in system.launchers:
        filled = fill(template)
        if launcher in {template, filled}:
            return filled
    known = ", ".join(repr(each) for each in system.launchers)
    raise BadRequest(
        f"{system.label} has no such launcher; it has {known}.", field="launcher"
    )
