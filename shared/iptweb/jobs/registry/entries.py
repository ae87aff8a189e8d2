"""What a registry entry lists: queues, compilers, presets, modules."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from iptweb.errors import ConfigError

__all__ = [
    "Compiler",
    "Module",
    "Preset",
    "Queue",
    "malformed",
    "read_objects",
    "read_text",
    "to_seconds",
]

_RUN_TIME: Final = re.compile(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])")


def to_seconds(text: str) -> int | None:
    """Return the seconds of `HH:MM:SS`, or None if it is not one."""
    match = _RUN_TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = map(int, match.groups())
    return 3600 * hours + 60 * minutes + seconds


@dataclass(frozen=True)
class Queue:
    """One queue and its limits; `max_processors` is that of each node."""

    name: str
    default: bool
    max_nodes: int
    max_processors: int
    max_run_time: str
    max_memory: str = ""
    """Of each node, such as `8GB`; empty where it is not known."""
    description: str = ""

    @property
    def max_seconds(self) -> int:
        """The longest run time, in seconds."""
        return to_seconds(self.max_run_time) or 0

    @classmethod
    def read(cls, raw: Mapping[str, Any], where: str) -> "Queue":
        """Read one queue of an entry.

        Raises:
            ConfigError: A key is missing or malformed.
        """
        inside = f"{where}: queues"
        name = read_text(raw, "name", inside)
        queue = cls(
            name=name,
            default=bool(raw.get("default", False)),
            max_nodes=_number(raw, "max_nodes", inside),
            max_processors=_number(raw, "max_processors", inside),
            max_run_time=str(raw.get("max_run_time", "01:00:00")),
            max_memory=str(raw.get("max_memory") or ""),
            description=str(raw.get("description") or ""),
        )
        if not queue.max_seconds:
            raise malformed(inside, "max_run_time")
        return queue


@dataclass(frozen=True)
class Compiler:
    """One suggestion for the compile command."""

    label: str
    command: str
    purpose: str
    """`serial`, `openmp`, `mpi`, `cuda` or `hybrid`."""
    language: str = ""
    """`c` or `c++`."""

    @classmethod
    def read(cls, raw: Mapping[str, Any], where: str) -> "Compiler":
        """Read one compiler of an entry.

        Raises:
            ConfigError: Its command is missing.
        """
        command = read_text(raw, "command", f"{where}: compilers")
        return cls(
            label=str(raw.get("label") or command),
            command=command,
            purpose=str(raw.get("for", "")),
            language=str(raw.get("language", "")),
        )


@dataclass(frozen=True)
class Preset:
    """What the forms are filled in with for one kind of program."""

    name: str
    label: str
    compile: str
    launcher: str
    ranks: int
    threads: int
    nodes: int

    @classmethod
    def read(cls, raw: Mapping[str, Any], where: str) -> "Preset":
        """Read one preset of an entry.

        Raises:
            ConfigError: A key is missing or malformed.
        """
        inside = f"{where}: presets"
        name = read_text(raw, "name", inside)
        return cls(
            name=name,
            label=str(raw.get("label") or name),
            compile=str(raw.get("compile", "")),
            launcher=str(raw.get("launcher", "")),
            ranks=_number(raw, "ranks", inside),
            threads=_number(raw, "threads", inside),
            nodes=_number(raw, "nodes", inside),
        )


@dataclass(frozen=True)
class Module:
    """One suggestion for a module to load."""

    name: str
    label: str

    @classmethod
    def read(cls, raw: Mapping[str, Any], where: str) -> "Module":
        """Read one suggested module of an entry.

        Raises:
            ConfigError: Its name is missing.
        """
        name = read_text(raw, "name", f"{where}: suggested_modules")
        return cls(name=name, label=str(raw.get("label") or name))


def malformed(where: str, key: str) -> ConfigError:
    """Return the error of a key, which names it and never its value."""
    return ConfigError(f"Setting {where}: {key} is missing or malformed.")


def read_text(raw: Mapping[str, Any], key: str, where: str) -> str:
    """Return a text that must be there.

    Raises:
        ConfigError: It is missing, empty or no text.
    """
    value = raw.get(key)
    if not isinstance(value, str) or not value:
        raise malformed(where, key)
    return value


def read_objects(raw: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    """Return a list of objects, an empty one where there is none.

    Raises:
        ConfigError: It is something else.
    """
    value = raw.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise malformed(where, key)
    return cast("list[dict[str, Any]]", value)


def _number(raw: Mapping[str, Any], key: str, where: str) -> int:
    """Return a whole number from 1 up, 1 where there is none."""
    value = raw.get(key, 1)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise malformed(where, key)
    return value
