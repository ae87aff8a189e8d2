"""Reads docstrings in Google's style: what fields mean and what goes wrong."""

import inspect
import re
import sys
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["Docs", "meanings_of", "read_docs"]

_SECTION: Final = re.compile(r"(Args|Attributes|Raises|Returns|Yields):")
_ENTRY: Final = re.compile(r" {4}(\w+): +(.*)")


@dataclass(frozen=True)
class Docs:
    """A docstring, taken apart.

    Attributes:
        summary: Its first line.
        text: What follows that, up to the first section.
        sections: Each section's entries, by the section's name.
    """

    summary: str = ""
    text: str = ""
    sections: dict[str, dict[str, str]] = field(default_factory=dict)


def read_docs(thing: Any) -> Docs:
    """Return what the docstring of a view, a module or a class says."""
    summary, *lines = inspect.cleandoc(thing.__doc__ or "").splitlines() or [""]
    text: list[str] = []
    sections: dict[str, dict[str, str]] = {}
    entries: dict[str, str] | None = None
    name = ""
    for line in lines:
        section = _SECTION.fullmatch(line)
        entry = _ENTRY.fullmatch(line)
        if section:
            entries = sections.setdefault(section[1], {})
        elif entries is None:
            text.append(line)
        elif entry:
            name = entry[1]
            entries[name] = entry[2]
        elif line.strip():
            entries[name] += f" {line.strip()}"
    return Docs(summary, "\n".join(text).strip(), sections)


def meanings_of(kind: Any) -> dict[str, str]:
    """Return what each field of a dataclass or a TypedDict means.

    What it has from another class is explained there.
    """
    found: dict[str, str] = {}
    for each in (*_bases_of(kind), kind):
        found |= read_docs(each).sections.get("Attributes", {})
    return found


def _bases_of(kind: Any) -> list[Any]:
    """Return the classes that one takes fields from, the farthest first.

    A TypedDict forgets its bases when it is made (before Python 3.12), so they are
    those of its module that have nothing it has not.
    """
    if not hasattr(kind, "__required_keys__"):
        return [each for each in reversed(kind.__mro__[1:-1]) if each.__doc__]
    own = kind.__annotations__.items()
    others = vars(sys.modules[kind.__module__]).values()
    bases = [
        each
        for each in others
        if hasattr(each, "__required_keys__") and each.__annotations__.items() < own
    ]
    return sorted(bases, key=lambda each: len(each.__annotations__))
