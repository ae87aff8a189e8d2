"""The files of a program that came over a network, and what they may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ipt.errors import ServiceRefused
from ipt.reading.toolchain import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["Limits", "check_files", "is_file_name", "sources_of", "write_files"]

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}")
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may take.

    Attributes:
        seconds: Until the engine is stopped.
        memory: Bytes of address space of the engine.
        files: How many files a program may have.
        file_size: Bytes of one of them.
        total_size: Bytes of all of them.
        answer_size: Bytes of what the engine says, as JSON.
    """

    seconds: float = 60.0
    memory: int = 1536 << 20
    files: int = 64
    file_size: int = 1_000_000
    total_size: int = 4_000_000
    answer_size: int = 32 << 20


def is_file_name(name: str) -> bool:
    """Tell whether a file may be named so: plain parts with slashes between them.

    No part begins with a dot or a dash, so nothing leads upward, and nothing is
    taken for an option.
    """
    parts = name.split("/")
    return len(parts) <= _DEEPEST and all(map(_PART.fullmatch, parts))


def check_files(files: Mapping[str, bytes], limits: Limits) -> None:
    """Check names, number and sizes.

    Raises:
        ServiceRefused: Something is too much, or a name cannot be used.
    """
    if len(files) > limits.files:
        raise ServiceRefused(
            "size", f"A program may have at most {limits.files} files here."
        )
    for name, data in files.items():
        if not is_file_name(name):
            raise _refused(
                "A file's name must be plain, such as heat.c or src/heat.c: letters, "
                "digits and _ . + -, in at most 8 parts that begin with a letter, "
                "a digit or _."
            )
        if len(data) > limits.file_size:
            raise ServiceRefused(
                "size", f"{name}: a file may have at most {limits.file_size} bytes."
            )
        if any(str(folder) in files for folder in PurePosixPath(name).parents):
            raise _refused(f"{name} is below what is a file itself. Rename one.")
    if sum(map(len, files.values())) > limits.total_size:
        raise ServiceRefused(
            "size", f"All files may have at most {limits.total_size} bytes."
        )
    if not sources_of(files):
        raise _refused(
            "None of the files is a C (.c) or C++ (.cc, .cpp, .cxx, .C) source."
        )


def sources_of(names: Iterable[str]) -> list[str]:
    """Return those that are read by themselves; the others can be included."""
    return [name for name in names if language_of(name) is not None]


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files of a program, whose names were checked, into a new folder."""
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _refused(message: str) -> ServiceRefused:
    return ServiceRefused("request", message)
