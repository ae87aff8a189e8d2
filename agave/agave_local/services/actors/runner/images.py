"""The table of images: which program of this machine stands in for an image.

```json
{
  "dev-jobs": "functions.jobs",
  "abacosamples/test": {"command": ["/opt/samples/show-environment", "--all"]},
  "tool:1": {"package": "my.tool", "environment": {"LEVEL": "2"}}
}
```
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PACKAGE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_KEYS = {"package", "command", "environment"}


class BadImages(Exception):
    """The table cannot be used; the message names the entry."""


@dataclass(frozen=True)
class Program:
    """What runs for an image; either a package or a command.

    Attributes:
        package: importable, run as `python -m` would.
        command: program and arguments.
        environment: further variables, which neither actors nor messages replace.
    """

    package: str = ""
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a person knows it by."""
        return self.package or self.command[0]


Images = Mapping[str, str | Program]


def to_program(entry: str | Program) -> Program:
    """Return an entry of a table written by a program: a text names a package."""
    return Program(package=entry) if isinstance(entry, str) else entry


def read_images(path: Path) -> dict[str, Program]:
    """Return the table of a file, JSON or YAML.

    Raises:
        BadImages: where it cannot be read, or an entry means nothing.
    """
    # Who runs a tenant without a table needs no YAML.
    import yaml  # noqa: PLC0415 - as said

    try:
        # JSON, as people write it, is YAML.
        table = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise BadImages(f"The image list {path} cannot be read: {error}") from error
    return check_images(table)


def check_images(table: Any) -> dict[str, Program]:
    """Return a table that somebody has read already.

    Raises:
        BadImages: where it is none, or an entry means nothing.
    """
    if not isinstance(table, dict):
        raise BadImages(
            "The image list is an object: an image's name, then its program."
        )
    return {_name(name): _program(name, entry) for name, entry in table.items()}


def _name(name: Any) -> str:
    if not isinstance(name, str) or not name.strip():
        raise BadImages(
            f"The image list has {name!r} as an image's name; put a text in quotes."
        )
    return name


def _program(name: str, entry: Any) -> Program:
    if isinstance(entry, str):
        entry = {"package": entry}
    if not isinstance(entry, dict) or len({"package", "command"} & entry.keys()) != 1:
        raise _wrong(name, "it names a package, or has one of 'package' and 'command'")
    unknown = sorted(map(str, entry.keys() - _KEYS))
    if unknown:
        raise _wrong(name, f"it cannot have {', '.join(map(repr, unknown))}")
    return Program(
        _package(name, entry["package"]) if "package" in entry else "",
        _command(name, entry["command"]) if "command" in entry else (),
        _environment(name, entry.get("environment") or {}),
    )


def _package(name: str, package: Any) -> str:
    if not isinstance(package, str) or not _PACKAGE.fullmatch(package):
        raise _wrong(name, "a package is a dotted name, such as 'functions.jobs'")
    return package


def _command(name: str, command: Any) -> tuple[str, ...]:
    is_list = isinstance(command, list) and command
    if not is_list or not all(isinstance(part, str) for part in command):
        raise _wrong(name, "a command is a list of texts: a program and its arguments")
    if any("\0" in part for part in command):
        raise _wrong(name, "a command has no NUL")
    if not command[0] or ("/" in command[0] and not command[0].startswith("/")):
        raise _wrong(
            name, "a command begins with a program's name, or its absolute path"
        )
    return tuple(command)


def _environment(name: str, environment: Any) -> dict[str, str]:
    if not isinstance(environment, dict) or not all(
        isinstance(key, str)
        and isinstance(value, str)
        and key
        and "=" not in key
        and "\0" not in key + value
        for key, value in environment.items()
    ):
        raise _wrong(name, "an environment is an object of texts, without '=' in names")
    return dict(environment)


def _wrong(name: str, why: str) -> BadImages:
    return BadImages(f"The image list's entry {name!r} is wrong: {why}.")
