"""Diagnostics, and the remarks that single lines are."""

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "Aside",
    "Context",
    "Diagnostic",
    "Finding",
    "More",
    "Note",
    "Remark",
    "Report",
    "Severity",
    "Summary",
]

Severity = Literal["error", "warning", "note"]


@dataclass
class Note:
    """One sentence about a place; a place that is not known is empty."""

    message: str
    file: str = ""
    line: int | None = None
    column: int | None = None


@dataclass
class Diagnostic:
    """One complaint.

    Attributes:
        message: The compiler's sentence, with what it says in further lines.
        severity: How bad it is.
        file: As the compiler writes it; empty where it names none.
        line: Of the file, from 1.
        column: Of the line, from 1.
        option: What turns it off or on: `-Wunused-variable`, or nvcc's `#177-D`.
        notes: How one comes there, and what the compiler adds.
    """

    message: str
    severity: Severity
    file: str = ""
    line: int | None = None
    column: int | None = None
    option: str = ""
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """What was found; `truncated` where there was more to read than we do."""

    diagnostics: list[Diagnostic]
    truncated: bool


@dataclass(frozen=True)
class Finding:
    """A line that begins a diagnostic."""

    diagnostic: Diagnostic


@dataclass(frozen=True)
class Aside:
    """A line that adds a note to the diagnostic before it."""

    note: Note


@dataclass(frozen=True)
class Context:
    """A line that says how one comes to the diagnostic after it."""

    note: Note


@dataclass(frozen=True)
class More:
    """A line that goes on with the sentence of the diagnostic before it."""

    message: str


@dataclass(frozen=True)
class Summary:
    """A line that repeats that something failed, worth nothing beside its reason."""

    message: str


Remark = Finding | Aside | Context | More | Summary
